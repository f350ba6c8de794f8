package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

func TestDocs(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare(x, "person__role__changed", "A role has changed.", eventbus.WithDocs(eventbus.Docs[map[string]int]{
		Description: "At once.", Since: "1.4.0", Deprecated: "use person.updated", Examples: []map[string]int{{"id": 1}, {"id": 2}},
	}))
	if err := x.Err(); err != nil {
		t.Fatal(err)
	}
	d := x.Events()[0]
	if d.Name != "person.role.changed" || d.Summary != "A role has changed." || d.Description != "At once." || d.Since != "1.4.0" || d.Deprecated != "use person.updated" {
		t.Errorf("%+v", d)
	}
	examples, err := d.Examples()
	if err != nil || fmt.Sprintf("%s", examples) != `[{"id":1} {"id":2}]` {
		t.Errorf("%s, %v", examples, err)
	}
	if none, err := (eventbus.Definition{}).Examples(); none != nil || err != nil {
		t.Errorf("%s, %v", none, err)
	}
}

// An example that cannot be written is a mistake of the documentation alone.
func TestExampleThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare(x, "person.moved", "", eventbus.WithDocs(eventbus.Docs[any]{Examples: []any{make(chan int)}}))
	if err := x.Err(); err != nil {
		t.Errorf("the exchange refuses to work: %v", err)
	}
	_, err := x.Events()[0].Examples()
	if !errors.Is(err, eventbus.ErrPayload) || !strings.Contains(err.Error(), `example 1 of event "person.moved"`) {
		t.Error(err)
	}
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	hrm, billing := eventbus.NewExchange("hrm"), eventbus.NewExchange("billing")
	created := eventbus.Declare[int](hrm, "person.created", "")
	eventbus.Declare[int](hrm, "person.deleted", "")
	eventbus.Declare[int](hrm, "order.paid", "")
	handle := func(context.Context, eventbus.Delivery) error { return nil }
	c := eventbus.NewConsumer(memory.New(), eventbus.ConsumerConfig{Queue: "mailer:welcome", QueueType: eventbus.QuorumQueue},
		created.Handle(func(context.Context, int) error { return nil }), hrm.Handle("person.*", handle), billing.Handle("#", handle))
	s, err := c.Subscription()
	if err != nil {
		t.Fatal(err)
	}
	got := s.Queue + " " + s.QueueType
	for _, b := range s.Bindings {
		got += "; " + b.Exchange + " " + b.Key + ":"
		for _, d := range b.Events {
			got += " " + d.Name
		}
	}
	const want = "mailer:welcome quorum; hrm person.created: person.created; hrm person.*: person.created person.deleted; billing #:"
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if _, err := eventbus.NewConsumer(nil, eventbus.ConsumerConfig{}).Subscription(); !errors.Is(err, eventbus.ErrNoBroker) {
		t.Error(err)
	}
}
