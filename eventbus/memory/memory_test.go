package memory

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func declare(t *testing.T, b *Broker, top driver.Topology) {
	t.Helper()
	if err := b.Declare(context.Background(), top); err != nil {
		t.Fatal(err)
	}
}

func publish(t *testing.T, b *Broker, messages ...driver.Message) {
	t.Helper()
	if err := b.Publish(context.Background(), messages); err != nil {
		t.Fatal(err)
	}
}

func texts(queue string, bodies ...string) []driver.Message {
	var batch []driver.Message
	for _, body := range bodies {
		batch = append(batch, driver.Message{RoutingKey: queue, Body: []byte(body), Mandatory: true})
	}
	return batch
}

func subscribe(t *testing.T, b *Broker, queue string, prefetch int) driver.Subscription {
	t.Helper()
	sub, err := b.Subscribe(context.Background(), queue, driver.SubscribeOptions{Prefetch: prefetch})
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// bodies returns what lies ready in the queue.
func bodies(t *testing.T, b *Broker, queue string) []string {
	t.Helper()
	p, err := b.Pull(context.Background(), queue)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var got []string
	for {
		d, ok, err := p.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return got
		}
		got = append(got, string(d.Body))
	}
}

func TestCutStopsEverythingUntilMend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New()
		other := b.Connect()
		declare(t, b, driver.Topology{Queues: []driver.Queue{{Name: "q"}, {Name: "tmp", Temporary: true}}})
		publish(t, b, texts("q", "0", "1", "2")...)
		sub := subscribe(t, b, "q", 2)
		d := <-sub.Deliveries()
		b.Cut()
		b.Cut()
		if err := b.Health(); !errors.Is(err, driver.ErrUnavailable) {
			t.Errorf("Health: %v", err)
		}
		if got := bodies(t, other, "q"); !slices.Equal(got, []string{"0", "1", "2"}) {
			t.Errorf("what was in hand did not come back: %q", got)
		}
		if err := sub.Ack(d.Tag, false); !errors.Is(err, driver.ErrStale) {
			t.Errorf("Ack: %v", err)
		}
		if err := other.Publish(t.Context(), texts("tmp", "x")); !errors.Is(err, driver.ErrUnroutable) {
			t.Errorf("the temporary queue is still there: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := b.Publish(ctx, texts("q", "late"))
		if pe, ok := errors.AsType[*driver.PublishError](err); !ok || len(pe.Failed) != 1 ||
			!errors.Is(err, driver.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Publish: %v", err)
		}
		for what, err := range map[string]error{
			"Declare": b.Declare(ctx, driver.Topology{}), "Subscribe": second(b.Subscribe(ctx, "q", driver.SubscribeOptions{Prefetch: 1})),
			"Pull": second(b.Pull(ctx, "q")),
		} {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", what, err)
			}
		}
		time.AfterFunc(time.Minute, b.Mend)
		publish(t, b, texts("tmp", "back")...)
		for _, want := range []string{"0", "1"} {
			if d := <-sub.Deliveries(); string(d.Body) != want || !d.Redelivered {
				t.Errorf("got %q, %v", d.Body, d.Redelivered)
			}
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		b.Cut()
		b.Mend()
		if err := b.Health(); !errors.Is(err, driver.ErrClosed) {
			t.Errorf("Health after Close: %v", err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestCloseWakesThoseWhoWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, fault := range map[string]func(*Broker){
			"cut": (*Broker).Cut, "blocked": func(b *Broker) { b.Block(true) },
		} {
			b := New()
			fault(b)
			time.AfterFunc(time.Second, func() { _ = b.Close() })
			if err := b.Publish(t.Context(), texts("q", "0")); !errors.Is(err, driver.ErrClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestBlockBoundsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New()
		b.Block(true)
		if err := b.Health(); !errors.Is(err, driver.ErrBlocked) {
			t.Errorf("Health: %v", err)
		}
		start := time.Now()
		if err := b.Publish(t.Context(), texts("q", "0")); !errors.Is(err, driver.ErrBlocked) || time.Since(start) != BlockedTimeout {
			t.Errorf("Publish after %v: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Publish(ctx, texts("q", "0")); !errors.Is(err, driver.ErrBlocked) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Publish: %v", err)
		}
		declare(t, b, driver.Topology{Queues: []driver.Queue{{Name: "q"}}}) // only publishing is blocked
	})
}

func TestDeleteQueue(t *testing.T) {
	t.Parallel()
	b := New()
	declare(t, b, driver.Topology{
		Exchanges: []driver.Exchange{{Name: "x", Kind: driver.Fanout}},
		Queues:    []driver.Queue{{Name: "q"}, {Name: "r"}},
		Bindings:  []driver.Binding{{Queue: "q", Exchange: "x"}, {Queue: "r", Exchange: "x"}},
	})
	sub := subscribe(t, b, "q", 1)
	publish(t, b, driver.Message{Exchange: "x"})
	p, err := b.Pull(t.Context(), "q")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.DeleteQueue("q"); err != nil {
		t.Fatal(err)
	}
	if _, ok := <-sub.Deliveries(); ok || !errors.Is(sub.Err(), driver.ErrNotFound) {
		t.Errorf("the subscription: %v, %v", ok, sub.Err())
	}
	if _, _, err := p.Next(t.Context()); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("Next: %v", err)
	}
	publish(t, b, driver.Message{Exchange: "x"})
	if got := bodies(t, b, "r"); len(got) != 2 {
		t.Errorf("the other queue holds %q", got)
	}
	if err := b.DeleteQueue("q"); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("DeleteQueue: %v", err)
	}
	if err := errors.Join(p.Close(), sub.Close()); err != nil {
		t.Error(err)
	}
}

func TestTimeToLiveOnFakeTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New()
		declare(t, b, driver.Topology{
			Exchanges: []driver.Exchange{{Name: "dlx", Kind: driver.Topic}},
			Queues:    []driver.Queue{{Name: "q", MessageTTL: time.Hour, DeadLetterExchange: "dlx"}, {Name: "dead"}},
			Bindings:  []driver.Binding{{Queue: "dead", Exchange: "dlx", RoutingKey: "#"}},
		})
		batch := texts("q", "hour", "second", "day")
		batch[1].Expiration, batch[2].Expiration = "1000", "86400000"
		publish(t, b, batch...)
		wait := func(d time.Duration, want ...string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if got := bodies(t, b, "dead"); !slices.Equal(got, want) {
				t.Errorf("dead are %q, want %q", got, want)
			}
		}
		wait(59 * time.Minute) // "second" is behind "hour": messages leave at the head
		wait(time.Minute, "hour", "second", "day")

		// What is in hand does not expire; put back, it does.
		publish(t, b, texts("q", "held")...)
		sub := subscribe(t, b, "q", 1)
		d := <-sub.Deliveries()
		wait(2*time.Hour, "hour", "second", "day")
		if err := sub.Nack(d.Tag, true); err != nil {
			t.Fatal(err)
		}
		wait(0, "hour", "second", "day", "held")

		// Now or never.
		now := texts("q", "now", "never")
		now[0].Expiration, now[1].Expiration = "0", "0"
		publish(t, b, now...)
		if d := <-sub.Deliveries(); string(d.Body) != "now" {
			t.Errorf("got %q", d.Body)
		}
		wait(time.Millisecond, "hour", "second", "day", "held", "never")
	})
}

