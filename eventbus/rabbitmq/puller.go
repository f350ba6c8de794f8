package rabbitmq

import (
	"context"
	"fmt"
	"sync"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

var errStale = fmt.Errorf("rabbitmq: %w", driver.ErrStale)

// stale is the error of a call on a channel that is gone.
func stale(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errStale, err)
}

// A puller reads a queue with basic.get on a channel of its own.
type puller struct {
	queue string
	ch    *channel
	ready int

	coming chan pulled // the answer to a Next whose context ended first; nil when there is none

	settled, asked, known int // calls of Ack and Nack: all, before the latest get, and before the latest that was answered

	closing sync.Once
	closed  chan struct{}
}

type pulled struct {
	delivery driver.Delivery
	ok       bool
	err      error
}

func openPuller(ctx context.Context, sess *session, queue string) (*puller, error) {
	p := &puller{queue: queue, closed: make(chan struct{})}
	opened := make(chan *channel, 1)
	err := sess.do(ctx, func() error {
		ch, err := sess.openChannel()
		if err != nil {
			return err
		}
		q, err := ch.QueueDeclarePassive(queue, false, false, false, false, nil)
		if err != nil {
			return err // it has closed the channel
		}
		p.ready = q.Messages
		opened <- ch
		if ctx.Err() != nil {
			discard(opened)
		}
		return nil
	})
	switch {
	case err == nil && ctx.Err() == nil:
		p.ch = <-opened
		return p, nil
	case ctx.Err() != nil:
		discard(opened)
		return nil, fmt.Errorf("rabbitmq: open the queue %q: %w", queue, context.Cause(ctx))
	default:
		return nil, wrap(err, "open the queue %q", queue)
	}
}

// discard closes a channel that came too late. Whoever learns last that nobody waits finds it.
func discard(opened <-chan *channel) {
	select {
	case ch := <-opened:
		_ = ch.close()
	default:
	}
}

// Len implements driver.Puller.
func (p *puller) Len() int { return p.ready }

// Next implements driver.Puller. A message that arrives after ctx has ended is kept for the next call.
func (p *puller) Next(ctx context.Context) (driver.Delivery, bool, error) {
	if err := p.usable(); err != nil {
		return driver.Delivery{}, false, err
	}
	if err := ctx.Err(); err != nil {
		return driver.Delivery{}, false, context.Cause(ctx)
	}
	if p.coming == nil {
		coming := make(chan pulled, 1)
		if err := p.ch.sess.begin(func() { coming <- p.get() }); err != nil {
			return driver.Delivery{}, false, stale(err)
		}
		p.coming, p.asked = coming, p.settled
	}
	select {
	case got := <-p.coming:
		p.coming = nil
		if got.err == nil {
			p.known = p.asked
		}
		return got.delivery, got.ok, p.explain(got.err)
	case <-ctx.Done():
		return driver.Delivery{}, false, context.Cause(ctx)
	}
}

func (p *puller) get() (got pulled) {
	got.err = p.ch.exclusively(func() error {
		d, ok, err := p.ch.Get(p.queue, false)
		if ok {
			got.delivery, got.ok = delivery(&d, p.ch.sess.epoch), true
		}
		return err
	})
	return got
}

// explain tells a queue that is gone from a link that is.
func (p *puller) explain(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := reply(err); ok && p.ch.sess.alive() {
		return wrap(err, "read the queue %q", p.queue)
	}
	return stale(err)
}

func (p *puller) usable() error {
	select {
	case <-p.closed:
		return errClosed
	default:
	}
	if p.ch.IsClosed() {
		return errStale
	}
	return nil
}

func (p *puller) check(tag driver.Tag) error {
	if tag.Number == 0 {
		return invalid("the zero tag names no delivery")
	}
	if tag.Epoch != p.ch.sess.epoch {
		return errStale
	}
	return p.usable()
}

// Ack implements driver.Acker.
func (p *puller) Ack(tag driver.Tag, multiple bool) error {
	if err := p.check(tag); err != nil {
		return err
	}
	p.settled++
	return stale(p.ch.ack(tag.Number, multiple))
}

// Nack implements driver.Acker.
func (p *puller) Nack(tag driver.Tag, requeue bool) error {
	if err := p.check(tag); err != nil {
		return err
	}
	p.settled++
	return stale(p.ch.nack(tag.Number, requeue))
}

// Close implements driver.Puller.
func (p *puller) Close() (err error) {
	p.closing.Do(func() {
		close(p.closed)
		if cerr := p.ch.close(); p.known < p.settled {
			err = stale(cerr)
		}
	})
	return err
}
