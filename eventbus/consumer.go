package eventbus

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// The types of queues for ConsumerConfig.QueueType.
const (
	ClassicQueue = ""       // the broker's default, what Python peers declare
	QuorumQueue  = "quorum" // replicated; survives the loss of a broker node
)

// ConsumerConfig configures NewConsumer. Only Queue has no default.
type ConsumerConfig struct {
	// Queue is the main queue, named "<service>:<purpose>". It is durable.
	Queue string

	// Prefetch is how many messages the broker may hand out before they are settled, up to 65535. Default: 10, or
	// Concurrency where that is more.
	Prefetch int

	// Concurrency is how many messages are handled at once. Default: 1, which keeps the order of the queue (failed
	// messages aside, which come back later).
	Concurrency int

	// OnFailure says what becomes of a message whose handler failed. Default: Requeue{}, which declares a garbage queue
	// for what can never succeed.
	OnFailure FailurePolicy

	// Middleware wraps the handling of every message, the first outermost. It sees routing, decoding and recovered
	// panics as errors.
	Middleware []Middleware

	// DrainTimeout bounds how long Run waits for handlers once its context has ended. Then their contexts end too, and
	// Run waits one second more for them to see it. Default: 10 s.
	DrainTimeout time.Duration

	// QueueType is ClassicQueue or QuorumQueue, for the main queue and those of the failure policy. A queue that
	// exists keeps its type and refuses another one with ErrPrecondition.
	QueueType string

	// Name is the consumer tag that operators see. Default: the name of the queue.
	Name string

	// Logger gets failed messages (Warn, Error) and changes of state. Default: slog.Default, Warn and above.
	Logger *slog.Logger
}

// Middleware wraps a handler: logging, timeouts, tracing.
type Middleware func(next Handler) Handler

const (
	defaultPrefetch = 10
	maxPrefetch     = 65535 // what basic.qos has room for
	defaultDrain    = 10 * time.Second
)

// A Consumer handles the messages of one queue. It is made by NewConsumer and safe for concurrent use.
type Consumer struct {
	broker  Broker
	cfg     ConsumerConfig
	router  *router
	handler Handler // middleware around routing
	log     *slog.Logger
	err     error
}

// NewConsumer returns a consumer with its routes. The exchanges of the routes are declared and bound to the queue with
// the keys of the routes. Mistakes come back from Declare and Run, before anything reaches the broker: ErrNoBroker,
// ErrNoQueue, ErrNoRoutes, ErrNoHandler, ErrDuplicateRoute, ErrNameTooLong, ErrConfig, ErrDeclaration.
func NewConsumer(b Broker, cfg ConsumerConfig, routes ...Route) *Consumer {
	c := &Consumer{broker: b, cfg: cfg, log: loggerOr(cfg.Logger)}
	c.router, c.err = newRouter(routes)
	if err := c.cfg.complete(); err != nil {
		c.err = err
	}
	if b == nil {
		c.err = ErrNoBroker
	}
	if c.err != nil {
		c.err = fmt.Errorf("eventbus: consumer of queue %q: %w", cfg.Queue, c.err)
	}
	c.handler = chain(c.dispatch, cfg.Middleware)
	return c
}

// dispatch hands the message to its route.
func (c *Consumer) dispatch(ctx context.Context, d Delivery) error {
	r := c.router.find(d.Exchange, d.RoutingKey)
	if r == nil && d.RoutingKey == c.cfg.Queue {
		if c.router.only == nil {
			return fmt.Errorf("%w: it does not tell the exchange and key that it was published with (was it stored by a "+
				"Python consumer?), and there are %d routes to choose from", ErrUnrouted, len(c.router.routes))
		}
		r = c.router.only
	}
	if r == nil {
		return fmt.Errorf("%w: exchange %q, key %q; is there a binding left from an earlier version of the consumer?",
			ErrUnrouted, d.Exchange, d.RoutingKey)
	}
	return r.handler(ctx, d)
}

// complete fills in the defaults.
func (cfg *ConsumerConfig) complete() error {
	if cfg.Queue == "" {
		return fmt.Errorf("%w; name it \"<service>:<purpose>\"", ErrNoQueue)
	}
	if len(cfg.Queue) > maxName {
		return ErrNameTooLong
	}
	if cfg.Concurrency == 0 {
		cfg.Concurrency = 1
	}
	if cfg.Concurrency < 0 || cfg.Concurrency > maxPrefetch {
		return fmt.Errorf("%w: Concurrency is %d; give 1 to %d", ErrConfig, cfg.Concurrency, maxPrefetch)
	}
	if cfg.Prefetch == 0 {
		cfg.Prefetch = max(defaultPrefetch, cfg.Concurrency)
	}
	if cfg.Prefetch < 0 || cfg.Prefetch > maxPrefetch {
		return fmt.Errorf("%w: Prefetch is %d; give 1 to %d", ErrConfig, cfg.Prefetch, maxPrefetch)
	}
	if cfg.DrainTimeout == 0 {
		cfg.DrainTimeout = defaultDrain
	}
	if cfg.DrainTimeout < 0 {
		return fmt.Errorf("%w: DrainTimeout %v is negative", ErrConfig, cfg.DrainTimeout)
	}
	if cfg.QueueType != ClassicQueue && cfg.QueueType != QuorumQueue {
		return fmt.Errorf("%w: QueueType %q; give ClassicQueue or QuorumQueue", ErrConfig, cfg.QueueType)
	}
	if cfg.Name == "" {
		cfg.Name = cfg.Queue
	}
	if cfg.OnFailure == nil {
		cfg.OnFailure = Requeue{}
	}
	return cfg.OnFailure.check(cfg.Queue)
}

// Declare makes the exchanges, queues and bindings exist, so that what is published from now on waits for Run. Run
// does the same by itself.
func (c *Consumer) Declare(ctx context.Context) error {
	if c.err != nil {
		return c.err
	}
	if err := c.broker.Declare(ctx, c.topology()); err != nil {
		return fmt.Errorf("eventbus: consumer of queue %q: declare: %w", c.cfg.Queue, err)
	}
	return nil
}

func (c *Consumer) topology() driver.Topology {
	main := driver.Queue{Name: c.cfg.Queue, Type: c.cfg.QueueType, Unlimited: c.cfg.QueueType == QuorumQueue}
	t := driver.Topology{Queues: []driver.Queue{main}}
	seen := make(map[string]bool)
	for _, r := range c.router.routes {
		name := r.exchange.name
		if !seen[name] {
			seen[name] = true
			t.Exchanges = append(t.Exchanges, driver.Exchange{Name: name, Kind: driver.Topic})
		}
		t.Bindings = append(t.Bindings, driver.Binding{Queue: c.cfg.Queue, Exchange: name, RoutingKey: r.pattern})
	}
	extra := c.cfg.OnFailure.topology(c.cfg.Queue, c.cfg.QueueType)
	t.Exchanges = append(t.Exchanges, extra.Exchanges...)
	t.Queues = append(t.Queues, extra.Queues...)
	t.Bindings = append(t.Bindings, extra.Bindings...)
	return t
}
