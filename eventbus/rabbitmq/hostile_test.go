package rabbitmq

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// Bodies are cut at the size that the broker takes, and not one byte too early or late.
func TestFramesOfEverySize(t *testing.T) {
	t.Parallel()
	for offered, frame := range map[uint32]int{4096: 4096, 5000: 5000, 128 << 10: frameMax, 1 << 20: frameMax, 0: frameMax} {
		t.Run(fmt.Sprint(offered), func(t *testing.T) {
			t.Parallel()
			var got []published
			s := newFakeServer(t, func(p published) { got = append(got, p); confirmAll(p) })
			s.limits = func() (uint16, uint32) { return 0, offered }
			part := frame - frameRim
			var messages []driver.Message
			for _, size := range []int{0, 1, part - 1, part, part + 1, 2*part - 1, 2 * part, 2*part + 1, 7*part + 3} {
				body := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
				messages = append(messages, driver.Message{Exchange: "x", Body: body})
			}
			if err := s.dial(Config{PublishChannels: 1}).Publish(t.Context(), messages); err != nil {
				t.Fatal(err)
			}
			for i, m := range messages {
				if want := (len(m.Body) + part - 1) / part; got[i].frames != want || got[i].body != string(m.Body) {
					t.Errorf("a body of %d bytes came in %d frames, want %d; equal: %v", len(m.Body), got[i].frames, want, got[i].body == string(m.Body))
				}
			}
		})
	}
}

// A broker that takes smaller frames after its restart would end the connection over headers that are too large for it, each
// time that they are sent again. They fail, and everything else goes on.
func TestTheNextBrokerTakesSmallerFrames(t *testing.T) {
	t.Parallel()
	var frame atomic.Uint32
	frame.Store(frameMax)
	lost := make(chan struct{})
	s := newFakeServer(t, nil)
	s.limits = func() (uint16, uint32) { return 0, frame.Load() }
	s.publish = func(p published) {
		if frame.Swap(4096) == frameMax {
			_ = p.conn.Close()
			close(lost)
			return
		}
		if len(p.properties)+frameRim > 4096 {
			t.Error("a header frame is too large")
		}
		confirmAll(p)
	}
	b := s.dial(Config{PublishChannels: 1})
	messages := numbered(3)
	messages[1].Headers = map[string]any{"h": strings.Repeat("x", 5000)}
	got := failed(t, b.Publish(t.Context(), messages))
	<-lost
	if len(got) != 1 || !errors.Is(got[1], driver.ErrInvalid) || !strings.Contains(got[1].Error(), "headers") {
		t.Errorf("got %v, want the message with large headers to be invalid", got)
	}
}

// A lane without a channel would keep its callers waiting for ever.
func TestTheBrokerGivesTooFewChannels(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, confirmAll)
	s.limits = func() (uint16, uint32) { return 1, frameMax }
	_, err := Dial(t.Context(), s.config(Config{}))
	if !errors.Is(err, driver.ErrInvalid) || !strings.Contains(err.Error(), "PublishChannels is 2") {
		t.Errorf("got %v", err)
	}
	if err := s.dial(Config{PublishChannels: 1}).Publish(t.Context(), numbered(5)); err != nil {
		t.Error(err)
	}
}

// Who wants one consumer too many hears at once what the limit is, and is not told that the broker is away.
func TestMoreConsumersThanChannels(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, confirmAll)
	s.limits = func() (uint16, uint32) { return 3, frameMax }
	b := s.dial(Config{})
	subs := []driver.Subscription{subscribe(t, b, 1), subscribe(t, b, 1), subscribe(t, b, 1)}
	_, subscribeErr := b.Subscribe(t.Context(), "q", driver.SubscribeOptions{Prefetch: 1})
	_, pullErr := b.Pull(t.Context(), "q")
	for what, err := range map[string]error{
		"Subscribe": subscribeErr, "Pull": pullErr, "Declare": b.Declare(t.Context(), driver.Topology{Queues: []driver.Queue{{Name: "q"}}}),
	} {
		if !errors.Is(err, driver.ErrLimit) || errors.Is(err, driver.ErrUnavailable) || !strings.Contains(err.Error(), "all 3 channels") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := subs[1].Close(); err != nil {
		t.Error(err)
	}
	subscribe(t, b, 1)
}

