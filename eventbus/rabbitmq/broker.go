package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A Broker is a connection to RabbitMQ that mends itself; see the package comment for what it guarantees. [Dial] makes
// one. It is safe for concurrent use.
type Broker struct {
	settings   *settings
	topology   *registry
	publishing *link
	consuming  *link
	publisher  *publisher

	closed atomic.Bool
	done   chan struct{} // closed when Close has done its work

	mu            sync.Mutex
	subscriptions map[*subscription]struct{}
}

var _ driver.Broker = (*Broker)(nil)

// Dial connects to the broker. It tries once, within ctx: a service that starts wants to hear at once that the broker is
// not there (driver.ErrUnavailable), or that the credentials, the virtual host or the rights on it are wrong
// (driver.ErrDenied). After that the broker goes on until Close, whatever happens to the connection. An error never holds
// the password.
func Dial(ctx context.Context, cfg Config) (*Broker, error) {
	s, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	b := &Broker{settings: s, topology: &registry{}, done: make(chan struct{}), subscriptions: make(map[*subscription]struct{})}
	b.consuming, err = openLink(ctx, s, "consuming", func(ctx context.Context, sess *session) error { return b.restore(ctx, sess, true) })
	if err != nil {
		return nil, err
	}
	b.publishing, err = openLink(ctx, s, "publishing", func(ctx context.Context, sess *session) error {
		if most := int(sess.conn.Config.ChannelMax); s.channels > most {
			return invalid("Config.PublishChannels is %d: the broker allows %d channels on a connection", s.channels, most)
		}
		return b.restore(ctx, sess, false)
	})
	if err != nil {
		b.consuming.close()
		return nil, err
	}
	b.publisher = newPublisher(b.publishing, s)
	return b, nil
}

// restore declares again what was declared before, on a new connection that nobody has yet.
func (b *Broker) restore(ctx context.Context, sess *session, temporary bool) error {
	return sess.restore(ctx, b.topology.all(temporary), func(err error) {
		b.settings.log.Error("rabbitmq: declared before and refused now", "error", err)
	})
}

// Declare implements driver.Broker. The first failure ends it: driver.ErrPrecondition, driver.ErrDenied, driver.ErrNotFound
// for a binding to an exchange that does not exist, driver.ErrInvalid for what cannot be declared at all. What came before it
// in t exists then, and only a call that succeeds is remembered for later connections. Exchanges that are declared alone get
// back the bindings that were declared with this Broker, in case somebody has deleted and so unbound them.
func (b *Broker) Declare(ctx context.Context, t driver.Topology) error {
	if err := b.open(); err != nil {
		return err
	}
	if err := checkTopology(t); err != nil {
		return err
	}
	for {
		sess, err := b.consuming.session(ctx)
		if err != nil {
			return err
		}
		if err = sess.declare(ctx, t); err == nil {
			b.topology.add(t)
			err = b.rebind(ctx, sess, t)
		}
		switch {
		case err == nil:
			if sess.alive() {
				return nil
			}
			// The next connection may have been set up before this was remembered.
		case ctx.Err() != nil:
			return fmt.Errorf("rabbitmq: declare: %w", context.Cause(ctx))
		case sess.alive() || !errors.Is(err, driver.ErrUnavailable):
			return err
		}
	}
}

// rebind binds what was bound to exchanges that are declared alone: a publisher does that when somebody has deleted one,
// and with the exchange went its bindings, without which messages would be confirmed and lost.
func (b *Broker) rebind(ctx context.Context, sess *session, t driver.Topology) error {
	if len(t.Queues) > 0 || len(t.Bindings) > 0 {
		return nil
	}
	bindings := b.topology.boundTo(t.Exchanges)
	return sess.restore(ctx, driver.Topology{Bindings: bindings}, func(err error) {
		b.settings.log.Warn("rabbitmq: bound before and refused now", "error", err)
	})
}

// Publish implements driver.Broker. Each message fails by itself, with driver.ErrUnknown, ErrRefused, ErrUnroutable (if
// Mandatory), ErrNotFound (no such exchange), ErrDenied or ErrBlocked; when ctx ends, its error is in the chain, too. A message
// with ErrInvalid fails the whole call before anything is sent.
func (b *Broker) Publish(ctx context.Context, messages []driver.Message) error {
	if err := b.open(); err != nil {
		return err
	}
	return b.publisher.publish(ctx, messages)
}

// Subscribe implements driver.Broker. The subscription survives a lost connection, a channel that the broker closes (when an
// acknowledgement took too long), and a queue that is deleted, if that was declared with this Broker: it is declared again.
// Else the subscription ends with driver.ErrNotFound. Each takes a channel; driver.ErrLimit says that the broker allows no more.
func (b *Broker) Subscribe(ctx context.Context, queue string, opts driver.SubscribeOptions) (driver.Subscription, error) {
	if err := b.open(); err != nil {
		return nil, err
	}
	if opts.Prefetch < 1 || opts.Prefetch > 65535 {
		return nil, invalid("a prefetch of %d: want 1 to 65535", opts.Prefetch)
	}
	if err := checkQueueName(queue); err != nil {
		return nil, err
	}
	s := newSubscription(b, queue, opts)
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.subscriptions[s] = struct{}{}
	b.mu.Unlock()
	go s.run()
	if b.closed.Load() { // perhaps before Close could see it
		_ = s.Close()
		return nil, errClosed
	}
	return s, nil
}

// Pull implements driver.Broker.
func (b *Broker) Pull(ctx context.Context, queue string) (driver.Puller, error) {
	if err := b.open(); err != nil {
		return nil, err
	}
	if err := checkQueueName(queue); err != nil {
		return nil, err
	}
	for {
		sess, err := b.consuming.session(ctx)
		if err != nil {
			return nil, err
		}
		p, err := openPuller(ctx, sess, queue)
		if err == nil {
			return p, nil
		}
		if ctx.Err() != nil || sess.alive() || !errors.Is(err, driver.ErrUnavailable) {
			return nil, err
		}
	}
}

func checkQueueName(queue string) error {
	if queue == "" {
		return invalid("the queue has no name")
	}
	return checkName("the name of the queue", queue)
}

// Health implements driver.Broker: nil when both connections are up and publishing is not blocked.
func (b *Broker) Health() error {
	if err := b.open(); err != nil {
		return err
	}
	if err := b.consuming.health(); err != nil {
		return err
	}
	return b.publishing.health()
}

// Close implements driver.Broker. It waits for nobody: a Publish that is under way fails, with driver.ErrUnknown if its
// message was sent. It returns when nothing runs any more, after a few seconds at most on a link that does not answer.
func (b *Broker) Close() error {
	if b.closed.Swap(true) {
		<-b.done
		return nil
	}
	defer close(b.done)
	b.mu.Lock()
	subscriptions := slices.Collect(maps.Keys(b.subscriptions))
	b.mu.Unlock()
	b.publisher.close()
	for _, s := range subscriptions {
		s.shutDown()
	}
	var links sync.WaitGroup
	links.Go(b.publishing.close)
	links.Go(b.consuming.close) // which gives back what was not acknowledged
	links.Wait()
	for _, s := range subscriptions {
		<-s.ended
	}
	b.publisher.running.Wait()
	return nil
}

func (b *Broker) open() error {
	if b.closed.Load() {
		return errClosed
	}
	return nil
}

func (b *Broker) forget(s *subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.subscriptions, s)
}
