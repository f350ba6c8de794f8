package eventbus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

const (
	queue    = "mailer:welcome"
	patience = 30 * time.Second
)

var errBounced = errors.New("the mail bounced")

// A mailer consumes beside a Python peer and fails while it is told to.
type mailer struct {
	broker *rabbitmq.Broker
	vhost  *testenv.VHost
	fails  atomic.Bool
	got    chan eventbus.Delivery
}

func newMailer(t *testing.T, policy eventbus.Garbage) *mailer {
	t.Helper()
	testenv.Python(t)
	v := testenv.RabbitMQ(t)
	quiet := slog.New(slog.DiscardHandler)
	b, err := rabbitmq.Dial(t.Context(), rabbitmq.Config{URL: v.URL(), Logger: quiet})
	must(t, err)
	m := &mailer{broker: b, vhost: v, got: make(chan eventbus.Delivery, 10)}
	c := eventbus.NewConsumer(b, eventbus.ConsumerConfig{Queue: queue, OnFailure: policy, Logger: quiet},
		eventbus.NewExchange("hrm").Handle("person.#", func(_ context.Context, d eventbus.Delivery) error {
			m.got <- d
			if m.fails.Load() {
				return errBounced
			}
			return nil
		}))
	must(t, c.Declare(t.Context()))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		must(t, <-done)
		must(t, b.Close())
	})
	return m
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *mailer) next(t *testing.T) eventbus.Delivery {
	t.Helper()
	select {
	case d := <-m.got:
		return d
	case <-time.After(patience):
		t.Fatal("no message")
		panic("unreachable")
	}
}

// peer runs a command of the Python peer, again while it finds the queue empty.
func (m *mailer) peer(t *testing.T, command string, arguments ...string) []byte {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		out, err := m.vhost.Peer(t, command, arguments...)
		if err == nil {
			return out
		}
		if time.Now().After(deadline) || command == "publish" {
			t.Fatalf("peer %s: %v\n%s", command, err, out)
		}
	}
}

// stored waits for one message in the garbage queue and returns it.
func (m *mailer) stored(t *testing.T) eventbus.GarbageMessage {
	t.Helper()
	garbage := eventbus.NewGarbageQueue(m.broker, queue)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for message, err := range garbage.List(t.Context()) {
			must(t, err)
			return message
		}
	}
	t.Fatal("nothing is stored")
	panic("unreachable")
}

// The peer publishes as it comes, we fail and store, the peer reads what we stored as its own.
func TestAPythonPeerReadsOurGarbage(t *testing.T) {
	t.Parallel()
	m := newMailer(t, eventbus.Garbage{After: []time.Duration{10 * time.Millisecond}, ErrorInBody: true})
	m.fails.Store(true)
	m.peer(t, "publish", "hrm", "person.created", `{"id": 1, "name": "Анна"}`)
	for attempt := 1; attempt <= 2; attempt++ {
		if d := m.next(t); d.Attempt != attempt || d.RoutingKey != "person.created" || d.Exchange != "hrm" {
			t.Errorf("attempt %d came as %+v", attempt, d)
		}
	}
	m.stored(t)
	var read struct {
		Exchange   string
		RoutingKey string `json:"routing_key"`
		Body       string
		Properties map[string]any
	}
	must(t, json.Unmarshal(m.peer(t, "get", queue+".garbage"), &read))
	var body map[string]any
	must(t, json.Unmarshal([]byte(read.Body), &body))
	if read.Exchange != "mailer.retry.post" || read.RoutingKey != queue+".garbage" || fmt.Sprint(body["error"]) != errBounced.Error() ||
		body["name"] != "Анна" || read.Properties["delivery_mode"] != 2.0 {
		t.Errorf("the peer read %+v", read)
	}
}

// The peer's way to replay: it rejects the message in the garbage queue.
func TestAPythonPeerRejectsOurGarbage(t *testing.T) {
	t.Parallel()
	m := newMailer(t, eventbus.Garbage{})
	m.fails.Store(true)
	const body = `{"id": 1,  "spaces":  "kept"}`
	m.peer(t, "publish", "hrm", "person.created", body)
	m.next(t)
	if s := m.stored(t); s.Error != errBounced.Error() || s.Attempts != 1 || s.RoutingKey != "person.created" || string(s.Body) != body {
		t.Errorf("stored as %+v", s)
	}
	m.fails.Store(false)
	m.peer(t, "reject", queue+".garbage")
	if d := m.next(t); d.RoutingKey != "person.created" || d.Exchange != "hrm" || string(d.Body) != body {
		t.Errorf("came back as %+v", d)
	}
}

// The peer stores, with its error in the body, and we replay.
func TestWeReplayTheGarbageOfAPythonPeer(t *testing.T) {
	t.Parallel()
	m := newMailer(t, eventbus.Garbage{})
	const body = `{"id": 1, "error": "KeyError('x')"}`
	m.peer(t, "publish", "mailer.retry.post", queue+".garbage", body)
	if s := m.stored(t); s.Error != "KeyError('x')" || string(s.Body) != body {
		t.Errorf("stored as %+v", s)
	}
	n, err := eventbus.NewGarbageQueue(m.broker, queue).Replay(t.Context())
	if n != 1 || err != nil {
		t.Fatalf("replayed %d, %v", n, err)
	}
	if d := m.next(t); string(d.Body) != body {
		t.Errorf("came back as %+v", d)
	}
}
