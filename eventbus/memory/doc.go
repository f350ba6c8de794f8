// Package memory is a broker in this process: the embedded default of services that need no other, and the test double
// of those that use RabbitMQ.
//
//	broker := memory.New()
//	bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
//
// It behaves as RabbitMQ does where the toolset can tell: topic, direct and fanout exchanges, bindings, durable and
// temporary queues, prefetch, acknowledgements and redelivery, dead-lettering with the same x-death headers and the
// same drop of messages that would go in circles, time to live, confirms, mandatory messages, the routing by CC and BCC headers.
// The suite in eventbustest runs against both.
//
// A queue holds as many messages as memory does, nothing is kept when the process ends, and expired messages leave a
// queue at its head only, as from RabbitMQ's classic queues.
//
// [Broker.Connect] gives a second connection to the same exchanges and queues. [Broker.Cut], [Broker.Block],
// [Broker.Refuse] and [Broker.DeleteQueue] make the faults that a real broker has. There are no goroutines of its own;
// in a bubble of testing/synctest, a broker that was made inside lives on fake time.
package memory
