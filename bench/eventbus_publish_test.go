package bench

import (
	"encoding/binary"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	wamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	wmessage "github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

var errRefused = errors.New("refused")

// rawWaiting publishes one message and waits for its confirm.
func rawWaiting(ch *amqp.Channel) error {
	c, err := ch.PublishWithDeferredConfirm(exchange, key, false, false, rawPublishing())
	if err != nil {
		return err
	}
	if !c.Wait() {
		return errRefused
	}
	return nil
}

func confirming(b *testing.B, url string) *amqp.Channel {
	b.Helper()
	ch := rawChannel(b, url)
	must(b, ch.Confirm(false))
	return ch
}

// watermillPublisher waits for the confirm of each message, and has a channel for each goroutine.
func watermillPublisher(b *testing.B, url string) *wamqp.Publisher {
	b.Helper()
	cfg := wamqp.NewDurablePubSubConfig(url, wamqp.GenerateQueueNameConstant(queue))
	cfg.Exchange.GenerateName = func(string) string { return exchange }
	cfg.Exchange.Type = amqp.ExchangeTopic
	cfg.Publish.GenerateRoutingKey = func(string) string { return key }
	cfg.Publish.ConfirmDelivery = true
	cfg.Publish.ChannelPoolSize = 64
	p, err := wamqp.NewPublisher(cfg, watermill.NopLogger{})
	must(b, err)
	b.Cleanup(func() { must(b, p.Close()) })
	return p
}

// BenchmarkEventbusPublish1 publishes from one goroutine that waits for the confirm of each message.
func BenchmarkEventbusPublish1(b *testing.B) {
	kinds(b, func(b *testing.B, kind string) { publishFrom(b, kind, 1) })
}

// BenchmarkEventbusPublish64 publishes from 64 goroutines, each waiting for the confirm of its message.
func BenchmarkEventbusPublish64(b *testing.B) {
	kinds(b, func(b *testing.B, kind string) { publishFrom(b, kind, 64) })
}

func publishFrom(b *testing.B, kind string, goroutines int) {
	b.Run("raw", func(b *testing.B) {
		ch := confirming(b, withQueue(b, kind))
		measure(b, goroutines, 1, func() error { return rawWaiting(ch) })
	})
	b.Run("toolset", func(b *testing.B) {
		bus := bus(b, withQueue(b, kind))
		measure(b, goroutines, 1, func() error { return bus.Publish(b.Context(), message()) })
	})
	b.Run("watermill-amqp", func(b *testing.B) {
		p := watermillPublisher(b, withQueue(b, kind))
		measure(b, goroutines, 1, func() error { return p.Publish("", wmessage.NewMessage(watermill.NewUUID(), payload)) })
	})
}

// BenchmarkEventbusPublishMany publishes 10,000 messages in one go: raw with a window of 1,024, and as the limit frames that were
// prepared before and are written to the socket.
func BenchmarkEventbusPublishMany(b *testing.B) {
	const many = 10_000
	kinds(b, func(b *testing.B, kind string) {
		b.Run("limit", func(b *testing.B) {
			conn, acks := bareSocket(b, withQueue(b, kind))
			var frames []byte
			for range many {
				frames = append(frames, preparedFrames()...)
			}
			sent := uint64(0)
			measure(b, 1, many, func() error {
				if _, err := conn.Write(frames); err != nil {
					return err
				}
				for sent += many; ; {
					if c := <-acks; c.DeliveryTag >= sent {
						return nil
					}
				}
			})
		})
		b.Run("raw", func(b *testing.B) {
			ch := confirming(b, withQueue(b, kind))
			measure(b, 1, many, func() error { return rawWindow(ch, many) })
		})
		b.Run("toolset", func(b *testing.B) {
			bus := bus(b, withQueue(b, kind))
			measure(b, 1, many, func() error {
				messages := make([]eventbus.Message, many)
				for i := range messages {
					messages[i] = message()
				}
				return bus.Publish(b.Context(), messages...)
			})
		})
	})
}

func rawWindow(ch *amqp.Channel, n int) error {
	var window []*amqp.DeferredConfirmation
	for range n {
		if len(window) == 1024 {
			if !window[0].Wait() {
				return errRefused
			}
			window = window[1:]
		}
		c, err := ch.PublishWithDeferredConfirm(exchange, key, false, false, rawPublishing())
		if err != nil {
			return err
		}
		window = append(window, c)
	}
	for _, c := range window {
		if !c.Wait() {
			return errRefused
		}
	}
	return nil
}

// bareSocket is the socket of a connection whose channel 1 confirms what is published.
func bareSocket(b *testing.B, url string) (net.Conn, <-chan amqp.Confirmation) {
	b.Helper()
	var socket net.Conn
	conn, err := amqp.DialConfig(url, amqp.Config{Dial: func(network, addr string) (net.Conn, error) {
		conn, err := net.DialTimeout(network, addr, 10*time.Second)
		socket = conn
		return conn, err
	}})
	must(b, err)
	b.Cleanup(func() { must(b, conn.Close()) })
	ch, err := conn.Channel()
	must(b, err)
	must(b, ch.Confirm(false))
	return socket, ch.NotifyPublish(make(chan amqp.Confirmation, 1024))
}

// preparedFrames are the frames of one message on channel 1.
func preparedFrames() []byte {
	short := func(s string) []byte { return append([]byte{byte(len(s))}, s...) }
	frame := func(kind byte, parts ...[]byte) []byte {
		f := []byte{kind, 0, 1, 0, 0, 0, 0}
		for _, p := range parts {
			f = append(f, p...)
		}
		binary.BigEndian.PutUint32(f[3:], uint32(len(f)-7))
		return append(f, 0xCE)
	}
	p := rawPublishing()
	method := frame(1, []byte{0, 60, 0, 40, 0, 0}, short(exchange), short(key), []byte{0})
	header := frame(2, []byte{0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0}, []byte{0x90, 0xC8}, short(p.ContentType), []byte{2}, short(p.MessageId),
		binary.BigEndian.AppendUint64(nil, uint64(p.Timestamp.Unix())), short(p.AppId)) // content type, mode, id, timestamp, app id
	return append(append(method, header...), frame(3, payload)...)
}
