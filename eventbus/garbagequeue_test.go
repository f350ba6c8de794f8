package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// store puts messages into the garbage queue, one a minute: "0" of key person.k0 with error "error 0", and so on.
func (w *world) store(n int) (heal func()) {
	healed := false
	w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{}}, w.hrm.Handle("#", func(_ context.Context, d eventbus.Delivery) error {
		if healed {
			return nil
		}
		return fmt.Errorf("error %s", d.Body)
	}))
	for i := range n {
		w.publish(eventbus.Raw("hrm", fmt.Sprint("person.k", i), []byte(fmt.Sprint(i)), eventbus.MessageID(fmt.Sprint("m", i))))
		pass(time.Minute)
	}
	w.holds(queue+".garbage", n)
	return func() { healed = true }
}

func (w *world) bodies(filters ...eventbus.GarbageFilter) []string {
	w.t.Helper()
	var got []string
	for m, err := range w.garbage.List(context.Background(), filters...) {
		if err != nil {
			w.t.Fatal(err)
		}
		got = append(got, string(m.Body))
	}
	return got
}

func TestGarbageFilters(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		w.store(4)
		for name, tt := range map[string]struct {
			filters []eventbus.GarbageFilter
			want    []string
		}{
			"none":         {nil, []string{"0", "1", "2", "3"}},
			"id":           {[]eventbus.GarbageFilter{eventbus.ByID("m3", "m1")}, []string{"1", "3"}},
			"error":        {[]eventbus.GarbageFilter{eventbus.ByError("ror 2")}, []string{"2"}},
			"routing key":  {[]eventbus.GarbageFilter{eventbus.ByRoutingKey("*.k1")}, []string{"1"}},
			"older":        {[]eventbus.GarbageFilter{eventbus.OlderThan(2 * time.Minute)}, []string{"0", "1"}},
			"newer":        {[]eventbus.GarbageFilter{eventbus.NewerThan(2 * time.Minute)}, []string{"2", "3"}},
			"all of them":  {[]eventbus.GarbageFilter{eventbus.ByRoutingKey("#"), eventbus.ByError("error"), eventbus.ByID("m0")}, []string{"0"}},
			"own function": {[]eventbus.GarbageFilter{func(m eventbus.GarbageMessage) bool { return m.Attempts > 1 }}, nil},
		} {
			if got := w.bodies(tt.filters...); !slices.Equal(got, tt.want) {
				t.Errorf("%s: got %q, want %q", name, got, tt.want)
			}
		}
		for range w.garbage.List(t.Context()) {
			break // gives back what was in hand
		}
		w.holds(queue+".garbage", 4)
	})
}

func TestGarbageOfPythonHasNoAgeAndNoKey(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		w.store(0)
		err := w.broker.Publish(t.Context(), []driver.Message{{RoutingKey: queue + ".garbage", Body: []byte(`{"error": "E"}`)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, filter := range []eventbus.GarbageFilter{
			eventbus.OlderThan(0), eventbus.NewerThan(time.Hour), eventbus.ByRoutingKey("#"), eventbus.ByID("m0"),
		} {
			if got := w.bodies(filter); got != nil {
				t.Errorf("got %q", got)
			}
		}
		if got := w.bodies(eventbus.ByError("E")); len(got) != 1 {
			t.Errorf("by error: %q", got)
		}
	})
}

func TestReplay(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		heal := w.store(250)
		if n, err := w.garbage.Replay(t.Context(), eventbus.ByID("m7")); n != 1 || err != nil {
			t.Fatalf("replayed %d, %v", n, err)
		}
		synctest.Wait() // it fails again, and is not replayed again
		got := w.bodies()
		if len(got) != 250 || got[249] != "7" {
			t.Errorf("the garbage queue ends with %q", got[len(got)-1])
		}
		for m := range w.garbage.List(t.Context(), eventbus.ByID("m7")) {
			if m.Attempts != 2 || m.RoutingKey != "person.k7" || m.Exchange != "hrm" {
				t.Errorf("stored again as %+v", m)
			}
		}
		heal()
		if n, err := w.garbage.Replay(t.Context()); n != 250 || err != nil {
			t.Fatalf("replayed %d, %v", n, err)
		}
		synctest.Wait()
		w.holds(queue, 0)
		w.holds(queue+".garbage", 0)
	})
}