// A message that expired its way round without anybody touching it is dropped; one that was rejected goes on.
func TestCircles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := New()
		declare(t, b, driver.Topology{
			Exchanges: []driver.Exchange{{Name: "dlx", Kind: driver.Direct}},
			Queues: []driver.Queue{
				{Name: "a", DeadLetterExchange: "dlx", DeadLetterRoutingKey: "b"},
				{Name: "b", DeadLetterExchange: "dlx", DeadLetterRoutingKey: "a", MessageTTL: time.Second},
				{Name: "c", DeadLetterExchange: "dlx", DeadLetterRoutingKey: "c", MessageTTL: time.Second},
			},
			Bindings: []driver.Binding{
				{Queue: "a", Exchange: "dlx", RoutingKey: "a"}, {Queue: "b", Exchange: "dlx", RoutingKey: "b"}, {Queue: "c", Exchange: "dlx", RoutingKey: "c"},
			},
		})
		sub := subscribe(t, b, "a", 1)
		publish(t, b, texts("a", "0")...)
		for range 3 {
			d := <-sub.Deliveries()
			if err := sub.Nack(d.Tag, false); err != nil {
				t.Fatal(err)
			}
		}
		d := <-sub.Deliveries()
		deaths := d.Headers["x-death"].([]any)
		var got []string
		for _, death := range deaths {
			entry := death.(map[string]any)
			got = append(got, fmt.Sprint(entry["queue"], " ", entry["reason"], " ", entry["count"]))
		}
		if want := []string{"b expired 3", "a rejected 3"}; !slices.Equal(got, want) {
			t.Errorf("x-death is %q, want %q", got, want)
		}
		if d.Headers["x-first-death-queue"] != "a" || d.Headers["x-first-death-reason"] != "rejected" {
			t.Errorf("headers are %v", d.Headers)
		}
		publish(t, b, texts("c", "round")...)
		time.Sleep(time.Minute)
		if got := bodies(t, b, "c"); got != nil {
			t.Errorf("the message goes in circles: %q", got)
		}
	})
}

