package eventbustest_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/eventbustest"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

type person struct {
	ID int `json:"id"`
}

func declare() (x *eventbus.Exchange, created, deleted *eventbus.Event[person]) {
	x = eventbus.NewExchange("hrm")
	return x, eventbus.Declare[person](x, "person.created", ""), eventbus.Declare[person](x, "person.deleted", "")
}

func TestRecorderSeesWhatWasPublished(t *testing.T) {
	t.Parallel()
	x, created, deleted := declare()
	b := memory.New()
	rec := eventbustest.Record(t, b, x)
	bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
	if got := eventbustest.All(rec, created); len(got) != 0 {
		t.Errorf("before anything was published: %v", got)
	}
	if err := bus.Publish(t.Context(), created.Message(person{1}), deleted.Message(person{2}), created.Message(person{3})); err != nil {
		t.Fatal(err)
	}
	if got := eventbustest.All(rec, created); len(got) != 2 || got[0].ID != 1 || got[1].ID != 3 {
		t.Errorf("created: %v", got)
	}
	if got := eventbustest.One(rec, deleted); got.ID != 2 {
		t.Errorf("deleted: %v", got)
	}
	if got := rec.Messages(); len(got) != 3 || got[1].RoutingKey != "person.deleted" {
		t.Errorf("all: %v", got)
	}
}

func TestRecorderWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x, created, _ := declare()
		b := memory.New()
		rec := eventbustest.Record(t, b, x)
		bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
		for i := range 3 {
			time.AfterFunc(time.Duration(i+1)*time.Second, func() {
				if err := bus.Publish(context.Background(), created.Message(person{i})); err != nil {
					t.Error(err)
				}
			})
		}
		if got := eventbustest.One(rec, created); got.ID != 0 {
			t.Errorf("the first is %v", got)
		}
		if got := rec.Wait(3); len(got) != 3 {
			t.Errorf("waited for 3, got %d", len(got))
		}
	})
}

func TestRecorderWorksOnAfterClose(t *testing.T) {
	t.Parallel()
	x, created, _ := declare()
	b := memory.New()
	rec := eventbustest.Record(t, b, x)
	if err := eventbus.NewPublisher(b, eventbus.PublisherConfig{}).Publish(t.Context(), created.Message(person{7})); err != nil {
		t.Fatal(err)
	}
	rec.Wait(1)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if got := eventbustest.One(rec, created); got.ID != 7 {
		t.Errorf("got %v", got)
	}
}

// A failure tells what was there instead.
func TestRecorderFailures(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		publish func(created, deleted *eventbus.Event[person]) []eventbus.Message
		ask     func(rec *eventbustest.Recorder, created *eventbus.Event[person])
		want    string
	}{
		"one of none": {
			func(_, deleted *eventbus.Event[person]) []eventbus.Message {
				return []eventbus.Message{deleted.Message(person{1})}
			},
			func(rec *eventbustest.Recorder, created *eventbus.Event[person]) { eventbustest.One(rec, created) },
			"want one message of event \"person.created\", got 0; recorded are 1:\n\thrm person.deleted {\"id\":1}",
		},
		"not recorded": {
			func(created, _ *eventbus.Event[person]) []eventbus.Message { return nil },
			func(rec *eventbustest.Recorder, _ *eventbus.Event[person]) {
				billing := eventbus.NewExchange("billing")
				eventbustest.All(rec, eventbus.Declare[person](billing, "order.paid", "An order was paid."))
			},
			"exchange \"billing\" is not recorded, only [\"hrm\"]: give it to Record",
		},
		"one of two": {
			func(created, _ *eventbus.Event[person]) []eventbus.Message {
				return []eventbus.Message{created.Message(person{1}), created.Message(person{2})}
			},
			func(rec *eventbustest.Recorder, created *eventbus.Event[person]) { eventbustest.One(rec, created) },
			"want one message of event \"person.created\", got 2",
		},
		"too few": {
			func(_, _ *eventbus.Event[person]) []eventbus.Message { return nil },
			func(rec *eventbustest.Recorder, _ *eventbus.Event[person]) { rec.Wait(1) },
			"waited 5s for 1 messages, recorded are none",
		},
		"does not decode": {
			func(_, _ *eventbus.Event[person]) []eventbus.Message {
				return []eventbus.Message{eventbus.Raw("hrm", "person.created", []byte("{"))}
			},
			func(rec *eventbustest.Recorder, created *eventbus.Event[person]) { eventbustest.All(rec, created) },
			"body cannot be decoded",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				x, created, deleted := declare()
				b := memory.New()
				tb := &failing{TB: t}
				rec := eventbustest.Record(tb, b, x)
				rec.AllowInvalid()
				bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
				if err := bus.Publish(t.Context(), tt.publish(created, deleted)...); err != nil {
					t.Fatal(err)
				}
				var wg sync.WaitGroup
				wg.Go(func() { tt.ask(rec, created) })
				wg.Wait()
				if !strings.Contains(tb.text, tt.want) {
					t.Errorf("the failure is %q, want %q in it", tb.text, tt.want)
				}
			})
		})
	}
}

// failing keeps the text of the failure.
type failing struct {
	testing.TB
	text string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.text = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (f *failing) Fatal(args ...any) {
	f.text = fmt.Sprint(args...)
	runtime.Goexit()
}

// An example has no testing.TB; this one is enough for what goes well.
type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (e *exampleTB) Helper()                  {}
func (e *exampleTB) Cleanup(f func())         { e.cleanups = append(e.cleanups, f) }
func (e *exampleTB) Context() context.Context { return context.Background() }

func runExample(test func(testing.TB)) {
	tb := &exampleTB{}
	test(tb)
	for _, f := range tb.cleanups {
		f()
	}
}

// A payload that is not as the schema says fails its test at the end, unless it is there on purpose.
func TestRecorderChecksPayloads(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		body  string
		allow bool
		fails bool
	}{
		{`{"id": 1}`, false, false}, {`{"id": "one"}`, false, true}, {`{}`, false, true}, {`{"id": "one"}`, true, false},
	} {
		x, _, _ := declare()
		b := memory.New()
		tb := &ending{TB: t}
		rec := eventbustest.Record(tb, b, x)
		if tt.allow {
			rec.AllowInvalid()
		}
		bus := eventbus.NewPublisher(b, eventbus.PublisherConfig{})
		if err := bus.Publish(t.Context(), eventbus.Raw("hrm", "person.created", []byte(tt.body))); err != nil {
			t.Fatal(err)
		}
		rec.Wait(1)
		tb.end()
		if (tb.text != "") != tt.fails || tt.fails && !strings.Contains(tb.text, "does not match its schema") {
			t.Errorf("%+v: the test says %q", tt, tb.text)
		}
		_ = b.Close()
	}
}

// ending is a test that ends when it is told to.
type ending struct {
	testing.TB

	text string
	end  func()
}

func (e *ending) Errorf(format string, args ...any) { e.text += fmt.Sprintf(format, args...) }
func (e *ending) Cleanup(f func())                  { e.end = f }
