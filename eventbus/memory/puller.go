package memory

import (
	"context"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

type puller struct {
	hand
	broker *Broker
	length int
	err    error // why it can be used no more
}

func (b *Broker) pull(q *queue) *puller {
	p := &puller{hand: hand{q: q, epoch: 1, out: make(map[uint64]item)}, broker: b, length: q.ready.len()}
	b.pullers[p] = struct{}{}
	return p
}

// Len implements driver.Puller.
func (p *puller) Len() int { return p.length }

// Next implements driver.Puller.
func (p *puller) Next(ctx context.Context) (driver.Delivery, bool, error) {
	p.broker.server.mu.Lock()
	defer p.broker.server.mu.Unlock()
	if p.err != nil {
		return driver.Delivery{}, false, p.err
	}
	if err := ctx.Err(); err != nil {
		return driver.Delivery{}, false, fmt.Errorf("memory: next: %w", err)
	}
	if p.q.gone {
		return driver.Delivery{}, false, fmt.Errorf("memory: queue %q was deleted: %w", p.q.Name, driver.ErrNotFound)
	}
	it, ok := p.q.pop()
	p.q.arm()
	if !ok {
		return driver.Delivery{}, false, nil
	}
	return p.take(it), true, nil
}

// Ack implements driver.Acker.
func (p *puller) Ack(tag driver.Tag, multiple bool) error {
	return p.settle(func() error { return p.ack(tag, multiple) })
}

// Nack implements driver.Acker.
func (p *puller) Nack(tag driver.Tag, requeue bool) error {
	return p.settle(func() error { return p.nack(tag, requeue) })
}

func (p *puller) settle(fn func() error) error {
	p.broker.server.mu.Lock()
	defer p.broker.server.mu.Unlock()
	if p.err != nil {
		return p.err
	}
	return fn()
}

// Close implements driver.Puller.
func (p *puller) Close() error {
	p.broker.server.mu.Lock()
	defer p.broker.server.mu.Unlock()
	p.end(errClosed)
	return nil
}

func (p *puller) end(err error) {
	if p.err != nil {
		return
	}
	p.err = err
	p.giveBack()
	delete(p.broker.pullers, p)
}
