package testenv

import (
	_ "embed"
	"os/exec"
	"strings"
	"testing"
)

//go:embed peer.py
var peer string

// Peer runs a command of a peer that speaks AMQP through Python's pika, on this virtual host, and returns what it
// prints. The commands are those of peer.py beside this file.
func (v *VHost) Peer(t testing.TB, command string, arguments ...string) ([]byte, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), Python(t), append([]string{"-", v.URL(), command}, arguments...)...)
	cmd.Stdin = strings.NewReader(peer)
	return cmd.CombinedOutput()
}
