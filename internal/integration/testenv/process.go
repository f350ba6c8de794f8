package testenv

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"
)

// A process is a server while it runs.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when cmd has ended
}

// run starts the server and waits until it answers. After an error it may still run.
func (p *process) run(cmd *exec.Cmd, patience time.Duration, answers func() error) error {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("does not start: %w", err)
	}
	done := make(chan struct{})
	p.cmd, p.done = cmd, done
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	deadline := time.After(patience)
	for {
		err := answers()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-done:
			return fmt.Errorf("has ended: %s", output.String())
		case <-deadline:
			return fmt.Errorf("does not answer: %w", err)
		}
	}
}
