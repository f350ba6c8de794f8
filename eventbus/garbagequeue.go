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
//
// What a filter leaves stays in hand until the end, and RabbitMQ goes through all of that for each message that is taken
// out: on a long queue a filter that passes a part costs time with the square of the messages.
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
	defer func() { _ = p.Close() }() // nothing was taken
	return p.Len(), nil
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
		w := &walk{GarbageQueue: g, filters: filters, visit: func(m GarbageMessage, _ driver.Delivery) (bool, error) {
			more = yield(m, nil)
			return more, nil
		}}
		_, err := w.run(ctx)
		if err != nil && more {
			yield(GarbageMessage{}, err)
		}
	}
}

// A GarbageError says why Replay or Drop ended early, and which messages it cannot tell the place of.
type GarbageError struct {
	// Unknown are those that were sent, or deleted, without a word of the broker about it: replayed ones may be in both
	// queues, dropped ones may still be stored. They are not counted as done.
	Unknown []GarbageMessage

	Err error // what has happened
}

func (e *GarbageError) Error() string {
	return fmt.Sprintf("%v (the outcome of %d messages is unknown)", e.Err, len(e.Unknown))
}

func (e *GarbageError) Unwrap() error { return e.Err }

// Drop deletes the stored messages that pass all filters, with no filter all of them, and returns how many. The error is a
// *GarbageError when of some it is not known whether they are deleted, because the link broke.
func (g *GarbageQueue) Drop(ctx context.Context, filters ...GarbageFilter) (int, error) {
	w := &walk{GarbageQueue: g, filters: filters}
	w.visit = func(m GarbageMessage, d driver.Delivery) (bool, error) {
		if err := w.done(m, d.Tag); err != nil {
			return false, fmt.Errorf("eventbus: drop from %q: %w", garbageName(g.queue), err)
		}
		return true, nil
	}
	return w.run(ctx)
}

const (
	replayBatch = 100
	replayGrace = time.Second // for the broker to confirm what is on its way when ctx ends
)

// Replay sends the stored messages that pass all filters, with no filter all of them, to the main queue and returns how
// many. They leave the garbage queue when the broker has confirmed their copies, so an error or the end of ctx loses
// none. When ctx ends, what is on its way gets a second to be confirmed. The error is a *GarbageError when the outcome of
// some messages is not known, which may then be in both queues; all others that were not replayed stay. Handlers see the
// original exchange and routing key, the attempts count on, and the delays start anew.
func (g *GarbageQueue) Replay(ctx context.Context, filters ...GarbageFilter) (int, error) {
	r := &replay{walk: walk{GarbageQueue: g, filters: filters}}
	r.visit = func(m GarbageMessage, d driver.Delivery) (bool, error) {
		r.copies, r.stored, r.tags = append(r.copies, g.replayed(d.Message)), append(r.stored, m), append(r.tags, d.Tag)
		if len(r.copies) < replayBatch {
			return true, nil
		}
		return true, r.send(ctx)
	}
	r.end = func() error { return r.send(ctx) }
	return r.run(ctx)
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

// A replay is a walk that sends the messages in batches.
type replay struct {
	walk

	copies []driver.Message
	stored []GarbageMessage
	tags   []driver.Tag
}

// send publishes the batch and settles what was confirmed.
func (r *replay) send(ctx context.Context) error {
	if err := ctx.Err(); err != nil || len(r.copies) == 0 {
		return err
	}
	failed := make(map[int]error)
	longer, cancel := outliving(ctx, replayGrace)
	defer cancel()
	err := r.broker.Publish(longer, r.copies)
	if err != nil {
		err = fmt.Errorf("eventbus: replay to %q: %w", r.queue, err)
		pe, ok := errors.AsType[*PublishError](err)
		if !ok {
			return err
		}
		for _, f := range pe.Failed {
			failed[f.Index] = f.Err
		}
	}
	for i, m := range r.stored {
		switch cause := failed[i]; {
		case errors.Is(cause, ErrUnknown):
			r.unknown = append(r.unknown, m)
		case cause == nil:
			if aerr := r.done(m, r.tags[i]); aerr != nil && err == nil {
				err = fmt.Errorf("eventbus: replay to %q: %w", r.queue, aerr)
			}
		}
	}
	r.copies, r.stored, r.tags = r.copies[:0], r.stored[:0], r.tags[:0]
	return err
}

// outliving returns a context that ends a while after ctx, with its cause.
func outliving(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(while)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(context.Cause(ctx))
		case <-longer.Done():
		}
	})
	return longer, func() {
		stop()
		cancel(nil)
	}
}

// A walk goes once through a snapshot of the queue.
type walk struct {
	*GarbageQueue
	filters []GarbageFilter
	visit   func(m GarbageMessage, d driver.Delivery) (more bool, err error) // of a message that passes the filters
	end     func() error                                                     // called last, when nothing has failed

	puller  driver.Puller
	count   int              // messages that are done
	fresh   []GarbageMessage // done, and the broker has answered nothing since: it may not know it yet
	unknown []GarbageMessage
}

// done takes the message out of the queue.
func (w *walk) done(m GarbageMessage, tag driver.Tag) error {
	if err := w.puller.Ack(tag, false); err != nil {
		w.unknown = append(w.unknown, m)
		return err //nolint:wrapcheck // the caller says what it was for
	}
	w.fresh = append(w.fresh, m)
	return nil
}

// answered notes that the broker has dealt with all that was sent before.
func (w *walk) answered() {
	w.count += len(w.fresh)
	w.fresh = w.fresh[:0]
}

// run returns how many messages are done. What was not settled goes back.
func (w *walk) run(ctx context.Context) (int, error) {
	var err error
	if w.puller, err = w.open(ctx); err != nil {
		return 0, err
	}
	err = w.each(ctx)
	cerr := w.puller.Close()
	if cerr == nil {
		w.answered()
	}
	if cerr != nil && err == nil {
		err = fmt.Errorf("eventbus: close %q: %w", garbageName(w.queue), cerr)
	}
	if w.unknown = append(w.unknown, w.fresh...); err != nil && len(w.unknown) > 0 {
		err = &GarbageError{Unknown: w.unknown, Err: err}
	}
	return w.count, err
}

func (w *walk) each(ctx context.Context) error {
	for range w.puller.Len() {
		d, ok, err := w.puller.Next(ctx)
		if err != nil {
			return fmt.Errorf("eventbus: read %q: %w", garbageName(w.queue), err)
		}
		w.answered()
		if !ok {
			break
		}
		m := stored(d.Message)
		if !passes(m, w.filters) {
			continue
		}
		if more, err := w.visit(m, d); err != nil || !more {
			return err
		}
	}
	if w.end == nil {
		return nil
	}
	return w.end()
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
