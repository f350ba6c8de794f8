package eventbustest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// Features say what the broker under test has to offer beyond the methods of driver.Broker, and what it has not.
type Features struct {
	// Cut breaks the link of a broker that open has returned, and returns when the broker has noticed or will notice by
	// itself. The broker must mend without further help. Nil skips the tests of lost links.
	Cut func(t testing.TB, b driver.Broker)

	// Without names tests of the suite that the broker cannot pass, each with the reason, which is printed.
	Without map[string]string

	// Wait bounds the wait for what has to happen. Default: 10 s.
	Wait time.Duration

	// Quiet is how long a test looks whether something happens that must not. Default: 100 ms.
	Quiet time.Duration
}

// Run runs the conformance suite. open returns a new connection that the suite closes; all connections that are opened
// for one test reach the same exchanges and queues. Names are random, so that a server may be shared, but
// durable queues are left behind: give the suite a virtual host of its own.
func Run(t *testing.T, open func(t testing.TB) driver.Broker, f Features) {
	t.Helper()
	checks := checks()
	for _, name := range slices.Sorted(maps.Keys(f.Without)) {
		if !slices.ContainsFunc(checks, func(c check) bool { return c.name == name }) {
			t.Errorf("Features.Without names %q, which is no test of the suite", name)
		}
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if reason, ok := f.Without[c.name]; ok {
				t.Skip("the broker does not offer this: " + reason)
			}
			c.run(newSuite(t, open, f))
		})
	}
}

// A check is one guarantee. It takes a TB, so that the suite can be tested with one that records failures.
type check struct {
	name string
	run  func(s *suite)
}

func checks() []check {
	return slices.Concat(publishChecks, routingChecks, consumeChecks, settleChecks, pullChecks, topologyChecks, linkChecks,
		consumerChecks)
}

type suite struct {
	testing.TB
	features Features
	open     func(testing.TB) driver.Broker
	ctx      context.Context // ends with the patience of the test
	unique   string
}

func newSuite(t testing.TB, open func(testing.TB) driver.Broker, f Features) *suite {
	t.Helper()
	if f.Wait == 0 {
		f.Wait = 10 * time.Second
	}
	if f.Quiet == 0 {
		f.Quiet = 100 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*f.Wait)
	t.Cleanup(cancel)
	return &suite{TB: t, features: f, open: open, ctx: ctx, unique: "ebt-" + rand.Text()[:8] + "-"}
}

// broker opens a connection that is closed with the test.
func (s *suite) broker() driver.Broker {
	s.Helper()
	b := s.open(s.TB)
	s.Cleanup(func() {
		if err := b.Close(); err != nil {
			s.Errorf("close the broker: %v", err)
		}
	})
	return b
}

func (s *suite) name(name string) string { return s.unique + name }

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) mustBe(err, target error) {
	s.Helper()
	if !errors.Is(err, target) {
		s.Fatalf("want an error that is %q, got: %v", target, err)
	}
}

// queue declares a durable queue and returns its name.
func (s *suite) queue(b driver.Broker) string {
	s.Helper()
	name := s.name("q")
	s.must(b.Declare(s.ctx, driver.Topology{Queues: []driver.Queue{{Name: name}}}))
	return name
}

// publish sends texts to the queue.
func (s *suite) publish(b driver.Broker, queue string, bodies ...string) {
	s.Helper()
	s.must(b.Publish(s.ctx, messages(queue, bodies...)))
}

func messages(queue string, bodies ...string) []driver.Message {
	batch := make([]driver.Message, len(bodies))
	for i, body := range bodies {
		batch[i] = driver.Message{RoutingKey: queue, Body: []byte(body), ID: rand.Text(), Mandatory: true}
	}
	return batch
}

func (s *suite) subscribe(b driver.Broker, queue string, prefetch int) driver.Subscription {
	s.Helper()
	sub, err := b.Subscribe(s.ctx, queue, driver.SubscribeOptions{Prefetch: prefetch, Name: s.name("consumer")})
	s.must(err)
	return sub
}

// next returns the next delivery.
func (s *suite) next(sub driver.Subscription) driver.Delivery {
	s.Helper()
	select {
	case d, ok := <-sub.Deliveries():
		if !ok {
			s.Fatalf("the subscription has ended: %v", sub.Err())
		}
		return d
	case <-time.After(s.features.Wait):
		s.Fatalf("no delivery within %v", s.features.Wait)
	}
	panic("unreachable")
}

// expect takes deliveries with these bodies, in this order.
func (s *suite) expect(sub driver.Subscription, bodies ...string) []driver.Delivery {
	s.Helper()
	var got []driver.Delivery
	for i, body := range bodies {
		d := s.next(sub)
		if string(d.Body) != body {
			s.Fatalf("delivery %d is %q, want %q", i, d.Body, body)
		}
		got = append(got, d)
	}
	return got
}

// quiet fails when something is delivered.
func (s *suite) quiet(sub driver.Subscription) {
	s.Helper()
	select {
	case d, ok := <-sub.Deliveries():
		if ok {
			s.Fatalf("got %q, want no delivery", d.Body)
		}
	case <-time.After(s.features.Quiet):
	}
}

// ended waits until the channel of deliveries is closed.
func (s *suite) ended(sub driver.Subscription) {
	s.Helper()
	timeout := time.After(s.features.Wait)
	for {
		select {
		case _, ok := <-sub.Deliveries():
			if !ok {
				return
			}
		case <-timeout:
			s.Fatalf("the channel of deliveries is not closed within %v", s.features.Wait)
		}
	}
}

// holds checks that the queue holds these bodies in this order and leaves them there. A broker may need a moment to put
// back what a closed subscription had in hand.
func (s *suite) holds(b driver.Broker, queue string, bodies ...string) []driver.Delivery {
	s.Helper()
	var got []driver.Delivery
	s.eventually(func() error {
		got = s.peek(b, queue)
		var have []string
		for _, d := range got {
			have = append(have, string(d.Body))
		}
		if !slices.Equal(have, bodies) {
			return fmt.Errorf("queue %q holds %s, want %s", queue, short(have), short(bodies))
		}
		return nil
	})
	return got
}

// short keeps messages of failures readable.
func short(bodies []string) string {
	const most = 12
	if len(bodies) <= most {
		return fmt.Sprintf("%q", bodies)
	}
	return fmt.Sprintf("%q and %d more", bodies[:most], len(bodies)-most)
}

func (s *suite) peek(b driver.Broker, queue string) []driver.Delivery {
	s.Helper()
	p, err := b.Pull(s.ctx, queue)
	s.must(err)
	var got []driver.Delivery
	for {
		d, ok, err := p.Next(s.ctx)
		s.must(err)
		if !ok {
			break
		}
		got = append(got, d)
	}
	s.must(p.Close())
	return got
}

// eventually tries until there is no error.
func (s *suite) eventually(try func() error) {
	s.Helper()
	deadline := time.Now().Add(s.features.Wait)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
