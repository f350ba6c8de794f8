package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// One caller publishes to an exchange that is not there, as fast as it can, on the channel that everybody shares.
func TestAMissingExchangeFailsItsCallerAlone(t *testing.T) {
	t.Parallel()
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{PublishChannels: 1})
	exchange, queue := events(t, b)
	ctx := testContext(t)
	stop := make(chan struct{})
	var bad, good sync.WaitGroup
	bad.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := b.Publish(ctx, []driver.Message{text("missing", "a", "x")}); !errors.Is(err, driver.ErrNotFound) {
				t.Errorf("publish to a missing exchange: %v", err)
				return
			}
		}
	})
	for g := range 8 {
		good.Go(func() {
			for i := range 50 {
				if err := b.Publish(ctx, []driver.Message{text(exchange, "a", number(g*50+i))}); err != nil {
					t.Errorf("publish: %v", err)
				}
			}
		})
	}
	good.Wait()
	close(stop)
	bad.Wait()
	if got := drain(t, b, queue); len(got) != 400 {
		t.Errorf("the queue holds %d messages, want each of the 400 once", len(got))
	}
}

// The exchange goes while a window full of messages is on its way to it, and to another one.
func TestAnExchangeIsDeletedUnderItsPublishers(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	b := open(t, v, rabbitmq.Config{PublishChannels: 1})
	exchange, queue := events(t, b)
	ctx := testContext(t)
	must(t, b.Declare(ctx, driver.Topology{Exchanges: []driver.Exchange{{Name: "doomed", Kind: driver.Fanout}}}))
	var messages []driver.Message
	for i := range 4000 {
		name := exchange
		if i%2 == 1 {
			name = "doomed"
		}
		messages = append(messages, text(name, "a", number(i)))
	}
	deleted := make(chan error, 1)
	other := open(t, v, rabbitmq.Config{})
	go func() {
		for arrived := 0; arrived == 0 && ctx.Err() == nil; { // in the middle of it
			if p, err := other.Pull(ctx, queue); err == nil {
				arrived = p.Len()
				_ = p.Close()
			}
		}
		deleted <- v.Call(http.MethodDelete, "/api/exchanges/{vhost}/doomed", nil, nil)
	}()
	failed := failures(t, b.Publish(ctx, messages))
	must(t, <-deleted)
	for i, err := range failed {
		if i%2 == 0 || !errors.Is(err, driver.ErrNotFound) {
			t.Errorf("message %d: %v", i, err)
		}
	}
	t.Logf("%d messages found their exchange gone", len(failed))
	got := bodies(drain(t, b, queue))
	for i := 0; i < len(messages); i += 2 {
		if got[number(i)] == 0 {
			t.Errorf("message %d was confirmed and is not in the queue", i)
		}
	}
}

func TestPermissionDenied(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	exchange, queue := events(t, open(t, v, rabbitmq.Config{}))
	limited := *v
	limited.User, limited.Password = "limited-"+v.Name, "secret"
	must(t, v.Call(http.MethodPut, "/api/users/"+limited.User, map[string]string{"password": limited.Password, "tags": ""}, nil))
	t.Cleanup(func() { must(t, v.Call(http.MethodDelete, "/api/users/"+limited.User, nil, nil)) })

	_, err := rabbitmq.Dial(testContext(t), rabbitmq.Config{URL: limited.URL()})
	mustBe(t, err, driver.ErrDenied) // no right on the virtual host at all

	rights := map[string]string{"configure": "^mine", "write": "^mine", "read": "^mine"}
	must(t, v.Call(http.MethodPut, "/api/permissions/{vhost}/"+limited.User, rights, nil))
	b := open(t, &limited, rabbitmq.Config{PublishChannels: 1})
	ctx := testContext(t)
	must(t, b.Declare(ctx, driver.Topology{Queues: []driver.Queue{{Name: "mine"}}, Exchanges: []driver.Exchange{{Name: "mine", Kind: driver.Topic}}}))

	mustBe(t, b.Declare(ctx, driver.Topology{Queues: []driver.Queue{{Name: "theirs"}}}), driver.ErrDenied)
	_, err = b.Subscribe(ctx, queue, driver.SubscribeOptions{Prefetch: 1})
	mustBe(t, err, driver.ErrDenied)
	p, err := b.Pull(ctx, queue)
	if err == nil { // looking at it is allowed, reading is not
		_, _, err = p.Next(ctx)
		must(t, p.Close())
	}
	mustBe(t, err, driver.ErrDenied)

	failed := failures(t, b.Publish(ctx, []driver.Message{text("mine", "a", "1"), text(exchange, "a", "2"), text("mine", "a", "3")}))
	if len(failed) != 1 || !errors.Is(failed[1], driver.ErrDenied) {
		t.Errorf("got %v, want the second message denied", failed)
	}
	must(t, b.Health())
}

