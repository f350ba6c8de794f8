package memory

import (
	"context"
	"fmt"
	"slices"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

const maxPrefetch = 65535 // what AMQP has room for

var errStale = fmt.Errorf("memory: %w", driver.ErrStale)

// hand is what was delivered and not settled, on one channel.
type hand struct {
	q     *queue
	epoch uint64
	last  uint64 // number of the latest delivery
	out   map[uint64]item
}

func (h *hand) take(it item) driver.Delivery {
	h.last++
	h.out[h.last] = it
	return driver.Delivery{
		Message: *it.m, Tag: driver.Tag{Epoch: h.epoch, Number: h.last}, Redelivered: it.redelivered,
	}
}

// find returns the numbers that a tag names.
func (h *hand) find(tag driver.Tag, multiple bool) ([]uint64, error) {
	if tag.Epoch != h.epoch {
		return nil, errStale
	}
	if _, ok := h.out[tag.Number]; !ok {
		return nil, fmt.Errorf("memory: %w: delivery %d is not out", driver.ErrInvalid, tag.Number)
	}
	if !multiple {
		return nil, nil
	}
	var numbers []uint64
	for n := range h.out {
		if n < tag.Number {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

func (h *hand) ack(tag driver.Tag, multiple bool) error {
	earlier, err := h.find(tag, multiple)
	if err != nil {
		return err
	}
	delete(h.out, tag.Number)
	for _, n := range earlier {
		delete(h.out, n)
	}
	return nil
}

func (h *hand) nack(tag driver.Tag, requeue bool) error {
	if _, err := h.find(tag, false); err != nil {
		return err
	}
	it := h.out[tag.Number]
	delete(h.out, tag.Number)
	if requeue {
		h.q.restore(it)
	} else if !h.q.gone {
		h.q.deadLetter(it.m, rejected)
	}
	return nil
}

// giveBack returns everything to the queue, the latest first, so that each finds the front of the queue.
func (h *hand) giveBack() {
	items := make([]item, 0, len(h.out))
	for _, it := range h.out {
		items = append(items, it)
	}
	clear(h.out)
	slices.SortFunc(items, func(a, b item) int {
		if a.position > b.position {
			return -1
		}
		return 1
	})
	h.q.restore(items...)
}

type subscription struct {
	hand
	broker   *Broker
	prefetch int
	ch       chan driver.Delivery // has room for the prefetch, so that sending never blocks
	attached bool                 // to the queue
	finished bool                 // ch is closed
	closed   bool
	err      error
}

func (b *Broker) subscribe(q *queue, prefetch int) *subscription {
	s := &subscription{
		hand: hand{q: q, epoch: 1, out: make(map[uint64]item)}, broker: b, prefetch: prefetch,
		ch: make(chan driver.Delivery, prefetch),
	}
	b.subs[s] = struct{}{}
	s.attach()
	return s
}

func (s *subscription) attach() {
	s.attached = true
	s.q.subs = append(s.q.subs, s)
	s.q.dispatch()
}

func (s *subscription) detach() {
	if s.attached {
		s.attached = false
		s.q.subs = slices.DeleteFunc(s.q.subs, func(o *subscription) bool { return o == s })
	}
}

func (s *subscription) deliver(it item) { s.ch <- s.take(it) }

// drain empties the channel of what nobody has taken.
func (s *subscription) drain() {
	for {
		select {
		case _, ok := <-s.ch:
			if !ok {
				return
			}
		default:
			return
		}
	}
}

func (s *subscription) finish() {
	if !s.finished {
		s.finished = true
		close(s.ch)
	}
}

// lose is what a lost link does, after detach: all tags are void.
func (s *subscription) lose() {
	s.drain()
	s.epoch++
	s.last = 0
	s.giveBack()
}

// resume goes on after a lost link.
func (s *subscription) resume() {
	if s.finished {
		return
	}
	q, err := s.broker.server.queue(s.q.Name)
	if err != nil {
		s.end(err)
		return
	}
	s.q = q
	s.attach()
}

// end closes the subscription for good.
func (s *subscription) end(err error) {
	if s.closed {
		return
	}
	s.closed = true
	s.detach()
	if !s.finished {
		s.err = err
	}
	s.drain()
	s.finish()
	s.giveBack()
	delete(s.broker.subs, s)
}

// Deliveries implements driver.Subscription.
func (s *subscription) Deliveries() <-chan driver.Delivery { return s.ch }

// Err implements driver.Subscription.
func (s *subscription) Err() error {
	s.broker.server.mu.Lock()
	defer s.broker.server.mu.Unlock()
	return s.err
}

// Ack implements driver.Acker.
func (s *subscription) Ack(tag driver.Tag, multiple bool) error {
	return s.settle(func() error { return s.ack(tag, multiple) })
}

// Nack implements driver.Acker.
func (s *subscription) Nack(tag driver.Tag, requeue bool) error {
	return s.settle(func() error { return s.nack(tag, requeue) })
}

func (s *subscription) settle(fn func() error) error {
	s.broker.server.mu.Lock()
	defer s.broker.server.mu.Unlock()
	if s.closed {
		return errClosed
	}
	err := fn()
	if s.attached {
		s.q.dispatch()
	}
	return err
}

// Cancel implements driver.Subscription.
func (s *subscription) Cancel(context.Context) error {
	s.broker.server.mu.Lock()
	defer s.broker.server.mu.Unlock()
	s.detach()
	s.finish()
	return nil
}

// Close implements driver.Subscription.
func (s *subscription) Close() error {
	s.broker.server.mu.Lock()
	defer s.broker.server.mu.Unlock()
	s.end(nil)
	return nil
}
