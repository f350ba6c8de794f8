package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func confirmAll(p published) { p.conn.ack(p.channel, p.tag, false) }

func numbered(n int) []driver.Message {
	messages := make([]driver.Message, n)
	for i := range messages {
		messages[i] = driver.Message{Exchange: "x", RoutingKey: "k", ID: fmt.Sprint(i), Body: []byte(fmt.Sprint(i))}
	}
	return messages
}

func failed(t testing.TB, err error) map[int]error {
	t.Helper()
	if err == nil {
		return nil
	}
	pe, ok := errors.AsType[*driver.PublishError](err)
	if !ok {
		t.Fatalf("want a *driver.PublishError, got %v", err)
	}
	m := make(map[int]error)
	for _, f := range pe.Failed {
		m[f.Index] = f.Err
	}
	return m
}

// afterFirst lets the first message of a channel through, which travels alone because its exchange is not known yet, and
// collects the next n before it calls f.
func afterFirst(n int, f func(p []published)) func(published) {
	var collected []published
	return func(p published) {
		if p.tag == 1 {
			confirmAll(p)
			return
		}
		if collected = append(collected, p); len(collected) == n {
			f(collected)
			collected = nil
		}
	}
}

// A cumulative ack covers what was nacked before; that stays refused.
func TestANackIsARefusal(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, afterFirst(5, func(p []published) {
		c := p[0].conn
		c.nack(p[0].channel, p[2].tag, false)
		c.ack(p[0].channel, p[3].tag, true)
		c.nack(p[0].channel, p[4].tag, false)
	}))
	got := failed(t, s.dial(Config{PublishChannels: 1}).Publish(t.Context(), numbered(6)))
	if len(got) != 2 || !errors.Is(got[3], driver.ErrRefused) || !errors.Is(got[5], driver.ErrRefused) {
		t.Errorf("got %v, want messages 3 and 5 refused", got)
	}
}

// A message that is never confirmed holds up no other, and its place in the window is free once its caller has gone.
func TestConfirmsOvertake(t *testing.T) {
	t.Parallel()
	var stuck atomic.Int32
	s := newFakeServer(t, func(p published) {
		if p.body != "stuck" {
			confirmAll(p)
			return
		}
		stuck.Add(1)
	})
	b := s.dial(Config{PublishChannels: 1, Window: 2})
	if err := b.Publish(t.Context(), numbered(1)); err != nil {
		t.Fatal(err)
	}
	for round := range int32(3) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error)
		go func() { done <- b.Publish(ctx, []driver.Message{{Exchange: "x", Body: []byte("stuck")}}) }()
		eventually(t, func() bool { return stuck.Load() == round+1 })
		if err := b.Publish(t.Context(), numbered(20)); err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-done; !errors.Is(err, driver.ErrUnknown) || !errors.Is(err, context.Canceled) {
			t.Errorf("a message without a confirm: %v", err)
		}
	}
}

// What was sent and not confirmed when the link broke is sent again, in order, with the same ids, and is not refused; also
// when the next link breaks at once.
func TestALostLinkIsNoRefusal(t *testing.T) {
	t.Parallel()
	var (
		mu    sync.Mutex
		links []*fakeConn // those that have carried messages
		got   []string    // on the third
	)
	s := newFakeServer(t, nil)
	s.publish = func(p published) {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(links, p.conn) {
			links = append(links, p.conn)
		}
		switch {
		case p.conn != links[len(links)-1]: // the rest of its buffer
		case len(links) == 1 && (p.body == "0" || p.body == "3"):
			confirmAll(p)
		case len(links) == 1 && p.body == "6", len(links) == 2:
			_ = p.conn.Close()
		case len(links) == 3:
			if !strings.Contains(string(p.properties), p.body) {
				t.Errorf("message %s came again without its id", p.body)
			}
			got = append(got, p.body)
			confirmAll(p)
		}
	}
	b := s.dial(Config{PublishChannels: 1, Window: 7})
	if err := b.Publish(t.Context(), numbered(10)); err != nil {
		t.Errorf("publish over links that broke: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	// The confirm of 3 may have been lost with the link.
	got = slices.DeleteFunc(got, func(s string) bool { return s == "3" })
	if want := []string{"1", "2", "4", "5", "6", "7", "8", "9"}; !slices.Equal(got, want) {
		t.Errorf("sent again: %v, want %v", got, want)
	}
}

// A caller that has gone is not published for later.
func TestAnAbandonedMessageIsNotSentAgain(t *testing.T) {
	t.Parallel()
	var seen, wrong atomic.Int32
	s := newFakeServer(t, func(p published) {
		switch {
		case p.body != "gone":
			confirmAll(p)
		case seen.Add(1) > 1:
			wrong.Add(1)
		}
	})
	b := s.dial(Config{PublishChannels: 1})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- b.Publish(ctx, []driver.Message{{Exchange: "x", Body: []byte("gone")}}) }()
	eventually(t, func() bool { return seen.Load() == 1 })
	cancel()
	if err := <-done; !errors.Is(err, driver.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	s.hangUp()
	if err := b.Publish(t.Context(), numbered(3)); err != nil {
		t.Error(err)
	}
	if wrong.Load() > 0 {
		t.Error("the message was sent again after its caller had gone")
	}
}

// A channel that dies names no culprit. It is found, and everything else arrives.
func TestTheCulpritIsFound(t *testing.T) {
	t.Parallel()
	for code, want := range map[uint16]error{404: driver.ErrNotFound, 403: driver.ErrDenied, 406: driver.ErrRefused} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			closed := make(map[*fakeConn]uint16) // the channel that the broker has closed ignores what still comes
			s := newFakeServer(t, nil)
			s.publish = func(p published) {
				if closed[p.conn] == p.channel {
					return
				}
				if p.exchange == "missing" {
					closed[p.conn] = p.channel
					p.conn.closeChannel(p.channel, code, "something about a message")
					return
				}
				confirmAll(p)
			}
			messages := numbered(40)
			messages[17].Exchange = "missing"
			got := failed(t, s.dial(Config{PublishChannels: 1}).Publish(t.Context(), messages))
			if len(got) != 1 || !errors.Is(got[17], want) {
				t.Errorf("got %v, want message 17 to fail with %v", got, want)
			}
		})
	}
}

