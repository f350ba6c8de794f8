package eventbustest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

var errStillThere = errors.New("the temporary queue is still there")

var linkChecks = []check{
	{"link/health", func(s *suite) {
		b := s.broker()
		s.must(b.Health())
		s.must(b.Close())
		s.mustBe(b.Health(), driver.ErrClosed)
	}},
	{"link/everything is closed after Close", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		sub := s.subscribe(b, q, 1)
		s.publish(b, q, "0")
		d := s.next(sub)
		p, err := b.Pull(s.ctx, q)
		s.must(err)
		s.must(b.Close())
		s.must(b.Close())
		s.ended(sub)
		_, _, nextErr := p.Next(s.ctx)
		_, subscribeErr := b.Subscribe(s.ctx, q, driver.SubscribeOptions{Prefetch: 1})
		_, pullErr := b.Pull(s.ctx, q)
		for what, err := range map[string]error{
			"Publish": b.Publish(s.ctx, messages(q, "1")), "Declare": b.Declare(s.ctx, driver.Topology{Queues: []driver.Queue{{Name: q}}}),
			"Subscribe": subscribeErr, "Pull": pullErr, "Ack": sub.Ack(d.Tag, false), "Nack": sub.Nack(d.Tag, true), "Next": nextErr,
		} {
			if !errors.Is(err, driver.ErrClosed) && (what != "Next" || !errors.Is(err, driver.ErrStale)) {
				s.Errorf("%s after Close: want an error that is %q, got: %v", what, driver.ErrClosed, err)
			}
		}
		s.must(sub.Cancel(s.ctx))
		s.must(sub.Close())
		s.must(p.Close())
	}},
	{"link/lost under a subscription", func(s *suite) {
		s.needsCut()
		b, other := s.broker(), s.broker()
		q := s.queue(b)
		s.publish(b, q, "0", "1")
		sub := s.subscribe(b, q, 2)
		got := s.expect(sub, "0", "1")
		s.must(sub.Ack(got[0].Tag, false))
		s.settled(other, q)
		s.features.Cut(s, b)
		again := s.expect(sub, "1")[0]
		if !again.Redelivered {
			s.Error("the message does not say that it was delivered before")
		}
		s.mustBe(sub.Ack(got[1].Tag, false), driver.ErrStale)
		s.mustBe(sub.Nack(got[1].Tag, false), driver.ErrStale)
		s.must(sub.Ack(again.Tag, false))
		s.publish(other, q, "2")
		s.expect(sub, "2")
	}},
	{"link/lost under a puller", func(s *suite) {
		s.needsCut()
		b := s.broker()
		q := s.queue(b)
		s.publish(b, q, "0")
		p, err := b.Pull(s.ctx, q)
		s.must(err)
		d, _, err := p.Next(s.ctx)
		s.must(err)
		s.features.Cut(s, b)
		s.eventually(func() error {
			if _, _, err := p.Next(s.ctx); !errors.Is(err, driver.ErrStale) {
				return fmt.Errorf("reading on over a lost link: want ErrStale, got: %w", err)
			}
			return nil
		})
		s.mustBe(p.Ack(d.Tag, false), driver.ErrStale)
		_ = p.Close() // has nothing to say that Next did not
		s.holds(b, q, "0")
	}},
	{"link/lost while publishing", func(s *suite) {
		s.needsCut()
		b := s.broker()
		q := s.queue(b)
		stop, done, calls := make(chan struct{}), make(chan struct{}), make(chan struct{})
		confirmed := make(map[string]bool)
		go func() {
			defer close(done)
			for i := 0; ; i++ {
				body := fmt.Sprint(i)
				switch err := b.Publish(s.ctx, messages(q, body)); {
				case err == nil:
					confirmed[body] = true
				case errors.Is(err, driver.ErrRefused):
					s.Errorf("a lost link was reported as a refusal: %v", err)
					return
				default:
					s.Errorf("publish: %v", err)
					return
				}
				select {
				case calls <- struct{}{}:
				case <-stop:
					return
				default:
				}
			}
		}()
		// Two calls that end: the first may have begun before, the second has not.
		publishing := func() {
			for range 2 {
				select {
				case <-calls:
				case <-done:
				}
			}
		}
		publishing()
		for range 3 {
			s.features.Cut(s, b)
			publishing()
		}
		s.eventually(b.Health)
		close(stop)
		<-done
		there := make(map[string]bool)
		for _, d := range s.peek(b, q) {
			there[string(d.Body)] = true
		}
		for body := range confirmed {
			if !there[body] {
				s.Errorf("message %s was confirmed and is not in the queue", body)
			}
		}
	}},
	{"link/what was declared comes back", func(s *suite) {
		s.needsCut()
		b := s.broker()
		x, q := s.name("x"), s.name("q")
		s.must(b.Declare(s.ctx, driver.Topology{
			Exchanges: []driver.Exchange{{Name: x, Kind: driver.Topic}},
			Queues:    []driver.Queue{{Name: q, Temporary: true}},
			Bindings:  []driver.Binding{{Queue: q, Exchange: x, RoutingKey: "#"}},
		}))
		sub := s.subscribe(b, q, 1)
		s.features.Cut(s, b)
		ctx, cancel := context.WithTimeout(s.ctx, s.features.Wait)
		defer cancel()
		// A broker that has not noticed yet that the old link is gone takes a message into the old link's temporary queue,
		// and deletes both. So the first message may be lost, but not every one.
		s.eventually(func() error {
			if err := b.Publish(ctx, []driver.Message{{Exchange: x, RoutingKey: "k", Body: []byte("0"), Mandatory: true}}); err != nil {
				return err
			}
			select {
			case d := <-sub.Deliveries():
				if string(d.Body) != "0" {
					return fmt.Errorf("got %q, want \"0\"", d.Body)
				}
				return nil
			case <-time.After(s.features.Quiet):
				return errors.New("published, and nothing arrives")
			}
		})
	}},
}

func (s *suite) needsCut() {
	s.Helper()
	if s.features.Cut == nil {
		s.Skip("Features.Cut is nil: links cannot be broken")
	}
}

// settled waits until the broker has seen an acknowledgement, which is sent without an answer.
func (s *suite) settled(b driver.Broker, queue string) {
	s.Helper()
	s.holds(b, queue)
	time.Sleep(s.features.Quiet)
}
