package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

const patience = 30 * time.Second

func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	return ctx
}

// open dials the test's virtual host with cfg for the rest. The broker is closed when the test ends.
func open(t testing.TB, v *testenv.VHost, cfg rabbitmq.Config) *rabbitmq.Broker {
	t.Helper()
	port, err := strconv.Atoi(v.Port)
	if err != nil {
		t.Fatal(err)
	}
	return openAt(t, v, v.Host, port, cfg)
}

func dialThrough(t testing.TB, v *testenv.VHost, p *proxy, cfg rabbitmq.Config) *rabbitmq.Broker {
	t.Helper()
	host, text := p.addr()
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return openAt(t, v, host, port, cfg)
}

func openAt(t testing.TB, v *testenv.VHost, host string, port int, cfg rabbitmq.Config) *rabbitmq.Broker {
	t.Helper()
	cfg.Host, cfg.Port, cfg.VHost = host, port, v.Name
	if cfg.User == "" {
		cfg.User, cfg.Password = v.User, v.Password
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	b, err := rabbitmq.Dial(testContext(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustBe(t testing.TB, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Fatalf("got %v, want an error that is %q", err, target)
	}
}

// eventually waits until ok returns nil.
func eventually(t testing.TB, ok func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := ok()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %v still: %v", patience, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// events is a topic exchange with a queue that gets everything.
func events(t testing.TB, b driver.Broker) (exchange, queue string) {
	t.Helper()
	exchange, queue = "hrm", "mailer:welcome"
	must(t, b.Declare(testContext(t), driver.Topology{
		Exchanges: []driver.Exchange{{Name: exchange, Kind: driver.Topic}},
		Queues:    []driver.Queue{{Name: queue}},
		Bindings:  []driver.Binding{{Queue: queue, Exchange: exchange, RoutingKey: "#"}},
	}))
	return exchange, queue
}

func text(exchange, key, body string) driver.Message {
	return driver.Message{Exchange: exchange, RoutingKey: key, Body: []byte(body), ID: body, ContentType: "application/json"}
}

// drain takes all messages of a queue and acknowledges them.
func drain(t testing.TB, b driver.Broker, queue string) []driver.Delivery {
	t.Helper()
	ctx := testContext(t)
	p, err := b.Pull(ctx, queue)
	must(t, err)
	var all []driver.Delivery
	for {
		d, ok, err := p.Next(ctx)
		must(t, err)
		if !ok {
			break
		}
		all = append(all, d)
	}
	if len(all) > 0 {
		must(t, p.Ack(all[len(all)-1].Tag, true))
	}
	must(t, p.Close())
	return all
}

func next(t testing.TB, s driver.Subscription) driver.Delivery {
	t.Helper()
	select {
	case d, ok := <-s.Deliveries():
		if !ok {
			t.Fatalf("the subscription has ended: %v", s.Err())
		}
		return d
	case <-time.After(patience):
		t.Fatal("no delivery")
	}
	panic("unreachable")
}

func subscribe(t testing.TB, b driver.Broker, queue string, prefetch int) driver.Subscription {
	t.Helper()
	s, err := b.Subscribe(testContext(t), queue, driver.SubscribeOptions{Prefetch: prefetch, Name: "test"})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// failures returns the errors of a Publish call by position.
func failures(t testing.TB, err error) map[int]error {
	t.Helper()
	failed := make(map[int]error)
	if err == nil {
		return failed
	}
	var pe *driver.PublishError
	if !errors.As(err, &pe) {
		t.Fatalf("want a *driver.PublishError, got %v", err)
	}
	for _, f := range pe.Failed {
		failed[f.Index] = f.Err
	}
	return failed
}

func bodies(deliveries []driver.Delivery) map[string]int {
	got := make(map[string]int)
	for _, d := range deliveries {
		got[string(d.Body)]++
	}
	return got
}

func number(i int) string { return fmt.Sprintf(`{"n": %d}`, i) }
