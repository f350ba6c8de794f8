//go:build !race

package eventbus_test

import (
	"context"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func TestPublishIsCheap(t *testing.T) { //nolint:paralleltest // it counts the allocations of the process
	w := newWorld(t)
	m := w.created.Message(person{ID: 1, Name: "Ann"})
	w.publish(m)
	b := eventbus.NewPublisher(silent{w.broker}, eventbus.PublisherConfig{})
	_ = b.Publish(t.Context(), m)
	if n := testing.AllocsPerRun(200, func() { _ = b.Publish(t.Context(), m) }); n > 1 {
		t.Errorf("Publish costs %v allocations above the broker's", n)
	}
	if n := testing.AllocsPerRun(200, func() { w.created.Message(person{ID: 1, Name: "Ann"}) }); n > 3 {
		t.Errorf("Message costs %v allocations", n)
	}
}

// silent takes messages and does nothing.
type silent struct{ eventbus.Broker }

func (silent) Publish(context.Context, []driver.Message) error { return nil }
