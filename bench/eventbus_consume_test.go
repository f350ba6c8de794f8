package bench

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	wamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

var errBody = errors.New("not the body that was sent")

const prefetch = 100

func rawDeliveries(b *testing.B, url string) <-chan amqp.Delivery {
	b.Helper()
	ch := rawChannel(b, url)
	must(b, ch.Qos(prefetch, 0, false))
	deliveries, err := ch.Consume(queue, "", false, false, false, false, nil)
	must(b, err)
	return deliveries
}

// consume handles messages with a consumer until the benchmark ends.
func consume(b *testing.B, broker eventbus.Broker, kind string, h eventbus.Handler) {
	b.Helper()
	cfg := eventbus.ConsumerConfig{Queue: queue, Prefetch: prefetch, OnFailure: eventbus.Drop{}}
	if kind == amqp.QueueTypeQuorum {
		cfg.QueueType = eventbus.QuorumQueue
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	c := eventbus.NewConsumer(broker, cfg, eventbus.NewExchange(exchange).Handle("#", h))
	must(b, c.Declare(ctx))
	go func() { ended <- c.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		must(b, <-ended)
	})
}

// withConsumedQueue declares the queue as a consumer does: a quorum queue of it has more arguments than a raw one.
func withConsumedQueue(b *testing.B, kind string) string {
	b.Helper()
	if kind == amqp.QueueTypeClassic {
		return withQueue(b, kind)
	}
	url := withQueue(b, kind)
	ch := rawChannel(b, url)
	_, err := ch.QueueDelete(queue, false, false, false)
	must(b, err)
	return url
}

// counter closes done when so many messages were handled.
type counter struct {
	left  atomic.Int64
	wrong atomic.Bool
	done  chan struct{}
}

func newCounter(n int) *counter {
	c := &counter{done: make(chan struct{})}
	c.left.Store(int64(n))
	return c
}

func (c *counter) handle(body []byte) {
	if !bytes.Equal(body, payload) {
		c.wrong.Store(true)
	}
	if c.left.Add(-1) == 0 {
		close(c.done)
	}
}

