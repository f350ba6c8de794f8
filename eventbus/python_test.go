package eventbus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// Every body that Python was given arrives: at the handler, or byte for byte in the garbage queue.
func TestRecordedBodiesArrive(t *testing.T) {
	t.Parallel()
	bodies := readFacts(t).Bodies
	if len(bodies) < 10 {
		t.Fatalf("only %d recorded bodies", len(bodies))
	}
	noJSON := []string{"raw_bad_json", "raw_empty", "raw_bad_utf8", "raw_utf16", "raw_nan", "raw_deep"}
	for name, text := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := unescape(text)
			onFakeTime(t, func(t *testing.T, w *world) {
				anything := eventbus.Declare[any](w.hrm, "any", "")
				handled := 0
				w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{}}, anything.Handle(func(context.Context, any) error {
					handled++
					return nil
				}))
				err := w.broker.Publish(t.Context(), []driver.Message{{Exchange: "hrm", RoutingKey: "any", Body: body, Transient: true}})
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if slices.Contains(noJSON, name) {
					if d := w.holds(queue+".garbage", 1)[0]; string(d.Body) != string(body) || handled != 0 {
						t.Errorf("stored %q, want %q; handled %d times", d.Body, body, handled)
					}
				} else if handled != 1 {
					t.Errorf("%q was handled %d times", body, handled)
				}
			})
		})
	}
}

// unescape turns the recorded \xff back into a byte.
func unescape(text string) []byte {
	var body []byte
	for i := 0; i < len(text); i++ {
		if strings.HasPrefix(text[i:], `\x`) && i+4 <= len(text) {
			if b, err := strconv.ParseUint(text[i+2:i+4], 16, 8); err == nil {
				body = append(body, byte(b))
				i += 3
				continue
			}
		}
		body = append(body, text[i])
	}
	return body
}

// Python's messages come without properties.
func TestRecordedProducersAreUnderstood(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		f := readFacts(t)
		var got []string
		x, aio := eventbus.NewExchange("pyf.ex"), eventbus.NewExchange("pyf.aio_ex")
		note := func(_ context.Context, v map[string]any) error {
			got = append(got, fmt.Sprint(v["user_id"], v["name"], v["html"], v["none"]))
			return nil
		}
		w.consume(eventbus.ConsumerConfig{},
			eventbus.Declare[map[string]any](x, "user.created", "").Handle(note),
			eventbus.Declare[map[string]any](aio, "user.created", "").Handle(note))
		for _, name := range []string{"sync_default", "aio_default"} {
			m := f.Producers[name].message()
			m.Mandatory = true
			if err := w.broker.Publish(t.Context(), []driver.Message{m}); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		line := fmt.Sprint(1, "Привет 😀 \u2028", `<a>&'"\/`, nil)
		if want := []string{line, line}; !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

// What a Python consumer stored is listed, replayed and handled.
func TestMessagesThatPythonStored(t *testing.T) {
	t.Parallel()
	for name, stored := range readFacts(t).Stored {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onFakeTime(t, func(t *testing.T, w *world) {
				var got []eventbus.Delivery
				w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{}},
					eventbus.Declare[map[string]any](w.hrm, "user.created", "").Handle(func(ctx context.Context, v map[string]any) error {
						got = append(got, eventbus.Received(ctx))
						if v["error"] != "KeyError('boom')" {
							t.Errorf("the handler got %v", v)
						}
						return nil
					}))
				m := stored.Garbage.message()
				m.Exchange, m.RoutingKey = "mailer.retry.post", queue+".garbage"
				if err := w.broker.Publish(t.Context(), []driver.Message{m, m}); err != nil {
					t.Fatal(err)
				}
				for m, err := range w.garbage.List(t.Context()) {
					if err != nil || m.Error != "KeyError('boom')" || m.Attempts != 1 || !m.FailedAt.IsZero() || m.Exchange != "" || m.RoutingKey != "" {
						t.Errorf("listed as %+v, %v", m, err)
					}
				}
				if n, err := w.garbage.Replay(t.Context()); n != 2 || err != nil {
					t.Fatalf("replayed %d, %v", n, err)
				}
				synctest.Wait()
				if len(got) != 2 || got[0].Exchange != "hrm" || got[0].RoutingKey != "user.created" || string(got[0].Body) != stored.Garbage.Body {
					t.Errorf("handled %+v", got)
				}
			})
		})
	}
}

// One that an operator rejected comes through the dead-letter exchange.
func TestMessageThatPythonStoredAndAnOperatorRejected(t *testing.T) {
	t.Parallel()
	returned := readFacts(t).Returned.message()
	if returned.Exchange != "pyf.main.retry.post" || returned.RoutingKey != "pyf.q" || returned.Headers["x-death"] == nil {
		t.Fatalf("the recorded message is %+v", returned)
	}
	t.Run("one route", func(t *testing.T) {
		t.Parallel()
		onFakeTime(t, func(t *testing.T, w *world) {
			var got []eventbus.Delivery
			w.consume(eventbus.ConsumerConfig{Queue: "pyf.q", OnFailure: eventbus.Garbage{Service: "pyf.main"}},
				w.hrm.Handle("user.#", func(_ context.Context, d eventbus.Delivery) error {
					got = append(got, d)
					return nil
				}))
			if err := w.broker.Publish(t.Context(), []driver.Message{returned}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if len(got) != 1 || got[0].Exchange != "hrm" || got[0].Attempt != 1 || string(got[0].Body) != string(returned.Body) {
				t.Errorf("handled %+v", got)
			}
		})
	})
	t.Run("several routes", func(t *testing.T) {
		t.Parallel()
		onFakeTime(t, func(t *testing.T, w *world) {
			w.consume(eventbus.ConsumerConfig{Queue: "pyf.q", OnFailure: eventbus.Garbage{Service: "pyf.main", After: delays}},
				w.hrm.Handle("user.#", raw), w.created.Handle(ok))
			if err := w.broker.Publish(t.Context(), []driver.Message{returned}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			d := w.holds("pyf.q.garbage", 1)[0]
			want := "eventbus: no route for the message: it does not tell the exchange and key that it was published with " +
				"(was it stored by a Python consumer?), and there are 2 routes to choose from"
			if d.Headers["toolset-error"] != want || d.Headers["toolset-exchange"] != nil || d.Headers["toolset-x-death"] == nil {
				t.Errorf("stored with %v", d.Headers)
			}
		})
	})
}

// The option makes what Python writes, where the error's text is the same.
func TestErrorInBodyIsWhatPythonWrites(t *testing.T) {
	t.Parallel()
	for name, stored := range readFacts(t).Stored {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onFakeTime(t, func(t *testing.T, w *world) {
				fails := 0
				w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{After: delays[:1], ErrorInBody: true}},
					w.hrm.Handle("#", func(_ context.Context, d eventbus.Delivery) error {
						fails++
						if string(d.Body) != string(stored.Input) {
							t.Errorf("attempt %d got %s", d.Attempt, d.Body)
						}
						return fmt.Errorf("KeyError('boom')")
					}))
				w.publish(eventbus.Raw("hrm", "k", stored.Input))
				pass(time.Minute)
				var got, want map[string]any
				body := w.holds(queue+".garbage", 1)[0].Body
				if err := json.Unmarshal(body, &got); err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal([]byte(stored.Garbage.Body), &want); err != nil {
					t.Fatal(err)
				}
				if fmt.Sprint(got) != fmt.Sprint(want) || fails != 2 {
					t.Errorf("stored %s, Python stores %s; failed %d times", body, stored.Garbage.Body, fails)
				}
			})
		})
	}
}
