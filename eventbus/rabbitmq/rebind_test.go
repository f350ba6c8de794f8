package rabbitmq

import (
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// An exchange that is declared alone, as a publisher does after somebody has deleted it, gets its bindings back.
func TestAnExchangeComesBackWithItsBindings(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, confirmAll)
	b := s.dial(Config{})
	x := driver.Exchange{Name: "x", Kind: driver.Topic}
	other := driver.Exchange{Name: "other", Kind: driver.Topic}
	binds := func(t driver.Topology) int {
		count := func() int {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.asked[[2]uint16{50, 20}]
		}
		before := count()
		if err := b.Declare(s.t.Context(), t); err != nil {
			s.t.Fatal(err)
		}
		return count() - before
	}
	for i, tt := range []struct {
		declared driver.Topology
		want     int
	}{
		{driver.Topology{Exchanges: []driver.Exchange{x}}, 0},
		{driver.Topology{Exchanges: []driver.Exchange{x, other}, Queues: []driver.Queue{{Name: "q"}}, Bindings: []driver.Binding{
			{Queue: "q", Exchange: "x", RoutingKey: "a"}, {Queue: "q", Exchange: "other", RoutingKey: "a"}, {Queue: "q", Exchange: "x", RoutingKey: "b"},
		}}, 3},
		{driver.Topology{Exchanges: []driver.Exchange{x}}, 2},
		{driver.Topology{Queues: []driver.Queue{{Name: "q"}}}, 0},
	} {
		if got := binds(tt.declared); got != tt.want {
			t.Errorf("declaration %d: %d bindings, want %d", i, got, tt.want)
		}
	}
}
