package eventbus

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A GarbageQueue looks through the messages that the policy Garbage, or a Python garbage consumer, has stored.
// All methods work on a snapshot: what lies in the queue when they begin. Several at a time do not see what another one
// has in hand. It is safe for concurrent use.
type GarbageQueue struct {
	broker Broker
	queue  string
}

// A GarbageMessage is a stored message. Exchange and RoutingKey are those that it was published with, both empty when
// that is not known, as with messages that a Python consumer has stored.
type GarbageMessage struct {
	driver.Message

	Error    string    // text of the last error
	Attempts int       // that failed, at least 1
	FailedAt time.Time // of the last one; zero when not known
}

// NewGarbageQueue returns the garbage queue that belongs to the main queue.
func NewGarbageQueue(b Broker, queue string) *GarbageQueue {
	return &GarbageQueue{broker: b, queue: queue}
}

// Len returns how many messages are stored; ErrNotFound when there is no garbage queue.
func (g *GarbageQueue) Len(ctx context.Context) (int, error) {
	p, err := g.open(ctx)
	if err != nil {
		return 0, err
	}
	n := p.Len()
	if err := p.Close(); err != nil {
		return 0, fmt.Errorf("eventbus: close %q: %w", garbageName(g.queue), err)
	}
	return n, nil
}

func (g *GarbageQueue) open(ctx context.Context) (driver.Puller, error) {
	if g.broker == nil {
		return nil, ErrNoBroker
	}
	if g.queue == "" {
		return nil, ErrNoQueue
	}
	p, err := g.broker.Pull(ctx, garbageName(g.queue))
	if err != nil {
		return nil, fmt.Errorf("eventbus: open %q: %w", garbageName(g.queue), err)
	}
	return p, nil
}

// List yields the stored messages that pass all filters, the oldest first, and leaves them where they are. An error
// is the last thing that it yields; ErrNotFound when there is no garbage queue.
func (g *GarbageQueue) List(ctx context.Context, filters ...GarbageFilter) iter.Seq2[GarbageMessage, error] {
	return func(yield func(GarbageMessage, error) bool) {
		more := true
		err := g.walk(ctx, filters, func(_ driver.Puller, m GarbageMessage, _ driver.Delivery) (bool, error) {
			more = yield(m, nil)
			return more, nil
		})
		if err != nil && more {
			yield(GarbageMessage{}, err)
		}
	}
}

// Drop deletes the stored messages that pass all filters, with no filter all of them, and returns how many.
func (g *GarbageQueue) Drop(ctx context.Context, filters ...GarbageFilter) (int, error) {
	n := 0
	err := g.walk(ctx, filters, func(p driver.Puller, _ GarbageMessage, d driver.Delivery) (bool, error) {
		if err := p.Ack(d.Tag, false); err != nil {
			return false, fmt.Errorf("eventbus: drop from %q: %w", garbageName(g.queue), err)
		}
		n++
		return true, nil
	})
	return n, err
}

const replayBatch = 100

// Replay sends the stored messages that pass all filters, with no filter all of them, to the main queue and returns how
// many. They leave the garbage queue when the broker has confirmed their copies, so an error or the end of ctx loses
// none; those of its *PublishError that are ErrUnknown may be in both queues. Handlers see the original exchange and
// routing key, the attempts count on, and the delays start anew.
func (g *GarbageQueue) Replay(ctx context.Context, filters ...GarbageFilter) (int, error) {
	var (
		n      int
		batch  []driver.Message
		tags   []driver.Tag
		puller driver.Puller
	)
	flush := func() error {
		done, err := g.send(ctx, puller, batch, tags)
		n += done
		batch, tags = batch[:0], tags[:0]
		return err
	}
	err := g.walkTo(ctx, filters, func(p driver.Puller, _ GarbageMessage, d driver.Delivery) (bool, error) {
		puller = p
		batch, tags = append(batch, g.replayed(d.Message)), append(tags, d.Tag)
		if len(batch) < replayBatch {
			return true, nil
		}
		return true, flush()
	}, func() error {
		if len(batch) == 0 {
			return nil
		}
		return flush()
	})
	return n, err
}

// replayed is the copy that goes to the main queue, by way of the default exchange, which is always there.
func (g *GarbageQueue) replayed(m driver.Message) driver.Message {
	m = clean(m)
	m.Exchange, m.RoutingKey = "", g.queue
	if attempts := count(m.Headers[HeaderAttempts]); attempts > 0 {
		m.Headers[HeaderReplayed] = int64(attempts)
	}
	return m
}

// send publishes the batch and settles what was confirmed.
func (g *GarbageQueue) send(ctx context.Context, p driver.Puller, batch []driver.Message, tags []driver.Tag) (int, error) {
	failed := make(map[int]bool)
	err := g.broker.Publish(ctx, batch)
	if err != nil {
		err = fmt.Errorf("eventbus: replay to %q: %w", g.queue, err)
		pe, ok := errors.AsType[*PublishError](err)
		if !ok {
			return 0, err
		}
		for _, f := range pe.Failed {
			failed[f.Index] = true
		}
	}
	n := 0
	for i, tag := range tags {
		if failed[i] {
			continue
		}
		if aerr := p.Ack(tag, false); aerr != nil {
			return n, fmt.Errorf("eventbus: replay to %q: a message is in both queues now: %w", g.queue, aerr)
		}
		n++
	}
	return n, err
}

type visit func(p driver.Puller, m GarbageMessage, d driver.Delivery) (more bool, err error)

func (g *GarbageQueue) walk(ctx context.Context, filters []GarbageFilter, fn visit) error {
	return g.walkTo(ctx, filters, fn, func() error { return nil })
}

// walkTo visits the messages that pass the filters, and at last calls end before what was not settled goes back.
func (g *GarbageQueue) walkTo(ctx context.Context, filters []GarbageFilter, fn visit, end func() error) (err error) {
	name := garbageName(g.queue)
	p, err := g.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := p.Close(); cerr != nil && err == nil {
			err = fmt.Errorf("eventbus: close %q: %w", name, cerr)
		}
	}()
	for range p.Len() {
		d, ok, err := p.Next(ctx)
		if err != nil {
			return fmt.Errorf("eventbus: read %q: %w", name, err)
		}
		if !ok {
			break
		}
		m := stored(d.Message)
		if !passes(m, filters) {
			continue
		}
		if more, err := fn(p, m, d); err != nil || !more {
			return err
		}
	}
	return end()
}

// stored reads what the headers, or the body of a message from Python, tell.
func stored(m driver.Message) GarbageMessage {
	h := readHistory(m.Headers)
	if _, ok := m.Headers[HeaderError]; !ok {
		h.lastError = errorOf(m.Body)
	}
	m.Exchange, m.RoutingKey = h.exchange, h.key
	return GarbageMessage{Message: m, Error: h.lastError, Attempts: max(h.attempts, 1), FailedAt: h.failedAt}
}
