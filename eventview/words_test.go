package eventview_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

type toldCodec struct{ codec }

func (toldCodec) OutputSchema() json.RawMessage {
	return json.RawMessage(`{"description": "A person as the site shows it.", "type": "object"}`)
}

// Who reads the JSON learns what the page tells: what the codec says of the payload does not hide what is said of the
// event.
func TestSchemasTellAllWords(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare(x, "person.moved", "Elsewhere.", eventbus.WithCodec(toldCodec{}), eventbus.WithDocs(eventbus.Docs[person]{
		Description: "Comes late.", Since: "1.2.0", Deprecated: "use person.gone",
	}))
	var schemas map[string]struct {
		Description string
		Deprecated  bool
	}
	if err := json.Unmarshal(ask(eventview.New(x), "GET", "").Body.Bytes(), &schemas); err != nil {
		t.Fatal(err)
	}
	got := schemas["person.moved"]
	const want = "Elsewhere.\n\nComes late.\n\nA person as the site shows it.\n\nSince 1.2.0\n\nDeprecated: use person.gone"
	if got.Description != want || !got.Deprecated {
		t.Errorf("%+v, want %q", got, want)
	}
}

// A service may consume an event that has the name of one of its own.
func TestConsumedEventsOnThePage(t *testing.T) {
	t.Parallel()
	own, others := eventbus.NewExchange("hrm"), eventbus.NewExchange("billing")
	eventbus.Declare[person](own, "person.created", "")
	created := eventbus.Declare[[]int64](others, "person.created", "Somebody pays.")
	broker := memory.New()
	t.Cleanup(func() { _ = broker.Close() })
	consumer := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{Queue: "hrm:payers"},
		created.Handle(func(context.Context, []int64) error { return nil }),
		others.Handle("bill.paid", func(context.Context, eventbus.Delivery) error { return nil }))
	service := eventview.Service{Publishes: []*eventbus.Exchange{own}, Consumes: []*eventbus.Consumer{consumer}}
	page := ask(service.View(), "GET", browser).Body.String()
	for want, n := range map[string]int{
		`<section id="person.created">`:              1,
		`<section id="from:billing:person.created">`: 1,
		`href="#from:billing:person.created"`:        2, // in the list, in the heading
		`href="#from%3abilling%3aperson.created"`:    1, // in the table of the queue
		"consumed by this service":                   1,
		"<p>Somebody pays.</p>":                      1,
		"not described here":                         1,
		`id="from:billing:bill.paid"`:                0,
	} {
		if got := strings.Count(page, want); got != n {
			t.Errorf("%s is there %d times, not %d", want, got, n)
		}
	}
}
