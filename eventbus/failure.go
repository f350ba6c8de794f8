package eventbus

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A FailurePolicy says what becomes of a message whose handler failed: [Requeue], [Drop] or [Garbage].
type FailurePolicy interface {
	check(queue string) error
	topology(queue, queueType string) driver.Topology
	settle(r *run, f *failure)
}

// Requeue puts a failed message back into its queue, for ever, as Python consumers do. The broker delivers it again when
// the pause is over; until then other messages go on.
//
// What can never succeed would come back for ever: errors marked with retry.Permanent, bodies that do not decode and
// messages without a route go to the garbage queue at once, exactly as with Garbage{}, whose exchange, queue and bindings
// are declared for that.
//
// All other failed messages stay in the queue. Each counts towards the prefetch of the consumer and returns to the head of
// the queue: when as many messages fail at a time as Prefetch allows, those behind them wait until one succeeds. Where a
// message can fail for good without an error that says so, choose Garbage with delays.
type Requeue struct {
	Pause   time.Duration // default: 1 s. It keeps a message that always fails from becoming a hot loop
	Service string        // as in Garbage
}

// Drop deletes failed messages. They are logged as errors, without their body.
type Drop struct{}

// Garbage tries a failed message again after each of the delays, and keeps it in the queue "<queue>.garbage" when all
// attempts have failed. From there [GarbageQueue] lists, replays and drops it; a Python peer, or an operator who
// rejects the message, gets it back into the main queue too.
//
// A failed message is published, mandatory and confirmed, to where it waits, and only then acknowledged: when the
// process or the link dies in between, there are two copies, never none. Its body stays byte for byte, its headers and
// properties are kept except those that would keep it from getting through, which move (see HeaderError and the
// other constants). Errors marked with retry.Permanent, bodies that do not decode and messages without a route are not
// tried again.
//
// The way through a delay queue is the broker's own: it is at most once when a broker of classic queues dies in the
// very moment in which a delay ends. Quorum queues (ConsumerConfig.QueueType) do not have this gap.
type Garbage struct {
	// After has the delays before the second attempt, the third and so on, in whole milliseconds and at least one.
	// Empty: a failed message goes to the garbage queue at once. Each delay has a queue of its own on the broker.
	After []time.Duration

	// Service is the <own> in the names "<own>.retry.post" and "<own>.retry.pre" of the exchanges.
	// Default: the queue's name up to its first colon.
	Service string

	// ErrorInBody also writes the error into the key "error" of a body that is a JSON object, when it is put into
	// the garbage queue, as Python readers of that queue expect. The rest of the body stays byte for byte. When the
	// broker refuses the longer body, the message is stored with its own.
	ErrorInBody bool
}

const (
	defaultPause = time.Second
	maxDelay     = math.MaxUint32 * time.Millisecond // what RabbitMQ's timers have room for
)

func (p Requeue) check(queue string) error {
	if p.Pause < 0 {
		return fmt.Errorf("%w: Requeue.Pause %v is negative", ErrConfig, p.Pause)
	}
	return p.garbage().check(queue)
}

func (p Requeue) topology(queue, queueType string) driver.Topology {
	return p.garbage().topology(queue, queueType)
}

// garbage is the policy for what can never succeed.
func (p Requeue) garbage() Garbage { return Garbage{Service: p.Service} }

func (Drop) check(string) error { return nil }

func (Drop) topology(string, string) driver.Topology { return driver.Topology{} }

func (p Garbage) check(queue string) error {
	for _, d := range p.After {
		if d < time.Millisecond || d > maxDelay || d%time.Millisecond != 0 {
			return fmt.Errorf("%w: Garbage.After has %v; a delay is a whole number of milliseconds, from one to %v", ErrConfig, d, maxDelay)
		}
	}
	t := p.topology(queue, "")
	for _, x := range t.Exchanges {
		if len(x.Name) > maxName {
			return fmt.Errorf("exchange %.40q...: %w", x.Name, ErrNameTooLong)
		}
	}
	for _, q := range t.Queues {
		if len(q.Name) > maxName {
			return fmt.Errorf("queue %.40q...: %w", q.Name, ErrNameTooLong)
		}
	}
	return nil
}

// topology is where failed messages wait, as the Python system declares it, and the delay queues, whose names it
// reserves.
func (p Garbage) topology(queue, queueType string) driver.Topology {
	post, pre, garbage := p.post(queue), p.pre(queue), garbageName(queue)
	t := driver.Topology{
		Exchanges: []driver.Exchange{{Name: post, Kind: driver.Direct}},
		Queues:    []driver.Queue{waitingRoom(garbage, queueType, post, queue)},
		Bindings: []driver.Binding{
			{Queue: garbage, Exchange: post, RoutingKey: garbage},
			{Queue: queue, Exchange: post, RoutingKey: queue},
		},
	}
	if len(p.After) > 0 {
		t.Exchanges = append(t.Exchanges, driver.Exchange{Name: pre, Kind: driver.Direct})
	}
	seen := make(map[time.Duration]bool)
	for _, d := range p.After {
		if seen[d] {
			continue
		}
		seen[d] = true
		q := waitingRoom(delayName(queue, d), queueType, post, queue)
		q.MessageTTL = d
		t.Queues = append(t.Queues, q)
		t.Bindings = append(t.Bindings, driver.Binding{Queue: q.Name, Exchange: pre, RoutingKey: q.Name})
	}
	return t
}

// waitingRoom is a queue whose messages go back to the main queue when they are rejected or expire.
func waitingRoom(name, queueType, post, queue string) driver.Queue {
	return driver.Queue{
		Name: name, Type: queueType, DeadLetterExchange: post, DeadLetterRoutingKey: queue,
		Unlimited: queueType == QuorumQueue,
	}
}

func (p Garbage) service(queue string) string {
	if p.Service != "" {
		return p.Service
	}
	own, _, _ := strings.Cut(queue, ":")
	return own
}

const (
	postSuffix = ".retry.post"
	preSuffix  = ".retry.pre"
)

func (p Garbage) post(queue string) string { return p.service(queue) + postSuffix }

func (p Garbage) pre(queue string) string { return p.service(queue) + preSuffix }

func garbageName(queue string) string { return queue + ".garbage" }

func delayName(queue string, d time.Duration) string {
	return queue + ".retry." + strconv.FormatInt(d.Milliseconds(), 10)
}
