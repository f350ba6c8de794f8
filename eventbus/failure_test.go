package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/retry"
)

var delays = []time.Duration{time.Second, time.Minute}

func TestGarbageTriesAgainThenStores(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		start := time.Now()
		var at []time.Duration
		w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{After: delays}},
			w.created.Handle(func(ctx context.Context, _ person) error {
				at = append(at, time.Since(start))
				d := eventbus.Received(ctx)
				if d.Attempt != len(at) || d.Exchange != "hrm" || d.RoutingKey != "person.created" || d.Redelivered {
					t.Errorf("attempt %d came as %+v", len(at), d)
				}
				return fmt.Errorf("boom %d", d.Attempt)
			}))
		w.publish(w.created.Message(person{ID: 1}))
		pass(time.Hour)
		if want := []time.Duration{0, time.Second, 61 * time.Second}; !slices.Equal(at, want) {
			t.Errorf("handled at %v, want %v", at, want)
		}
		w.holds(queue, 0)
		d := w.holds(queue+".garbage", 1)[0]
		if d.Exchange != "mailer.retry.post" || d.RoutingKey != "mailer:welcome.garbage" || d.Transient {
			t.Errorf("stored as %+v", d)
		}
		for name, want := range map[string]any{
			"toolset-error": "boom 3", "toolset-attempts": int64(3), "toolset-exchange": "hrm", "toolset-routing-key": "person.created",
			"toolset-failed-at": start.Add(61 * time.Second).UTC().Format(time.RFC3339),
		} {
			if got := d.Headers[name]; got != want {
				t.Errorf("header %q is %#v, want %#v", name, got, want)
			}
		}
	})
}

// The copy is the message: what must change says so in the contract.
func TestGarbageKeepsTheMessage(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{After: delays}},
			w.hrm.Handle("#", func(context.Context, eventbus.Delivery) error { return errBoom }))
		table := map[string]any{"deep": []any{int64(1), map[string]any{"x": true}}}
		sent := driver.Message{
			Exchange: "hrm", RoutingKey: "k", Body: []byte("\x00 no JSON \xff"), ContentType: "text/plain", ContentEncoding: "e",
			Priority: 4, CorrelationID: "c", ReplyTo: "r", ID: "i", Timestamp: time.Unix(1700000000, 0), Type: "t", AppID: "a",
			Transient: true, Expiration: "3600000", UserID: "guest",
			Headers: map[string]any{
				"own": "v", "number": int64(1), "table": table, "CC": []any{"other"}, "x-death": []any{"odd"}, "x-death-x": "y",
				"toolset-attempts": int64(7), "toolset-replayed": int64(7), "toolset-routing-key": "of another queue",
			},
		}
		if err := w.broker.Publish(t.Context(), []driver.Message{sent}); err != nil {
			t.Fatal(err)
		}
		pass(time.Hour)
		got := w.holds(queue+".garbage", 1)[0].Message
		for name := range got.Headers { // the broker's own notes about the way
			if strings.HasPrefix(name, "x-first-death-") {
				delete(got.Headers, name)
			}
		}
		if deaths, ok := got.Headers["toolset-x-death"].([]any); !ok || len(deaths) != 1 {
			t.Errorf("toolset-x-death is %v", got.Headers["toolset-x-death"])
		}
		want := sent
		want.Exchange, want.RoutingKey = "mailer.retry.post", "mailer:welcome.garbage"
		want.Transient, want.Expiration, want.UserID = false, "", ""
		want.Headers = map[string]any{
			"own": "v", "number": int64(1), "table": table, "toolset-CC": []any{"other"}, "toolset-x-death-x": "y",
			"toolset-expiration": "3600000", "toolset-user-id": "guest", "toolset-x-death": got.Headers["toolset-x-death"],
			"toolset-error": "boom", "toolset-attempts": int64(3), "toolset-exchange": "hrm", "toolset-routing-key": "k",
			"toolset-failed-at": got.Headers["toolset-failed-at"],
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

// What cannot help is not tried again.
func TestFinalFailuresAreStoredAtOnce(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		key, body string
		err       error
		want      string
	}{
		"no JSON":   {"person.created", "{not json", nil, `event "person.created": eventbus: body cannot be decoded: invalid character 'n'`},
		"permanent": {"person.created", "{}", retry.Permanent(errBoom), "boom"},
		"wrapped":   {"person.created", "{}", fmt.Errorf("load: %w", retry.Permanent(errBoom)), "load: boom"},
		"no route":  {"person.left", "{}", nil, `eventbus: no route for the message: exchange "hrm", key "person.left"; is there a binding left`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, policy := range []eventbus.FailurePolicy{nil, eventbus.Requeue{}, eventbus.Garbage{After: delays}} {
				onFakeTime(t, func(t *testing.T, w *world) {
					w.consume(eventbus.ConsumerConfig{OnFailure: policy},
						w.created.Handle(func(context.Context, person) error { return tt.err }))
					left := driver.Binding{Queue: queue, Exchange: "hrm", RoutingKey: "person.left"}
					if err := w.broker.Declare(t.Context(), driver.Topology{Bindings: []driver.Binding{left}}); err != nil {
						t.Fatal(err)
					}
					w.publish(eventbus.Raw("hrm", tt.key, []byte(tt.body)))
					synctest.Wait()
					d := w.holds(queue+".garbage", 1)[0]
					if text := d.Headers["toolset-error"].(string); !strings.HasPrefix(text, tt.want) || string(d.Body) != tt.body {
						t.Errorf("stored %q with error %q", d.Body, text)
					}
					w.holds(queue, 0)
				})
			}
		})
	}
}

