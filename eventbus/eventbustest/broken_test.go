package eventbustest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

// A trial is a TB that only records whether the test failed, so that a failing suite is a result.
type trial struct {
	testing.TB
	mu       sync.Mutex
	texts    []string
	cleanups []func()
}

func (t *trial) Helper()                      {}
func (t *trial) Name() string                 { return "trial" }
func (t *trial) Log(...any)                   {}
func (t *trial) Logf(string, ...any)          {}
func (t *trial) Error(args ...any)            { t.add(fmt.Sprint(args...)) }
func (t *trial) Errorf(f string, args ...any) { t.add(fmt.Sprintf(f, args...)) }
func (t *trial) Fatal(args ...any)            { t.add(fmt.Sprint(args...)); runtime.Goexit() }
func (t *trial) Fatalf(f string, args ...any) { t.add(fmt.Sprintf(f, args...)); runtime.Goexit() }
func (t *trial) Skip(...any)                  { runtime.Goexit() }

func (t *trial) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

func (t *trial) add(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.texts = append(t.texts, text)
}

// failures runs the check against a broken broker and returns what it complains about.
func (t *trial) failures(c check, wait time.Duration, wrap func(*memory.Broker) driver.Broker) []string {
	server := memory.New()
	open := func(testing.TB) driver.Broker { return wrap(server.Connect()) }
	f := Features{
		Wait: wait, Quiet: 20 * time.Millisecond,
		Cut: func(_ testing.TB, b driver.Broker) { b.(interface{ cut() }).cut() },
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.run(newSuite(t, open, f))
	}()
	<-done
	for _, f := range slices.Backward(t.cleanups) {
		f()
	}
	return t.texts
}

// broken is a broker that does what it should; the kinds below each get one thing wrong.
type broken struct{ *memory.Broker }

type loses struct {
	broken
	n *atomic.Int64
}

func (b loses) Publish(ctx context.Context, messages []driver.Message) error {
	var kept []driver.Message
	for _, m := range messages {
		if b.n.Add(1)%7 != 0 {
			kept = append(kept, m)
		}
	}
	return b.Broker.Publish(ctx, kept)
}

type doubles struct{ broken }

func (b doubles) Publish(ctx context.Context, messages []driver.Message) error {
	if err := b.Broker.Publish(ctx, messages); err != nil {
		return err
	}
	return b.Broker.Publish(ctx, messages[:min(1, len(messages))])
}

// It sends what it has confirmed with the next call.
type confirmsEarly struct {
	broken
	late chan []driver.Message // holds at most one call
}

func (b confirmsEarly) Publish(ctx context.Context, messages []driver.Message) (err error) {
	select {
	case earlier := <-b.late:
		err = b.Broker.Publish(ctx, earlier)
	default:
	}
	b.late <- slices.Clone(messages)
	return err
}

type neverConfirms struct{ broken }

func (b neverConfirms) Publish(ctx context.Context, messages []driver.Message) error {
	_ = b.Broker.Publish(ctx, messages)
	<-ctx.Done()
	return ctx.Err()
}

type reorders struct{ broken }

func (b reorders) Publish(ctx context.Context, messages []driver.Message) error {
	messages = slices.Clone(messages)
	slices.Reverse(messages)
	return b.Broker.Publish(ctx, messages)
}

type forgetsMandatory struct{ broken }

func (b forgetsMandatory) Publish(ctx context.Context, messages []driver.Message) error {
	messages = slices.Clone(messages)
	for i := range messages {
		messages[i].Mandatory = false
	}
	return b.Broker.Publish(ctx, messages)
}

type forgetsHeaders struct{ broken }

func (b forgetsHeaders) Publish(ctx context.Context, messages []driver.Message) error {
	messages = slices.Clone(messages)
	for i := range messages {
		messages[i].Headers = nil
	}
	return b.Broker.Publish(ctx, messages)
}

// cut breaks the link for a moment.
func (b broken) cut() {
	b.Cut()
	time.AfterFunc(2*time.Millisecond, b.Mend)
}

// A lost link reported as a refusal of what is pending, as amqp091-go does it.
type refusesOnLoss struct {
	broken
	lost *atomic.Bool
}

func (b refusesOnLoss) cut() {
	b.lost.Store(true)
	b.broken.cut()
}

func (b refusesOnLoss) Publish(ctx context.Context, messages []driver.Message) error {
	if err := b.Broker.Publish(ctx, messages); err != nil || !b.lost.Load() {
		return err
	}
	return &driver.PublishError{Total: 1, Failed: []driver.FailedMessage{{Err: driver.ErrRefused}}}
}

// These break subscriptions.
type (
	acksEarly       struct{ broken }
	ignoresPrefetch struct{ broken }
	losesAcks       struct{ broken }
	swapsDeliveries struct{ broken }
	neverRedelivers struct{ broken }
	mistakesTags    struct{ broken }
)

type sameTags struct{ driver.Subscription }

func (s sameTags) Ack(tag driver.Tag, multiple bool) error {
	_ = s.Subscription.Ack(tag, multiple)
	return nil
}

func (b mistakesTags) Subscribe(ctx context.Context, queue string, opts driver.SubscribeOptions) (driver.Subscription, error) {
	sub, err := b.Broker.Subscribe(ctx, queue, opts)
	return sameTags{sub}, err
}

func (b acksEarly) Subscribe(ctx context.Context, queue string, opts driver.SubscribeOptions) (driver.Subscription, error) {
	return relay(ctx, b.Broker, queue, opts, func(sub driver.Subscription, d driver.Delivery, out chan<- driver.Delivery) {
		_ = sub.Ack(d.Tag, false)
		out <- d
	})
}

