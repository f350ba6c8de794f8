package eventbus_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"
)

// A goroutineWatch counts the goroutines of the event bus and of its client library that this test has started, whatever the
// tests beside it do: goroutines inherit the label of the one that starts them.
type goroutineWatch struct{ label string }

func watchGoroutines(t *testing.T) *goroutineWatch {
	t.Helper()
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("test", t.Name())))
	return &goroutineWatch{label: fmt.Sprintf("%q:%q", "test", t.Name())}
}

var stackCount = regexp.MustCompile(`^\d+`)

// stacks returns the stacks, and how many goroutines have them.
func (w *goroutineWatch) stacks() (n int, text string) {
	var profile bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&profile, 1)
	for _, stack := range strings.Split(profile.String(), "\n\n") {
		ours := strings.Contains(stack, "toolset/eventbus") || strings.Contains(stack, "amqp091-go")
		if !ours || !strings.Contains(stack, w.label) || strings.Contains(stack, "eventbus_test.restarts") {
			continue
		}
		here, _ := strconv.Atoi(stackCount.FindString(stack))
		n += here
		text += stack + "\n\n"
	}
	return n, text
}

func (w *goroutineWatch) count() int {
	n, _ := w.stacks()
	return n
}

func (w *goroutineWatch) atMost(want int) error {
	if n, text := w.stacks(); n > want {
		return fmt.Errorf("%d goroutines run, want at most %d:\n%s", n, want, text)
	}
	return nil
}