// An error that went through retry.Do, whose own attempts are used up, is one that may pass.
func TestRetriedFailuresAreNotFinal(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		handled := 0
		w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{After: delays}},
			w.created.Handle(func(ctx context.Context, _ person) error {
				handled++
				switch handled {
				case 1:
					return context.DeadlineExceeded
				case 2:
					return retry.After(time.Hour, errBoom)
				}
				return retry.Run(ctx, retry.Policy{Attempts: 2}, func(context.Context) error { return errBoom })
			}))
		w.publish(w.created.Message(person{}))
		pass(time.Hour)
		if handled != 3 {
			t.Errorf("handled %d times, want 3", handled)
		}
		w.holds(queue+".garbage", 1)
	})
}

// The original is acknowledged only when its copy is confirmed; whatever keeps the copy away is waited for.
func TestNothingIsLostOnTheWayToTheGarbageQueue(t *testing.T) {
	t.Parallel()
	refuse := errors.Join(&driver.PublishError{Total: 1, Failed: []driver.FailedMessage{{Err: driver.ErrRefused}}})
	for name, prepare := range map[string]func(w *world, b *spy) (mend func()){
		"refused": func(_ *world, b *spy) func() {
			b.onPublish = func([]driver.Message) error { return refuse }
			return func() { b.mu.Lock(); b.onPublish = nil; b.mu.Unlock() }
		},
		"blocked":                   func(w *world, _ *spy) func() { w.broker.Block(true); return func() { w.broker.Block(false) } },
		"the garbage queue is gone": func(w *world, _ *spy) func() { _ = w.broker.DeleteQueue(queue + ".garbage"); return func() {} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onFakeTime(t, func(t *testing.T, w *world) {
				b := &spy{Broker: w.broker}
				var mend func()
				stop := consume(t, b, eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{}},
					w.created.Handle(func(context.Context, person) error {
						if mend == nil { // what is refused for long is handled again
							mend = prepare(w, b)
						}
						return errBoom
					}))
				w.publish(w.created.Message(person{}))
				pass(5 * time.Minute)
				w.holds(queue, 0) // in hand, not acknowledged
				mend()
				pass(5 * time.Minute)
				w.holds(queue+".garbage", 1)
				if err := stop(); err != nil {
					t.Error(err)
				}
				w.holds(queue, 0)
			})
		})
	}
}

// A run that ends while the copy cannot be stored leaves the original in its queue.
func TestOriginalStaysWhenItsCopyCannotBeStored(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		stop := w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{}, DrainTimeout: time.Second},
			w.created.Handle(func(context.Context, person) error {
				w.broker.Block(true)
				return errBoom
			}))
		w.publish(w.created.Message(person{}))
		synctest.Wait()
		if err := stop(); err != nil {
			t.Error(err)
		}
		w.holds(queue, 1)
		w.holds(queue+".garbage", 0)
	})
}

