// Package rabbitmq connects the event bus to RabbitMQ (AMQP 0-9-1).
//
//	cfg, err := rabbitmq.FromEnv()
//	if err != nil {
//		return err
//	}
//	broker, err := rabbitmq.Dial(ctx, cfg)
//	if err != nil {
//		return err // one clear line: no server there, wrong password, no such vhost
//	}
//	defer broker.Close()
//	bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
//
// # Guarantees
//
//   - Publish returns nil only after the broker has confirmed every message. A link that breaks before makes the outcome
//     unknown: the message is sent again, with the same message id, until the caller's context ends. So a message may
//     arrive twice, and is never taken for refused because a link broke.
//   - The messages of one Publish call are sent in their order, and arrive in it while nothing has to be sent again.
//     Calls of several goroutines share a few channels and pipeline by themselves.
//   - A mistake of one caller (an exchange that is not there, a missing permission) fails that caller's message. Other
//     messages on the same channel are sent again by themselves.
//   - A lost link is dialled again, with growing pauses and without end, until Close. What was declared is declared again
//     before anything else happens on the new link, and subscriptions go on. Each change of state is logged once.
//   - Nothing waits without a context, or longer than Config.BlockedTimeout while the broker has publishers blocked.
//   - Close leaves no goroutine behind.
//
// A [Broker] keeps two connections: one publishes, the other consumes and declares, so that a broker that slows its
// publishers down does not hold up acknowledgements. All its methods are safe for concurrent use.
package rabbitmq
