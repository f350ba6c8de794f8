package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A registry remembers what was declared, in order, so that it can be declared again.
type registry struct {
	mu       sync.Mutex
	order    driver.Topology
	position map[any]int // of an exchange or queue name within order; 0 for a binding
}

type (
	exchangeName string
	queueName    string
)

// add remembers t. Of two declarations of one name the later one counts, as the broker has accepted it.
func (r *registry) add(t driver.Topology) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.position == nil {
		r.position = make(map[any]int)
	}
	for _, e := range t.Exchanges {
		if i, ok := r.position[exchangeName(e.Name)]; ok {
			r.order.Exchanges[i] = e
			continue
		}
		r.position[exchangeName(e.Name)] = len(r.order.Exchanges)
		r.order.Exchanges = append(r.order.Exchanges, e)
	}
	for _, q := range t.Queues {
		if i, ok := r.position[queueName(q.Name)]; ok {
			r.order.Queues[i] = q
			continue
		}
		r.position[queueName(q.Name)] = len(r.order.Queues)
		r.order.Queues = append(r.order.Queues, q)
	}
	for _, b := range t.Bindings {
		if _, ok := r.position[b]; !ok {
			r.position[b] = 0
			r.order.Bindings = append(r.order.Bindings, b)
		}
	}
}

// all returns a copy of everything, without the temporary queues and their bindings when they are not wanted: those
// belong to the consuming connection alone.
func (r *registry) all(temporary bool) driver.Topology {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := driver.Topology{Exchanges: append([]driver.Exchange(nil), r.order.Exchanges...)}
	keep := func(q driver.Queue) bool { return temporary || !q.Temporary }
	for _, q := range r.order.Queues {
		if keep(q) {
			t.Queues = append(t.Queues, q)
		}
	}
	for _, b := range r.order.Bindings {
		if i, ok := r.position[queueName(b.Queue)]; !ok || keep(r.order.Queues[i]) {
			t.Bindings = append(t.Bindings, b)
		}
	}
	return t
}

// around returns what a queue needs to be what it was: itself, its bindings and their exchanges. False when the queue was
// not declared here.
func (r *registry) around(queue string) (driver.Topology, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, ok := r.position[queueName(queue)]
	if !ok {
		return driver.Topology{}, false
	}
	t := driver.Topology{Queues: []driver.Queue{r.order.Queues[i]}}
	for _, b := range r.order.Bindings {
		if b.Queue != queue {
			continue
		}
		t.Bindings = append(t.Bindings, b)
		if j, ok := r.position[exchangeName(b.Exchange)]; ok {
			t.Exchanges = append(t.Exchanges, r.order.Exchanges[j])
		}
	}
	return t, true
}

// boundTo returns the bindings of the exchanges.
func (r *registry) boundTo(exchanges []driver.Exchange) []driver.Binding {
	r.mu.Lock()
	defer r.mu.Unlock()
	var bindings []driver.Binding
	for _, b := range r.order.Bindings {
		if slices.ContainsFunc(exchanges, func(e driver.Exchange) bool { return e.Name == b.Exchange }) {
			bindings = append(bindings, b)
		}
	}
	return bindings
}

// A step declares one thing.
type step struct {
	what string
	run  func(*amqp.Channel) error
}

func steps(t driver.Topology) []step {
	var all []step
	for _, e := range t.Exchanges {
		all = append(all, step{fmt.Sprintf("declare the %s exchange %q", e.Kind, e.Name), func(ch *amqp.Channel) error {
			return ch.ExchangeDeclare(e.Name, e.Kind, true, false, false, false, nil)
		}})
	}
	for _, q := range t.Queues {
		all = append(all, step{fmt.Sprintf("declare the queue %q", q.Name), func(ch *amqp.Channel) error {
			_, err := ch.QueueDeclare(q.Name, !q.Temporary, false, q.Temporary, false, queueArguments(q))
			return err
		}})
	}
	for _, b := range t.Bindings {
		all = append(all, step{fmt.Sprintf("bind the queue %q to the exchange %q with the key %q", b.Queue, b.Exchange, b.RoutingKey), func(ch *amqp.Channel) error {
			return ch.QueueBind(b.Queue, b.RoutingKey, b.Exchange, false, nil)
		}})
	}
	return all
}

// deliveryLimit stands for none on every version of RabbitMQ. Without it 4.x drops a message after 20 deliveries; the -1 that
// lifts the limit there means 0 to 3.x, which then drops a message that fails once; and a queue without the argument could
// not be declared with it after an upgrade.
const deliveryLimit = int64(math.MaxInt32)

