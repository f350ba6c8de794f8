package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
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

// withQueue makes a virtual host with a durable topic exchange and a classic queue bound to it, and returns its URL.
func withQueue(b *testing.B) string {
	b.Helper()
	if len(payload) != 256 {
		b.Fatalf("the payload has %d bytes", len(payload))
	}
	url := testenv.RabbitMQ(b).URL()
	conn, err := amqp.Dial(url)
	must(b, err)
	ch, err := conn.Channel()
	must(b, err)
	must(b, ch.ExchangeDeclare(exchange, amqp.ExchangeTopic, true, false, false, false, nil))
	_, err = ch.QueueDeclare(queue, true, false, false, false, nil)
	must(b, err)
	must(b, ch.QueueBind(queue, "#", exchange, false, nil))
	must(b, conn.Close())
	return url
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

// measure calls publish b.N times from so many goroutines, and reports messages per second and client CPU per message.
func measure(b *testing.B, goroutines, messages int, publish func() error) {
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
				if err := publish(); err != nil {
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
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/n, "cpu-us/msg")
}

// BenchmarkPublish64 publishes from 64 goroutines, each waiting for the confirm of its message.
func BenchmarkPublish64(b *testing.B) {
	b.Run("raw", func(b *testing.B) {
		url := withQueue(b)
		conn, err := amqp.Dial(url)
		must(b, err)
		defer func() { must(b, conn.Close()) }()
		ch, err := conn.Channel()
		must(b, err)
		must(b, ch.Confirm(false))
		measure(b, 64, 1, func() error {
			c, err := ch.PublishWithDeferredConfirm(exchange, key, false, false, amqp.Publishing{
				ContentType: "application/json", DeliveryMode: amqp.Persistent, MessageId: rand.Text(), Timestamp: time.Now(), Body: payload,
			})
			if err != nil {
				return err
			}
			if !c.Wait() {
				return driver.ErrRefused
			}
			return nil
		})
	})
	b.Run("toolset", func(b *testing.B) {
		url := withQueue(b)
		broker := dial(b, url)
		measure(b, 64, 1, func() error { return broker.Publish(b.Context(), []driver.Message{message()}) })
	})
}

// BenchmarkPublishMany publishes 10,000 messages in one go; raw keeps a window of 1,024.
func BenchmarkPublishMany(b *testing.B) {
	const many = 10_000
	b.Run("raw", func(b *testing.B) {
		url := withQueue(b)
		conn, err := amqp.Dial(url)
		must(b, err)
		defer func() { must(b, conn.Close()) }()
		ch, err := conn.Channel()
		must(b, err)
		must(b, ch.Confirm(false))
		measure(b, 1, many, func() error {
			var window []*amqp.DeferredConfirmation
			for range many {
				if len(window) == 1024 {
					if !window[0].Wait() {
						return driver.ErrRefused
					}
					window = window[1:]
				}
				c, err := ch.PublishWithDeferredConfirm(exchange, key, false, false, amqp.Publishing{
					ContentType: "application/json", DeliveryMode: amqp.Persistent, MessageId: rand.Text(), Timestamp: time.Now(), Body: payload,
				})
				if err != nil {
					return err
				}
				window = append(window, c)
			}
			for _, c := range window {
				if !c.Wait() {
					return driver.ErrRefused
				}
			}
			return nil
		})
	})
	b.Run("toolset", func(b *testing.B) {
		url := withQueue(b)
		broker := dial(b, url)
		measure(b, 1, many, func() error {
			messages := make([]driver.Message, many)
			for i := range messages {
				messages[i] = message()
			}
			return broker.Publish(b.Context(), messages)
		})
	})
}

func message() driver.Message {
	return driver.Message{Exchange: exchange, RoutingKey: key, ContentType: "application/json", ID: rand.Text(), Timestamp: time.Now(), Body: payload}
}

func dial(b *testing.B, url string) *rabbitmq.Broker {
	b.Helper()
	broker, err := rabbitmq.Dial(context.Background(), rabbitmq.Config{URL: url})
	must(b, err)
	b.Cleanup(func() { must(b, broker.Close()) })
	return broker
}

// BenchmarkConsume takes messages with a prefetch of 100 and acknowledges each after it was handled: raw one by one, toolset
// fifty at a time, which the adapter can do and eventbus does not do yet.
func BenchmarkConsume(b *testing.B) {
	b.Run("raw", func(b *testing.B) {
		url := withQueue(b)
		fillQueue(b, url)
		conn, err := amqp.Dial(url)
		must(b, err)
		defer func() { must(b, conn.Close()) }()
		ch, err := conn.Channel()
		must(b, err)
		must(b, ch.Qos(100, 0, false))
		deliveries, err := ch.Consume(queue, "", false, false, false, false, nil)
		must(b, err)
		measure(b, 1, 1, func() error {
			d := <-deliveries
			if !bytes.Equal(d.Body, payload) {
				return driver.ErrInvalid
			}
			return d.Ack(false)
		})
	})
	b.Run("toolset", func(b *testing.B) {
		url := withQueue(b)
		fillQueue(b, url)
		s, err := dial(b, url).Subscribe(b.Context(), queue, driver.SubscribeOptions{Prefetch: 100})
		must(b, err)
		n := 0
		measure(b, 1, 1, func() error {
			d := <-s.Deliveries()
			if !bytes.Equal(d.Body, payload) {
				return driver.ErrInvalid
			}
			if n++; n%50 == 0 || n == b.N {
				return s.Ack(d.Tag, true)
			}
			return nil
		})
	})
}

func fillQueue(b *testing.B, url string) {
	b.Helper()
	messages := make([]driver.Message, b.N)
	for i := range messages {
		messages[i] = message()
	}
	must(b, dial(b, url).Publish(b.Context(), messages))
}