// measureAll waits for b.N messages, which were published before.
func (c *counter) measureAll(b *testing.B, start func()) {
	b.Helper()
	b.ReportAllocs()
	before := cpu(b)
	b.ResetTimer()
	start()
	<-c.done
	b.StopTimer()
	if c.wrong.Load() {
		b.Fatal(errBody)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	b.ReportMetric(float64((cpu(b)-before).Nanoseconds())/1000/float64(b.N), "cpu-us/msg")
}

// BenchmarkEventbusConsume takes messages with a prefetch of 100 and acknowledges each when it was handled: raw one by one and fifty
// at a time, toolset as eventbus.Consumer does.
func BenchmarkEventbusConsume(b *testing.B) {
	kinds(b, func(b *testing.B, kind string) {
		for name, batch := range map[string]int{"raw": 1, "raw-50": 50} {
			b.Run(name, func(b *testing.B) {
				url := withQueue(b, kind)
				fillQueue(b, url)
				c := newCounter(b.N)
				c.measureAll(b, func() {
					deliveries := rawDeliveries(b, url)
					go func() {
						for n := 1; n <= b.N; n++ {
							d := <-deliveries
							if n%batch == 0 || n == b.N {
								_ = d.Ack(batch > 1)
							}
							c.handle(d.Body)
						}
					}()
				})
			})
		}
		b.Run("toolset", func(b *testing.B) {
			url := withConsumedQueue(b, kind)
			broker := dial(b, url)
			if kind == amqp.QueueTypeQuorum {
				must(b, eventbus.NewConsumer(broker, eventbus.ConsumerConfig{Queue: queue, QueueType: kind, OnFailure: eventbus.Drop{}},
					eventbus.NewExchange(exchange).Handle("#", func(context.Context, eventbus.Delivery) error { return nil })).Declare(b.Context()))
			}
			fillQueue(b, url)
			c := newCounter(b.N)
			c.measureAll(b, func() {
				consume(b, broker, kind, func(_ context.Context, d eventbus.Delivery) error {
					c.handle(d.Body)
					return nil
				})
			})
		})
		b.Run("watermill-amqp", func(b *testing.B) {
			if kind == amqp.QueueTypeQuorum {
				b.Skip("it declares the queue, and then a classic one")
			}
			url := withQueue(b, kind)
			fillQueue(b, url)
			cfg := wamqp.NewDurablePubSubConfig(url, wamqp.GenerateQueueNameConstant(queue))
			cfg.Exchange.GenerateName = func(string) string { return exchange }
			cfg.Exchange.Type = amqp.ExchangeTopic
			cfg.QueueBind.GenerateRoutingKey = func(string) string { return "#" }
			cfg.Consume.Qos.PrefetchCount = prefetch
			s, err := wamqp.NewSubscriber(cfg, watermill.NopLogger{})
			must(b, err)
			b.Cleanup(func() { must(b, s.Close()) })
			c := newCounter(b.N)
			c.measureAll(b, func() {
				messages, err := s.Subscribe(b.Context(), "")
				must(b, err)
				go func() {
					for m := range messages {
						m.Ack()
						c.handle(m.Payload)
					}
				}()
			})
		})
	})
}

func fillQueue(b *testing.B, url string) {
	b.Helper()
	messages := make([]eventbus.Message, b.N)
	for i := range messages {
		messages[i] = message()
	}
	must(b, bus(b, url).Publish(b.Context(), messages...))
}

// BenchmarkEventbusLatency sends 1,000 messages a second and reports the time from publishing to handling.
func BenchmarkEventbusLatency(b *testing.B) {
	run := func(b *testing.B, publish func() error, handled <-chan time.Time) {
		b.Helper()
		took := make([]time.Duration, 0, b.N)
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		b.ResetTimer()
		for range b.N {
			<-ticker.C
			start := time.Now()
			must(b, publish())
			took = append(took, (<-handled).Sub(start))
		}
		b.StopTimer()
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
	}
	b.Run("raw", func(b *testing.B) {
		url := withQueue(b, amqp.QueueTypeClassic)
		deliveries, handled := rawDeliveries(b, url), make(chan time.Time, prefetch)
		go func() {
			for d := range deliveries {
				handled <- time.Now()
				_ = d.Ack(false)
			}
		}()
		ch := confirming(b, url)
		run(b, func() error { return rawWaiting(ch) }, handled)
	})
	b.Run("toolset", func(b *testing.B) {
		url, handled := withQueue(b, amqp.QueueTypeClassic), make(chan time.Time, prefetch)
		broker := dial(b, url)
		consume(b, broker, amqp.QueueTypeClassic, func(context.Context, eventbus.Delivery) error {
			handled <- time.Now()
			return nil
		})
		bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
		run(b, func() error { return bus.Publish(b.Context(), message()) }, handled)
	})
}

// BenchmarkEventbusHeap sends messages through one consumer and reports the heap after a tenth of them and at the end:
// go test -bench=EventbusHeap -benchtime=1000000x.
func BenchmarkEventbusHeap(b *testing.B) {
	url := withQueue(b, amqp.QueueTypeClassic)
	broker := dial(b, url)
	c := newCounter(b.N)
	consume(b, broker, amqp.QueueTypeClassic, func(_ context.Context, d eventbus.Delivery) error {
		c.handle(d.Body)
		return nil
	})
	bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
	var early uint64
	for sent := 0; sent < b.N; {
		messages := make([]eventbus.Message, min(1000, b.N-sent))
		for i := range messages {
			messages[i] = message()
		}
		must(b, bus.Publish(b.Context(), messages...))
		if sent += len(messages); early == 0 && sent >= b.N/10 {
			early = heap()
		}
	}
	<-c.done
	b.ReportMetric(float64(early)/1024, "early-KiB")
	b.ReportMetric(float64(heap())/1024, "late-KiB")
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
