package memory

import (
	"slices"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/internal/topic"
)

type binding struct {
	key string
	q   *queue
}

type exchange struct {
	kind     string
	bindings []binding
	routes   map[string][]*queue // what route has found, until the bindings change
}

const maxRoutes = 4096 // keys may be made of ids

func newExchange(kind string) *exchange {
	return &exchange{kind: kind, routes: make(map[string][]*queue)}
}

func (x *exchange) bind(key string, q *queue) {
	if b := (binding{key, q}); !slices.Contains(x.bindings, b) {
		x.bindings = append(x.bindings, b)
		clear(x.routes)
	}
}

func (x *exchange) unbind(q *queue) {
	x.bindings = slices.DeleteFunc(x.bindings, func(b binding) bool { return b.q == q })
	clear(x.routes)
}

// route returns the queues that are bound for the key, each once.
func (x *exchange) route(key string) []*queue {
	if found, ok := x.routes[key]; ok {
		return found
	}
	var found []*queue
	for _, b := range x.bindings {
		if x.matches(b.key, key) && !slices.Contains(found, b.q) {
			found = append(found, b.q)
		}
	}
	if len(x.routes) >= maxRoutes {
		clear(x.routes)
	}
	x.routes[key] = found
	return found
}

func (x *exchange) matches(pattern, key string) bool {
	switch x.kind {
	case driver.Fanout:
		return true
	case driver.Topic:
		return topic.Match(pattern, key)
	default:
		return pattern == key
	}
}
