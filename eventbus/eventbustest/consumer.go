package eventbustest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

type payload struct {
	N int `json:"n"`
}

var errHandler = errors.New("the handler fails")

var consumerChecks = []check{
	{"consumer/handles what is published", func(s *suite) {
		b := s.broker()
		x := eventbus.NewExchange(s.name("x"))
		made, gone := eventbus.Declare[payload](x, "thing.made", ""), eventbus.Declare[payload](x, "thing.gone", "")
		got := make(chan string, 10)
		handle := func(ctx context.Context, p payload) error {
			got <- fmt.Sprint(eventbus.Received(ctx).RoutingKey, p.N)
			return nil
		}
		stop := s.consume(b, eventbus.ConsumerConfig{Queue: s.name("q")}, made.Handle(handle), gone.Handle(handle))
		bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
		s.must(bus.Publish(s.ctx, made.Message(payload{1}), gone.Message(payload{2}), made.Message(payload{3})))
		for _, want := range []string{"thing.made1", "thing.gone2", "thing.made3"} {
			if have := s.receive(got); have != want {
				s.Errorf("handled %q, want %q", have, want)
			}
		}
		s.must(stop())
		s.holds(b, s.name("q"))
	}},
	{"consumer/tries again, stores, replays", func(s *suite) {
		b := s.broker()
		x := eventbus.NewExchange(s.name("x"))
		event := eventbus.Declare[payload](x, "thing.made", "")
		var mended atomic.Bool
		got := make(chan eventbus.Delivery, 10)
		queue := s.name("own:q")
		stop := s.consume(b, eventbus.ConsumerConfig{
			Queue: queue, OnFailure: eventbus.Garbage{After: []time.Duration{20 * time.Millisecond, 40 * time.Millisecond}},
		}, event.Handle(func(ctx context.Context, _ payload) error {
			got <- eventbus.Received(ctx)
			if mended.Load() {
				return nil
			}
			return errHandler
		}))
		body := `{"n": 1,  "extra": "ж"}`
		bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
		sent := eventbus.Raw(x.Name(), "thing.made", []byte(body), eventbus.Header("k", "v"), eventbus.CorrelationID("c"))
		s.must(bus.Publish(s.ctx, sent))
		handled := func(attempt int) {
			s.Helper()
			d := s.receiveDelivery(got)
			if d.Attempt != attempt || string(d.Body) != body || d.Exchange != x.Name() || d.RoutingKey != "thing.made" ||
				d.ID != sent.ID || d.CorrelationID != "c" || d.Headers["k"] != "v" {
				s.Errorf("attempt %d came as %+v", attempt, d)
			}
		}
		for attempt := 1; attempt <= 3; attempt++ {
			handled(attempt)
		}
		garbage := eventbus.NewGarbageQueue(b, queue)
		s.eventually(func() error {
			n := 0
			for m, err := range garbage.List(s.ctx) {
				s.must(err)
				n++
				if m.Error != errHandler.Error() || m.Attempts != 3 || m.RoutingKey != "thing.made" || m.Exchange != x.Name() || string(m.Body) != body {
					s.Errorf("the garbage queue holds %+v", m)
				}
			}
			if n != 1 {
				return fmt.Errorf("the garbage queue holds %d messages, want 1", n)
			}
			return nil
		})
		mended.Store(true)
		if n, err := garbage.Replay(s.ctx); n != 1 || err != nil {
			s.Fatalf("replayed %d, %v; want 1", n, err)
		}
		handled(4)
		s.must(stop())
		s.holds(b, queue)
		s.holds(b, queue+".garbage")
	}},
	{"consumer/a message rejected from the garbage queue comes back", func(s *suite) {
		b := s.broker()
		x := eventbus.NewExchange(s.name("x"))
		got := make(chan eventbus.Delivery, 10)
		queue := s.name("own:q")
		stop := s.consume(b, eventbus.ConsumerConfig{Queue: queue, OnFailure: eventbus.Garbage{}},
			x.Handle("#", func(_ context.Context, d eventbus.Delivery) error {
				got <- d
				if d.Attempt == 1 {
					return errHandler
				}
				return nil
			}))
		bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
		s.must(bus.Publish(s.ctx, eventbus.Raw(x.Name(), "thing.made", []byte("no JSON"))))
		s.receiveDelivery(got)
		s.holds(b, queue+".garbage", "no JSON")
		p, err := b.Pull(s.ctx, queue+".garbage")
		s.must(err)
		d, _, err := p.Next(s.ctx)
		s.must(err)
		s.must(p.Nack(d.Tag, false))
		s.must(p.Close())
		if d := s.receiveDelivery(got); d.RoutingKey != "thing.made" || d.Exchange != x.Name() || string(d.Body) != "no JSON" {
			s.Errorf("came back as %+v", d)
		}
		s.must(stop())
		s.holds(b, queue)
	}},
	{"consumer/finishes what is in hand when it stops", func(s *suite) {
		b := s.broker()
		x := eventbus.NewExchange(s.name("x"))
		event := eventbus.Declare[payload](x, "thing.made", "")
		begun, finish := make(chan struct{}), make(chan struct{})
		queue := s.name("q")
		stop, ended := s.start(b, eventbus.ConsumerConfig{Queue: queue}, event.Handle(func(ctx context.Context, _ payload) error {
			begun <- struct{}{}
			<-finish
			return ctx.Err()
		}))
		bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
		one, two := event.Message(payload{1}), event.Message(payload{2})
		s.must(bus.Publish(s.ctx, one, two))
		select {
		case <-begun:
		case <-time.After(s.features.Wait):
			s.Fatal("the handler was not called")
		}
		stop()
		select {
		case err := <-ended:
			s.Errorf("Run has returned %v while the handler was running", err)
		case <-time.After(s.features.Quiet):
		}
		close(finish)
		s.must(<-ended)
		if left := s.holds(b, queue, `{"n":2}`); left[0].ID != two.ID {
			s.Errorf("message %q is left, want %q", left[0].ID, two.ID)
		}
	}},
	{"consumer/requeues after a pause", func(s *suite) {
		b := s.broker()
		x := eventbus.NewExchange(s.name("x"))
		got := make(chan eventbus.Delivery, 10)
		stop := s.consume(b, eventbus.ConsumerConfig{
			Queue: s.name("q"), OnFailure: eventbus.Requeue{Pause: 50 * time.Millisecond},
		}, x.Handle("#", func(_ context.Context, d eventbus.Delivery) error {
			got <- d
			if d.Redelivered {
				return nil
			}
			return errHandler
		}))
		start := time.Now()
		s.must(b.Publish(s.ctx, []driver.Message{{Exchange: x.Name(), Mandatory: true}}))
		s.receiveDelivery(got)
		if d := s.receiveDelivery(got); !d.Redelivered {
			s.Error("the second delivery does not say that it is one")
		}
		if took := time.Since(start); took < 50*time.Millisecond {
			s.Errorf("came back after %v, want a pause of 50ms", took)
		}
		s.must(stop())
		s.holds(b, s.name("q"))
	}},
}