// The blame stays with the culprit also when its caller has gone before the broker answers.
func TestTheNextMessageIsNotToBlame(t *testing.T) {
	t.Parallel()
	arrived := make(chan published, 1)
	var stalled atomic.Bool
	s := newFakeServer(t, func(p published) {
		switch {
		case p.exchange == "missing":
			stalled.Store(true)
			arrived <- p
		case !stalled.Load():
			confirmAll(p)
		}
	})
	b := s.dial(Config{PublishChannels: 1})
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- b.Publish(ctx, []driver.Message{{Exchange: "missing", Body: []byte("1")}}) }()
	culprit := <-arrived
	cancel()
	if err := <-first; !errors.Is(err, driver.ErrUnknown) {
		t.Errorf("the first message: %v", err)
	}
	go func() { second <- b.Publish(t.Context(), numbered(1)) }()
	lane := b.publisher.lanes[0]
	eventually(t, func() bool { // the lane has looked for callers that have gone
		lane.mu.Lock()
		defer lane.mu.Unlock()
		return !lane.left
	})
	stalled.Store(false)
	culprit.conn.closeChannel(culprit.channel, 404, "no exchange 'missing'")
	if err := <-second; err != nil {
		t.Errorf("the second message: %v", err)
	}
}

// A broker that has nothing but confirms to send is not silent: RabbitMQ sends no heartbeats then.
func TestConfirmsAreASignOfLife(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, confirmAll) // it sends no heartbeats at all
	b, err := openLink(t.Context(), mustResolve(t, s.config(Config{Heartbeat: time.Second})), "publishing", func(context.Context, *session) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	p := newPublisher(b, b.settings)
	defer p.running.Wait()
	defer b.close()
	defer p.close()
	first, _, _ := b.now()
	for end := time.Now().Add(2500 * time.Millisecond); time.Now().Before(end); {
		if err := p.publish(t.Context(), numbered(1)); err != nil {
			t.Fatal(err)
		}
	}
	if now, _, down := b.now(); now != first {
		t.Errorf("the link was lost: %v", down)
	}
}

func mustResolve(t *testing.T, cfg Config) *settings {
	t.Helper()
	s, err := cfg.resolve()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestABlockedBroker(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, confirmAll)
	b := s.dial(Config{BlockedTimeout: 50 * time.Millisecond})
	s.each(func(c *fakeConn) { c.method(0, 10, 60, short("low on memory")) })
	eventually(t, func() bool { return b.publishing.blocked.Load().on })
	if err := b.Health(); !errors.Is(err, driver.ErrBlocked) {
		t.Errorf("health says %v", err)
	}
	start := time.Now()
	err := b.Publish(t.Context(), numbered(1))
	if !errors.Is(err, driver.ErrBlocked) || errors.Is(err, driver.ErrUnknown) || !strings.Contains(err.Error(), "low on memory") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took < 50*time.Millisecond {
		t.Errorf("gave up after %v", took)
	}
	s.each(func(c *fakeConn) { c.method(0, 10, 61) })
	if err := b.Publish(t.Context(), numbered(3)); err != nil {
		t.Error(err)
	}
	eventually(t, func() bool { return b.Health() == nil })
}

// A handshake that breaks off is not a wrong password, whatever amqp091-go makes of it.
func TestHandshakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		greet func(*fakeConn) bool
		want  error
	}{
		"hangs up": {func(*fakeConn) bool { return false }, driver.ErrUnavailable},
		"refuses": {func(c *fakeConn) bool {
			c.method(0, 10, 50, []byte{403 >> 8, 403 & 255}, short("ACCESS_REFUSED"), make([]byte, 4))
			return true
		}, driver.ErrDenied},
		"shuts down": {func(c *fakeConn) bool {
			c.method(0, 10, 50, []byte{320 >> 8, 320 & 255}, short("CONNECTION_FORCED"), make([]byte, 4))
			return true
		}, driver.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newFakeServer(t, confirmAll)
			s.greet = c.greet
			b, err := Dial(t.Context(), s.config(Config{Password: "secret", User: "u"}))
			if err == nil {
				_ = b.Close()
			}
			if !errors.Is(err, c.want) || errors.Is(err, driver.ErrDenied) != (c.want == driver.ErrDenied) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestInvalidMessagesFailTheWholeCall(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	s := newFakeServer(t, func(p published) { arrived.Add(1); confirmAll(p) })
	messages := numbered(3)
	messages[1].RoutingKey = strings.Repeat("k", 256)
	got := failed(t, s.dial(Config{}).Publish(t.Context(), messages))
	if len(got) != 3 || arrived.Load() != 0 {
		t.Errorf("%d messages arrived, and the call failed with %v", arrived.Load(), got)
	}
	for i, err := range got {
		if !errors.Is(err, driver.ErrInvalid) {
			t.Errorf("message %d: %v", i, err)
		}
	}
}