// A header that the adapter can read but not write costs the header, not the message.
func TestForeignHeadersDoNotKeepAMessageFromTheGarbageQueue(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		b := &spy{Broker: w.broker}
		b.onPublish = func(messages []driver.Message) error {
			if _, ok := messages[0].Headers["odd"]; ok {
				return fmt.Errorf("%w: header", driver.ErrInvalid)
			}
			return nil
		}
		consume(t, b, eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{}},
			w.created.Handle(func(context.Context, person) error { return errBoom }))
		w.publish(w.created.Message(person{}, eventbus.Header("odd", "v")))
		pass(time.Minute)
		if d := w.holds(queue+".garbage", 1)[0]; d.Headers["toolset-error"] != "boom" || d.Headers["toolset-routing-key"] != "person.created" {
			t.Errorf("stored with %v", d.Headers)
		}
	})
}

// A body that is too long for the broker with the error in it is stored without.
func TestErrorInBodyThatTheBrokerRefuses(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		body := `{"id": 1}`
		b := &spy{Broker: w.broker}
		b.onPublish = func(messages []driver.Message) error {
			if len(messages[0].Body) > len(body) {
				return &driver.PublishError{Total: 1, Failed: []driver.FailedMessage{{Err: driver.ErrRefused}}}
			}
			return nil
		}
		consume(t, b, eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{ErrorInBody: true}},
			w.created.Handle(func(context.Context, person) error { return errBoom }))
		w.publish(eventbus.Raw("hrm", "person.created", []byte(body)))
		pass(time.Minute)
		if d := w.holds(queue+".garbage", 1)[0]; string(d.Body) != body || d.Headers["toolset-error"] != "boom" {
			t.Errorf("stored %q with %v", d.Body, d.Headers)
		}
	})
}

// A message whose copy is refused for good does not keep the consumer from the others, and is stored when it can be.
func TestACopyThatIsRefusedForGood(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		handled := make(map[int]int)
		stop := w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{}}, w.created.Handle(func(_ context.Context, p person) error {
			if handled[p.ID]++; p.ID == 1 {
				return errBoom
			}
			return nil
		}))
		w.broker.Refuse(func(m driver.Message) bool { return m.RoutingKey == queue+".garbage" })
		w.publish(w.created.Message(person{ID: 1}), w.created.Message(person{ID: 2}))
		pass(20 * time.Second)
		if handled[1] != 1 || handled[2] != 1 {
			t.Errorf("handled %v, want each once", handled)
		}
		w.broker.Refuse(nil)
		pass(2 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if handled[1] != 2 {
			t.Errorf("handled %v, want the first twice", handled)
		}
		w.holds(queue+".garbage", 1)
	})
}

func TestRequeueWaits(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		start := time.Now()
		var bad []time.Duration
		good := 0
		stop := w.consume(eventbus.ConsumerConfig{}, w.created.Handle(func(_ context.Context, p person) error {
			if p.ID == 0 {
				bad = append(bad, time.Since(start))
				return errBoom
			}
			good++
			return nil
		}))
		for i := range 100 {
			w.publish(w.created.Message(person{ID: i}))
		}
		pass(3500 * time.Millisecond)
		if want := []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second}; !slices.Equal(bad, want) {
			t.Errorf("the failing message was handled at %v, want %v", bad, want)
		}
		if good != 99 {
			t.Errorf("%d good messages went by, want 99", good)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		w.holds(queue, 1)
	})
}

// Messages that can never be handled do not keep others from it, however many they are.
func TestRequeueIsNotStarved(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		handled := 0
		w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Requeue{Service: "post"}},
			w.created.Handle(func(context.Context, person) error {
				handled++
				return nil
			}))
		for range 25 {
			w.publish(eventbus.Raw("hrm", "person.created", []byte(`{"id": NaN}`)))
		}
		w.publish(w.created.Message(person{ID: 1}))
		pass(10 * time.Second)
		if handled != 1 {
			t.Error("the message behind them was not handled")
		}
		if d := w.holds(queue+".garbage", 25)[0]; d.Exchange != "post.retry.post" || string(d.Body) != `{"id": NaN}` {
			t.Errorf("stored as %+v", d)
		}
	})
}

func TestDrop(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		var lines log
		handled := 0
		w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Drop{}, Logger: lines.logger()},
			w.created.Handle(func(context.Context, person) error {
				handled++
				return errBoom
			}))
		w.publish(w.created.Message(person{Name: "secret"}, eventbus.MessageID("m1")))
		pass(time.Minute)
		w.holds(queue, 0)
		text := lines.String()
		if handled != 1 || !strings.Contains(text, "level=ERROR") || !strings.Contains(text, "message_id=m1") || strings.Contains(text, "secret") {
			t.Errorf("handled %d times, log: %s", handled, text)
		}
	})
}
