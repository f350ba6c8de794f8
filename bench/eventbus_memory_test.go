package bench

import (
	"context"
	"testing"

	"github.com/ThreeDotsLabs/watermill"
	wmessage "github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

// BenchmarkEventbusMemory publishes within the process until all is handled.
func BenchmarkEventbusMemory(b *testing.B) {
	b.Run("toolset", func(b *testing.B) {
		broker := memory.New()
		c := newCounter(b.N)
		consume(b, broker, amqp.QueueTypeClassic, func(_ context.Context, d eventbus.Delivery) error {
			c.handle(d.Body)
			return nil
		})
		bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
		c.measureAll(b, func() {
			for range b.N {
				must(b, bus.Publish(b.Context(), message()))
			}
		})
	})
	b.Run("watermill-gochannel", func(b *testing.B) {
		g := gochannel.NewGoChannel(gochannel.Config{OutputChannelBuffer: prefetch}, watermill.NopLogger{})
		b.Cleanup(func() { must(b, g.Close()) })
		messages, err := g.Subscribe(b.Context(), key)
		must(b, err)
		c := newCounter(b.N)
		go func() {
			for m := range messages {
				m.Ack()
				c.handle(m.Payload)
			}
		}()
		c.measureAll(b, func() {
			for range b.N {
				must(b, g.Publish(key, wmessage.NewMessage(watermill.NewUUID(), payload)))
			}
		})
	})
}
