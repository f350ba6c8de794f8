package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/retry"
)

// pauses is how a lost link is dialled again, and how a subscription that ended early is started again.
var pauses = retry.Policy{
	Attempts: retry.Forever, Wait: 200 * time.Millisecond, MaxWait: 5 * time.Second, Jitter: 0.5,
	On: []retry.Match{func(error) bool { return true }},
}

// A link keeps one connection to the broker alive until it is closed.
type link struct {
	settings *settings
	role     string // "publishing" or "consuming"
	setup    func(context.Context, *session) error

	ctx    context.Context // the life of the link
	cancel context.CancelFunc
	ended  chan struct{} // closed when keep has returned
	ends   sync.WaitGroup

	mu      sync.Mutex
	current *session      // nil while there is no connection
	down    error         // why there is none
	changed chan struct{} // closed and replaced when current changes
	epochs  uint64

	blocked atomic.Pointer[blockade] // never nil
	frame   atomic.Int64             // bytes of the largest frame that the broker takes
}

// A blockade is a state of the broker's flow control for publishers.
type blockade struct {
	on     bool
	reason string
	over   chan struct{} // closed when another state begins
}

// openLink dials once, so that a service that starts hears at once that the broker is not there, and then keeps the link.
// setup is called with each new connection before anybody else gets it.
func openLink(ctx context.Context, s *settings, role string, setup func(context.Context, *session) error) (*link, error) {
	l := &link{settings: s, role: role, setup: setup, changed: make(chan struct{}), ended: make(chan struct{})}
	l.blocked.Store(&blockade{over: make(chan struct{})})
	first, err := l.open(ctx)
	if err != nil {
		return nil, err
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.set(first, nil)
	go l.keep(first)
	return l, nil
}

func (l *link) open(ctx context.Context) (*session, error) {
	sess, err := openSession(ctx, l.settings, l.role)
	if err != nil {
		return nil, err
	}
	if err := l.setup(ctx, sess); err != nil {
		sess.end()
		return nil, err
	}
	l.epochs++
	sess.epoch = l.epochs
	l.frame.Store(int64(sess.conn.Config.FrameSize))
	return sess, nil
}

// keep watches a connection until it is lost and opens the next one, until the link is closed.
func (l *link) keep(sess *session) {
	defer close(l.ended)
	for {
		err := l.watch(sess)
		l.set(nil, err)
		sess.err = err
		close(sess.lost)
		if l.ctx.Err() == nil {
			l.settings.log.Warn("rabbitmq: connection lost", "connection", l.role, "broker", l.settings.String(), "error", err)
		}
		l.ends.Go(sess.end)
		if sess = l.reopen(); sess == nil {
			return
		}
		l.set(sess, nil)
	}
}

// reopen returns nil when the link has been closed.
func (l *link) reopen() *session {
	since, attempts, last := time.Now(), 0, error(nil)
	sess, err := retry.Do(l.ctx, pauses, func(ctx context.Context) (*session, error) {
		attempts++
		sess, err := l.open(ctx)
		if err != nil && ctx.Err() == nil {
			l.set(nil, err)
			if last == nil || !errors.Is(err, driver.ErrUnavailable) && errors.Is(last, driver.ErrUnavailable) {
				// An outage is one line; that it turned into a refusal is news.
				l.settings.log.Warn("rabbitmq: cannot reconnect, will go on trying", "connection", l.role, "error", err)
			}
			last = err
		}
		return sess, err
	})
	if err != nil {
		return nil
	}
	l.settings.log.Warn("rabbitmq: connection restored", "connection", l.role, "broker", l.settings.String(),
		"after", time.Since(since).Round(time.Millisecond), "attempts", attempts)
	return sess
}

// watch returns why the connection was lost, or errClosed.
func (l *link) watch(sess *session) error {
	defer l.unblock()
	for {
		select {
		case b, ok := <-sess.blocks:
			switch {
			case !ok:
				sess.blocks = nil
			case b.Active:
				l.block(b.Reason)
			default:
				l.unblock()
			}
		case err := <-sess.closes:
			if err == nil { // closed without an error
				err = amqp.ErrClosed
			}
			return fmt.Errorf("%w: %w", driver.ErrUnavailable, err)
		case <-l.ctx.Done():
			return errClosed
		}
	}
}

func (l *link) block(reason string) {
	if old := l.blocked.Load(); !old.on {
		l.blocked.Store(&blockade{on: true, reason: reason, over: make(chan struct{})})
		close(old.over)
		l.settings.log.Warn("rabbitmq: the broker blocks publishing", "connection", l.role, "reason", reason)
	}
}

func (l *link) unblock() {
	if old := l.blocked.Load(); old.on {
		l.blocked.Store(&blockade{over: make(chan struct{})})
		close(old.over)
		l.settings.log.Warn("rabbitmq: the broker takes messages again", "connection", l.role)
	}
}

func (l *link) set(sess *session, down error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.current, l.down = sess, down
	close(l.changed)
	l.changed = make(chan struct{})
}

// now returns the connection, or nil and why there is none, and a channel that is closed when that changes.
func (l *link) now() (sess *session, changed <-chan struct{}, down error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.current, l.changed, l.down
}

// session waits for a connection within ctx.
func (l *link) session(ctx context.Context) (*session, error) {
	for {
		sess, changed, down := l.now()
		if sess != nil && sess.alive() {
			return sess, nil
		}
		if l.ctx.Err() != nil {
			return nil, errClosed
		}
		select {
		case <-changed:
		case <-l.ctx.Done():
		case <-ctx.Done():
			if down == nil {
				down = driver.ErrUnavailable
			}
			return nil, fmt.Errorf("rabbitmq: %w: %w", context.Cause(ctx), down)
		}
	}
}

// health returns nil when there is a connection that may be published on.
func (l *link) health() error {
	if l.ctx.Err() != nil {
		return errClosed
	}
	sess, _, down := l.now()
	switch b := l.blocked.Load(); {
	case sess == nil && down != nil:
		return fmt.Errorf("rabbitmq: %s connection: %w", l.role, down)
	case sess == nil || !sess.alive():
		return fmt.Errorf("rabbitmq: %s connection: %w", l.role, driver.ErrUnavailable)
	case b.on:
		return fmt.Errorf("rabbitmq: %w: %s", driver.ErrBlocked, b.reason)
	}
	return nil
}

func (l *link) close() {
	l.cancel()
	<-l.ended
	l.ends.Wait()
}