// What comes while a tool looks through the queue is not its business.
func TestGarbageToolsWorkOnASnapshot(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		w.store(3)
		grows := func(eventbus.GarbageMessage) bool {
			w.publish(eventbus.Raw("", queue+".garbage", []byte("later")))
			return true
		}
		if got := w.bodies(grows); !slices.Equal(got, []string{"0", "1", "2"}) {
			t.Errorf("listed %q", got)
		}
		if n, err := w.garbage.Drop(t.Context(), grows); n != 6 || err != nil {
			t.Errorf("dropped %d, %v; want the 6 that were there", n, err)
		}
		if n, err := w.garbage.Replay(t.Context(), grows); n != 6 || err != nil {
			t.Errorf("replayed %d, %v; want the 6 that were there", n, err)
		}
	})
}

// After a replay the delays begin anew, while the attempts count on.
func TestReplayStartsTheDelaysAnew(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		var attempts []int
		w.consume(eventbus.ConsumerConfig{OnFailure: eventbus.Garbage{After: delays}}, w.created.Handle(func(ctx context.Context, _ person) error {
			attempts = append(attempts, eventbus.Received(ctx).Attempt)
			return errBoom
		}))
		w.publish(w.created.Message(person{}))
		for range 2 {
			pass(time.Hour)
			if n, err := w.garbage.Replay(t.Context()); n != 1 || err != nil {
				t.Fatalf("replayed %d, %v", n, err)
			}
		}
		pass(time.Hour)
		if want := []int{1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(attempts, want) {
			t.Errorf("attempts %v, want %v", attempts, want)
		}
	})
}

// What was not confirmed stays; what was confirmed is gone.
func TestReplayThatFailsInPart(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		heal := w.store(5)
		heal()
		w.broker.Refuse(func(m driver.Message) bool { return m.ID == "m1" || m.ID == "m3" })
		n, err := w.garbage.Replay(t.Context())
		pe, ok := errors.AsType[*eventbus.PublishError](err)
		if n != 3 || !ok || len(pe.Failed) != 2 || !errors.Is(err, eventbus.ErrRefused) {
			t.Errorf("replayed %d, %v", n, err)
		}
		if got := w.bodies(); !slices.Equal(got, []string{"1", "3"}) {
			t.Errorf("left are %q", got)
		}
		w.broker.Refuse(nil)
		if err := w.broker.DeleteQueue(queue); err != nil { // no main queue: nothing may be lost
			t.Fatal(err)
		}
		if n, err := w.garbage.Replay(t.Context()); n != 0 || !errors.Is(err, eventbus.ErrUnroutable) {
			t.Errorf("replayed %d into nothing, %v", n, err)
		}
		if got := w.bodies(); !slices.Equal(got, []string{"1", "3"}) {
			t.Errorf("left are %q", got)
		}
	})
}

// A caller who stops in time hears nothing of what happens afterwards.
func TestListThatIsStoppedYieldsNoMore(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		w.store(2)
		g := eventbus.NewGarbageQueue(badClose{w.broker}, queue)
		for range g.List(t.Context()) {
			break
		}
		var last error
		for _, err := range g.List(t.Context()) {
			last = err
		}
		if !errors.Is(last, errBoom) {
			t.Errorf("the last error is %v", last)
		}
	})
}

type badClose struct{ eventbus.Broker }

func (b badClose) Pull(ctx context.Context, queue string) (driver.Puller, error) {
	p, err := b.Broker.Pull(ctx, queue)
	return badPuller{p}, err
}