// Answers come in any order, for many messages at a time, for all, twice, and for messages that were never sent.
func TestAnswersOfAllKinds(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, afterFirst(10, func(p []published) {
		c, channel := p[0].conn, p[0].channel
		c.ack(channel, p[9].tag+1000, false) // nobody knows it
		c.nack(channel, 0, false)            // nor that
		c.ack(channel, p[6].tag, false)
		c.nack(channel, p[2].tag, true) // the first three
		c.ack(channel, p[2].tag, true)  // again, and otherwise
		c.ack(channel, p[5].tag, false)
		c.ack(channel, p[3].tag, false)
		c.nack(channel, p[8].tag, true) // 4, 7 and 8
		c.ack(channel, 0, true)         // and all the rest
	}))
	b := s.dial(Config{PublishChannels: 1})
	got := failed(t, b.Publish(t.Context(), numbered(11)))
	for i, refused := range []bool{false, true, true, true, false, true, false, false, true, true, false} {
		if refused != errors.Is(got[i], driver.ErrRefused) {
			t.Errorf("message %d: %v", i, got[i])
		}
	}
	if n := b.publisher.lanes[0].load.Load(); n != 0 {
		t.Errorf("%d messages are left", n)
	}
}

// A channel that ends as soon as it is opened takes no message: one after its end would cost the connection.
func TestChannelsThatEndAtOnce(t *testing.T) {
	t.Parallel()
	const shortLived = 2
	var opened atomic.Int32
	ended := make(map[uint16]bool) // one connection publishes, and its goroutine alone uses this
	s := newFakeServer(t, nil)
	s.confirms = func(c *fakeConn, channel uint16) {
		if opened.Add(1) <= shortLived {
			c.closeChannel(channel, 506, "RESOURCE_ERROR")
			ended[channel] = true
		}
	}
	s.publish = func(p published) {
		if !ended[p.channel] {
			confirmAll(p)
		}
	}
	if err := s.dial(Config{PublishChannels: 1}).Publish(t.Context(), numbered(3)); err != nil {
		t.Error(err)
	}
}

// Returns come before the answers to their messages, whose order is another one.
func TestReturnsBeforeAnswers(t *testing.T) {
	t.Parallel()
	giveBack := func(p published) {
		p.conn.method(p.channel, 60, 50, []byte{312 >> 8, 312 & 255}, short("NO_ROUTE"), short(p.exchange), short(p.key))
		p.conn.content(p.channel, p.properties, p.body)
	}
	s := newFakeServer(t, afterFirst(6, func(p []published) {
		giveBack(p[4])
		giveBack(p[1])
		p[0].conn.ack(p[0].channel, p[2].tag, true)
		giveBack(p[3])
		p[0].conn.ack(p[0].channel, p[4].tag, false)
		p[0].conn.ack(p[0].channel, p[5].tag, false)
		p[0].conn.ack(p[0].channel, p[3].tag, false)
	}))
	messages := numbered(7)
	for i := range messages {
		messages[i].Mandatory = true
	}
	got := failed(t, s.dial(Config{PublishChannels: 1}).Publish(t.Context(), messages))
	if len(got) != 3 {
		t.Errorf("got %v, want three messages to be unroutable", got)
	}
	for _, i := range []int{2, 4, 5} {
		if !errors.Is(got[i], driver.ErrUnroutable) {
			t.Errorf("message %d: %v", i, got[i])
		}
	}
}

// A connection that ends with the code of a message's mistake blames no message.
func TestTheEndOfTheConnectionIsNobodysFault(t *testing.T) {
	t.Parallel()
	var ended atomic.Bool
	s := newFakeServer(t, nil)
	s.publish = func(p published) {
		if !ended.Swap(true) { // the first message, which is alone
			p.conn.method(0, 10, 50, []byte{403 >> 8, 403 & 255}, short("ACCESS_REFUSED - go away"), make([]byte, 4))
			return
		}
		confirmAll(p)
	}
	if err := s.dial(Config{PublishChannels: 1}).Publish(t.Context(), numbered(5)); err != nil {
		t.Error(err)
	}
}

