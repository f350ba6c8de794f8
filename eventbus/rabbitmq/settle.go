package rabbitmq

import (
	"context"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// Deliveries implements driver.Subscription.
func (s *subscription) Deliveries() <-chan driver.Delivery { return s.out }

// Err implements driver.Subscription.
func (s *subscription) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Ack implements driver.Acker.
func (s *subscription) Ack(tag driver.Tag, multiple bool) error {
	st, err := s.stretchOf(tag)
	if err != nil {
		return err
	}
	return stale(st.ch.ack(tag.Number, multiple))
}

// Nack implements driver.Acker.
func (s *subscription) Nack(tag driver.Tag, requeue bool) error {
	st, err := s.stretchOf(tag)
	if err != nil {
		return err
	}
	return stale(st.ch.nack(tag.Number, requeue))
}

// stretchOf returns the channel that a delivery came on.
func (s *subscription) stretchOf(tag driver.Tag) (*stretch, error) {
	if tag.Number == 0 {
		return nil, invalid("the zero tag names no delivery") // for the broker it would name all of them
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.shut:
		return nil, errClosed
	case s.now == nil || s.now.number != tag.Epoch:
		return nil, errStale
	}
	return s.now, nil
}

// Cancel implements driver.Subscription.
func (s *subscription) Cancel(ctx context.Context) error {
	s.cancel()
	s.mu.Lock()
	st := s.now
	s.mu.Unlock()
	if st == nil {
		return nil // there is no consumer, and there will be none
	}
	err := st.ch.call(ctx, func() error { return st.ch.Cancel(s.tag, false) })
	if err != nil && ctx.Err() != nil {
		return err
	}
	return nil // whatever else went wrong has ended the channel, and the consumer with it
}

// Close implements driver.Subscription.
func (s *subscription) Close() error {
	s.shutDown()
	// run may wait for an answer on a link that is dead and not yet known to be.
	select {
	case <-s.ended:
	case <-time.After(goodbyeTimeout):
	}
	return nil
}

// shutDown tells run to end.
func (s *subscription) shutDown() {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.shut {
		s.shut = true
		close(s.closed)
	}
}
