package eventbustest

import (
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

var settleChecks = []check{
	{"settle/acknowledge several at once", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		s.publish(b, q, "0", "1", "2", "3")
		sub := s.subscribe(b, q, 10)
		got := s.expect(sub, "0", "1", "2", "3")
		s.must(sub.Ack(got[0].Tag, false))
		s.must(sub.Ack(got[2].Tag, true))
		s.must(sub.Close())
		s.holds(b, q, "3")
	}},
	{"settle/refuse and requeue", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		s.publish(b, q, "0")
		sub := s.subscribe(b, q, 1)
		first := s.next(sub)
		s.must(sub.Nack(first.Tag, true))
		again := s.expect(sub, "0")[0]
		if !again.Redelivered {
			s.Error("the second delivery does not say that it is one")
		}
		if again.ID != first.ID {
			s.Errorf("message id %q became %q", first.ID, again.ID)
		}
	}},
	{"settle/refuse without a dead-letter exchange drops", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		s.publish(b, q, "0", "1")
		sub := s.subscribe(b, q, 1)
		s.must(sub.Nack(s.next(sub).Tag, false))
		s.expect(sub, "1")
		s.must(sub.Close())
		s.holds(b, q, "1")
	}},
	{"settle/refuse with a dead-letter exchange moves", func(s *suite) {
		b := s.broker()
		q, dead := s.deadLettering(b, 0)
		batch := messages(q, "\x00 body")
		batch[0].Headers = map[string]any{"k": "v"}
		s.must(b.Publish(s.ctx, batch))
		sub := s.subscribe(b, q, 1)
		s.must(sub.Nack(s.next(sub).Tag, false))
		d := s.holds(b, dead, "\x00 body")[0]
		if d.ID != batch[0].ID || d.Headers["k"] != "v" {
			s.Errorf("the message came as %+v", d)
		}
		if deaths, ok := d.Headers["x-death"].([]any); !ok || len(deaths) != 1 {
			s.Errorf("the header x-death is %#v, want a list with one entry", d.Headers["x-death"])
		} else if entry, ok := deaths[0].(map[string]any); !ok || entry["queue"] != q || entry["reason"] != "rejected" {
			s.Errorf("the entry of x-death is %#v, want one for a rejection from %q", deaths[0], q)
		}
		s.holds(b, q)
	}},
	{"settle/time to live of a queue", func(s *suite) {
		b := s.broker()
		const ttl = 60 * time.Millisecond
		q, dead := s.deadLettering(b, ttl)
		sub := s.subscribe(b, dead, 10)
		start := time.Now()
		s.publish(b, q, "0", "1")
		s.expect(sub, "0", "1")
		if took := time.Since(start); took < ttl {
			s.Errorf("moved after %v, want at least %v", took, ttl)
		}
		s.holds(b, q)
	}},
	{"settle/expiration of a message", func(s *suite) {
		b := s.broker()
		q, dead := s.deadLettering(b, time.Minute)
		batch := messages(q, "short", "long")
		batch[0].Expiration = "60"
		sub := s.subscribe(b, dead, 10)
		start := time.Now()
		s.must(b.Publish(s.ctx, batch))
		d := s.expect(sub, "short")[0]
		if took := time.Since(start); took < 60*time.Millisecond {
			s.Errorf("moved after %v, want at least 60ms", took)
		}
		if d.Expiration != "" {
			s.Errorf("the expiration is still %q: it would strike again", d.Expiration)
		}
		s.holds(b, q, "long")
	}},
}

// deadLettering declares a queue whose dead messages go to another one.
func (s *suite) deadLettering(b driver.Broker, ttl time.Duration) (queue, dead string) {
	s.Helper()
	x := s.name("dlx")
	queue, dead = s.name("q"), s.name("dead")
	s.must(b.Declare(s.ctx, driver.Topology{
		Exchanges: []driver.Exchange{{Name: x, Kind: driver.Direct}},
		Queues: []driver.Queue{
			{Name: dead}, {Name: queue, DeadLetterExchange: x, DeadLetterRoutingKey: "dead", MessageTTL: ttl},
		},
		Bindings: []driver.Binding{{Queue: dead, Exchange: x, RoutingKey: "dead"}},
	}))
	return queue, dead
}
