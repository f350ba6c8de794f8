package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// The link is cut, stalled, slowed and barred at random points while messages are published, alone and in batches, and
// consumed. The next trouble waits until some messages have got through, so that a slow machine gets as far as a fast one.
func TestABadNetworkLosesNothing(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	p := newProxy(t, net.JoinHostPort(v.Host, v.Port))
	b := dialThrough(t, v, p, rabbitmq.Config{Heartbeat: time.Second})
	exchange, queue := events(t, b)
	handled := handleAll(t, b, queue)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()

	const publishers, each, batch = 8, 1000, 10
	var (
		running   sync.WaitGroup
		published atomic.Int64
	)
	for g := range publishers {
		running.Go(func() {
			for i := 0; i < each; {
				n := 1
				if g%2 == 0 {
					n = batch
				}
				var messages []driver.Message
				for range n {
					messages = append(messages, text(exchange, "a", number(g*each+i)))
					i++
				}
				if err := b.Publish(ctx, messages); err != nil {
					t.Errorf("publish: %v", err)
					return
				}
				published.Add(int64(n))
			}
		})
	}
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	until := func(ok func() bool) bool { // false when everything is published
		for !ok() {
			select {
			case <-done:
				return false
			case <-time.After(time.Millisecond):
			}
		}
		return true
	}
	more := func(n int64) bool {
		goal := published.Load() + n
		return until(func() bool { return published.Load() >= goal })
	}
	rounds := 0
	for ; more(1 + rand.Int64N(500)); rounds++ {
		switch rounds % 5 {
		case 0, 1:
			p.cut()
		case 2: // longer than the link lives without a sign of life
			p.stall()
			until(func() bool { return b.Health() != nil })
			p.flow()
		case 3:
			refused := p.refusals()
			p.accepting(false)
			p.cut()
			until(func() bool { return p.refusals() > refused })
			p.accepting(true)
		case 4:
			p.slow(5 * time.Millisecond)
			more(20)
			p.slow(0)
		}
	}
	running.Wait()
	handled.wait(t, publishers*each)
	eventually(t, b.Health)
	t.Logf("%d messages, %d times trouble, %d handled twice", publishers*each, rounds, handled.extra())
}

// A stalled link must not hold up Close, nor those who wait.
func TestCloseOnAStalledLink(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	p := newProxy(t, net.JoinHostPort(v.Host, v.Port))
	b := dialThrough(t, v, p, rabbitmq.Config{})
	exchange, queue := events(t, b)
	s := subscribe(t, b, queue, 10)
	puller, err := b.Pull(testContext(t), queue)
	must(t, err)
	p.stall()

	large := text(exchange, "a", "large")
	large.Body = make([]byte, 8<<20) // more than all buffers on the way hold
	var waiting sync.WaitGroup
	for range 20 {
		waiting.Go(func() {
			err := b.Publish(testContext(t), []driver.Message{large})
			if !errors.Is(err, driver.ErrClosed) {
				t.Errorf("publish on a closed broker: %v", err)
			}
		})
	}
	waiting.Go(func() {
		if _, _, err := puller.Next(testContext(t)); err == nil {
			t.Error("a puller on a stalled link found something")
		}
	})
	eventually(t, func() error { // a body and a basic.get are on their way, and get no further
		if n := p.holding(); n < 2 {
			return fmt.Errorf("%d of 2 connections are held up", n)
		}
		return nil
	})
	start := time.Now()
	must(t, b.Close())
	waiting.Wait()
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("Close took %v", took)
	}
	if _, ok := <-s.Deliveries(); ok || s.Err() != nil {
		t.Errorf("the subscription did not end: %v", s.Err())
	}
}

// A change of state is one line for each connection, however many tries it takes.
func TestStateChangesAreLoggedOnce(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	p := newProxy(t, net.JoinHostPort(v.Host, v.Port))
	var log recorder
	b := dialThrough(t, v, p, rabbitmq.Config{Logger: log.logger()})
	p.accepting(false)
	p.cut()
	eventually(t, func() error {
		if err := b.Health(); !errors.Is(err, driver.ErrUnavailable) {
			return errors.New("healthy without a link")
		}
		return nil
	})
	eventually(t, func() error { // several tries of each connection
		if n := p.refusals(); n < 6 {
			return fmt.Errorf("only %d tries", n)
		}
		return nil
	})
	mustBe(t, b.Publish(expired(), []driver.Message{text("", "q", "x")}), driver.ErrUnavailable)
	p.accepting(true)
	eventually(t, b.Health)
	eventually(t, func() error {
		if n := log.count("connection restored"); n < 2 {
			return fmt.Errorf("%d of 2 connections are restored", n)
		}
		return nil
	})
	for line, want := range map[string]int{"connection lost": 2, "connection restored": 2, "cannot reconnect": 2} {
		if n := log.count(line); n != want {
			t.Errorf("%d lines %q, want %d:\n%s", n, line, want, log.text())
		}
	}
}

func TestClosingLeavesNothingBehind(t *testing.T) { //nolint:paralleltest // it counts goroutines
	v := testenv.RabbitMQ(t)
	p := newProxy(t, net.JoinHostPort(v.Host, v.Port))
	before := goroutines()
	for round := range 3 {
		b := dialThrough(t, v, p, rabbitmq.Config{})
		exchange, queue := events(t, b)
		s := subscribe(t, b, queue, 10)
		must(t, b.Publish(testContext(t), []driver.Message{text(exchange, "a", "1"), text(exchange, "a", "2")}))
		must(t, s.Ack(next(t, s).Tag, false))
		if round == 1 {
			p.cut()
			eventually(t, b.Health)
		}
		_, err := b.Pull(testContext(t), queue)
		must(t, err)
		must(t, b.Close())
	}
	p.cut()
	eventually(t, func() error {
		if n := goroutines(); n > before {
			return errors.New("goroutines are left:\n" + stacks())
		}
		return nil
	})
}
