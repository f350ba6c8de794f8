package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func subscribe(t *testing.T, b *Broker, prefetch int) driver.Subscription {
	t.Helper()
	s, err := b.Subscribe(t.Context(), "q", driver.SubscribeOptions{Prefetch: prefetch})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func next(t *testing.T, s driver.Subscription) driver.Delivery {
	t.Helper()
	select {
	case d, ok := <-s.Deliveries():
		if !ok {
			t.Fatalf("the deliveries have ended: %v", s.Err())
		}
		return d
	case <-time.After(patience):
		t.Fatal("nothing is delivered")
	}
	return driver.Delivery{}
}

// A broker that ignores the prefetch is not trusted to keep it: nothing is lost or reordered, and a consumer that takes nothing
// does not hold up another one on the same connection.
func TestMoreThanThePrefetch(t *testing.T) {
	t.Parallel()
	const n = 1000
	var consumers atomic.Int32
	var sending sync.WaitGroup
	taken := make(chan struct{}, n)
	s := newFakeServer(t, confirmAll)
	s.consume = func(c *fakeConn, channel uint16, tag string) {
		first := consumers.Add(1) == 1
		c.deliver(channel, tag, 1, "1") // before the answer, as no broker should
		c.consumeOK(channel, tag)
		if !first {
			return
		}
		sending.Go(func() {
			for i := uint64(2); i <= n; i++ {
				if i > n/2 {
					<-taken // so that there is room when it comes, and others wait for that
				}
				c.deliver(channel, tag, i, fmt.Sprint(i))
			}
		})
	}
	b := s.dial(Config{})
	idle := subscribe(t, b, 2)
	other := subscribe(t, b, 2)
	if d := next(t, other); string(d.Body) != "1" {
		t.Errorf("got %+v", d)
	}
	for i := uint64(1); i <= n; i++ {
		d := next(t, idle)
		if string(d.Body) != fmt.Sprint(i) || d.Tag != (driver.Tag{Epoch: 1, Number: i}) {
			t.Fatalf("message %d is %+v", i, d)
		}
		taken <- struct{}{}
		if err := idle.Ack(d.Tag, false); err != nil {
			t.Fatal(err)
		}
	}
	sending.Wait()
}

// Where there is room again, what has waited longest comes first.
func TestNothingOvertakesWhatWaits(t *testing.T) {
	t.Parallel()
	s := newSubscription(&Broker{settings: &settings{}}, "q", driver.SubscribeOptions{Prefetch: 1})
	st := &stretch{number: 1, more: make(chan struct{}, 1)}
	s.now = st
	var got []uint64
	for i := range uint64(3) {
		s.take(st, driver.Delivery{Tag: driver.Tag{Number: i + 1}})
		if i == 1 {
			got = append(got, (<-s.out).Tag.Number) // and there is room before forward has seen it
		}
	}
	ended := make(chan error, 1)
	go func() { ended <- s.forward(st) }()
	for range 2 {
		got = append(got, (<-s.out).Tag.Number)
	}
	if !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Errorf("came in the order %v", got)
	}
	s.shutDown()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// What is delivered can be acknowledged, however early it comes.
func TestADeliveryBeforeTheConsumer(t *testing.T) {
	t.Parallel()
	var consumers atomic.Int32
	s := newFakeServer(t, confirmAll)
	s.consume = func(c *fakeConn, channel uint16, tag string) {
		if consumers.Add(1) == 1 {
			c.consumeOK(channel, tag)
			c.closeChannel(channel, 406, "PRECONDITION_FAILED")
			return
		}
		c.deliver(channel, tag, 1, "early")
		time.Sleep(20 * time.Millisecond) // a chance to take it too early
		c.consumeOK(channel, tag)
	}
	sub := subscribe(t, s.dial(Config{}), 1)
	d := next(t, sub)
	if err := sub.Ack(d.Tag, false); err != nil || d.Tag != (driver.Tag{Epoch: 2, Number: 1}) {
		t.Errorf("acknowledging %v: %v", d.Tag, err)
	}
}

// A consumer that cannot start again says so once, goes on trying, and says when it has succeeded.
func TestAConsumerThatCannotStartAgain(t *testing.T) {
	t.Parallel()
	var consumers atomic.Int32
	s := newFakeServer(t, confirmAll)
	s.consume = func(c *fakeConn, channel uint16, tag string) {
		switch n := consumers.Add(1); {
		case n == 1:
			c.consumeOK(channel, tag)
			c.closeChannel(channel, 406, "PRECONDITION_FAILED - too slow")
		case n < 4:
			c.closeChannel(channel, 405, "RESOURCE_LOCKED - it is another's")
		default:
			c.consumeOK(channel, tag)
			c.deliver(channel, tag, 1, "fine")
		}
	}
	var log strings.Builder
	b := s.dial(Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	next(t, subscribe(t, b, 1))
	_ = b.Close()
	for _, text := range []string{"too slow", "cannot start again, will go on trying", "RESOURCE_LOCKED", "consumer started again"} {
		if n := strings.Count(log.String(), text); n != 1 {
			t.Errorf("the log says %d times %q:\n%s", n, text, &log)
		}
	}
}

// What came on a channel that is gone is dropped, with what is half there, and the broker delivers it again on the next.
func TestTheChannelEndsInTheMiddleOfAMessage(t *testing.T) {
	t.Parallel()
	var consumers atomic.Int32
	full := make(chan struct{})
	s := newFakeServer(t, confirmAll)
	s.consume = func(c *fakeConn, channel uint16, tag string) {
		c.consumeOK(channel, tag)
		if consumers.Add(1) > 1 {
			for i := uint64(1); i <= 3; i++ {
				c.deliver(channel, tag, i, "again")
			}
			return
		}
		for i := uint64(1); i <= 3; i++ {
			c.deliver(channel, tag, i, "first")
		}
		<-full
		c.method(channel, 60, 60, short(tag), number(4), flag(false), short("x"), short("k"))
		c.frame(2, channel, append([]byte{0, 60, 0, 0}, append(number(9), 0, 0)...))
		c.frame(3, channel, []byte("half"))
		c.closeChannel(channel, 541, "INTERNAL_ERROR")
	}
	sub := subscribe(t, s.dial(Config{}), 2) // the third waits behind
	old := next(t, sub)
	eventually(t, func() bool { return len(sub.Deliveries()) == 2 })
	close(full)
	eventually(t, func() bool { return consumers.Load() == 2 })
	if err := sub.Ack(old.Tag, false); !errors.Is(err, driver.ErrStale) {
		t.Errorf("acknowledging the old one: %v", err)
	}
	for i := uint64(1); i <= 3; i++ {
		if d := next(t, sub); string(d.Body) != "again" || d.Tag != (driver.Tag{Epoch: 2, Number: i}) {
			t.Errorf("delivery %d is %q %v", i, d.Body, d.Tag)
		}
	}
}

// Frames that make no message cost the connection, which comes back.
func TestABrokenDelivery(t *testing.T) {
	t.Parallel()
	var consumers atomic.Int32
	s := newFakeServer(t, confirmAll)
	s.consume = func(c *fakeConn, channel uint16, tag string) {
		c.consumeOK(channel, tag)
		if consumers.Add(1) == 1 {
			c.frame(3, channel, []byte("body of nothing"))
			return
		}
		c.deliver(channel, tag, 1, "fine")
	}
	var log strings.Builder
	b := s.dial(Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if d := next(t, subscribe(t, b, 1)); string(d.Body) != "fine" || d.Tag.Epoch != 2 {
		t.Errorf("got %+v", d)
	}
	_ = b.Close()
	if !strings.Contains(log.String(), errOrder.Error()) {
		t.Errorf("the log does not say why:\n%s", &log)
	}
}

// After Cancel nothing is delivered, though the broker has more on its way, and what was taken can be acknowledged.
func TestDeliveriesAfterCancel(t *testing.T) {
	t.Parallel()
	var stop atomic.Bool
	var sending sync.WaitGroup
	s := newFakeServer(t, confirmAll)
	s.consume = func(c *fakeConn, channel uint16, tag string) {
		c.consumeOK(channel, tag)
		sending.Go(func() {
			for i := uint64(1); !stop.Load(); i++ {
				c.mu.Lock()
				_, err := c.Write(append(deliverFrame(channel, tag, i, "x", "k"), append(contentFrame(channel, 1, 0, 0), bodyFrame(channel, "b")...)...))
				c.mu.Unlock()
				if err != nil {
					return
				}
				runtime.Gosched()
			}
		})
	}
	b := s.dial(Config{})
	sub := subscribe(t, b, 10)
	d := next(t, sub)
	if err := sub.Cancel(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		_, ok := <-sub.Deliveries()
		return !ok
	})
	if err := sub.Ack(d.Tag, false); err != nil || sub.Err() != nil {
		t.Errorf("after Cancel: %v, %v", err, sub.Err())
	}
	stop.Store(true)
	sending.Wait()
	if err := sub.Close(); err != nil {
		t.Error(err)
	}
}

// A broker that delivers and says nothing else is alive.
func TestDeliveriesAreASignOfLife(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, confirmAll)
	stop := make(chan struct{})
	var sending sync.WaitGroup
	s.consume = func(c *fakeConn, channel uint16, tag string) {
		c.consumeOK(channel, tag)
		sending.Go(func() {
			for i := uint64(1); ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(100 * time.Millisecond):
					c.deliver(channel, tag, i, "b")
				}
			}
		})
	}
	b := s.dial(Config{Heartbeat: time.Second})
	sub := subscribe(t, b, 100)
	for start := time.Now(); time.Since(start) < 4*time.Second; {
		if d := next(t, sub); d.Tag.Epoch != 1 {
			t.Fatal("the connection was given up")
		}
	}
	close(stop)
	sending.Wait()
}

