package eventbus_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

func TestMessageDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := time.Now()
	m := w.created.Message(person{ID: 1, Name: "<Ann> & \u2028ж"})
	if m.ID == "" || m.ID == w.created.Message(person{}).ID {
		t.Errorf("message id %q", m.ID)
	}
	if m.Timestamp.Before(before) || m.Timestamp.After(time.Now()) {
		t.Errorf("timestamp %v", m.Timestamp)
	}
	m.ID, m.Timestamp = "", time.Time{}
	want := driver.Message{
		Exchange: "hrm", RoutingKey: "person.created", ContentType: "application/json",
		Body: []byte(`{"id":1,"name":"<Ann> & \u2028ж"}`),
	}
	if !reflect.DeepEqual(m.Message, want) {
		t.Errorf("got  %+v\nwant %+v", m.Message, want)
	}
}

func TestMessageOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	table := map[string]any{"b": int64(2)}
	m := w.created.Message(person{},
		eventbus.Header("a", "1"), eventbus.Headers(table), eventbus.Priority(5), eventbus.Expiration(1500*time.Microsecond),
		eventbus.CorrelationID("c"), eventbus.ReplyTo("r"), eventbus.MessageID("m"), eventbus.AppID("app"),
		eventbus.ContentType("text/plain"), eventbus.Transient(), eventbus.Mandatory())
	want := driver.Message{
		Exchange: "hrm", RoutingKey: "person.created", Body: m.Body, Timestamp: m.Timestamp,
		Headers: map[string]any{"a": "1", "b": int64(2)}, Priority: 5, Expiration: "1", CorrelationID: "c", ReplyTo: "r",
		ID: "m", AppID: "app", ContentType: "text/plain", Transient: true, Mandatory: true,
	}
	if err := m.Err(); err != nil || !reflect.DeepEqual(m.Message, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, m.Message, want)
	}
	if len(table) != 1 {
		t.Errorf("the caller's map was changed: %v", table)
	}
}

// Python's json and ours read each other's bodies.
func TestMessageBodyIsWhatPythonSends(t *testing.T) {
	t.Parallel()
	for name, producer := range readFacts(t).Producers {
		e := eventbus.Declare[map[string]any](eventbus.NewExchange("x"), "k", "")
		payload, err := e.Decode([]byte(producer.Body))
		if strings.Contains(producer.Body, "NaN") { // Python writes it, JSON has no such thing
			if !errors.Is(err, eventbus.ErrDecode) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var want, got any
		if err := json.Unmarshal([]byte(producer.Body), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(e.Message(payload).Body, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\ngot  %v\nwant %v", name, err, got, want)
		}
		if strings.Contains(producer.Body, "<a>&") && !strings.Contains(string(e.Message(payload).Body), "<a>&") {
			t.Errorf("%s: HTML is escaped: %s", name, e.Message(payload).Body)
		}
	}
}

func TestPublishRefusesBadMessagesBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	floats := eventbus.Declare[float64](w.hrm, "float", "")
	functions := eventbus.Declare[func()](w.hrm, "func", "")
	long := strings.Repeat("k", 256)
	for name, tt := range map[string]struct {
		m    eventbus.Message
		want error
	}{
		"not a number":        {floats.Message(math.NaN()), eventbus.ErrPayload},
		"no JSON":             {functions.Message(func() {}), eventbus.ErrPayload},
		"long key":            {eventbus.Raw("hrm", long, nil), eventbus.ErrNameTooLong},
		"nothing":             {eventbus.Message{}, eventbus.ErrInvalid},
		"long exchange":       {eventbus.Raw(long, "k", nil), eventbus.ErrNameTooLong},
		"negative expiration": {w.created.Message(person{}, eventbus.Expiration(-1)), eventbus.ErrInvalid},
	} {
		b := &spy{Broker: w.broker}
		err := eventbus.NewPublisher(b, eventbus.PublisherConfig{}).Publish(t.Context(), w.created.Message(person{}), tt.m)
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), "message 1 of 2") {
			t.Errorf("%s: %v", name, err)
		}
		if n := b.calls(); n != 0 {
			t.Errorf("%s: %d calls reached the broker", name, n)
		}
	}
}

func TestPublisherDeclaresBeforeTheFirstMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := &spy{Broker: w.broker}
	bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
	for range 2 {
		if err := bus.Publish(t.Context(), w.created.Message(person{}), eventbus.Raw("raw", "k", nil)); err != nil {
			t.Fatal(err)
		}
		if err := bus.Publish(t.Context(), eventbus.Raw("", "nobody", nil), eventbus.Raw("amq.topic", "k", nil)); err != nil {
			t.Fatal(err)
		}
	}
	want := []driver.Topology{
		{Exchanges: []driver.Exchange{{Name: "hrm", Kind: driver.Topic}}},
		{Exchanges: []driver.Exchange{{Name: "raw", Kind: driver.Topic}}},
	}
	if !reflect.DeepEqual(b.declared, want) {
		t.Errorf("declared %+v, want %+v", b.declared, want)
	}
}

// An exchange that an operator deleted comes back with the next message.
func TestPublisherDeclaresAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := &spy{Broker: w.broker}
	bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
	b.onPublish = func([]driver.Message) error {
		return &driver.PublishError{Total: 1, Failed: []driver.FailedMessage{{Err: driver.ErrNotFound}}}
	}
	if err := bus.Publish(t.Context(), w.created.Message(person{})); !errors.Is(err, eventbus.ErrNotFound) {
		t.Errorf("Publish: %v", err)
	}
	b.onPublish = nil
	if err := bus.Publish(t.Context(), w.created.Message(person{})); err != nil || len(b.declared) != 2 {
		t.Errorf("Publish: %v, declared %v", err, b.declared)
	}
}

func TestPublisherDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.created.Message(person{}, eventbus.AppID("own"))
	for _, tt := range []struct {
		cfg  eventbus.PublisherConfig
		m    eventbus.Message
		want driver.Message
	}{
		{eventbus.PublisherConfig{}, w.created.Message(person{}), driver.Message{AppID: "hrm"}},
		{eventbus.PublisherConfig{AppID: "app"}, w.created.Message(person{}), driver.Message{AppID: "app"}},
		{eventbus.PublisherConfig{AppID: "app", Transient: true, Mandatory: true}, m, driver.Message{AppID: "own", Transient: true, Mandatory: true}},
	} {
		b := &spy{Broker: w.broker}
		err := eventbus.NewPublisher(b, tt.cfg).Publish(t.Context(), tt.m)
		if got := b.published[0]; got.AppID != tt.want.AppID || got.Transient != tt.want.Transient || got.Mandatory != tt.want.Mandatory {
			t.Errorf("%+v: sent %+v (%v)", tt.cfg, got, err)
		}
	}
	if m.Transient || m.Mandatory {
		t.Error("the publisher changed the caller's message")
	}
}

func TestPublishOutcomes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.bus.Publish(t.Context(), w.created.Message(person{}), w.created.Message(person{}, eventbus.Mandatory()))
	pe, ok := errors.AsType[*eventbus.PublishError](err)
	if !ok || !errors.Is(err, eventbus.ErrUnroutable) || len(pe.Failed) != 1 || pe.Failed[0].Index != 1 {
		t.Errorf("unroutable: %v", err)
	}
	w.broker.Refuse(func(driver.Message) bool { return true })
	if err := w.bus.Publish(t.Context(), w.created.Message(person{})); !errors.Is(err, eventbus.ErrRefused) {
		t.Errorf("refused: %v", err)
	}
	if err := w.bus.Publish(t.Context()); err != nil {
		t.Errorf("nothing to publish: %v", err)
	}
	if err := w.broker.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.bus.Publish(t.Context(), w.created.Message(person{})); !errors.Is(err, eventbus.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if err := eventbus.NewPublisher(nil, eventbus.PublisherConfig{}).Publish(t.Context()); !errors.Is(err, eventbus.ErrNoBroker) {
		t.Errorf("no broker: %v", err)
	}
}

func TestPublishWaitsForABlockedBroker(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		w.publish(w.created.Message(person{}))
		w.broker.Block(true)
		start := time.Now()
		if err := w.bus.Publish(context.Background(), w.created.Message(person{})); !errors.Is(err, eventbus.ErrBlocked) {
			t.Errorf("blocked: %v", err)
		}
		if took := time.Since(start); took != memory.BlockedTimeout {
			t.Errorf("waited %v, want %v", took, memory.BlockedTimeout)
		}
		time.AfterFunc(time.Second, func() { w.broker.Block(false) })
		w.publish(w.created.Message(person{}))
	})
}
