package eventbus

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// An Event is a kind of message with its payload type, declared once on its exchange. The value makes messages,
// routes them to typed handlers and is what documentation reads. It is immutable and safe for concurrent use.
type Event[T any] struct {
	exchange *Exchange
	name     string
	codec    Codec[T]
	docs     Docs[T]
}

// A Codec writes and reads the JSON body of an event; a *serializer.Of[T] is one. Implementations are safe for concurrent
// use. One that also has OutputSchema() json.RawMessage documents the payload with it. A serializer reads only what it
// accepts: read-only fields of the payload stay empty for handlers.
type Codec[T any] interface {
	// Append appends the body to dst. Event.Message calls it with a background context.
	Append(ctx context.Context, dst []byte, payload *T) ([]byte, error)

	Decode(ctx context.Context, body []byte) (T, error)
}

// An EventOption chooses something about one event.
type EventOption[T any] func(*Event[T])

// WithCodec makes the event use c instead of encoding/json.
func WithCodec[T any](c Codec[T]) EventOption[T] {
	return func(e *Event[T]) { e.codec = c }
}

// Declare adds an event to the exchange. Its name is its routing key, "person.created"; the spelling of Python peers,
// "person__created", is the same event. The summary is one sentence for documentation, WithDocs tells more.
// Mistakes (an empty, overlong or wildcard name, a name declared twice) never panic here: Exchange.Err has them, and
// whatever publishes to or consumes from the exchange returns them.
func Declare[T any](x *Exchange, name, summary string, opts ...EventOption[T]) *Event[T] {
	if x == nil {
		x = NewExchange("") // keeps the mistake for whoever uses the event
	}
	name = strings.ReplaceAll(name, "__", ".")
	e := &Event[T]{exchange: x, name: name, codec: jsonCodec[T]{}}
	for _, opt := range opts {
		opt(e)
	}
	d := Definition{Exchange: x.name, Name: name, Summary: summary, Type: reflect.TypeFor[T]()}
	if s, ok := e.codec.(interface{ OutputSchema() json.RawMessage }); ok {
		d.Schema = s.OutputSchema()
	}
	e.define(&d)
	x.add(d)
	return e
}

// Name returns the routing key of the event.
func (e *Event[T]) Name() string { return e.name }

// Exchange returns the exchange that the event was declared on.
func (e *Event[T]) Exchange() *Exchange { return e.exchange }

// Message makes a message of the payload, with a new message id and the present time. A payload that cannot be
// encoded, or a wrong option, is reported by Message.Err and by Publish.
func (e *Event[T]) Message(payload T, opts ...MessageOption) Message {
	body, err := e.codec.Append(context.Background(), nil, &payload)
	m := newMessage(e.exchange.name, e.name, body)
	m.declared = e.exchange
	if err != nil {
		m.err = fmt.Errorf("event %q: %w: %w", e.name, ErrPayload, err)
	}
	return m.with(opts)
}

// Handle returns the route of the event to h. A body that does not decode fails with ErrDecode without h being called.
func (e *Event[T]) Handle(h func(ctx context.Context, payload T) error) Route {
	r := Route{exchange: e.exchange, pattern: e.name}
	if h == nil {
		r.err = fmt.Errorf("event %q: %w", e.name, ErrNoHandler)
		return r
	}
	r.handler = func(ctx context.Context, d Delivery) error {
		payload, err := e.decode(ctx, d.Body)
		if err != nil {
			return err
		}
		return h(ctx, payload)
	}
	return r
}

// Decode reads a body of this event. The error wraps ErrDecode.
func (e *Event[T]) Decode(body []byte) (T, error) { return e.decode(context.Background(), body) }

func (e *Event[T]) decode(ctx context.Context, body []byte) (T, error) {
	payload, err := e.codec.Decode(ctx, body)
	if err != nil {
		return payload, fmt.Errorf("event %q: %w: %w", e.name, ErrDecode, err)
	}
	return payload, nil
}
