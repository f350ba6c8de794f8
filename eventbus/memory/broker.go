package memory

import (
	"context"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// BlockedTimeout is how long Publish waits for a blocked broker.
const BlockedTimeout = 60 * time.Second

// A Broker is a connection to a broker in this process. Make it with New; it is safe for concurrent use.
type Broker struct {
	server *server

	// Guarded by server.mu, as all state of the connection is: what happens is ordered in one place.
	closed   bool
	cut      bool
	blocked  bool
	refuse   func(driver.Message) bool
	changed  chan struct{} // closed when one of the above changes
	topology keeper
	subs     map[*subscription]struct{}
	pullers  map[*puller]struct{}
}

var _ driver.Broker = (*Broker)(nil)

// New returns a connection to a new broker that has nothing but RabbitMQ's own exchanges amq.topic, amq.direct and
// amq.fanout.
func New() *Broker { return connect(newServer()) }

// Connect returns another connection to the same broker, as another service has it. It works on a closed connection
// too: exchanges and durable queues outlive connections.
func (b *Broker) Connect() *Broker { return connect(b.server) }

func connect(s *server) *Broker {
	return &Broker{
		server:  s,
		changed: make(chan struct{}),
		subs:    make(map[*subscription]struct{}),
		pullers: make(map[*puller]struct{}),
	}
}

// wake tells those who wait that the state has changed. The lock is held.
func (b *Broker) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// lock takes the lock when the link is up, and waits for that within ctx. When it returns an error the lock is not held.
func (b *Broker) lock(ctx context.Context) error {
	for {
		b.server.mu.Lock()
		if b.closed {
			b.server.mu.Unlock()
			return errClosed
		}
		if !b.cut {
			return nil
		}
		changed := b.changed
		b.server.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("memory: %w: %w", driver.ErrUnavailable, ctx.Err())
		}
	}
}

// lockToPublish also waits for a blocked broker.
func (b *Broker) lockToPublish(ctx context.Context) error {
	var timeout <-chan time.Time
	for {
		if err := b.lock(ctx); err != nil {
			return err
		}
		if !b.blocked {
			return nil
		}
		changed := b.changed
		b.server.mu.Unlock()
		if timeout == nil {
			timer := time.NewTimer(BlockedTimeout)
			defer timer.Stop()
			timeout = timer.C
		}
		select {
		case <-changed:
		case <-timeout:
			return errBlocked
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", errBlocked, ctx.Err())
		}
	}
}

var (
	errClosed  = fmt.Errorf("memory: %w", driver.ErrClosed)
	errBlocked = fmt.Errorf("memory: %w", driver.ErrBlocked)
)

// Declare implements driver.Broker.
func (b *Broker) Declare(ctx context.Context, t driver.Topology) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: declare: %w", err)
	}
	if err := b.lock(ctx); err != nil {
		return err
	}
	defer b.server.mu.Unlock()
	if err := b.server.declare(t, b); err != nil {
		return err
	}
	b.topology.keep(t)
	return nil
}

// Publish implements driver.Broker.
func (b *Broker) Publish(ctx context.Context, messages []driver.Message) error {
	if len(messages) == 0 {
		return nil
	}
	err := ctx.Err()
	if err != nil {
		err = fmt.Errorf("memory: not sent: %w: %w", driver.ErrUnavailable, err)
	} else {
		err = b.lockToPublish(ctx)
	}
	var failed []driver.FailedMessage
	if err != nil {
		for i := range messages {
			failed = append(failed, driver.FailedMessage{Index: i, Err: err})
		}
		return &driver.PublishError{Total: len(messages), Failed: failed}
	}
	defer b.server.mu.Unlock()
	for i := range messages {
		if err := b.publish(&messages[i]); err != nil {
			failed = append(failed, driver.FailedMessage{Index: i, Err: err})
		}
	}
	if failed != nil {
		return &driver.PublishError{Total: len(messages), Failed: failed}
	}
	return nil
}

func (b *Broker) publish(m *driver.Message) error {
	if err := m.Validate(); err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	if b.refuse != nil && b.refuse(*m) {
		return fmt.Errorf("memory: %w", driver.ErrRefused)
	}
	return b.server.publish(m)
}

// Subscribe implements driver.Broker.
func (b *Broker) Subscribe(ctx context.Context, queue string, opts driver.SubscribeOptions) (driver.Subscription, error) {
	if opts.Prefetch < 1 || opts.Prefetch > maxPrefetch {
		return nil, fmt.Errorf("memory: %w: prefetch %d; give 1 to %d", driver.ErrInvalid, opts.Prefetch, maxPrefetch)
	}
	if err := b.lock(ctx); err != nil {
		return nil, err
	}
	defer b.server.mu.Unlock()
	q, err := b.server.queue(queue)
	if err != nil {
		return nil, err
	}
	return b.subscribe(q, opts.Prefetch), nil
}

// Pull implements driver.Broker.
func (b *Broker) Pull(ctx context.Context, queue string) (driver.Puller, error) {
	if err := b.lock(ctx); err != nil {
		return nil, err
	}
	defer b.server.mu.Unlock()
	q, err := b.server.queue(queue)
	if err != nil {
		return nil, err
	}
	return b.pull(q), nil
}

// Health implements driver.Broker.
func (b *Broker) Health() error {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	switch {
	case b.closed:
		return errClosed
	case b.cut:
		return fmt.Errorf("memory: %w", driver.ErrUnavailable)
	case b.blocked:
		return errBlocked
	}
	return nil
}

// Close implements driver.Broker. Exchanges and durable queues stay for other connections.
func (b *Broker) Close() error {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	if b.closed {
		return nil
	}
	b.closed = true
	for s := range b.subs {
		s.detach()
	}
	for s := range b.subs {
		s.end(nil)
	}
	for p := range b.pullers {
		p.end(errClosed)
	}
	b.server.dropTemporary(b)
	b.wake()
	return nil
}
