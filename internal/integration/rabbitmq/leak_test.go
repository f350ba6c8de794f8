package rabbitmq_test

import (
	"runtime"
	"strings"
)

// goroutines counts those of this package, of the adapter and of its client library; others belong to the runtime and to
// the HTTP client of the test environment.
func goroutines() int { return len(ours()) }

func stacks() string { return strings.Join(ours(), "\n\n") }

func ours() []string {
	buf := make([]byte, 1<<22)
	buf = buf[:runtime.Stack(buf, true)]
	var found []string
	for _, g := range strings.Split(string(buf), "\n\n") {
		if strings.Contains(g, "eventbus/rabbitmq.") || strings.Contains(g, "amqp091-go.") {
			found = append(found, g)
		}
	}
	return found
}
