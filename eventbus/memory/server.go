package memory

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A server is what connections share. One lock guards it and them.
type server struct {
	mu        sync.Mutex
	exchanges map[string]*exchange
	queues    map[string]*queue
}

func newServer() *server {
	s := &server{exchanges: make(map[string]*exchange), queues: make(map[string]*queue)}
	for _, kind := range []string{driver.Topic, driver.Direct, driver.Fanout} {
		s.exchanges["amq."+kind] = newExchange(kind)
	}
	return s
}

func (s *server) queue(name string) (*queue, error) {
	if q, ok := s.queues[name]; ok {
		return q, nil
	}
	return nil, fmt.Errorf("memory: %w: queue %q", driver.ErrNotFound, name)
}

// declare makes the parts exist one by one, so that what comes before an error stays, as with RabbitMQ.
func (s *server) declare(t driver.Topology, owner *Broker) error {
	for _, x := range t.Exchanges {
		if err := s.declareExchange(x); err != nil {
			return fmt.Errorf("memory: declare exchange %q: %w", x.Name, err)
		}
	}
	for _, q := range t.Queues {
		if err := s.declareQueue(q, owner); err != nil {
			return fmt.Errorf("memory: declare queue %q: %w", q.Name, err)
		}
	}
	for _, b := range t.Bindings {
		if err := s.bind(b); err != nil {
			return fmt.Errorf("memory: bind queue %q to exchange %q with key %q: %w", b.Queue, b.Exchange, b.RoutingKey, err)
		}
	}
	return nil
}

func checkName(name string) error {
	if name == "" {
		return fmt.Errorf("%w: no name", driver.ErrInvalid)
	}
	if len(name) > driver.MaxName {
		return fmt.Errorf("%w: the name has %d bytes, at most %d fit", driver.ErrInvalid, len(name), driver.MaxName)
	}
	return nil
}

func (s *server) declareExchange(x driver.Exchange) error {
	if err := checkName(x.Name); err != nil {
		return err
	}
	if old, ok := s.exchanges[x.Name]; ok {
		if old.kind != x.Kind {
			return fmt.Errorf("%w: its kind is %s, not %s", driver.ErrPrecondition, old.kind, x.Kind)
		}
		return nil
	}
	switch x.Kind {
	case driver.Topic, driver.Direct, driver.Fanout:
		s.exchanges[x.Name] = newExchange(x.Kind)
		return nil
	}
	return fmt.Errorf("%w: kind %q; give topic, direct or fanout", driver.ErrInvalid, x.Kind)
}

func (s *server) declareQueue(d driver.Queue, owner *Broker) error {
	if err := checkName(d.Name); err != nil {
		return err
	}
	if d.MessageTTL < 0 || d.MessageTTL%time.Millisecond != 0 {
		return fmt.Errorf("%w: message TTL %v; give whole milliseconds", driver.ErrInvalid, d.MessageTTL)
	}
	if old, ok := s.queues[d.Name]; ok {
		if old.Queue != d {
			return fmt.Errorf("%w: it is %+v, not %+v", driver.ErrPrecondition, old.Queue, d)
		}
		return nil
	}
	q := &queue{Queue: d, server: s}
	q.alone = []*queue{q}
	if d.Temporary {
		q.owner = owner
	}
	s.queues[d.Name] = q
	return nil
}

func (s *server) bind(b driver.Binding) error {
	x, ok := s.exchanges[b.Exchange]
	if !ok {
		return fmt.Errorf("%w: no such exchange", driver.ErrNotFound)
	}
	q, ok := s.queues[b.Queue]
	if !ok {
		return fmt.Errorf("%w: no such queue", driver.ErrNotFound)
	}
	if len(b.RoutingKey) > driver.MaxName {
		return fmt.Errorf("%w: the key has %d bytes, at most %d fit", driver.ErrInvalid, len(b.RoutingKey), driver.MaxName)
	}
	x.bind(b.RoutingKey, q)
	return nil
}

// publish routes a copy of the message to its queues.
func (s *server) publish(m *driver.Message) error {
	routed, err := s.route(m)
	if err != nil {
		return err
	}
	if len(routed) == 0 {
		if m.Mandatory {
			return fmt.Errorf("memory: %w: exchange %q, key %q", driver.ErrUnroutable, m.Exchange, m.RoutingKey)
		}
		return nil
	}
	own := copyMessage(m)
	for _, q := range routed {
		q.push(own)
	}
	return nil
}

// route returns the queues that take the message, each once. The slice must not be changed.
func (s *server) route(m *driver.Message) ([]*queue, error) {
	x, ok := s.exchanges[m.Exchange]
	if !ok && m.Exchange != "" {
		return nil, fmt.Errorf("memory: %w: exchange %q", driver.ErrNotFound, m.Exchange)
	}
	found := s.targets(x, m.RoutingKey)
	for _, name := range [...]string{"CC", "BCC"} {
		keys, _ := copyValue(m.Headers[name]).([]any)
		for _, key := range keys {
			if key, ok := key.(string); ok {
				found = union(found, s.targets(x, key))
			}
		}
	}
	return found, nil
}

func (s *server) targets(x *exchange, key string) []*queue {
	if x != nil {
		return x.route(key)
	}
	if q, ok := s.queues[key]; ok { // the default exchange
		return q.alone
	}
	return nil
}

func union(a, b []*queue) []*queue {
	a = slices.Clip(a) // appending makes a copy
	for _, q := range b {
		if !slices.Contains(a, q) {
			a = append(a, q)
		}
	}
	return a
}

// remove deletes the queue; its subscriptions end with err.
func (s *server) remove(q *queue, err error) {
	delete(s.queues, q.Name)
	for _, x := range s.exchanges {
		x.unbind(q)
	}
	q.delete(err)
}

// dropTemporary deletes the temporary queues of a connection that is gone.
func (s *server) dropTemporary(b *Broker) {
	for _, q := range s.queues {
		if q.owner == b {
			s.remove(q, fmt.Errorf("memory: queue %q went with its connection: %w", q.Name, driver.ErrNotFound))
		}
	}
}
