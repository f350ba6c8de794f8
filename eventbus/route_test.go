package eventbus

import (
	"context"
	"testing"
)

func TestRouterFinds(t *testing.T) {
	t.Parallel()
	hrm, crm := NewExchange("hrm"), NewExchange("crm")
	handle := func(context.Context, Delivery) error { return nil }
	rt, err := newRouter([]Route{
		hrm.Handle("person.#", handle), hrm.Handle("*.created", handle), hrm.Handle("car.created", handle), crm.Handle("a", handle),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ exchange, key, want string }{
		{"hrm", "person.created", "person.#"}, {"hrm", "car.created", "car.created"}, {"hrm", "dog.created", "*.created"},
		{"hrm", "dog", ""}, {"crm", "a", "a"}, {"hrm", "a", ""}, {"crm", "person.created", ""}, {"", "a", ""},
	} {
		got := ""
		if r := rt.find(tt.exchange, tt.key); r != nil {
			got = r.pattern
		}
		if got != tt.want {
			t.Errorf("find(%q, %q) is %q, want %q", tt.exchange, tt.key, got, tt.want)
		}
	}
}
