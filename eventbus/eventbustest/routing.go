package eventbustest

import (
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

var routingChecks = []check{
	{"routing/topic", func(s *suite) {
		b := s.broker()
		x := s.name("x")
		patterns := []string{"a.b", "a.*", "a.#", "#", "*.b.*", "#.c"}
		takes := map[string][]string{ // key: patterns that take it
			"a.b":   {"a.b", "a.*", "a.#", "#"},
			"a":     {"a.#", "#"},
			"a.b.c": {"a.#", "#", "*.b.*", "#.c"},
			"c":     {"#", "#.c"},
			"b":     {"#"},
			"":      {"#"},
		}
		t := driver.Topology{Exchanges: []driver.Exchange{{Name: x, Kind: driver.Topic}}}
		for _, p := range patterns {
			q := s.name(p)
			t.Queues = append(t.Queues, driver.Queue{Name: q})
			t.Bindings = append(t.Bindings, driver.Binding{Queue: q, Exchange: x, RoutingKey: p})
		}
		s.must(b.Declare(s.ctx, t))
		want := make(map[string][]string)
		for key, takers := range takes {
			s.must(b.Publish(s.ctx, []driver.Message{{Exchange: x, RoutingKey: key, Body: []byte(key), Mandatory: true}}))
			for _, p := range takers {
				want[p] = append(want[p], key)
			}
		}
		for _, p := range patterns {
			s.holds(b, s.name(p), want[p]...)
		}
	}},
	{"routing/direct and fanout", func(s *suite) {
		b := s.broker()
		direct, fanout := s.name("direct"), s.name("fanout")
		s.must(b.Declare(s.ctx, driver.Topology{
			Exchanges: []driver.Exchange{{Name: direct, Kind: driver.Direct}, {Name: fanout, Kind: driver.Fanout}},
			Queues:    []driver.Queue{{Name: s.name("1")}, {Name: s.name("2")}},
			Bindings: []driver.Binding{
				{Queue: s.name("1"), Exchange: direct, RoutingKey: "one"}, {Queue: s.name("2"), Exchange: direct, RoutingKey: "#"},
				{Queue: s.name("1"), Exchange: fanout, RoutingKey: "one"}, {Queue: s.name("2"), Exchange: fanout},
			},
		}))
		s.must(b.Publish(s.ctx, []driver.Message{{Exchange: direct, RoutingKey: "one", Body: []byte("direct")}}))
		s.must(b.Publish(s.ctx, []driver.Message{{Exchange: fanout, RoutingKey: "any", Body: []byte("fanout")}}))
		s.holds(b, s.name("1"), "direct", "fanout")
		s.holds(b, s.name("2"), "fanout")
	}},
	{"routing/one copy for several bindings", func(s *suite) {
		b := s.broker()
		x, q := s.name("x"), s.name("q")
		s.must(b.Declare(s.ctx, driver.Topology{
			Exchanges: []driver.Exchange{{Name: x, Kind: driver.Topic}},
			Queues:    []driver.Queue{{Name: q}},
			Bindings: []driver.Binding{
				{Queue: q, Exchange: x, RoutingKey: "a.#"}, {Queue: q, Exchange: x, RoutingKey: "#"}, {Queue: q, Exchange: x, RoutingKey: "a.b"},
			},
		}))
		s.must(b.Publish(s.ctx, []driver.Message{{Exchange: x, RoutingKey: "a.b", Body: []byte("once")}}))
		d := s.holds(b, q, "once")[0]
		if d.Exchange != x || d.RoutingKey != "a.b" {
			s.Errorf("came from exchange %q with key %q, want %q and %q", d.Exchange, d.RoutingKey, x, "a.b")
		}
	}},
}
