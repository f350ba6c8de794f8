package bench

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

const (
	exchange = "bench.events"
	queue    = "bench:events"
	key      = "person.created"
)

// payload is JSON of 256 bytes.
var payload = []byte(`{"id": 1, "text": "` + strings.Repeat("x", 256-21) + `"}`)

// kinds runs a benchmark with a classic and with a quorum queue.
func kinds(b *testing.B, run func(b *testing.B, queueType string)) {
	b.Helper()
	for _, kind := range []string{amqp.QueueTypeClassic, amqp.QueueTypeQuorum} {
		b.Run(kind, func(b *testing.B) { run(b, kind) })
	}
}

// withQueue makes a virtual host with a durable topic exchange and a queue bound to it, and returns its URL.
func withQueue(b *testing.B, queueType string) string {
	b.Helper()
	if len(payload) != 256 {
		b.Fatalf("the payload has %d bytes", len(payload))
	}
	url := testenv.RabbitMQ(b).URL()
	ch := rawChannel(b, url)
	must(b, ch.ExchangeDeclare(exchange, amqp.ExchangeTopic, true, false, false, false, nil))
	args := amqp.Table{}
	if queueType == amqp.QueueTypeQuorum {
		args[amqp.QueueTypeArg] = queueType
	}
	_, err := ch.QueueDeclare(queue, true, false, false, false, args)
	must(b, err)
	must(b, ch.QueueBind(queue, "#", exchange, false, nil))
	return url
}

// rawChannel opens a channel of amqp091-go on a connection that is closed when the benchmark ends.
func rawChannel(b *testing.B, url string) *amqp.Channel {
	b.Helper()
	conn, err := amqp.Dial(url)
	must(b, err)
	b.Cleanup(func() { must(b, conn.Close()) })
	ch, err := conn.Channel()
	must(b, err)
	return ch
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// cpu is the processor time that this process has used, which is the client's share: the broker has its own process.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure calls do b.N times from so many goroutines, and reports messages per second and client CPU per message.
func measure(b *testing.B, goroutines, messages int, do func() error) {
	b.Helper()
	b.ReportAllocs()
	before := cpu(b)
	b.ResetTimer()
	var (
		left   atomic.Int64
		failed atomic.Pointer[error]
		wg     sync.WaitGroup
	)
	left.Store(int64(b.N))
	for range goroutines {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := do(); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	if err := failed.Load(); err != nil {
		b.Fatal(*err)
	}
	n := float64(b.N * messages)
	b.ReportMetric(n/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/1000/n, "cpu-us/msg")
}

// rawPublishing has the properties that eventbus gives a message.
func rawPublishing() amqp.Publishing {
	return amqp.Publishing{
		ContentType: "application/json", DeliveryMode: amqp.Persistent, MessageId: rand.Text(), Timestamp: time.Now(), AppId: exchange, Body: payload,
	}
}

func message() eventbus.Message { return eventbus.Raw(exchange, key, payload) }

func dial(b *testing.B, url string) *rabbitmq.Broker {
	b.Helper()
	broker, err := rabbitmq.Dial(context.Background(), rabbitmq.Config{URL: url})
	must(b, err)
	b.Cleanup(func() { must(b, broker.Close()) })
	return broker
}

func bus(b *testing.B, url string) eventbus.Publisher {
	b.Helper()
	return eventbus.NewPublisher(dial(b, url), eventbus.PublisherConfig{})
}
