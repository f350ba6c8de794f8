package eventbus

import (
	"context"
	"fmt"
	"slices"

	"gitlab.com/pik-pro/backend/toolset/eventbus/internal/topic"
)

// A Handler handles one message. Nil means done; an error or a panic hands the message to the failure policy.
type Handler func(ctx context.Context, d Delivery) error

// A Route leads messages of an exchange to a handler and binds the consumer's queue to what it handles.
// Event.Handle and Exchange.Handle make one.
type Route struct {
	exchange *Exchange
	pattern  string
	handler  Handler
	err      error
}

// Handle returns a route for all keys of the exchange that match the pattern: words separated by dots, "*" for one
// word, "#" for any number of words. The handler gets the body as it is; Delivery.Decode reads it. A message is handled
// once: by the route with its very key, else by the first whose pattern matches.
func (x *Exchange) Handle(pattern string, h func(ctx context.Context, d Delivery) error) Route {
	r := Route{exchange: x, pattern: pattern, handler: h}
	if h == nil {
		r.err = fmt.Errorf("pattern %q: %w", pattern, ErrNoHandler)
	}
	return r
}

func isPattern(key string) bool { return topic.IsPattern(key) }

func (r Route) check() error {
	if r.exchange == nil {
		return fmt.Errorf("%w: a Route without exchange; make routes with Event.Handle or Exchange.Handle", ErrNoHandler)
	}
	if err := r.exchange.Err(); err != nil {
		return err
	}
	if r.err != nil {
		return r.err
	}
	return checkKey(r.pattern)
}

type address struct{ exchange, key string }

// A router finds the route of a message: an exact key wins over patterns, among patterns the first given wins.
type router struct {
	exact    map[address]*Route
	patterns []*Route
	routes   []Route
	only     *Route // the single route, for messages that do not tell where they came from
}

func newRouter(routes []Route) (*router, error) {
	if len(routes) == 0 {
		return nil, fmt.Errorf("%w: give NewConsumer at least one, such as PersonCreated.Handle(h)", ErrNoRoutes)
	}
	rt := &router{exact: make(map[address]*Route), routes: slices.Clone(routes)}
	seen := make(map[address]bool)
	for i := range rt.routes {
		r := &rt.routes[i]
		if err := r.check(); err != nil {
			return nil, err
		}
		at := address{r.exchange.name, r.pattern}
		if seen[at] {
			return nil, fmt.Errorf("%w: exchange %q, key %q", ErrDuplicateRoute, at.exchange, at.key)
		}
		seen[at] = true
		if isPattern(r.pattern) {
			rt.patterns = append(rt.patterns, r)
		} else {
			rt.exact[at] = r
		}
	}
	if len(routes) == 1 {
		rt.only = &rt.routes[0]
	}
	return rt, nil
}

func (rt *router) find(exchange, key string) *Route {
	if r, ok := rt.exact[address{exchange, key}]; ok {
		return r
	}
	for _, r := range rt.patterns {
		if r.exchange.name == exchange && topic.Match(r.pattern, key) {
			return r
		}
	}
	return nil
}
