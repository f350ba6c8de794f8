// Package driver is the seam between eventbus and a message broker.
//
// Users of eventbus meet it as [eventbus.Broker], a value that they get from an adapter
// (rabbitmq.Dial, memory.New) and hand on. Only those who write an adapter read further; this package is outside the
// compatibility promise of the module until version 1.
//
// The model is AMQP 0-9-1: exchanges route messages to queues through bindings, a consumer acknowledges what it has
// handled, a publisher waits for the broker's confirm. An adapter for another broker has to keep these guarantees,
// which the suite in eventbustest checks:
//
//   - Publish reports a message as confirmed only when the broker has taken responsibility for it. A lost connection
//     is never reported as a refusal.
//   - A delivery that was not acknowledged is delivered again, to this subscription or to another one.
//   - Deliveries of one queue to one subscription arrive in the order of the queue, redeliveries aside.
//   - What was declared is declared again after a lost connection, before anything else happens on the new one.
//
// All methods are safe for concurrent use unless they say otherwise.
package driver

import (
	"context"
	"time"
)

// A Broker is a connection to a message broker that mends itself: a lost link is dialled again with growing pauses
// until Close. Methods wait for the link within their context.
type Broker interface {
	// Declare makes exchanges, queues and bindings exist, and keeps them: they are declared again on every new
	// connection. Declaring the same thing twice is fine. An error that wraps ErrPrecondition says that the broker
	// has something of that name with other properties.
	Declare(ctx context.Context, t Topology) error

	// Publish sends the messages in order and waits until the outcome of each is known. Nil means that all are
	// confirmed. A message whose outcome was unknown because the link broke is sent again with the same message id
	// until ctx ends. Failures come back as *PublishError. The messages are not modified and not kept after the return.
	Publish(ctx context.Context, messages []Message) error

	// Subscribe starts to consume a queue that exists. ctx bounds the start, not the life of the subscription.
	Subscribe(ctx context.Context, queue string, opts SubscribeOptions) (Subscription, error)

	// Pull opens a queue for reading message by message, for tools that look through it. ErrNotFound when there is
	// no such queue.
	Pull(ctx context.Context, queue string) (Puller, error)

	// Health returns nil when the link is up and publishing is not blocked, and the reason otherwise. It does not
	// wait and costs no round trip.
	Health() error

	// Close ends all subscriptions and the link. Later calls return ErrClosed. Close is idempotent.
	Close() error
}

// A Subscription is a running consumer of one queue. After a lost link it goes on by itself on the new one; what was
// in hand and not acknowledged is delivered again then.
type Subscription interface {
	// Deliveries is closed when the subscription has ended: after Cancel, Close, or a failure that Err tells.
	// At most SubscribeOptions.Prefetch deliveries are out and not acknowledged.
	Deliveries() <-chan Delivery

	// Err returns why Deliveries was closed, nil after Cancel or Close.
	Err() error

	Acker

	// Cancel asks the broker to send nothing more and closes Deliveries. Deliveries that were taken before can
	// still be acknowledged until Close.
	Cancel(ctx context.Context) error

	// Close ends the subscription. The broker delivers again whatever was not acknowledged. Close is idempotent.
	Close() error
}

// A Puller reads one queue message by message. What was neither acknowledged nor rejected returns to its place in the
// queue on Close. A Puller does not survive a lost link: its methods return ErrStale then. It is not safe for
// concurrent use.
type Puller interface {
	// Len is the number of messages that lay ready in the queue when the Puller was opened.
	Len() int

	// Next takes the next ready message; ok is false when the queue is empty.
	Next(ctx context.Context) (d Delivery, ok bool, err error)

	Acker

	// Close is idempotent. ErrStale says that the link was lost before the broker was known to have what was settled
	// since the last answer of Next: it may be delivered again.
	Close() error
}

// An Acker settles deliveries by their tags.
type Acker interface {
	// Ack settles the delivery; with multiple, also all earlier ones of this subscription. ErrStale means that the
	// delivery belongs to a link that was lost, so the broker delivers it again. That is nothing to retry.
	Ack(tag Tag, multiple bool) error

	// Nack refuses the delivery. With requeue the message returns to its queue, else it is dead-lettered, or dropped
	// where the queue has no dead-letter exchange.
	Nack(tag Tag, requeue bool) error
}

// A Tag names a delivery within a subscription.
type Tag struct {
	Epoch  uint64 // counts the links of the subscription, so that a tag of a lost link is never mistaken
	Number uint64 // the broker's delivery tag; 1 for the first delivery of an epoch, and one more for each that follows
}

// SubscribeOptions choose how a queue is consumed.
type SubscribeOptions struct {
	Prefetch int    // deliveries that may be out and unacknowledged; at least 1
	Name     string // consumer tag that operators see; the adapter makes a unique one of it
}

// A Delivery is a message on its way to a consumer.
type Delivery struct {
	Message
	Tag         Tag
	Redelivered bool // it was delivered before and not acknowledged
}

// A Message is what travels, with the properties of AMQP 0-9-1 that the toolset uses.
// The zero value of a property means that it is not sent.
type Message struct {
	Exchange   string // "" is the default exchange, which routes to the queue named by RoutingKey
	RoutingKey string
	Mandatory  bool // a message that no queue takes is ErrUnroutable and not dropped in silence

	Body            []byte
	ContentType     string
	ContentEncoding string
	Headers         map[string]any // Validate says what it may hold; adapters refuse the rest by name
	Transient       bool           // delivery mode 1: may be lost when the broker restarts; the default is persistent, mode 2
	Priority        uint8
	Expiration      string // time to live in a queue: milliseconds as decimal text
	CorrelationID   string
	ReplyTo         string
	ID              string
	Timestamp       time.Time // whole seconds on the wire
	Type            string
	UserID          string
	AppID           string
}

// A Decimal is a header value of AMQP's decimal type, Value / 10^Scale, which Go has no type for. Some peers send them.
type Decimal struct {
	Scale uint8
	Value int32
}

// Topology is what has to exist before messages can flow.
type Topology struct {
	Exchanges []Exchange
	Queues    []Queue
	Bindings  []Binding
}

// The kinds of exchanges.
const (
	Topic  = "topic"
	Direct = "direct"
	Fanout = "fanout"
)

// An Exchange is always durable.
type Exchange struct {
	Name string
	Kind string // Topic, Direct or Fanout
}

// A Queue is durable unless it is Temporary. A zero property is not sent, so that a queue without any has no
// arguments at all, which is how Python peers declare their main queues.
type Queue struct {
	Name                 string
	Type                 string // x-queue-type: "" (the broker's default, classic), "classic" or "quorum"
	DeadLetterExchange   string
	DeadLetterRoutingKey string
	MessageTTL           time.Duration // x-message-ttl, whole milliseconds
	Unlimited            bool          // quorum queues: no delivery limit, so that no version drops a message that failed often
	Temporary            bool          // not durable, exclusive to this broker's link and deleted with it
}

// A Binding routes what is published to Exchange with a key that matches RoutingKey into Queue.
type Binding struct {
	Queue      string
	Exchange   string
	RoutingKey string
}
