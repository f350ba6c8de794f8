package eventbus

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

// An Event is a kind of message with its payload type, declared once on its exchange. The value makes messages,
// routes them to typed handlers and is what documentation reads. It is immutable and safe for concurrent use.
type Event[T any] struct {
	exchange *Exchange
	name     string
	codec    Codec[T]
}

// A Codec writes and reads the JSON body of an event. Implementations are safe for concurrent use. One that also has
// OutputSchema() json.RawMessage, as a serializer does, documents the payload with it.
type Codec[T any] interface {
	Encode(payload *T) ([]byte, error)
	Decode(body []byte) (T, error)
}

// An EventOption chooses something about one event.
type EventOption[T any] func(*Event[T])

// WithCodec makes the event use c instead of encoding/json.
func WithCodec[T any](c Codec[T]) EventOption[T] {
	return func(e *Event[T]) { e.codec = c }
}

// Declare adds an event to the exchange. Its name is its routing key; the summary is one sentence for documentation.
// Mistakes (an empty, overlong or wildcard name, a name declared twice) never panic here: Exchange.Err has them, and
// whatever publishes to or consumes from the exchange returns them.
func Declare[T any](x *Exchange, name, summary string, opts ...EventOption[T]) *Event[T] {
	if x == nil {
		x = NewExchange("") // keeps the mistake for whoever uses the event
	}
	e := &Event[T]{exchange: x, name: name, codec: jsonCodec[T]{}}
	for _, opt := range opts {
		opt(e)
	}
	d := Definition{Exchange: x.name, Name: name, Summary: summary, Type: reflect.TypeFor[T]()}
	if s, ok := e.codec.(interface{ OutputSchema() json.RawMessage }); ok {
		d.Schema = s.OutputSchema()
	}
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
	body, err := e.codec.Encode(&payload)
	m := newMessage(e.exchange.name, e.name, body)
	m.declared = e.exchange
	if err != nil {
		m.err = fmt.Errorf("event %q: %w: %w", e.name, ErrPayload, err)
	}
	m.apply(opts)
	return m
}

// Handle returns the route of the event to h. A body that does not decode fails with ErrDecode without h being called.
func (e *Event[T]) Handle(h func(ctx context.Context, payload T) error) Route {
	r := Route{exchange: e.exchange, pattern: e.name}
	if h == nil {
		r.err = fmt.Errorf("event %q: %w", e.name, ErrNoHandler)
		return r
	}
	r.handler = func(ctx context.Context, d Delivery) error {
		payload, err := e.Decode(d.Body)
		if err != nil {
			return err
		}
		return h(ctx, payload)
	}
	return r
}

// Decode reads a body of this event. The error wraps ErrDecode.
func (e *Event[T]) Decode(body []byte) (T, error) {
	payload, err := e.codec.Decode(body)
	if err != nil {
		return payload, fmt.Errorf("event %q: %w: %w", e.name, ErrDecode, err)
	}
	return payload, nil
}
