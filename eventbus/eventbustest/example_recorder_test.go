package eventbustest_test

import (
	"context"
	"fmt"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/eventbustest"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

var (
	hrm   = eventbus.NewExchange("hrm")
	hired = eventbus.Declare[person](hrm, "person.hired", "A person was hired.")
)

// hire is the code under test.
func hire(ctx context.Context, bus eventbus.Publisher, id int) error {
	return bus.Publish(ctx, hired.Message(person{ID: id}))
}

func ExampleRecord() {
	test := func(t testing.TB) { // func TestHire(t *testing.T)
		broker := memory.New()
		rec := eventbustest.Record(t, broker, hrm)

		if err := hire(t.Context(), eventbus.NewPublisher(broker, eventbus.PublisherConfig{}), 7); err != nil {
			t.Fatal(err)
		}
		fmt.Println("hired:", eventbustest.One(rec, hired).ID)
	}
	runExample(test)
	// Output: hired: 7
}
