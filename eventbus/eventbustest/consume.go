package eventbustest

import (
	"fmt"
	"slices"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

var consumeChecks = []check{
	{"consume/in the order of the queue", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		var want []string
		for i := range 100 {
			want = append(want, fmt.Sprint(i))
		}
		s.publish(b, q, want[:50]...)
		sub := s.subscribe(b, q, 200)
		s.publish(b, q, want[50:]...)
		got := s.expect(sub, want...)
		for i, d := range got {
			if d.Redelivered {
				s.Errorf("delivery %d says that it was delivered before", i)
			}
			if i == 0 && d.Tag.Number != 1 {
				s.Errorf("the first delivery has tag %+v; numbers begin with 1", d.Tag)
			}
			if i > 0 && (d.Tag.Epoch != got[0].Tag.Epoch || d.Tag.Number != got[i-1].Tag.Number+1) {
				s.Errorf("delivery %d has tag %+v after %+v; numbers grow by one", i, d.Tag, got[i-1].Tag)
			}
		}
		s.quiet(sub)
		s.must(sub.Ack(got[99].Tag, true))
		s.must(sub.Close())
		s.holds(b, q)
	}},
	{"consume/prefetch bounds what is out", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		s.publish(b, q, "0", "1", "2", "3")
		sub := s.subscribe(b, q, 2)
		got := s.expect(sub, "0", "1")
		s.quiet(sub)
		s.must(sub.Ack(got[1].Tag, false))
		s.expect(sub, "2")
		s.quiet(sub)
		s.must(sub.Nack(got[0].Tag, false))
		s.expect(sub, "3")
	}},
	{"consume/subscriptions share a queue", func(s *suite) {
		b, other := s.broker(), s.broker()
		q := s.queue(b)
		one, two := s.subscribe(b, q, 1), s.subscribe(other, q, 1)
		s.publish(b, q, "0", "1")
		got := []string{string(s.next(one).Body), string(s.next(two).Body)}
		slices.Sort(got)
		if !slices.Equal(got, []string{"0", "1"}) {
			s.Errorf("the two subscriptions got %q", got)
		}
	}},
	{"consume/not acknowledged is delivered again", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		s.publish(b, q, "0", "1", "2")
		sub := s.subscribe(b, q, 10)
		got := s.expect(sub, "0", "1", "2")
		s.must(sub.Ack(got[1].Tag, false))
		s.must(sub.Close())
		s.ended(sub)
		if err := sub.Err(); err != nil {
			s.Errorf("Err after Close: %v", err)
		}
		for _, d := range s.holds(b, q, "0", "2") {
			if !d.Redelivered {
				s.Errorf("%q does not say that it was delivered before", d.Body)
			}
		}
		s.expect(s.subscribe(b, q, 10), "0", "2")
	}},
	{"consume/what a closed connection had is delivered to another", func(s *suite) {
		b, other := s.broker(), s.broker()
		q := s.queue(b)
		s.publish(b, q, "0", "1")
		sub := s.subscribe(b, q, 10)
		s.expect(sub, "0", "1")
		s.must(b.Close())
		s.ended(sub)
		if err := sub.Err(); err != nil {
			s.Errorf("Err after Close of the broker: %v", err)
		}
		s.mustBe(sub.Ack(driver.Tag{Epoch: 1, Number: 1}, false), driver.ErrClosed)
		s.expect(s.subscribe(other, q, 10), "0", "1")
	}},
	{"consume/cancel, then acknowledge", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		s.publish(b, q, "0", "1")
		sub := s.subscribe(b, q, 2)
		got := s.expect(sub, "0", "1")
		s.must(sub.Cancel(s.ctx))
		s.ended(sub)
		if err := sub.Err(); err != nil {
			s.Errorf("Err after Cancel: %v", err)
		}
		s.publish(b, q, "2")
		s.must(sub.Ack(got[0].Tag, false))
		s.holds(b, q, "2") // 1 is still in hand
		s.must(sub.Cancel(s.ctx))
		s.must(sub.Close())
		s.must(sub.Close())
		s.holds(b, q, "1", "2")
	}},
	{"consume/missing queue", func(s *suite) {
		b := s.broker()
		_, err := b.Subscribe(s.ctx, s.name("missing"), driver.SubscribeOptions{Prefetch: 1})
		s.mustBe(err, driver.ErrNotFound)
		q := s.queue(b)
		s.publish(b, q, "the link works on")
		s.expect(s.subscribe(b, q, 1), "the link works on")
	}},
	{"consume/an idle subscription gets what comes later", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		sub := s.subscribe(b, q, 1)
		s.quiet(sub)
		start := time.Now()
		s.publish(b, q, "0")
		s.expect(sub, "0")
		if took := time.Since(start); took > s.features.Wait/2 {
			s.Errorf("took %v", took)
		}
	}},
}