type badPuller struct{ driver.Puller }

func (p badPuller) Close() error { return errors.Join(p.Puller.Close(), errBoom) }

func TestDropFromTheGarbageQueue(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		w.store(4)
		if n, err := w.garbage.Drop(t.Context(), eventbus.ByID("m1", "m2")); n != 2 || err != nil {
			t.Fatalf("dropped %d, %v", n, err)
		}
		if got := w.bodies(); !slices.Equal(got, []string{"0", "3"}) {
			t.Errorf("left are %q", got)
		}
		if n, err := w.garbage.Drop(t.Context()); n != 2 || err != nil {
			t.Fatalf("dropped %d, %v", n, err)
		}
		w.holds(queue+".garbage", 0)
		w.holds(queue, 0)
	})
}

func TestGarbageQueueMistakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	declare := eventbus.NewConsumer(w.broker, eventbus.ConsumerConfig{Queue: "there", OnFailure: eventbus.Garbage{}}, w.created.Handle(ok))
	if err := declare.Declare(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.publish(eventbus.Raw("", "there.garbage", nil))
	for name, tt := range map[string]struct {
		ctx  context.Context
		g    *eventbus.GarbageQueue
		want error
	}{
		"no broker":     {t.Context(), eventbus.NewGarbageQueue(nil, queue), eventbus.ErrNoBroker},
		"no name":       {t.Context(), eventbus.NewGarbageQueue(w.broker, ""), eventbus.ErrNoQueue},
		"no such queue": {t.Context(), eventbus.NewGarbageQueue(w.broker, "missing"), eventbus.ErrNotFound},
		"ended context": {ended, eventbus.NewGarbageQueue(w.broker, "there"), context.Canceled},
	} {
		_, replay := tt.g.Replay(tt.ctx)
		_, drop := tt.g.Drop(tt.ctx)
		var list error
		for _, err := range tt.g.List(tt.ctx) {
			list = err
		}
		for what, err := range map[string]error{"Replay": replay, "Drop": drop, "List": list} {
			if !errors.Is(err, tt.want) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
	}
	w.holds("there.garbage", 1)
}

// What was settled just before the link broke is not said to be done.
func TestGarbageToolsKnowWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		w.store(4)()
		g := eventbus.NewGarbageQueue(badClose{w.broker}, queue)
		for _, do := range []struct {
			name        string
			act         func(context.Context, ...eventbus.GarbageFilter) (int, error)
			first, last string // of those that are there
		}{{"replay", g.Replay, "m1", "m3"}, {"drop", g.Drop, "m0", "m2"}} {
			n, err := do.act(t.Context(), eventbus.ByID(do.first, do.last))
			ge, ok := errors.AsType[*eventbus.GarbageError](err)
			if !ok || !errors.Is(err, errBoom) || len(ge.Unknown) == 0 || n+len(ge.Unknown) != 2 || ge.Unknown[len(ge.Unknown)-1].ID != do.last {
				t.Errorf("%s: %d done, %v", do.name, n, err)
			}
		}
	})
}

// A replay that is told to end while its messages are on their way lets them arrive, for a moment.
func TestReplayIsToldToEnd(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]time.Duration{"answered in time": 500 * time.Millisecond, "not answered": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onFakeTime(t, func(t *testing.T, w *world) {
				w.store(150)()
				ctx, cancel := context.WithCancel(t.Context())
				w.broker.Block(true)
				time.AfterFunc(time.Second, cancel)
				time.AfterFunc(time.Second+pause, func() { w.broker.Block(false) })
				n, err := w.garbage.Replay(ctx)
				if !errors.Is(err, context.Canceled) || pause < time.Second != (n == 100) {
					t.Errorf("%d replayed, %v", n, err)
				}
				w.holds(queue+".garbage", 150-n)
			})
		})
	}
}
