package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// The server is stopped in good order and killed as by a power failure, in turn, while 16 goroutines publish and a consumer
// handles. With TOOLSET_TEST_LONG=1 that is five times each and 200,000 messages, for a classic and for a quorum queue; else
// once each and 20,000.
func TestRestartsLoseNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	if os.Getenv("TOOLSET_TEST_LONG") != "1" {
		restarts(t, eventbus.ClassicQueue, 20_000, 2)
		return
	}
	for name, kind := range map[string]string{"classic": eventbus.ClassicQueue, "quorum": eventbus.QuorumQueue} {
		// One after the other: each takes the machine.
		t.Run(name, func(t *testing.T) { restarts(t, kind, 200_000, 10) })
	}
}

const publishers = 16

func restarts(t *testing.T, kind string, messages, rounds int) {
	server := testenv.StartRabbitMQ(t)
	leaks := watchGoroutines(t)
	quiet := slog.New(slog.DiscardHandler)
	b, err := rabbitmq.Dial(t.Context(), rabbitmq.Config{URL: server.URL(), Heartbeat: 2 * time.Second, Logger: quiet})
	must(t, err)
	h := &handled{seen: make(map[int]int), wrong: make(map[int]bool)}
	stop := h.consume(t, b, kind, quiet)
	p := &press{
		bus: eventbus.NewPublisher(b, eventbus.PublisherConfig{}), each: messages / publishers, stretches: rounds + 1,
		gate: make(chan struct{}),
	}
	must(t, p.bus.Publish(t.Context(), placed.Message(messages)))
	h.await(t, 1)
	atRest := leaks.count()
	if atRest == 0 {
		t.Error("the goroutines of the broker are not seen")
	}
	p.start(t)

	for round := range rounds {
		p.await(t, publishers*p.until(round))
		p.release() // so that the server has something to interrupt
		if round%2 == 0 {
			server.Stop(t)
		} else {
			server.Kill(t)
		}
		before := h.count()
		server.Start(t)
		waitFor(t, b.Health)
		h.await(t, min(before+1000, publishers*p.until(round+1)+1)) // nobody is stuck
	}
	p.running.Wait()
	h.await(t, messages+1)
	waitFor(t, func() error { return leaks.atMost(atRest) })
	stop()
	must(t, b.Close())
	waitFor(t, func() error { return leaks.atMost(0) })
	t.Logf("%d messages, %d restarts, %d handled twice", messages, rounds, h.extra())
}

var (
	orders = eventbus.NewExchange("orders")
	placed = eventbus.Declare[int](orders, "order.placed", "An order was placed.")
)

// A press publishes numbers from many goroutines. They stop at the end of each stretch until they are released.
type press struct {
	bus       eventbus.Publisher
	each      int // of a goroutine
	stretches int
	gate      chan struct{}
	published atomic.Int64
	running   sync.WaitGroup
}

// until is how many messages a goroutine has published at the end of a stretch.
func (p *press) until(stretch int) int { return p.each * (stretch + 1) / p.stretches }

// start publishes one by one from even goroutines, and ten at a time from the others.
func (p *press) start(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	t.Cleanup(cancel)
	for g := range publishers {
		p.running.Go(func() {
			next := g * p.each
			for stretch := range p.stretches {
				if stretch > 0 {
					<-p.gate
				}
				for end := g*p.each + p.until(stretch); next < end; {
					var call []eventbus.Message
					for range min(1+9*(g%2), end-next) {
						call = append(call, placed.Message(next))
						next++
					}
					if err := p.bus.Publish(ctx, call...); err != nil {
						t.Errorf("publish: %v", err)
						return
					}
					p.published.Add(int64(len(call)))
				}
			}
		})
	}
}

func (p *press) release() {
	for range publishers {
		p.gate <- struct{}{}
	}
}

func (p *press) await(t *testing.T, n int) {
	t.Helper()
	waitForProgress(t, "published", n, func() int { return int(p.published.Load()) })
}

// handled counts how often each number was handled.
type handled struct {
	mu    sync.Mutex
	seen  map[int]int
	wrong map[int]bool // failed once already
}

var errOnce = errors.New("the first attempt fails")

// consume handles with eight goroutines. Some messages fail at their first attempt and return to the queue.
func (h *handled) consume(t *testing.T, b eventbus.Broker, kind string, log *slog.Logger) (stop func()) {
	t.Helper()
	c := eventbus.NewConsumer(b, eventbus.ConsumerConfig{
		Queue: "books:orders", QueueType: kind, Prefetch: 100, Concurrency: 8, Logger: log,
		OnFailure: eventbus.Requeue{Pause: time.Millisecond},
	}, placed.Handle(func(_ context.Context, n int) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		if n%500 == 0 && !h.wrong[n] {
			h.wrong[n] = true
			return errOnce
		}
		h.seen[n]++
		return nil
	}))
	must(t, c.Declare(t.Context()))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		must(t, <-done)
	})
}

func (h *handled) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.seen)
}

// extra is the number of times that a message was handled beyond the first.
func (h *handled) extra() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, times := range h.seen {
		n += times - 1
	}
	return n
}

func (h *handled) await(t *testing.T, n int) {
	t.Helper()
	waitForProgress(t, "handled", n, h.count)
}

// waitForProgress waits until count has reached n, and fails when it stands still.
func waitForProgress(t *testing.T, what string, n int, count func() int) {
	t.Helper()
	last, since := count(), time.Now()
	for last < n {
		time.Sleep(10 * time.Millisecond)
		if now := count(); now > last {
			last, since = now, time.Now()
		}
		if time.Since(since) > 2*patience {
			t.Fatalf("%d of %d messages are %s, and for %v no more", last, n, what, 2*patience)
		}
	}
}

func waitFor(t *testing.T, ok func() error) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		err := ok()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(fmt.Errorf("after %v still: %w", patience, err))
		}
	}
}
