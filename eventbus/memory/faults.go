package memory

import (
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// Cut breaks the link of this connection: what was delivered and not acknowledged goes back to its queue, temporary
// queues are gone, and everything waits until Mend. Other connections do not notice.
func (b *Broker) Cut() {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	if b.closed || b.cut {
		return
	}
	b.cut = true
	for s := range b.subs {
		s.detach() // all, before what the first gives back could go to the second
	}
	for s := range b.subs {
		s.lose()
	}
	for p := range b.pullers {
		p.end(errStale)
	}
	b.server.dropTemporary(b)
	b.wake()
}

// Mend brings the link back after Cut: what was declared is declared again, subscriptions go on.
func (b *Broker) Mend() {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	if b.closed || !b.cut {
		return
	}
	b.cut = false
	for _, t := range b.topology.kept {
		_ = b.server.declare(t, b) // each by itself; what is in the way now shows where it is used
	}
	for s := range b.subs {
		s.resume()
	}
	b.wake()
}

// Block makes publishing on this connection wait, as a broker with a memory alarm does, until Block(false).
func (b *Broker) Block(blocked bool) {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	b.blocked = blocked
	b.wake()
}

// Refuse makes the broker answer those messages of this connection for which match returns true with ErrRefused.
// Nil refuses nothing. match is called with the broker locked: it must not use the broker.
func (b *Broker) Refuse(match func(driver.Message) bool) {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	b.refuse = match
}

// DeleteQueue deletes the queue with its messages and bindings, as an operator does. Its subscriptions end with
// ErrNotFound. A queue that does not exist is ErrNotFound.
func (b *Broker) DeleteQueue(name string) error {
	b.server.mu.Lock()
	defer b.server.mu.Unlock()
	q, err := b.server.queue(name)
	if err != nil {
		return err
	}
	b.server.remove(q, fmt.Errorf("memory: queue %q was deleted: %w", name, driver.ErrNotFound))
	return nil
}

// A keeper remembers what a connection has declared, each thing once.
type keeper struct {
	kept []driver.Topology // of one thing each, in the order of the first declaration
	seen map[any]bool
}

func (k *keeper) keep(t driver.Topology) {
	if k.seen == nil {
		k.seen = make(map[any]bool)
	}
	add := func(thing any, t driver.Topology) {
		if !k.seen[thing] {
			k.seen[thing] = true
			k.kept = append(k.kept, t)
		}
	}
	for _, x := range t.Exchanges {
		add(x, driver.Topology{Exchanges: []driver.Exchange{x}})
	}
	for _, q := range t.Queues {
		add(q, driver.Topology{Queues: []driver.Queue{q}})
	}
	for _, b := range t.Bindings {
		add(b, driver.Topology{Bindings: []driver.Binding{b}})
	}
}