// consume runs a consumer until the returned function, or the end of the test, stops it.
func (s *suite) consume(b driver.Broker, cfg eventbus.ConsumerConfig, routes ...eventbus.Route) (stop func() error) {
	s.Helper()
	cancel, ended := s.start(b, cfg, routes...)
	return func() error {
		cancel()
		return <-ended
	}
}

// start runs a consumer until it is told to stop, or the test ends. Then ended has the result of Run, and is closed.
func (s *suite) start(b driver.Broker, cfg eventbus.ConsumerConfig, routes ...eventbus.Route) (stop func(), ended <-chan error) {
	s.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	c := eventbus.NewConsumer(b, cfg, routes...)
	s.must(c.Declare(s.ctx))
	ctx, cancel := context.WithCancel(s.ctx)
	result, over := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(over)
		defer close(result)
		result <- c.Run(ctx)
	}()
	s.Cleanup(func() {
		cancel()
		<-over
	})
	return cancel, result
}

func (s *suite) receive(ch <-chan string) string {
	s.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(s.features.Wait):
		s.Fatalf("nothing was handled within %v", s.features.Wait)
		return ""
	}
}

func (s *suite) receiveDelivery(ch <-chan eventbus.Delivery) eventbus.Delivery {
	s.Helper()
	select {
	case d := <-ch:
		return d
	case <-time.After(s.features.Wait):
		s.Fatalf("nothing was handled within %v", s.features.Wait)
		return eventbus.Delivery{}
	}
}
