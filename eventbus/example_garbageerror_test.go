package eventbus_test

import (
	"context"
	"errors"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

// The link breaks while stored messages are deleted. What the broker has not answered for is named.
func ExampleGarbageError() {
	ctx, broker := context.Background(), memory.New()
	defer broker.Close()
	mailer := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{Queue: "mailer:welcome", OnFailure: eventbus.Garbage{}},
		PersonCreated.Handle(func(context.Context, Person) error { return nil }))
	if err := mailer.Declare(ctx); err != nil {
		fmt.Println(err)
	}
	bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
	for _, id := range []string{"m1", "m2", "m3"} {
		stored := eventbus.Raw("", "mailer:welcome.garbage", []byte(`{"error": "no such mailbox"}`), eventbus.MessageID(id))
		if err := bus.Publish(ctx, stored); err != nil {
			fmt.Println(err)
		}
	}

	breaks := func(m eventbus.GarbageMessage) bool {
		if m.ID == "m2" {
			broker.Cut()
		}
		return true
	}
	dropped, err := eventbus.NewGarbageQueue(broker, "mailer:welcome").Drop(ctx, breaks)
	fmt.Println(dropped, "dropped")
	if e, ok := errors.AsType[*eventbus.GarbageError](err); ok {
		for _, m := range e.Unknown {
			fmt.Println(m.ID, "may still be stored")
		}
	}
	// Output:
	// 1 dropped
	// m2 may still be stored
}
