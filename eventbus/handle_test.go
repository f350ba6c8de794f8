package eventbus_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

func TestRoutesGetTheirMessages(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		var got []string
		note := func(route string) func(context.Context, eventbus.Delivery) error {
			return func(ctx context.Context, d eventbus.Delivery) error {
				if r := eventbus.Received(ctx); r.RoutingKey != d.RoutingKey || r.ID != d.ID || r.Queue != queue || r.Attempt != 1 {
					t.Errorf("Received is %+v, the handler got %+v", r, d)
				}
				got = append(got, route+" "+d.Exchange+" "+d.RoutingKey+" "+string(d.Body))
				return nil
			}
		}
		crm := eventbus.NewExchange("crm")
		w.consume(eventbus.ConsumerConfig{},
			w.hrm.Handle("person.#", note("hash")), w.hrm.Handle("person.*", note("star")), crm.Handle("a", note("crm")),
			w.created.Handle(func(ctx context.Context, p person) error {
				return note("typed "+p.Name)(ctx, eventbus.Received(ctx))
			}))
		w.publish(
			w.created.Message(person{ID: 1, Name: "Ann"}), eventbus.Raw("hrm", "person.x", []byte("x")),
			eventbus.Raw("hrm", "person.x.y", nil), eventbus.Raw("crm", "a", nil), eventbus.Raw("crm", "person.x", nil),
			eventbus.Raw("hrm", "car", nil),
		)
		synctest.Wait()
		want := []string{
			`typed Ann hrm person.created {"id":1,"name":"Ann"}`, "hash hrm person.x x", "hash hrm person.x.y ", "crm crm a ",
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		if d := eventbus.Received(t.Context()); d.ID != "" {
			t.Errorf("Received outside of a handler: %+v", d)
		}
	})
}

func TestConcurrencyOneKeepsTheOrder(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		var got []int
		w.consume(eventbus.ConsumerConfig{Prefetch: 7}, w.created.Handle(func(_ context.Context, p person) error {
			time.Sleep(time.Duration(10-p.ID%10) * time.Millisecond)
			got = append(got, p.ID)
			return nil
		}))
		for i := range 50 {
			w.publish(w.created.Message(person{ID: i}))
		}
		pass(time.Second)
		if len(got) != 50 || !slices.IsSorted(got) {
			t.Errorf("got %v", got)
		}
		w.holds(queue, 0)
	})
}

func TestConcurrencyHandlesSeveralAtOnce(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		var running, most atomic.Int64
		stop := w.consume(eventbus.ConsumerConfig{Concurrency: 12}, w.created.Handle(func(context.Context, person) error {
			n := running.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(time.Second)
			running.Add(-1)
			return nil
		}))
		for i := range 100 {
			w.publish(w.created.Message(person{ID: i}))
		}
		pass(10 * time.Second)
		if most.Load() != 12 {
			t.Errorf("%d at once, want 12", most.Load())
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		w.holds(queue, 0)
	})
}

