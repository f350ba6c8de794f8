package match

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// terminal opens a pseudo terminal: what is written to the second file can be read from the first.
func terminal(t *testing.T) (*os.File, *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	var number, unlock int32
	for request, arg := range map[uintptr]*int32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlock} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), request, uintptr(unsafe.Pointer(arg))); errno != 0 {
			t.Skipf("no pseudo terminals here: %v", errno)
		}
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	return master, slave
}

// Colours are for those who look at a terminal: this test runs itself again with calls that fail.
func TestColours(t *testing.T) {
	t.Parallel()
	if os.Getenv("MATCH_TEST_COLOURS") != "" {
		Assert(t, []any{Has{"id": 1, "n": 2}}, List{Has{"id": 1, "n": 3}})
	}
	run := func(out io.Writer, env ...string) {
		c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestColours$")
		c.Env = append(os.Environ(), append([]string{"MATCH_TEST_COLOURS=1", "NO_COLOR=", "TERM=xterm"}, env...)...)
		c.Stdout = out
		if err := c.Run(); err == nil {
			t.Error("the call did not fail")
		}
	}
	const red, plain = "\x1b[31m-   \"n\": 3,\x1b[0m", "-   \"n\": 3,"
	for _, tt := range []struct {
		name string
		env  []string
		want bool
	}{{"terminal", nil, true}, {"NO_COLOR", []string{"NO_COLOR=1"}, false}, {"dumb", []string{"TERM=dumb"}, false}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			master, slave := terminal(t)
			run(slave, tt.env...)
			buf := make([]byte, 10_000)
			n, err := master.Read(buf)
			slave.Close()
			if out := string(buf[:n]); err != nil || !strings.Contains(out, "\"n\": 3") || strings.Contains(out, "\x1b[") != tt.want {
				t.Errorf("%v: %q", err, out)
			}
		})
	}
	var out strings.Builder
	run(&out)
	if !strings.Contains(out.String(), plain) || strings.Contains(out.String(), "\x1b[") {
		t.Errorf("colours without a terminal: %q", out.String())
	}
	report := diffGo([]any{Has{"id": 1, "n": 2}}, List{Has{"id": 1, "n": 3}}).report(ansi)
	if !strings.Contains(report, red) || !strings.Contains(report, "\x1b[32m+   \"n\": 2,\x1b[0m") || !strings.Contains(report, "\x1b[1m[0].n\x1b[0m: got") {
		t.Errorf("%q", report)
	}
}
