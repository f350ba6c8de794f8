package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

type Person struct {
	ID    int    `json:"id"`
	Email string `json:"email"`
}

// What other services import.
var (
	Events        = eventbus.NewExchange("hrm")
	PersonCreated = eventbus.Declare[Person](Events, "person.created", "A person was hired.")
)

// A service consumes what another one publishes.
func Example() {
	ctx, cancel := context.WithCancel(context.Background())
	broker := memory.New() // rabbitmq.Dial(ctx, cfg) in production
	defer broker.Close()

	welcome := func(_ context.Context, p Person) error {
		fmt.Println("welcome,", p.Email)
		cancel()
		return nil
	}
	mailer := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{Queue: "mailer:welcome"}, PersonCreated.Handle(welcome))
	if err := mailer.Declare(ctx); err != nil { // so that messages wait for Run
		fmt.Println(err)
	}

	bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
	if err := bus.Publish(ctx, PersonCreated.Message(Person{ID: 1, Email: "ann@example.com"})); err != nil {
		fmt.Println(err)
	}

	fmt.Println(mailer.Run(ctx)) // until ctx ends
	// Output:
	// welcome, ann@example.com
	// <nil>
}

// A message that fails is tried again, and kept when that does not help. Once the cause is mended it is replayed.
func ExampleGarbageQueue() {
	ctx, cancel := context.WithCancel(context.Background())
	broker := memory.New()
	defer broker.Close()

	var mended atomic.Bool
	send := func(ctx context.Context, p Person) error {
		d := eventbus.Received(ctx)
		fmt.Printf("attempt %d of %s %s\n", d.Attempt, d.Exchange, d.RoutingKey)
		if mended.Load() {
			cancel()
			return nil
		}
		return errors.New("no such mailbox")
	}
	mailer := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{
		Queue:     "mailer:welcome",
		OnFailure: eventbus.Garbage{After: []time.Duration{5 * time.Millisecond}},
		Logger:    slog.New(slog.DiscardHandler),
	}, PersonCreated.Handle(send))
	if err := mailer.Declare(ctx); err != nil {
		fmt.Println(err)
	}
	bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
	if err := bus.Publish(ctx, PersonCreated.Message(Person{ID: 1})); err != nil {
		fmt.Println(err)
	}
	done := make(chan error)
	go func() { done <- mailer.Run(ctx) }()

	garbage := eventbus.NewGarbageQueue(broker, "mailer:welcome")
	for stored := 0; stored == 0; time.Sleep(time.Millisecond) {
		for m, err := range garbage.List(ctx) {
			fmt.Printf("%s after %d attempts: %s %v\n", m.RoutingKey, m.Attempts, m.Error, err)
			stored++
		}
	}
	mended.Store(true)
	replayed, err := garbage.Replay(context.Background(), eventbus.ByError("mailbox")) // ctx ends with the third attempt
	<-done
	fmt.Println(replayed, "replayed", err)
	// Output:
	// attempt 1 of hrm person.created
	// attempt 2 of hrm person.created
	// person.created after 2 attempts: no such mailbox <nil>
	// attempt 3 of hrm person.created
	// 1 replayed <nil>
}