// Neither a panic nor the end of its goroutine stops the consumer, and each is a failed message.
func TestBadlyBehavedHandlers(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		var lines log
		stop := w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{}, Logger: lines.logger()},
			w.created.Handle(func(_ context.Context, p person) error {
				switch p.ID {
				case 1:
					panic("no")
				case 2:
					panic(errBoom)
				case 3:
					runtime.Goexit()
				case 4:
					var p *person
					p.ID++
				case 5:
					return errors.New(strings.Repeat("ж", 3000) + "\xff")
				case 6:
					return (*textlessError)(nil)
				case 7:
					return unwrapError{}
				}
				return nil
			}))
		for i := range 9 {
			w.publish(w.created.Message(person{ID: i}))
		}
		synctest.Wait()
		var got []string
		for m, err := range w.garbage.List(t.Context()) {
			got = append(got, m.Error)
			if err != nil || len(m.Error) > 2048 {
				t.Errorf("%v, error of %d bytes", err, len(m.Error))
			}
		}
		if len(got) == 7 {
			got[4] = got[4][:4]
		}
		want := []string{"panic: no", "panic: boom", "the handler ended its goroutine", "panic: runtime error: invalid memory address or nil pointer dereference", "жж",
			"panic: runtime error: invalid memory address or nil pointer dereference", "panic: no chain"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		if text := lines.String(); !strings.Contains(text, "stack=") || !strings.Contains(text, "handle_test.go") {
			t.Errorf("the log does not show where the panic was: %.500s", text)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

type textlessError struct{ text string }

func (e *textlessError) Error() string { return e.text }

type unwrapError struct{}

func (unwrapError) Error() string { return "has a text" }
func (unwrapError) Unwrap() error { panic("no chain") }

// An error without a text reaches middleware as the panic that asking for it was.
func TestMiddlewareSeesErrorsThatHaveAText(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		var seen error
		watch := func(next eventbus.Handler) eventbus.Handler {
			return func(ctx context.Context, d eventbus.Delivery) error {
				seen = next(ctx, d)
				return seen
			}
		}
		w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Drop{}, Middleware: []eventbus.Middleware{watch}},
			w.created.Handle(func(context.Context, person) error { return (*textlessError)(nil) }))
		w.publish(w.created.Message(person{}))
		synctest.Wait()
		if p, ok := errors.AsType[*eventbus.PanicError](seen); !ok || len(p.Stack) == 0 {
			t.Errorf("middleware saw %T", seen)
		}
	})
}

func TestMiddleware(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		var got []string
		note := func(name string) eventbus.Middleware {
			return func(next eventbus.Handler) eventbus.Handler {
				return func(ctx context.Context, d eventbus.Delivery) error {
					got = append(got, name+" in "+d.RoutingKey)
					err := next(ctx, d)
					text := "ok"
					if p, ok := errors.AsType[*eventbus.PanicError](err); ok {
						text = p.Error()
					} else if err != nil {
						text = "failed"
					}
					got = append(got, name+" out "+text)
					if d.RoutingKey == "person.panics" && name == "outer" {
						panic("in middleware")
					}
					return err
				}
			}
		}
		var lines log
		w.consume(eventbus.ConsumerConfig{
			OnFailure:  eventbus.Garbage{},
			Middleware: []eventbus.Middleware{note("outer"), eventbus.Timeout(time.Second), eventbus.Log(lines.logger()), note("inner")},
		}, w.created.Handle(func(context.Context, person) error { return nil }),
			w.hrm.Handle("person.panics", func(context.Context, eventbus.Delivery) error { panic("no") }),
			w.hrm.Handle("person.hangs", func(ctx context.Context, _ eventbus.Delivery) error {
				<-ctx.Done()
				return ctx.Err()
			}))
		w.publish(w.created.Message(person{ID: 1}, eventbus.MessageID("m1")), w.created.Message(person{}), eventbus.Raw("hrm", "person.created", nil))
		w.publish(eventbus.Raw("hrm", "person.panics", nil), eventbus.Raw("hrm", "person.hangs", nil))
		pass(2 * time.Second)
		created := []string{"outer in person.created", "inner in person.created", "inner out ok", "outer out ok"}
		want := slices.Concat(created, created,
			[]string{"outer in person.created", "inner in person.created", "inner out failed", "outer out failed"},
			[]string{"outer in person.panics", "inner in person.panics", "inner out panic: no", "outer out panic: no"},
			[]string{"outer in person.hangs", "inner in person.hangs", "inner out failed", "outer out failed"})
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		if n := strings.Count(lines.String(), "eventbus: handled"); n != 2 || !strings.Contains(lines.String(), "message_id=m1") {
			t.Errorf("the log has %d lines: %s", n, lines.String())
		}
		var errs []string
		for m := range w.garbage.List(t.Context()) {
			errs = append(errs, m.RoutingKey+": "+m.Error)
		}
		if len(errs) != 3 || errs[1] != "person.panics: panic: in middleware" || errs[2] != "person.hangs: context deadline exceeded" {
			t.Errorf("garbage: %q", errs)
		}
	})
}

func TestTimeoutOfNothingIsRefused(t *testing.T) {
	t.Parallel()
	defer func() {
		if v := recover(); v == nil {
			t.Error("Timeout(0) was taken")
		}
	}()
	eventbus.Timeout(0)
}
