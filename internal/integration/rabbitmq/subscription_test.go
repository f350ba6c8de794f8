package rabbitmq_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// A queue that was declared here comes back, with its bindings; its consumer goes on.
func TestAQueueIsDeletedUnderItsConsumer(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	b := open(t, v, rabbitmq.Config{})
	exchange, queue := events(t, b)
	s := subscribe(t, b, queue, 10)
	must(t, b.Publish(testContext(t), []driver.Message{text(exchange, "a", "1")}))
	inHand := next(t, s)
	for round := range 2 {
		must(t, v.Call(http.MethodDelete, "/api/queues/{vhost}/"+queue, nil, nil))
		m := text(exchange, "a", "back")
		m.Mandatory = true
		eventually(t, func() error { return b.Publish(testContext(t), []driver.Message{m}) })
		d := next(t, s)
		if string(d.Body) != "back" || d.Tag.Epoch <= inHand.Tag.Epoch {
			t.Errorf("round %d brought %q of epoch %d", round, d.Body, d.Tag.Epoch)
		}
		must(t, s.Ack(d.Tag, false))
	}
	mustBe(t, s.Ack(inHand.Tag, false), driver.ErrStale)
}

// A queue that somebody else declared is gone for good, and so is its consumer; the others go on.
func TestAForeignQueueIsDeletedUnderItsConsumer(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	b := open(t, v, rabbitmq.Config{})
	_, queue := events(t, b)
	must(t, v.Call(http.MethodPut, "/api/queues/{vhost}/foreign", map[string]any{"durable": true}, nil))
	foreign, own := subscribe(t, b, "foreign", 10), subscribe(t, b, queue, 10)
	must(t, v.Call(http.MethodDelete, "/api/queues/{vhost}/foreign", nil, nil))
	select {
	case d, ok := <-foreign.Deliveries():
		if ok {
			t.Fatalf("got %q from a deleted queue", d.Body)
		}
	case <-time.After(patience):
		t.Fatal("the subscription does not end")
	}
	mustBe(t, foreign.Err(), driver.ErrNotFound)
	must(t, b.Publish(testContext(t), []driver.Message{text("", queue, "1")}))
	must(t, own.Ack(next(t, own).Tag, false))
}

// Messages that were delivered and not taken yet go back when the subscription closes, and are not delivered before.
func TestCancelKeepsWhatIsInHand(t *testing.T) {
	t.Parallel()
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{})
	_, queue := events(t, b)
	var messages []driver.Message
	for i := range 30 {
		messages = append(messages, text("", queue, number(i)))
	}
	must(t, b.Publish(testContext(t), messages))
	s := subscribe(t, b, queue, 20)
	first, second := next(t, s), next(t, s)
	must(t, s.Cancel(testContext(t)))
	for d := range s.Deliveries() {
		t.Errorf("%q came after Cancel", d.Body)
	}
	must(t, s.Ack(second.Tag, false))
	must(t, s.Close())
	mustBe(t, s.Ack(first.Tag, false), driver.ErrClosed)
	got := drain(t, b, queue)
	if len(got) != 29 || string(got[0].Body) != number(0) || string(got[1].Body) != number(2) {
		t.Errorf("%d messages are left, first %q and %q", len(got), got[0].Body, got[1].Body)
	}
}

// An acknowledgement twice is a mistake that costs the channel; the subscription heals.
func TestAcknowledgedTwice(t *testing.T) {
	t.Parallel()
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{})
	_, queue := events(t, b)
	must(t, b.Publish(testContext(t), []driver.Message{text("", queue, "1"), text("", queue, "2")}))
	s := subscribe(t, b, queue, 1)
	d := next(t, s)
	must(t, s.Ack(d.Tag, false))
	_ = s.Ack(d.Tag, false)
	for {
		d := next(t, s)
		if string(d.Body) != "2" {
			t.Fatalf("got %q", d.Body)
		}
		if s.Ack(d.Tag, false) == nil && d.Tag.Epoch > 1 {
			break
		}
	}
	mustBe(t, s.Ack(driver.Tag{Epoch: 2}, true), driver.ErrInvalid) // for AMQP that would be all
}

// A subscription that is cut off while its consumer is slow neither blocks nor delivers what is stale.
func TestCutWhileTheConsumerIsSlow(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	p := newProxy(t, net.JoinHostPort(v.Host, v.Port))
	var log recorder
	b := dialThrough(t, v, p, rabbitmq.Config{Logger: log.logger()})
	exchange, queue := events(t, b)
	var messages []driver.Message
	for i := range 200 {
		messages = append(messages, text(exchange, "a", number(i)))
	}
	must(t, b.Publish(testContext(t), messages))
	s := subscribe(t, b, queue, 100)
	seen := make(map[string]bool)
	cuts := 0
	for i := 0; len(seen) < 200; i++ {
		d := next(t, s)
		if i%40 == 20 { // the consumer sleeps through the whole outage
			p.cut()
			cuts++
			log.awaitCount(t, `connection restored" connection=consuming`, cuts)
		}
		if s.Ack(d.Tag, false) == nil {
			seen[string(d.Body)] = true
		}
	}
	must(t, s.Close())
}

// A puller says at its end when the broker may not know what was settled.
func TestAPullerIsCutOff(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	p := newProxy(t, net.JoinHostPort(v.Host, v.Port))
	b := dialThrough(t, v, p, rabbitmq.Config{})
	_, queue := events(t, b)
	must(t, b.Publish(testContext(t), []driver.Message{text("", queue, "1"), text("", queue, "2")}))
	for settled, want := range map[int]error{0: nil, 1: nil, 2: driver.ErrStale} {
		puller, err := b.Pull(testContext(t), queue)
		must(t, err)
		for i := range 2 {
			d, ok, err := puller.Next(testContext(t))
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			if i < settled {
				must(t, puller.Nack(d.Tag, true))
			}
		}
		p.cut()
		eventually(t, func() error {
			if _, _, err := puller.Next(testContext(t)); err == nil {
				return errors.New("the puller is not cut off yet")
			}
			return nil
		})
		if err := puller.Close(); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%d of 2 settled: Close says %v, want %v", settled, err, want)
		}
		must(t, puller.Close())
		eventually(t, b.Health)
	}
}

func TestBadCalls(t *testing.T) {
	t.Parallel()
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{})
	ctx := testContext(t)
	for _, prefetch := range []int{-1, 0, 65536} {
		_, err := b.Subscribe(ctx, "q", driver.SubscribeOptions{Prefetch: prefetch})
		mustBe(t, err, driver.ErrInvalid)
	}
	_, err := b.Subscribe(ctx, "", driver.SubscribeOptions{Prefetch: 1})
	mustBe(t, err, driver.ErrInvalid)
	_, err = b.Pull(ctx, "")
	mustBe(t, err, driver.ErrInvalid)
	_, err = b.Subscribe(expired(), "q", driver.SubscribeOptions{Prefetch: 1})
	mustBe(t, err, context.Canceled)
	_, err = b.Pull(expired(), "q")
	mustBe(t, err, context.Canceled)
	mustBe(t, b.Declare(expired(), driver.Topology{Queues: []driver.Queue{{Name: "q"}}}), context.Canceled)
	must(t, b.Health())
}
