package memory_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

// A broker that has lost its link lets publishers wait, within their contexts.
func ExampleBroker_Cut() {
	broker := memory.New()
	defer broker.Close()
	bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})

	broker.Cut()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	err := bus.Publish(ctx, eventbus.Raw("hrm", "person.created", []byte("{}")))
	fmt.Println(errors.Is(err, eventbus.ErrUnavailable))

	broker.Mend()
	fmt.Println(bus.Publish(context.Background(), eventbus.Raw("hrm", "person.created", []byte("{}"))))
	// Output:
	// true
	// <nil>
}
