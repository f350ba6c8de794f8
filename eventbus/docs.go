package eventbus

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gitlab.com/pik-pro/backend/toolset/eventbus/internal/topic"
)

// Docs tell more about an event than its summary, for documentation: WithDocs takes them. The zero value tells nothing.
type Docs[T any] struct {
	Description string // some sentences more than the summary
	Since       string // the version of the service that published it first, such as "1.4.0"
	Deprecated  string // why it should not be used any more, and what instead; "" where it should
	Examples    []T    // payloads to show; they are written with the codec of the event
}

// WithDocs documents the event.
func WithDocs[T any](d Docs[T]) EventOption[T] {
	return func(e *Event[T]) { e.docs = d }
}

// define describes the event for documentation.
func (e *Event[T]) define(d *Definition) {
	d.Description, d.Since, d.Deprecated = e.docs.Description, e.docs.Since, e.docs.Deprecated
	if len(e.docs.Examples) == 0 {
		return
	}
	codec, payloads := e.codec, slices.Clone(e.docs.Examples)
	d.examples = func() (written []json.RawMessage, err error) {
		for i := range payloads {
			body, err := codec.Append(context.Background(), nil, &payloads[i])
			if err != nil {
				return nil, fmt.Errorf("example %d of event %q: %w: %w", i+1, e.name, ErrPayload, err)
			}
			written = append(written, body)
		}
		return written, nil
	}
}

// Examples are the documented payloads as they are published, nil when there are none. The error wraps ErrPayload.
func (d Definition) Examples() ([]json.RawMessage, error) {
	if d.examples == nil {
		return nil, nil
	}
	return d.examples()
}

// A Subscription describes what a consumer handles, for documentation.
type Subscription struct {
	Queue     string
	QueueType string // ClassicQueue or QuorumQueue
	Bindings  []Binding
}

// A Binding is a key, or a pattern of keys, of an exchange that leads to a queue.
type Binding struct {
	Exchange string
	Key      string
	Events   []Definition // the events of the exchange, declared by now, that the key matches
}

// Subscription describes what the consumer handles, without asking a broker. The error is the one that Declare and Run
// return for mistakes.
func (c *Consumer) Subscription() (Subscription, error) {
	if c.err != nil {
		return Subscription{}, c.err
	}
	s := Subscription{Queue: c.cfg.Queue, QueueType: c.cfg.QueueType}
	for _, r := range c.router.routes {
		b := Binding{Exchange: r.exchange.name, Key: r.pattern}
		for _, d := range r.exchange.Events() {
			if d.Name == r.pattern || isPattern(r.pattern) && topic.Match(r.pattern, d.Name) {
				b.Events = append(b.Events, d)
			}
		}
		s.Bindings = append(s.Bindings, b)
	}
	return s, nil
}
