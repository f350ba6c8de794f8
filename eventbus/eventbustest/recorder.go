package eventbustest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

// How long a recorder waits for what it is asked for.
const patience = 5 * time.Second

// A Recorder keeps what is published on its exchanges. It is made by Record; its methods and the functions that take it
// are safe for concurrent use, but those that can fail a test belong on the goroutine of the test.
type Recorder struct {
	t      testing.TB
	broker eventbus.Broker
	queue  string
	on     []string // the recorded exchanges

	mu       sync.Mutex
	messages []driver.Message
	markers  map[string]bool
	lenient  bool
	changed  chan struct{} // closed when there is something new
}

// Record starts to record the exchanges, until the test ends. It declares them, so that nothing is lost that is
// published from now on.
//
// At the end of the test every recorded payload is checked against the schema of its event, that of package eventview,
// and one that does not match fails the test; see [Recorder.AllowInvalid].
func Record(t testing.TB, b eventbus.Broker, exchanges ...*eventbus.Exchange) *Recorder {
	t.Helper()
	r := &Recorder{
		t: t, broker: b, queue: "eventbustest-recorder-" + rand.Text(),
		markers: make(map[string]bool), changed: make(chan struct{}),
	}
	topology := driver.Topology{Queues: []driver.Queue{{Name: r.queue, Temporary: true}}}
	for _, x := range exchanges {
		if err := x.Err(); err != nil {
			t.Fatal(err)
		}
		r.on = append(r.on, x.Name())
		topology.Exchanges = append(topology.Exchanges, driver.Exchange{Name: x.Name(), Kind: driver.Topic})
		topology.Bindings = append(topology.Bindings, driver.Binding{Queue: r.queue, Exchange: x.Name(), RoutingKey: "#"})
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := b.Declare(ctx, topology); err != nil {
		t.Fatalf("record: %v", err)
	}
	sub, err := b.Subscribe(ctx, r.queue, driver.SubscribeOptions{Prefetch: 100, Name: r.queue})
	if err != nil {
		t.Fatalf("record: %v", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for d := range sub.Deliveries() {
			r.add(d.Message)
			_ = sub.Ack(d.Tag, false) // it comes again when this fails, which the test should see
		}
	}()
	t.Cleanup(func() {
		_ = sub.Close()
		<-done
		r.check(exchanges)
	})
	return r
}

// AllowInvalid spares the payloads the check against their schemas, in tests that publish wrong ones on purpose.
func (r *Recorder) AllowInvalid() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lenient = true
}

// check fails the test for payloads that are not as their schemas say. Events whose payload cannot be described pass:
// where they are shown, the view says so.
func (r *Recorder) check(exchanges []*eventbus.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lenient || len(r.messages) == 0 {
		return
	}
	checker, _ := eventview.NewChecker(exchanges...)
	for _, m := range r.messages {
		if err := checker.Check(m.Exchange, m.RoutingKey, m.Body); err != nil {
			r.t.Errorf("recorded message %q: %v", m.ID, err)
		}
	}
}

func (r *Recorder) add(m driver.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.Exchange == "" && m.RoutingKey == r.queue {
		r.markers[m.ID] = true
	} else {
		r.messages = append(r.messages, m)
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// until waits for the condition, which is called with the lock held.
func (r *Recorder) until(done func() bool) bool {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		r.mu.Lock()
		ok, changed := done(), r.changed
		r.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-timeout.C:
			return false
		}
	}
}

// flush waits until everything that was confirmed before has been recorded: a marker in the same queue comes after it.
func (r *Recorder) flush() {
	r.t.Helper()
	id := rand.Text()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := r.broker.Publish(ctx, []driver.Message{{RoutingKey: r.queue, ID: id, Mandatory: true}})
	if errors.Is(err, driver.ErrClosed) || errors.Is(err, driver.ErrRefused) {
		return // the test has closed the broker or made it refuse; what is here is all there is to see
	}
	if err != nil {
		r.t.Fatalf("the recorder cannot look into its queue: %v", err)
	}
	if !r.until(func() bool { return r.markers[id] }) {
		r.t.Fatalf("the recorder's own message did not come back within %v", patience)
	}
}

// Messages returns all messages so far, in the order in which the broker took them.
func (r *Recorder) Messages() []driver.Message {
	r.t.Helper()
	r.flush()
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.messages)
}

// Wait waits until there are n messages, at most 5 s, and returns all that there are. Fewer fail the test.
func (r *Recorder) Wait(n int) []driver.Message {
	r.t.Helper()
	if !r.until(func() bool { return len(r.messages) >= n }) {
		r.t.Fatalf("waited %v for %d messages, recorded are %s", patience, n, r.list())
	}
	return r.Messages()
}

// All returns the payloads of all messages of the event so far, in order. One that does not decode fails the test, and so
// does an event of an exchange that is not recorded.
func All[T any](r *Recorder, e *eventbus.Event[T]) []T {
	r.t.Helper()
	r.records(e.Exchange())
	var payloads []T
	for _, m := range r.Messages() {
		if !of(e, m) {
			continue
		}
		payload, err := e.Decode(m.Body)
		if err != nil {
			r.t.Fatalf("recorded message %q: %v", m.ID, err)
		}
		payloads = append(payloads, payload)
	}
	return payloads
}

// One returns the payload of the only message of the event. It waits for one, at most 5 s; none, or more than one, fails the
// test.
func One[T any](r *Recorder, e *eventbus.Event[T]) T {
	r.t.Helper()
	r.records(e.Exchange())
	r.until(func() bool { return slices.ContainsFunc(r.messages, func(m driver.Message) bool { return of(e, m) }) })
	payloads := All(r, e)
	if len(payloads) != 1 {
		r.t.Fatalf("want one message of event %q, got %d; recorded are %s", e.Name(), len(payloads), r.list())
	}
	return payloads[0]
}

// records fails the test when nothing of the exchange is recorded: else "none was published" would be true by mistake.
func (r *Recorder) records(x *eventbus.Exchange) {
	r.t.Helper()
	if !slices.Contains(r.on, x.Name()) {
		r.t.Fatalf("exchange %q is not recorded, only %q: give it to Record", x.Name(), r.on)
	}
}

func of[T any](e *eventbus.Event[T], m driver.Message) bool {
	return m.Exchange == e.Exchange().Name() && m.RoutingKey == e.Name()
}

// list describes what was recorded, for messages of failures.
func (r *Recorder) list() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.messages) == 0 {
		return "none"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d:", len(r.messages))
	for _, m := range r.messages {
		fmt.Fprintf(&b, "\n\t%s %s %.200s", m.Exchange, m.RoutingKey, m.Body)
	}
	return b.String()
}
