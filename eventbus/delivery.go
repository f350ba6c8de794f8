package eventbus

import (
	"context"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A Delivery is a message as its handler sees it. Exchange and RoutingKey are those that the message was published
// with, on retries and after a replay too. Body and Headers belong to the broker: read them, do not change them.
type Delivery struct {
	driver.Message

	Queue       string // the queue that it came from
	Attempt     int    // 1 the first time, counted in a header; deliveries that ended without an outcome do not count
	Redelivered bool   // delivered before, with no outcome: the process or the link died, or the message was requeued
}

// Decode reads the JSON body into v, a pointer. The error wraps ErrDecode.
func (d Delivery) Decode(v any) error {
	if err := decodeJSON(d.Body, v); err != nil {
		return fmt.Errorf("%w: %w", ErrDecode, err)
	}
	return nil
}

// Received returns the message that is being handled: routing key, headers, attempt and all. Outside of a handler it
// is the zero value.
func Received(ctx context.Context) Delivery {
	if d, ok := ctx.Value(deliveryKey{}).(*Delivery); ok {
		return *d
	}
	return Delivery{}
}

type deliveryKey struct{}

// A handlerContext carries the delivery in one allocation with the context.
type handlerContext struct {
	context.Context
	delivery Delivery
}

func (c *handlerContext) Value(key any) any {
	if key == (deliveryKey{}) {
		return &c.delivery
	}
	return c.Context.Value(key)
}
