package rabbitmq

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A subscription consumes one queue, on one channel after another. The reader of the connection hands deliveries over; the
// goroutine of the subscription, run, starts again what has ended.
type subscription struct {
	broker   *Broker
	queue    string
	tag      string
	prefetch int

	out    chan driver.Delivery
	ctx    context.Context // ended by Cancel, and by Close: nothing more is delivered
	cancel context.CancelFunc
	closed chan struct{} // closed by Close: nothing more is acknowledged
	ended  chan struct{} // closed when run has returned

	mu       sync.Mutex
	now      *stretch // nil while there is no channel
	finished bool     // out is closed
	shut     bool     // closed is closed
	err      error
}

// A stretch is the life of a subscription on one channel. Its number is the Epoch of its deliveries.
type stretch struct {
	number   uint64
	ch       *channel
	consumer <-chan amqp.Delivery // closed when the consumer has ended; what it takes in does not come this way
	closes   chan *amqp.Error
	began    time.Time

	behind []driver.Delivery // came before start was done, or beyond the prefetch; guarded by the subscription's mu
	more   chan struct{}     // holds a token after behind has grown
	left   bool              // nothing is taken in any more; guarded by the subscription's mu
}

func newSubscription(b *Broker, queue string, opts driver.SubscribeOptions) *subscription {
	ctx, cancel := context.WithCancel(context.Background())
	return &subscription{
		broker: b, queue: queue, tag: consumerTag(opts.Name, b.settings.name), prefetch: opts.Prefetch,
		out: make(chan driver.Delivery, opts.Prefetch), ctx: ctx, cancel: cancel, closed: make(chan struct{}), ended: make(chan struct{}),
	}
}

// begin starts the first stretch within ctx. After an error the subscription is of no use.
func (s *subscription) begin(ctx context.Context) error {
	for {
		sess, err := s.broker.consuming.session(ctx)
		if err != nil {
			return err
		}
		err = sess.do(ctx, func() error { return s.start(sess, 1) })
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			s.giveUp()
			return fmt.Errorf("rabbitmq: subscribe to the queue %q: %w", s.queue, context.Cause(ctx))
		}
		if sess.alive() || !errors.Is(err, driver.ErrUnavailable) {
			return err
		}
	}
}

// giveUp makes sure that a stretch that comes too late for its caller does not hold deliveries.
func (s *subscription) giveUp() {
	s.cancel()
	s.mu.Lock()
	st := s.now
	s.mu.Unlock()
	if st != nil {
		_ = st.ch.close()
	}
}

// consumerTag makes a name unique; the broker wants each consumer of a channel to have its own, operators each at all.
func consumerTag(name, fallback string) string {
	setDefault(&name, fallback)
	return strings.ToValidUTF8(name[:min(len(name), 200)], "") + "-" + strings.ToLower(rand.Text()[:8])
}

// start begins a stretch on a new channel.
func (s *subscription) start(sess *session, number uint64) error {
	ch, err := sess.openChannel()
	if err != nil {
		return wrap(err, "open a channel for the queue %q", s.queue)
	}
	st := &stretch{
		number: number, ch: ch, closes: ch.NotifyClose(make(chan *amqp.Error, 1)), began: time.Now(), more: make(chan struct{}, 1),
	}
	k := &intake{tag: s.tag, pass: func(d driver.Delivery) { s.take(st, d) }}
	if err = sess.openIntake(ch, s.prefetch, k); err == nil {
		st.consumer, err = ch.Consume(s.queue, s.tag, false, false, false, false, nil)
	}
	if err != nil {
		_ = ch.Close()
		return wrap(err, "consume the queue %q", s.queue)
	}
	s.mu.Lock()
	wanted := s.ctx.Err() == nil
	if wanted {
		s.now = st
	}
	s.mu.Unlock()
	if !wanted {
		_ = ch.Close()
		return errClosed
	}
	return nil
}