// The broker can refuse a message for more than its exchange.
func TestABrokerThatRefuses(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	b := open(t, v, rabbitmq.Config{PublishChannels: 1})
	exchange, queue := events(t, b)
	// A queue that takes 100 messages and nacks the rest, bound beside one that takes all.
	full := map[string]any{"durable": true, "arguments": map[string]any{"x-max-length": 100, "x-overflow": "reject-publish"}}
	must(t, v.Call(http.MethodPut, "/api/queues/{vhost}/full", full, nil))
	must(t, v.Call(http.MethodPost, "/api/bindings/{vhost}/e/hrm/q/full", map[string]any{"routing_key": "both"}, nil))
	var messages []driver.Message
	for i := range 600 {
		key := "one"
		if i%2 == 1 {
			key = "both"
		}
		messages = append(messages, text(exchange, key, number(i)))
	}
	failed := failures(t, b.Publish(testContext(t), messages))
	held := bodies(drain(t, b, "full"))
	if len(held) < 100 || len(held)+len(failed) != 300 {
		t.Errorf("%d messages are in the full queue and %d were refused, want 300 together", len(held), len(failed))
	}
	for i := 1; i < len(messages); i += 2 {
		body := number(i)
		if failed[i] == nil && held[body] == 0 {
			t.Errorf("message %d was confirmed and is not in the full queue", i)
		}
		if failed[i] != nil && !errors.Is(failed[i], driver.ErrRefused) {
			t.Errorf("message %d: %v", i, failed[i])
		}
	}
	if got := bodies(drain(t, b, queue)); len(got) != 600 {
		t.Errorf("the other queue holds %d different messages, want 600", len(got))
	}
}

// The broker closes the channel over a message whose user id is not ours.
func TestAForeignUserID(t *testing.T) {
	t.Parallel()
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{PublishChannels: 1})
	exchange, queue := events(t, b)
	messages := []driver.Message{text(exchange, "a", "1"), text(exchange, "a", "2"), text(exchange, "a", "3")}
	messages[1].UserID = "somebody-else"
	messages[2].UserID = "guest"
	failed := failures(t, b.Publish(testContext(t), messages))
	if len(failed) != 1 || !errors.Is(failed[1], driver.ErrRefused) {
		t.Errorf("got %v, want the second message refused", failed)
	}
	if got := drain(t, b, queue); len(got) != 2 || got[1].UserID != "guest" {
		t.Errorf("the queue holds %v", got)
	}
}

// Returned messages are told from routed ones in the middle of a window, with and without message ids.
func TestMandatoryMessagesInAWindow(t *testing.T) {
	t.Parallel()
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{})
	must(t, b.Declare(testContext(t), driver.Topology{
		Exchanges: []driver.Exchange{{Name: "x", Kind: driver.Topic}}, Queues: []driver.Queue{{Name: "q"}},
		Bindings: []driver.Binding{{Queue: "q", Exchange: "x", RoutingKey: "in"}},
	}))
	for _, ids := range []bool{true, false} {
		var messages []driver.Message
		for i := range 1000 {
			m := text("x", "in", number(i))
			if i%3 == 0 {
				m.RoutingKey = "out"
			}
			if m.Mandatory = i%2 == 0; !ids {
				m.ID = ""
			}
			messages = append(messages, m)
		}
		failed := failures(t, b.Publish(testContext(t), messages))
		for i := range messages {
			if want := i%6 == 0; want != errors.Is(failed[i], driver.ErrUnroutable) {
				t.Fatalf("ids %v, message %d: %v", ids, i, failed[i])
			}
		}
		if got := drain(t, b, "q"); len(got) != 666 {
			t.Errorf("ids %v: the queue holds %d messages, want 666", ids, len(got))
		}
	}
}

func TestOrderAndLargeBodies(t *testing.T) {
	t.Parallel()
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{Window: 7})
	exchange, queue := events(t, b)
	var messages []driver.Message
	for i := range 60 {
		m := text(exchange, "a", fmt.Sprint(i))
		m.Body = make([]byte, i*i*1000) // up to 3.5 MB, in many frames
		for j := range m.Body {
			m.Body[j] = byte(i)
		}
		messages = append(messages, m)
	}
	must(t, b.Publish(testContext(t), messages))
	for i, d := range drain(t, b, queue) {
		if d.ID != fmt.Sprint(i) || len(d.Body) != i*i*1000 || i > 0 && d.Body[len(d.Body)-1] != byte(i) {
			t.Fatalf("message %d is %s with %d bytes", i, d.ID, len(d.Body))
		}
	}
}

// A caller that leaves gets its memory back at once, and an error that says what is known.
func TestACallerLeaves(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	p := newProxy(t, v.Host+":"+v.Port)
	b := dialThrough(t, v, p, rabbitmq.Config{})
	exchange, queue := events(t, b)
	must(t, b.Publish(testContext(t), []driver.Message{text(exchange, "a", "1")}))
	p.stall()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	m := text(exchange, "a", "2")
	start := time.Now()
	err := b.Publish(ctx, []driver.Message{m})
	mustBe(t, err, context.DeadlineExceeded)
	mustBe(t, err, driver.ErrUnknown)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("left after %v, want 200 ms", took)
	}
	copy(m.Body, "X")
	p.flow()
	must(t, b.Publish(testContext(t), []driver.Message{text(exchange, "a", "3")}))
	if got := bodies(drain(t, b, queue)); got["1"] != 1 || got["2"] != 1 || got["3"] != 1 {
		t.Errorf("the queue holds %v", got)
	}
}
