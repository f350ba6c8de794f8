package eventbus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A Publisher sends messages. Nil means that every message is confirmed by the broker, or stored by whatever stands
// in for it. NewPublisher makes the one that talks to a broker.
type Publisher interface {
	Publish(ctx context.Context, messages ...Message) error
}

// PublisherConfig configures NewPublisher. The zero value is ready for use.
type PublisherConfig struct {
	// AppID names the sending service on messages that have no app id. Default: the exchange of the message, which
	// bears the name of its service.
	AppID string

	// Transient makes all messages transient: the broker may lose them when it restarts.
	Transient bool

	// Mandatory makes Publish fail with ErrUnroutable for messages that no queue takes.
	Mandatory bool
}

// NewPublisher returns the publisher of a broker. It is safe for concurrent use, and one for the whole process is
// enough: concurrent callers share the broker's channels without waiting for each other.
//
// Publish sends the messages in order and returns nil when the broker has confirmed all. The exchanges are declared
// before their first message. A message or declaration with a mistake is reported before anything is sent: see
// Message.Err and Exchange.Err. What the broker did not take comes back as *PublishError, whose messages wrap
// ErrRefused, ErrUnroutable, ErrBlocked, or ErrUnknown when ctx ended before the outcome was known.
func NewPublisher(b Broker, cfg PublisherConfig) Publisher {
	return &publisher{broker: b, cfg: cfg}
}

type publisher struct {
	broker   Broker
	cfg      PublisherConfig
	declared sync.Map // names of exchanges
}

// Brokers keep no message after the return of Publish, so the slices can be used again.
var batches = sync.Pool{New: func() any { return new([]driver.Message) }}

func (p *publisher) Publish(ctx context.Context, messages ...Message) error {
	if p.broker == nil {
		return ErrNoBroker
	}
	if len(messages) == 0 {
		return nil
	}
	for i := range messages {
		if err := messages[i].Err(); err != nil {
			return fmt.Errorf("eventbus: publish: message %d of %d: %w", i, len(messages), err)
		}
	}
	if err := p.declare(ctx, messages); err != nil {
		return err
	}
	batch := batches.Get().(*[]driver.Message)
	defer func() {
		clear(*batch)
		*batch = (*batch)[:0]
		if cap(*batch) <= 1024 {
			batches.Put(batch)
		}
	}()
	for i := range messages {
		m := messages[i].Message
		if m.AppID == "" {
			m.AppID = p.cfg.AppID
		}
		if m.AppID == "" {
			m.AppID = m.Exchange
		}
		m.Transient = m.Transient || p.cfg.Transient
		m.Mandatory = m.Mandatory || p.cfg.Mandatory
		*batch = append(*batch, m)
	}
	err := p.broker.Publish(ctx, *batch)
	if errors.Is(err, ErrNotFound) {
		p.declared.Clear() // somebody deleted an exchange: the next call declares it again
	}
	return err
}

// declare makes the exchanges of the messages exist. Callers that race declare the same thing twice, which is fine.
func (p *publisher) declare(ctx context.Context, messages []Message) error {
	for i := range messages {
		name := messages[i].Exchange
		if name == "" || strings.HasPrefix(name, "amq.") {
			continue
		}
		if _, ok := p.declared.Load(name); ok {
			continue
		}
		t := driver.Topology{Exchanges: []driver.Exchange{{Name: name, Kind: driver.Topic}}}
		if err := p.broker.Declare(ctx, t); err != nil {
			return fmt.Errorf("eventbus: declare exchange %q: %w", name, err)
		}
		p.declared.Store(name, struct{}{})
	}
	return nil
}
