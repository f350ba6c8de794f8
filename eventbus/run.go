package eventbus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/retry"
)

// again is how often a subscription that broke off is started anew, and a failed message is put away.
var again = retry.Policy{Attempts: retry.Forever, Wait: 200 * time.Millisecond, MaxWait: 30 * time.Second, Jitter: 0.3}

// Run declares what is needed and handles messages until ctx ends. Then it takes no more of them, waits for the
// handlers that are running, at most DrainTimeout, and returns nil, or ErrNotDrained when some are running still. What
// was not settled is delivered again; nothing is refused. The contexts of handlers have the values of ctx and outlive it
// until the drain is over.
//
// A start that fails returns the error: a mistake that NewConsumer found, ErrPrecondition when a queue exists with other
// properties, ErrDenied, ErrClosed. Later a lost subscription (a deleted queue, say) is declared and started again, with
// growing pauses, unless the error is one of these.
func (c *Consumer) Run(ctx context.Context) error {
	if c.err != nil {
		return c.err
	}
	started := false
	for failures := 0; ; {
		began := time.Now()
		err := c.consume(ctx, &started)
		if errors.Is(err, ErrNotDrained) {
			return err
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it ended because it was told to
		}
		if !started || final(err) {
			return fmt.Errorf("eventbus: consumer of queue %q: %w", c.cfg.Queue, err)
		}
		if time.Since(began) > again.MaxWait {
			failures = 0
		}
		failures++
		pause := again.Pause(failures)
		c.log.WarnContext(ctx, "eventbus: consuming broke off, starting again",
			slog.String("queue", c.cfg.Queue), slog.Any("error", err), slog.Duration("pause", pause))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

func final(err error) bool {
	return errors.Is(err, ErrClosed) || errors.Is(err, ErrDenied) || errors.Is(err, ErrPrecondition)
}

// consume runs one subscription to its end.
func (c *Consumer) consume(ctx context.Context, started *bool) error {
	if err := c.broker.Declare(ctx, c.topology()); err != nil {
		return fmt.Errorf("declare: %w", err)
	}
	sub, err := c.broker.Subscribe(ctx, c.cfg.Queue, driver.SubscribeOptions{Prefetch: c.cfg.Prefetch, Name: c.cfg.Name})
	if err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	*started = true
	handlers, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	r := &run{Consumer: c, sub: sub, stop: ctx.Done(), handlers: handlers, held: make(map[driver.Tag]*time.Timer)}
	r.acks = newAcks(sub, c.cfg.Prefetch, func(err error) { r.report("ack", err) })
	defer r.close()

	r.workers.Add(c.cfg.Concurrency)
	for range c.cfg.Concurrency {
		go r.work()
	}
	idle := make(chan struct{})
	go func() {
		r.workers.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		if ctx.Err() == nil {
			return r.ended()
		}
	case <-ctx.Done():
	}
	return r.drain(idle, cancel)
}

// A run is one subscription and what is in hand of it.
type run struct {
	*Consumer
	sub      driver.Subscription
	stop     <-chan struct{}
	handlers context.Context // of the handlers: goes on while they drain
	workers  sync.WaitGroup
	acks     *acks

	mu   sync.Mutex
	held map[driver.Tag]*time.Timer // waiting to be requeued; nil when the run is over
}

// work handles one message after the other. A handler that ends its goroutine, as t.FailNow does, costs a new one.
func (r *run) work() {
	finished := false
	defer func() {
		if finished {
			r.workers.Done()
		} else {
			go r.work()
		}
	}()
	for {
		d, ok := r.next()
		if !ok || r.stopped() {
			finished = true
			return
		}
		r.handle(&d)
	}
}

// next returns the next delivery. Before it waits for one, what was handled is acknowledged.
func (r *run) next() (d driver.Delivery, ok bool) {
	for tries := range 2 {
		select {
		case d, ok = <-r.sub.Deliveries():
			return d, ok
		default:
		}
		if tries == 0 {
			runtime.Gosched() // one may be on its way from the socket, and then it can be acknowledged together with others
		}
	}
	r.acks.flush()
	select {
	case <-r.stop:
		return d, false
	case d, ok = <-r.sub.Deliveries():
		return d, ok
	}
}

func (r *run) stopped() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}

var errNoReturn = errors.New("the handler ended its goroutine")

func (r *run) handle(d *driver.Delivery) {
	h := historyOf(&d.Message, r.cfg.Queue)
	ctx := &handlerContext{Context: r.handlers, delivery: r.view(d, h)}
	err := errNoReturn
	defer func() {
		if err == nil {
			r.ack(d.Tag)
			return
		}
		c := causeOf(err)
		if r.handlers.Err() != nil {
			r.log.Warn("eventbus: a handler was cut short by the end of the drain, its message comes again",
				slog.String("queue", r.cfg.Queue), slog.String("message_id", d.ID), slog.String("error", c.text))
			return
		}
		r.cfg.OnFailure.settle(r, &failure{delivery: d, view: &ctx.delivery, history: h, cause: c})
	}()
	err = r.handler(ctx, ctx.delivery)
}

// view is the delivery as the handler sees it.
func (r *run) view(d *driver.Delivery, h history) Delivery {
	v := Delivery{Message: d.Message, Queue: r.cfg.Queue, Attempt: h.attempts + 1, Redelivered: d.Redelivered}
	switch only := r.router.only; {
	case h.known:
		v.Exchange, v.RoutingKey = h.exchange, h.key
	case only != nil: // it can only have come this way
		v.Exchange = only.exchange.name
		if !isPattern(only.pattern) {
			v.RoutingKey = only.pattern
		}
	}
	return v
}

func (r *run) ack(tag driver.Tag) { r.acks.done(tag) }

func (r *run) nack(tag driver.Tag, requeue bool) {
	r.report("nack", r.sub.Nack(tag, requeue))
	r.acks.refused(tag) // only now: before, an acknowledgement could have covered it
}

// report logs what could not be settled. The broker delivers it again.
func (r *run) report(what string, err error) {
	switch {
	case err == nil:
	case errors.Is(err, driver.ErrStale):
		r.log.Debug("eventbus: the link was lost before a message was settled, it comes again", slog.String("queue", r.cfg.Queue))
	default:
		r.log.Warn("eventbus: cannot "+what+" a message, it comes again", slog.String("queue", r.cfg.Queue), slog.Any("error", err))
	}
}

// requeueAfter keeps the delivery in hand for the pause and then puts it back into its queue.
func (r *run) requeueAfter(tag driver.Tag, pause time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == nil {
		return
	}
	r.held[tag] = time.AfterFunc(pause, func() {
		r.mu.Lock()
		_, ok := r.held[tag]
		delete(r.held, tag)
		r.mu.Unlock()
		if ok {
			r.nack(tag, true)
		}
	})
}

// ended tells why the broker's side ended the subscription.
func (r *run) ended() error {
	if err := r.sub.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: the subscription was ended", ErrClosed)
}

const grace = time.Second // for handlers to see that their context has ended

// drain waits for the handlers that are running. Meanwhile the broker is told to send nothing more.
func (r *run) drain(idle <-chan struct{}, cancelHandlers func()) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.handlers), r.cfg.DrainTimeout)
	canceled := make(chan struct{})
	go func() {
		defer close(canceled)
		if err := r.sub.Cancel(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrClosed) {
			r.log.Warn("eventbus: cannot cancel the subscription", slog.String("queue", r.cfg.Queue), slog.Any("error", err))
		}
	}()
	defer func() {
		cancel()
		<-canceled
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	cancelHandlers()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-idle:
		return nil
	case <-timer.C:
		return fmt.Errorf("%w: queue %q, after %v", ErrNotDrained, r.cfg.Queue, r.cfg.DrainTimeout+grace)
	}
}

func (r *run) close() {
	r.mu.Lock()
	for _, timer := range r.held {
		timer.Stop()
	}
	r.held = nil
	r.mu.Unlock()
	r.acks.close()
	r.report("close the subscription of", r.sub.Close())
}
