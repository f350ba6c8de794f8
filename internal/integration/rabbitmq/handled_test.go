package rabbitmq_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// handled counts the bodies that a subscription has brought and that were acknowledged.
type handled struct {
	mu     sync.Mutex
	bodies map[string]int
}

// handleAll consumes the queue until the test ends, with cumulative acknowledgements.
func handleAll(t testing.TB, b driver.Broker, queue string) *handled {
	t.Helper()
	h := &handled{bodies: make(map[string]int)}
	s, err := b.Subscribe(testContext(t), queue, driver.SubscribeOptions{Prefetch: 50})
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for d := range s.Deliveries() {
			h.mu.Lock()
			h.bodies[string(d.Body)]++
			h.mu.Unlock()
			if err := s.Ack(d.Tag, true); err != nil && !errors.Is(err, driver.ErrStale) && !errors.Is(err, driver.ErrClosed) {
				t.Errorf("acknowledge: %v", err)
			}
		}
		if err := s.Err(); err != nil {
			t.Errorf("the subscription has ended: %v", err)
		}
	}()
	t.Cleanup(func() {
		must(t, s.Close())
		<-done
	})
	return h
}

func (h *handled) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.bodies)
}

func (h *handled) has(body string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.bodies[body] > 0
}

// extra is the number of deliveries beyond the first of each body.
func (h *handled) extra() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	extra := 0
	for _, n := range h.bodies {
		extra += n - 1
	}
	return extra
}

// wait waits for n different bodies.
func (h *handled) wait(t testing.TB, n int) {
	t.Helper()
	last, progress := 0, time.Now()
	for {
		have := h.count()
		if have >= n {
			return
		}
		if have > last {
			last, progress = have, time.Now()
		}
		if time.Since(progress) > patience {
			t.Fatalf("%d of %d messages were handled, and no more come", have, n)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// A recorder keeps log lines.
type recorder struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

func (r *recorder) logger() *slog.Logger { return slog.New(slog.NewTextHandler(r, nil)) }

func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}

func (r *recorder) count(text string) int { return strings.Count(r.text(), text) }

func (r *recorder) await(t testing.TB, text string) {
	t.Helper()
	r.awaitCount(t, text, 1)
}

func (r *recorder) awaitCount(t testing.TB, text string, n int) {
	t.Helper()
	eventually(t, func() error {
		if have := r.count(text); have < n {
			return fmt.Errorf("%d of %d lines with %q are in the log", have, n, text)
		}
		return nil
	})
}