// queueArguments returns nil for a queue without properties: Python peers declare their main queues with no arguments,
// and any argument here would refuse them.
func queueArguments(q driver.Queue) amqp.Table {
	args := amqp.Table{}
	if q.Type != "" {
		args[amqp.QueueTypeArg] = q.Type
	}
	if q.DeadLetterExchange != "" {
		args["x-dead-letter-exchange"] = q.DeadLetterExchange
	}
	if q.DeadLetterRoutingKey != "" {
		args["x-dead-letter-routing-key"] = q.DeadLetterRoutingKey
	}
	if q.MessageTTL > 0 {
		args[amqp.QueueMessageTTLArg] = q.MessageTTL.Milliseconds()
	}
	if q.Unlimited {
		args["x-delivery-limit"] = deliveryLimit
	}
	if len(args) == 0 {
		return nil
	}
	return args
}

// declare makes t exist, and stops at the first failure.
func (s *session) declare(ctx context.Context, t driver.Topology) error {
	return s.channel(ctx, func(ch *amqp.Channel) error {
		for _, step := range steps(t) {
			if err := step.run(ch); err != nil {
				return wrap(err, "%s", step.what)
			}
		}
		return nil
	})
}

// restore declares all of t that the broker accepts. What it refuses now, after it was accepted before, is reported to
// refused: it is no reason to do without the rest. The error is that of a lost link, or of ctx.
func (s *session) restore(ctx context.Context, t driver.Topology, refused func(error)) error {
	for pending := steps(t); len(pending) > 0; {
		err := s.channel(ctx, func(ch *amqp.Channel) error {
			for len(pending) > 0 {
				step := pending[0]
				pending = pending[1:]
				if err := step.run(ch); err != nil {
					return wrap(err, "%s again", step.what)
				}
			}
			return nil
		})
		if err != nil && (ctx.Err() != nil || !s.alive() || errors.Is(err, driver.ErrUnavailable)) {
			return err
		}
		if err != nil {
			refused(err)
		}
	}
	return nil
}

func checkTopology(t driver.Topology) error {
	for _, e := range t.Exchanges {
		if e.Name == "" {
			return invalid("an exchange to declare has no name")
		}
		if err := checkName("the name of an exchange", e.Name); err != nil {
			return err
		}
		// The broker would answer an unknown kind by ending the connection.
		if e.Kind != driver.Topic && e.Kind != driver.Direct && e.Kind != driver.Fanout {
			return invalid("the exchange %q has the kind %q: want topic, direct or fanout", e.Name, e.Kind)
		}
	}
	for _, q := range t.Queues {
		if q.Name == "" {
			return invalid("a queue to declare has no name")
		}
		if err := checkQueue(q); err != nil {
			return err
		}
	}
	for _, b := range t.Bindings {
		if b.Queue == "" || b.Exchange == "" {
			return invalid("the binding of the queue %q to the exchange %q lacks a name", b.Queue, b.Exchange)
		}
		err := errors.Join(checkName("the queue of a binding", b.Queue), checkName("the exchange of a binding", b.Exchange),
			checkName("the routing key of a binding", b.RoutingKey))
		if err != nil {
			return err
		}
	}
	return nil
}

func checkQueue(q driver.Queue) error {
	err := errors.Join(checkName("the name of a queue", q.Name), checkName("the dead-letter exchange of a queue", q.DeadLetterExchange),
		checkName("the dead-letter routing key of a queue", q.DeadLetterRoutingKey))
	if err != nil {
		return err
	}
	switch {
	case q.Type != "" && q.Type != amqp.QueueTypeClassic && q.Type != amqp.QueueTypeQuorum:
		return invalid("the queue %q has the type %q: want classic, quorum or none", q.Name, q.Type)
	case q.Type == amqp.QueueTypeQuorum && q.Temporary:
		return invalid("the queue %q is temporary and of type quorum: a quorum queue is always durable", q.Name)
	case q.Unlimited && q.Type != amqp.QueueTypeQuorum:
		return invalid("the queue %q is unlimited and not of type quorum: other queues have no delivery limit", q.Name)
	case q.DeadLetterRoutingKey != "" && q.DeadLetterExchange == "":
		return invalid("the queue %q has a dead-letter routing key and no dead-letter exchange", q.Name)
	case q.MessageTTL < 0 || q.MessageTTL%time.Millisecond != 0 || q.MessageTTL > maxTTL:
		return invalid("the queue %q has the message TTL %v: want whole milliseconds up to %v", q.Name, q.MessageTTL, maxTTL)
	}
	return nil
}

const maxTTL = (1<<32 - 1) * time.Millisecond // RabbitMQ's own limit