func TestSenderSelectedRouting(t *testing.T) {
	t.Parallel()
	b := New()
	declare(t, b, driver.Topology{Queues: []driver.Queue{{Name: "to"}, {Name: "cc"}, {Name: "bcc"}, {Name: "none"}}})
	publish(t, b, driver.Message{RoutingKey: "to", Headers: map[string]any{"CC": []any{"cc", "to", 1}, "BCC": []string{"bcc"}}})
	for queue, want := range map[string]int{"to": 1, "cc": 1, "bcc": 1, "none": 0} {
		if got := bodies(t, b, queue); len(got) != want {
			t.Errorf("queue %q holds %d", queue, len(got))
		}
	}
	d := <-subscribe(t, b, "cc", 1).Deliveries()
	if want := map[string]any{"CC": []any{"cc", "to", int64(1)}}; !reflect.DeepEqual(d.Headers, want) {
		t.Errorf("headers are %v", d.Headers)
	}
}

func TestDeclareMistakes(t *testing.T) {
	t.Parallel()
	b := New()
	long := string(make([]byte, 256))
	declare(t, b, driver.Topology{Exchanges: []driver.Exchange{{Name: "x", Kind: driver.Topic}}, Queues: []driver.Queue{{Name: "q"}}})
	for name, tt := range map[string]struct {
		top  driver.Topology
		want error
	}{
		"kind":          {driver.Topology{Exchanges: []driver.Exchange{{Name: "y", Kind: "odd"}}}, driver.ErrInvalid},
		"no exchange":   {driver.Topology{Exchanges: []driver.Exchange{{Kind: driver.Topic}}}, driver.ErrInvalid},
		"long exchange": {driver.Topology{Exchanges: []driver.Exchange{{Name: long, Kind: driver.Topic}}}, driver.ErrInvalid},
		"no queue":      {driver.Topology{Queues: []driver.Queue{{}}}, driver.ErrInvalid},
		"ttl":           {driver.Topology{Queues: []driver.Queue{{Name: "r", MessageTTL: -1}}}, driver.ErrInvalid},
		"bind nothing":  {driver.Topology{Bindings: []driver.Binding{{Queue: "r", Exchange: "x"}}}, driver.ErrNotFound},
		"long key":      {driver.Topology{Bindings: []driver.Binding{{Queue: "q", Exchange: "x", RoutingKey: long}}}, driver.ErrInvalid},
	} {
		if err := b.Declare(t.Context(), tt.top); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, prefetch := range []int{0, -1, 65536} {
		if _, err := b.Subscribe(t.Context(), "q", driver.SubscribeOptions{Prefetch: prefetch}); !errors.Is(err, driver.ErrInvalid) {
			t.Errorf("prefetch %d: %v", prefetch, err)
		}
	}
	sub := subscribe(t, b, "q", 1)
	for _, err := range []error{sub.Ack(driver.Tag{Epoch: 1, Number: 7}, true), sub.Nack(driver.Tag{Epoch: 1}, true)} {
		if !errors.Is(err, driver.ErrInvalid) {
			t.Errorf("a tag that was not given out: %v", err)
		}
	}
}

// What was found for a key is found anew when the bindings change.
func TestBindingsChange(t *testing.T) {
	t.Parallel()
	b := New()
	declare(t, b, driver.Topology{
		Exchanges: []driver.Exchange{{Name: "x", Kind: driver.Topic}}, Queues: []driver.Queue{{Name: "q"}, {Name: "r"}},
	})
	publish(t, b, driver.Message{Exchange: "x", RoutingKey: "k"})
	for _, queue := range []string{"q", "r"} {
		declare(t, b, driver.Topology{Bindings: []driver.Binding{{Queue: queue, Exchange: "x", RoutingKey: "#"}}})
		publish(t, b, driver.Message{Exchange: "x", RoutingKey: "k", Mandatory: true})
	}
	if q, r := bodies(t, b, "q"), bodies(t, b, "r"); len(q) != 2 || len(r) != 1 {
		t.Errorf("the queues hold %d and %d messages, want 2 and 1", len(q), len(r))
	}
	for i := range 2 * maxRoutes { // keys may be made of ids
		publish(t, b, driver.Message{Exchange: "x", RoutingKey: fmt.Sprint(i)})
	}
	if n := len(b.server.exchanges["x"].routes); n > maxRoutes {
		t.Errorf("%d routes are remembered", n)
	}
}