func (s *subscription) run() {
	defer close(s.ended)
	defer s.broker.forget(s)
	failures := 0
	for st := s.now; ; st = s.now { // only run and what it calls change it
		reason := s.forward(st)
		s.leave(st)
		if reason == nil {
			return
		}
		if time.Since(st.began) > pauses.MaxWait {
			failures = 0
		}
		if err := s.resume(st, reason, &failures); err != nil {
			if s.ctx.Err() != nil {
				err = nil // it was to end
			}
			s.end(err)
			return
		}
	}
}

// linger ends the deliveries. The channel stays for the acknowledgements of what was handed over before, until Close.
func (s *subscription) linger(st *stretch) error {
	s.end(nil)
	select {
	case <-st.closes: //nolint:errcheck // why the channel closed does not matter any more
	case <-s.closed:
	}
	return nil
}

var errCancelled = errors.New("the broker has cancelled the consumer: the queue was deleted or has moved")

// whyEnded is called when the consumer has ended: with the channel, or alone when the broker has cancelled it.
func (s *subscription) whyEnded(st *stretch) error {
	if st.ch.IsClosed() {
		return lostChannel(<-st.closes)
	}
	select {
	case <-s.ctx.Done():
		return s.linger(st)
	default:
		return errCancelled
	}
}

func lostChannel(err *amqp.Error) error {
	if err == nil {
		return amqp.ErrClosed
	}
	return err
}

// leave gives up a stretch: its tags are stale from now on, and its deliveries that nobody has taken are dropped, since the
// broker delivers them again.
func (s *subscription) leave(st *stretch) {
	s.mu.Lock()
	s.now = nil
	st.left, st.behind = true, nil
	s.mu.Unlock()
	s.drain()
	_ = st.ch.close() // an error means that it is closed
}

func (s *subscription) drain() {
	for {
		select {
		case _, ok := <-s.out:
			if !ok {
				return
			}
		default:
			return
		}
	}
}

// resume begins the next stretch. An error ends the subscription; it means nothing when that was to end anyway.
func (s *subscription) resume(last *stretch, reason error, failures *int) error {
	if last.ch.sess.alive() {
		s.broker.settings.log.Warn("rabbitmq: consumer stopped by the broker, starting again", "queue", s.queue, "error", reason)
	}
	log, told := s.broker.settings.log, false
	for {
		if !pause(s.ctx, pauses.Pause(*failures)) {
			return errClosed
		}
		sess, err := s.broker.consuming.session(s.ctx)
		if err != nil {
			return err
		}
		if sess == last.ch.sess || *failures > 0 {
			err = s.redeclare(sess)
			*failures++ // also after a success: a queue that ends its consumers at once is not asked in a hurry
		}
		if err == nil {
			err = s.start(sess, last.number+1)
		}
		if err == nil {
			if told {
				log.Warn("rabbitmq: consumer started again", "queue", s.queue)
			}
			return nil
		}
		if !isTransient(err) && !s.mayReturn(err) {
			return fmt.Errorf("%w (the consumer had been stopped: %w)", err, reason)
		}
		if !told && !errors.Is(err, driver.ErrUnavailable) { // the link tells of itself
			told = true
			log.Warn("rabbitmq: consumer cannot start again, will go on trying", "queue", s.queue, "error", err)
		}
		*failures++
	}
}

// mayReturn tells a queue that is gone from one that was declared here and cannot be found: it is on a node of a cluster that
// is down.
func (s *subscription) mayReturn(err error) bool {
	_, known := s.broker.topology.around(s.queue)
	return known && errors.Is(err, driver.ErrNotFound)
}

// redeclare makes the queue exist where the topology knows it.
func (s *subscription) redeclare(sess *session) error {
	t, ok := s.broker.topology.around(s.queue)
	if !ok {
		return nil
	}
	return sess.declare(s.ctx, t)
}

// pause tells whether ctx still lives after d.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// end closes Deliveries, once. It is called by run alone.
func (s *subscription) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished {
		return
	}
	s.finished, s.err = true, err
	s.drain()
	close(s.out)
}