func (b ignoresPrefetch) Subscribe(ctx context.Context, queue string, opts driver.SubscribeOptions) (driver.Subscription, error) {
	opts.Prefetch += 100
	return b.Broker.Subscribe(ctx, queue, opts)
}

type deafToAcks struct{ driver.Subscription }

func (deafToAcks) Ack(driver.Tag, bool) error { return nil }

func (b losesAcks) Subscribe(ctx context.Context, queue string, opts driver.SubscribeOptions) (driver.Subscription, error) {
	sub, err := b.Broker.Subscribe(ctx, queue, opts)
	return deafToAcks{sub}, err
}

func (b swapsDeliveries) Subscribe(ctx context.Context, queue string, opts driver.SubscribeOptions) (driver.Subscription, error) {
	var held *driver.Delivery
	return relay(ctx, b.Broker, queue, opts, func(_ driver.Subscription, d driver.Delivery, out chan<- driver.Delivery) {
		if held == nil && opts.Prefetch > 1 {
			held = &d
			return
		}
		out <- d
		if held != nil {
			out <- *held
			held = nil
		}
	})
}

type acksOnClose struct{ *relayed }

func (s acksOnClose) Close() error {
	s.mu.Lock()
	_ = s.Ack(s.last, true)
	s.mu.Unlock()
	return s.relayed.Close()
}

func (b neverRedelivers) Subscribe(ctx context.Context, queue string, opts driver.SubscribeOptions) (driver.Subscription, error) {
	r, err := relay(ctx, b.Broker, queue, opts, func(_ driver.Subscription, d driver.Delivery, out chan<- driver.Delivery) { out <- d })
	return acksOnClose{r}, err
}

// A relayed subscription passes deliveries through a function.
type relayed struct {
	driver.Subscription
	out  chan driver.Delivery
	mu   sync.Mutex
	last driver.Tag
}

func (r *relayed) Deliveries() <-chan driver.Delivery { return r.out }

func relay(ctx context.Context, b *memory.Broker, queue string, opts driver.SubscribeOptions,
	pass func(driver.Subscription, driver.Delivery, chan<- driver.Delivery)) (*relayed, error) {
	sub, err := b.Subscribe(ctx, queue, opts)
	if err != nil {
		return nil, err
	}
	r := &relayed{Subscription: sub, out: make(chan driver.Delivery, 10_000)}
	go func() {
		defer close(r.out)
		for d := range sub.Deliveries() {
			r.mu.Lock()
			r.last = d.Tag
			r.mu.Unlock()
			pass(sub, d, r.out)
		}
	}()
	return r, nil
}

// The suite catches each, in the test that is about it.
func TestSuiteCatchesBrokenBrokers(t *testing.T) {
	t.Parallel()
	lost := new(atomic.Int64)
	for name, tt := range map[string]struct {
		wrap   func(*memory.Broker) driver.Broker
		caught string
	}{
		"loses":               {func(b *memory.Broker) driver.Broker { return loses{broken{b}, lost} }, "publish/confirmed is in the queue"},
		"doubles":             {func(b *memory.Broker) driver.Broker { return doubles{broken{b}} }, "publish/confirmed is in the queue"},
		"confirms early":      {func(b *memory.Broker) driver.Broker { return confirmsEarly{broken{b}, make(chan []driver.Message, 1)} }, "publish/confirmed is in the queue"},
		"never confirms":      {func(b *memory.Broker) driver.Broker { return neverConfirms{broken{b}} }, "publish/confirmed is in the queue"},
		"reorders batches":    {func(b *memory.Broker) driver.Broker { return reorders{broken{b}} }, "publish/a batch keeps its order"},
		"forgets mandatory":   {func(b *memory.Broker) driver.Broker { return forgetsMandatory{broken{b}} }, "publish/mandatory without a queue is returned"},
		"forgets headers":     {func(b *memory.Broker) driver.Broker { return forgetsHeaders{broken{b}} }, "publish/properties arrive as they were"},
		"acks early":          {func(b *memory.Broker) driver.Broker { return acksEarly{broken{b}} }, "consume/not acknowledged is delivered again"},
		"acks on close":       {func(b *memory.Broker) driver.Broker { return neverRedelivers{broken{b}} }, "consume/not acknowledged is delivered again"},
		"ignores prefetch":    {func(b *memory.Broker) driver.Broker { return ignoresPrefetch{broken{b}} }, "consume/prefetch bounds what is out"},
		"refuses on loss":     {func(b *memory.Broker) driver.Broker { return refusesOnLoss{broken{b}, new(atomic.Bool)} }, "link/lost while publishing"},
		"mistakes tags":       {func(b *memory.Broker) driver.Broker { return mistakesTags{broken{b}} }, "link/lost under a subscription"},
		"loses acks":          {func(b *memory.Broker) driver.Broker { return losesAcks{broken{b}} }, "settle/acknowledge several at once"},
		"reorders deliveries": {func(b *memory.Broker) driver.Broker { return swapsDeliveries{broken{b}} }, "consume/in the order of the queue"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(checks(), func(c check) bool { return c.name == tt.caught })
			if i < 0 {
				t.Fatalf("no test %q in the suite", tt.caught)
			}
			if texts := new(trial).failures(checks()[i], 300*time.Millisecond, tt.wrap); len(texts) == 0 {
				t.Errorf("%q does not notice", tt.caught)
			} else {
				t.Logf("noticed: %s", texts[0])
			}
		})
	}
}

// What the trial reports is not the trial's own doing: a broker that works passes all tests through it.
func TestSuitePassesThroughATrial(t *testing.T) {
	t.Parallel()
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, text := range new(trial).failures(c, 10*time.Second, func(b *memory.Broker) driver.Broker { return broken{b} }) {
				t.Error(text)
			}
		})
	}
}
