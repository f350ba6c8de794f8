package eventbus_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

type person struct {
	ID   int    `json:"id"`
	Name string `json:"name,omitempty"`
}

var errBoom = errors.New("boom")

// A world is an exchange with an event, a broker and what publishes to it.
type world struct {
	t       *testing.T
	broker  *memory.Broker
	hrm     *eventbus.Exchange
	created *eventbus.Event[person]
	bus     eventbus.Publisher
	garbage *eventbus.GarbageQueue
}

const queue = "mailer:welcome"

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, broker: memory.New(), hrm: eventbus.NewExchange("hrm")}
	w.created = eventbus.Declare[person](w.hrm, "person.created", "A person was hired.")
	w.bus = eventbus.NewPublisher(w.broker, eventbus.PublisherConfig{})
	w.garbage = eventbus.NewGarbageQueue(w.broker, queue)
	return w
}

// consume runs a consumer until stop, or the test's end, ends its context.
func (w *world) consume(cfg eventbus.ConsumerConfig, routes ...eventbus.Route) (stop func() error) {
	w.t.Helper()
	return consume(w.t, w.broker, cfg, routes...)
}

func consume(t *testing.T, b eventbus.Broker, cfg eventbus.ConsumerConfig, routes ...eventbus.Route) (stop func() error) {
	t.Helper()
	if cfg.Queue == "" {
		cfg.Queue = queue
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	c := eventbus.NewConsumer(b, cfg, routes...)
	if err := c.Declare(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

func (w *world) publish(messages ...eventbus.Message) {
	w.t.Helper()
	if err := w.bus.Publish(context.Background(), messages...); err != nil {
		w.t.Fatal(err)
	}
}

// holds returns what lies ready in the queue, and checks how many that are.
func (w *world) holds(queue string, n int) []driver.Delivery {
	w.t.Helper()
	p, err := w.broker.Pull(context.Background(), queue)
	if err != nil {
		w.t.Fatal(err)
	}
	defer p.Close()
	var got []driver.Delivery
	for {
		d, ok, err := p.Next(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		if !ok {
			break
		}
		got = append(got, d)
	}
	if len(got) != n {
		w.t.Fatalf("queue %q holds %d messages, want %d: %v", queue, len(got), n, got)
	}
	return got
}

// onFakeTime runs the test in a bubble of its own.
func onFakeTime(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t)) })
}

// pass lets fake time pass and everything happen that is due.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// A spy sees and changes what goes to the broker.
type spy struct {
	eventbus.Broker
	mu        sync.Mutex
	declared  []driver.Topology
	published []driver.Message
	onPublish func([]driver.Message) error // called first; its error is returned
}

func (s *spy) Declare(ctx context.Context, t driver.Topology) error {
	s.mu.Lock()
	s.declared = append(s.declared, t)
	s.mu.Unlock()
	return s.Broker.Declare(ctx, t)
}

func (s *spy) Publish(ctx context.Context, messages []driver.Message) error {
	s.mu.Lock()
	s.published = append(s.published, messages...)
	hook := s.onPublish
	s.mu.Unlock()
	if hook != nil {
		if err := hook(messages); err != nil {
			return err
		}
	}
	return s.Broker.Publish(ctx, messages)
}

func (s *spy) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.declared) + len(s.published)
}

// facts are recorded answers of the Python system.
type facts struct {
	Producers map[string]recorded
	Topology  map[string]struct {
		Exchanges []struct{ Name, Type string }
		Queues    []struct {
			Name      string
			Arguments [][3]string
		}
		Bindings []struct {
			Source      string `json:"source_name"`
			Destination string `json:"destination_name"`
			RoutingKey  string `json:"routing_key"`
		}
	}
	Stored map[string]struct {
		Input   json.RawMessage
		Garbage recorded
	}
	Bodies   map[string]string
	Returned recorded
	Errors   map[string]string
}

type recorded struct {
	Exchange   string
	RoutingKey string `json:"routing_key"`
	Body       string
	Properties struct {
		ContentType  string         `json:"content_type"`
		DeliveryMode int            `json:"delivery_mode"`
		MessageID    string         `json:"message_id"`
		Headers      map[string]any `json:"headers"`
	}
}

func (r recorded) message() driver.Message {
	return driver.Message{
		Exchange: r.Exchange, RoutingKey: r.RoutingKey, Body: []byte(r.Body), ContentType: r.Properties.ContentType,
		ID: r.Properties.MessageID, Transient: r.Properties.DeliveryMode != 2, Headers: r.Properties.Headers,
	}
}

func readFacts(t *testing.T) facts {
	t.Helper()
	text, err := os.ReadFile("testdata/amqp.json")
	if err != nil {
		t.Fatal(err)
	}
	var f facts
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// A log that tests can read.
type log struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *log) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

var _ io.Writer = (*log)(nil)
