// Package eventbus sends and receives events over a message broker, in the way that all services of the platform
// agree on.
//
// An event is declared once, on the exchange of its service, in a package that other services import:
//
//	var (
//		Events        = eventbus.NewExchange("hrm")
//		PersonCreated = eventbus.Declare[Person](Events, "person.created", "A person was hired.")
//	)
//
// The same value makes messages, routes them to a typed handler and is what documentation reads:
//
//	bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
//	err := bus.Publish(ctx, PersonCreated.Message(Person{ID: 1})) // nil: the broker has it
//
//	consumer := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{
//		Queue:     "mailer:welcome",
//		OnFailure: eventbus.Garbage{After: []time.Duration{5 * time.Second, time.Minute}},
//	}, PersonCreated.Handle(welcome))
//	err = consumer.Run(ctx)
//
// A broker comes from an adapter: rabbitmq.Dial for RabbitMQ, memory.New for tests and services in one process.
//
// # Guarantees
//
//   - Publish returns nil only when the broker has confirmed every message. What it cannot know it reports as
//     ErrUnknown, after having tried again with the same message id until the context ended. So a message can arrive
//     twice, and a handler that must not act twice keeps the message id.
//   - A message is acknowledged when its handler has returned nil, or when a copy of it lies confirmed where the
//     failure policy keeps it. A process or link that dies before has it delivered again. Handled messages are acknowledged
//     together, at most 50 or half the prefetch, after 10 ms at the latest: so many come again.
//   - With a concurrency of 1 messages are handled in the order of the queue. Those that come back after a failure
//     are later than they were.
//   - Panics of handlers are errors. Mistakes in declarations never panic: they come back from Exchange.Err, Publish
//     and Run.
//   - No goroutine is started per message, and all types are safe for concurrent use.
package eventbus