// A huge body goes out longer than a silent link may live, the broker says in the middle that it blocks, and reads on later.
func TestAHugeBodyOnASlowLink(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	var slow atomic.Bool
	s := newFakeServer(t, confirmAll)
	s.frame = func() {
		if slow.Load() {
			time.Sleep(60 * time.Millisecond) // 200 frames in twelve seconds
		}
	}
	b := s.dial(Config{PublishChannels: 1, Heartbeat: 6 * time.Second})
	if err := b.Publish(t.Context(), numbered(1)); err != nil {
		t.Fatal(err)
	}
	first, _, _ := b.publishing.now()
	slow.Store(true)
	beats, over := time.NewTicker(300*time.Millisecond), make(chan struct{})
	defer beats.Stop()
	var running sync.WaitGroup
	running.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-beats.C:
			case <-over:
				return
			}
			s.each(func(c *fakeConn) { c.frame(8, 0, nil) })
			switch n {
			case 3:
				s.each(func(c *fakeConn) { c.method(0, 10, 60, short("low on memory")) })
			case 6:
				s.each(func(c *fakeConn) { c.method(0, 10, 61) })
			}
		}
	})
	huge := driver.Message{Exchange: "x", Body: make([]byte, 200*(frameMax-frameRim))}
	running.Go(func() {
		time.Sleep(100 * time.Millisecond)
		if err := b.Publish(t.Context(), numbered(3)); err != nil { // behind it
			t.Error(err)
		}
	})
	if err := b.Publish(t.Context(), []driver.Message{huge}); err != nil {
		t.Error(err)
	}
	slow.Store(false)
	close(over)
	running.Wait()
	if !first.alive() {
		t.Errorf("the link was lost: %v", first.err)
	}
}

// Everybody hears what has become of its messages when the broker is closed under them, at any moment.
func TestCloseWhilePublishing(t *testing.T) {
	t.Parallel()
	for round := range 20 {
		var arrived atomic.Int64
		s := newFakeServer(t, nil)
		s.publish = func(p published) {
			arrived.Add(1)
			if p.tag%7 != 6 { // some are never answered
				confirmAll(p)
			}
		}
		b := s.dial(Config{Window: 16})
		var running sync.WaitGroup
		for g := range 32 {
			running.Go(func() {
				for {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(g)*time.Millisecond)
					err := b.Publish(ctx, numbered(1+g%5))
					cancel()
					if errors.Is(err, driver.ErrClosed) {
						return
					}
					if err != nil && !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("publish: %v", err)
						return
					}
				}
			})
		}
		eventually(t, func() bool { return arrived.Load() > int64(round*20) })
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		running.Wait()
	}
}

// A broker that goes on talking and does not answer the end of the connection does not hold up Close.
func TestABrokerThatDoesNotLetGo(t *testing.T) {
	t.Parallel()
	s := newFakeServer(t, confirmAll)
	s.bye = func(c *fakeConn) { c.frame(8, 0, nil) }
	b := s.dial(Config{})
	start := time.Now()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 2*goodbyeTimeout {
		t.Errorf("Close took %v", took)
	}
}

// Messages that come back when nobody waits for them any more do not hold up Close.
func TestReturnsAtTheEnd(t *testing.T) {
	t.Parallel()
	var (
		mu   sync.Mutex
		kept []published
	)
	s := newFakeServer(t, nil)
	s.publish = func(p published) {
		if p.tag == 1 {
			confirmAll(p)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		kept = append(kept, p)
	}
	s.bye = func(c *fakeConn) {
		mu.Lock()
		defer mu.Unlock()
		for _, p := range kept {
			if p.conn == c {
				c.method(p.channel, 60, 50, []byte{312 >> 8, 312 & 255}, short("NO_ROUTE"), short(p.exchange), short(p.key))
				c.content(p.channel, p.properties, p.body)
			}
		}
		c.method(0, 10, 51)
	}
	b := s.dial(Config{PublishChannels: 1, Window: 1})
	if err := b.Publish(t.Context(), numbered(1)); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.Publish(ctx, []driver.Message{{Exchange: "x", Mandatory: true, Body: []byte("b")}}) }()
		eventually(t, func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(kept) == i+1
		})
		cancel()
		<-done
	}
	start := time.Now()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 2*goodbyeTimeout {
		t.Errorf("Close took %v", took)
	}
}
