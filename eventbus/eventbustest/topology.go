package eventbustest

import (
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

var topologyChecks = []check{
	{"topology/declaring twice is fine", func(s *suite) {
		b, other := s.broker(), s.broker()
		t := driver.Topology{
			Exchanges: []driver.Exchange{{Name: s.name("x"), Kind: driver.Topic}},
			Queues: []driver.Queue{{
				Name: s.name("q"), DeadLetterExchange: s.name("x"), DeadLetterRoutingKey: "k", MessageTTL: time.Minute,
			}},
			Bindings: []driver.Binding{{Queue: s.name("q"), Exchange: s.name("x"), RoutingKey: "k"}},
		}
		s.must(b.Declare(s.ctx, t))
		s.must(b.Declare(s.ctx, t))
		s.must(other.Declare(s.ctx, t))
	}},
	{"topology/other properties are refused", func(s *suite) {
		b := s.broker()
		s.must(b.Declare(s.ctx, driver.Topology{
			Exchanges: []driver.Exchange{{Name: s.name("x"), Kind: driver.Topic}},
			Queues:    []driver.Queue{{Name: s.name("q")}},
		}))
		for what, t := range map[string]driver.Topology{
			"kind":        {Exchanges: []driver.Exchange{{Name: s.name("x"), Kind: driver.Direct}}},
			"ttl":         {Queues: []driver.Queue{{Name: s.name("q"), MessageTTL: time.Second}}},
			"dead-letter": {Queues: []driver.Queue{{Name: s.name("q"), DeadLetterExchange: s.name("x")}}},
		} {
			err := b.Declare(s.ctx, t)
			if err == nil {
				s.Errorf("%s: another one was taken", what)
				continue
			}
			s.mustBe(err, driver.ErrPrecondition)
		}
		s.publish(b, s.name("q"), "the link works on")
		s.holds(b, s.name("q"), "the link works on")
	}},
	{"topology/binding what does not exist", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		err := b.Declare(s.ctx, driver.Topology{Bindings: []driver.Binding{{Queue: q, Exchange: s.name("missing"), RoutingKey: "k"}}})
		s.mustBe(err, driver.ErrNotFound)
		s.publish(b, q, "the link works on")
		s.holds(b, q, "the link works on")
	}},
	{"topology/outlives the connection", func(s *suite) {
		b, other := s.broker(), s.broker()
		q := s.queue(b)
		s.publish(b, q, "0")
		s.must(b.Close())
		s.holds(other, q, "0")
	}},
	{"topology/a temporary queue goes with its connection", func(s *suite) {
		b, other := s.broker(), s.broker()
		q := s.name("q")
		s.must(b.Declare(s.ctx, driver.Topology{Queues: []driver.Queue{{Name: q, Temporary: true}}}))
		sub := s.subscribe(b, q, 1)
		s.publish(b, q, "0")
		s.expect(sub, "0")
		s.must(b.Close())
		s.eventually(func() error {
			err := other.Publish(s.ctx, messages(q, "1"))
			if err == nil {
				return errStillThere
			}
			s.mustBe(err, driver.ErrUnroutable)
			return nil
		})
	}},
}
