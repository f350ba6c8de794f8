package rabbitmq_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// Consumers that share a connection with each other and with a tool that pulls get their own messages, whole and in order,
// whatever size these have.
func TestConsumersShareAConnection(t *testing.T) {
	t.Parallel()
	const (
		consumers = 4
		messages  = 60
		frame     = 131072 - 8 // bytes of a body that fit one frame
	)
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{})
	sizes := []int{0, 1, 100, frame - 1, frame, frame + 1, 3*frame + 17, 5000}
	content := func(consumer, i int) []byte {
		return bytes.Repeat([]byte{byte('a' + consumer), byte('0' + i%10)}, sizes[i%len(sizes)]/2+1)[:sizes[i%len(sizes)]]
	}
	queue := func(consumer int) string { return fmt.Sprint("q", consumer) }
	var publishing sync.WaitGroup
	subscriptions := make([]driver.Subscription, consumers)
	for c := range consumers {
		must(t, b.Declare(testContext(t), driver.Topology{Queues: []driver.Queue{{Name: queue(c)}}}))
		subscriptions[c] = subscribe(t, b, queue(c), 7)
	}
	must(t, b.Declare(testContext(t), driver.Topology{Queues: []driver.Queue{{Name: "pulled"}}}))
	for c := range subscriptions {
		publishing.Go(func() {
			for i := range messages {
				m := driver.Message{RoutingKey: queue(c), Body: content(c, i), ID: fmt.Sprint(i), Headers: map[string]any{"n": int64(i)}}
				pulled := m
				pulled.RoutingKey = "pulled"
				if err := b.Publish(testContext(t), []driver.Message{m, pulled}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	pulled := 0
	for i := range messages {
		for c, s := range subscriptions {
			d := next(t, s)
			if d.ID != fmt.Sprint(i) || d.Headers["n"] != int64(i) || d.RoutingKey != queue(c) || !bytes.Equal(d.Body, content(c, i)) {
				t.Fatalf("consumer %d, message %d: %q, %d bytes from %q", c, i, d.ID, len(d.Body), d.RoutingKey)
			}
			must(t, s.Ack(d.Tag, i%7 == 0))
		}
		if i%10 == 0 {
			pulled += len(drain(t, b, "pulled"))
		}
	}
	publishing.Wait()
	pulled += len(drain(t, b, "pulled"))
	if pulled != consumers*messages {
		t.Errorf("%d messages were pulled, want %d", pulled, consumers*messages)
	}
}
