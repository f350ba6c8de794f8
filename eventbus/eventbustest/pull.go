package eventbustest

import (
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

var pullChecks = []check{
	{"pull/takes, settles and puts back", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		s.publish(b, q, "0", "1", "2", "3")
		p, err := b.Pull(s.ctx, q)
		s.must(err)
		if p.Len() != 4 {
			s.Errorf("Len is %d, want 4", p.Len())
		}
		s.publish(b, q, "4")
		if p.Len() != 4 {
			s.Errorf("Len is %d after another message came, want 4: it is a snapshot", p.Len())
		}
		var got []driver.Delivery
		for _, want := range []string{"0", "1", "2"} {
			d, ok, err := p.Next(s.ctx)
			s.must(err)
			if !ok || string(d.Body) != want {
				s.Fatalf("Next is %q, %v; want %q", d.Body, ok, want)
			}
			got = append(got, d)
		}
		s.must(p.Ack(got[1].Tag, false))
		s.must(p.Nack(got[2].Tag, false))
		s.must(p.Close())
		s.must(p.Close())
		s.holds(b, q, "0", "3", "4")
	}},
	{"pull/empty queue", func(s *suite) {
		b := s.broker()
		p, err := b.Pull(s.ctx, s.queue(b))
		s.must(err)
		if d, ok, err := p.Next(s.ctx); ok || err != nil || p.Len() != 0 {
			s.Errorf("Next of an empty queue is %q, %v, %v; Len is %d", d.Body, ok, err, p.Len())
		}
		s.must(p.Close())
	}},
	{"pull/missing queue", func(s *suite) {
		b := s.broker()
		_, err := b.Pull(s.ctx, s.name("missing"))
		s.mustBe(err, driver.ErrNotFound)
		s.publish(b, s.queue(b), "the link works on")
	}},
	{"pull/refuse moves to the dead-letter exchange", func(s *suite) {
		b := s.broker()
		q, dead := s.deadLettering(b, 0)
		s.publish(b, q, "0", "1")
		p, err := b.Pull(s.ctx, q)
		s.must(err)
		d, _, err := p.Next(s.ctx)
		s.must(err)
		s.must(p.Nack(d.Tag, false))
		s.must(p.Close())
		s.holds(b, dead, "0")
		s.holds(b, q, "1")
	}},
}