// Closing everything while messages pour in neither hangs nor loses its way.
func TestCloseWhileConsuming(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, confirmAll)
	var sending sync.WaitGroup
	s.consume = func(c *fakeConn, channel uint16, tag string) {
		c.consumeOK(channel, tag)
		sending.Go(func() {
			for i := uint64(1); ; i++ {
				c.mu.Lock()
				_, err := c.Write(append(deliverFrame(channel, tag, i, "x", "k"), append(contentFrame(channel, 1, 0, 0), bodyFrame(channel, "b")...)...))
				c.mu.Unlock()
				if err != nil {
					return
				}
				if i%50 == 0 {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	for round := range 10 {
		b, err := Dial(context.Background(), s.config(Config{}))
		if err != nil {
			t.Fatal(err)
		}
		var consuming sync.WaitGroup
		for range 3 {
			sub := subscribe(t, b, 1+round)
			consuming.Go(func() {
				for d := range sub.Deliveries() {
					if err := sub.Ack(d.Tag, false); err != nil && !errors.Is(err, driver.ErrStale) && !errors.Is(err, driver.ErrClosed) {
						t.Error(err)
					}
				}
			})
			next(t, sub)
		}
		start := time.Now()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		consuming.Wait()
		if took := time.Since(start); took > 3*goodbyeTimeout {
			t.Errorf("Close took %v", took)
		}
		s.hangUp()
		sending.Wait()
	}
}
