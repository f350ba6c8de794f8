package rabbitmq_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// What only a server of one's own can be made to do. The parts share it, one after the other.
func TestServerInTrouble(t *testing.T) {
	t.Parallel()
	server := testenv.StartRabbitMQ(t)
	t.Run("memory alarm", func(t *testing.T) { memoryAlarm(t, server) })
	t.Run("consumer timeout", func(t *testing.T) { consumerTimeout(t, server) })
	t.Run("password changed", func(t *testing.T) { passwordChanged(t, server) })
}

func memoryAlarm(t *testing.T, server *testenv.RabbitServer) {
	impatient := open(t, &server.VHost, rabbitmq.Config{BlockedTimeout: 300 * time.Millisecond})
	patient := open(t, &server.VHost, rabbitmq.Config{})
	exchange, queue := events(t, patient)
	handled := handleAll(t, patient, queue)
	must(t, impatient.Publish(testContext(t), []driver.Message{text(exchange, "a", "before")}))

	server.Ctl(t, "set_vm_memory_high_watermark", "0.00001")
	raised := true
	calm := func() {
		if raised {
			server.Ctl(t, "set_vm_memory_high_watermark", "0.4")
			raised = false
		}
	}
	defer calm()

	// The broker says that it blocks when it is published to, so the first message is on its way already.
	start := time.Now()
	err := impatient.Publish(testContext(t), []driver.Message{text(exchange, "a", "first")})
	mustBe(t, err, driver.ErrBlocked)
	mustBe(t, err, driver.ErrUnknown)
	if took := time.Since(start); took < 300*time.Millisecond || took > 10*time.Second {
		t.Errorf("waited %v for a blocked broker, want 300 ms", took)
	}
	mustBe(t, impatient.Health(), driver.ErrBlocked)
	err = impatient.Publish(testContext(t), []driver.Message{text(exchange, "a", "second")})
	mustBe(t, err, driver.ErrBlocked)
	if errors.Is(err, driver.ErrUnknown) {
		t.Errorf("a message that was never sent has an unknown outcome: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	mustBe(t, impatient.Publish(ctx, []driver.Message{text(exchange, "a", "third")}), context.DeadlineExceeded)

	var waiting sync.WaitGroup
	for i := range 8 {
		waiting.Go(func() {
			if err := patient.Publish(testContext(t), []driver.Message{text(exchange, "a", number(i))}); err != nil {
				t.Errorf("publish through the alarm: %v", err)
			}
		})
	}
	eventually(t, func() error {
		if !errors.Is(patient.Health(), driver.ErrBlocked) {
			return errors.New("the broker does not block")
		}
		return nil
	})
	// Declaring and consuming go on, for that is what ends an alarm.
	must(t, patient.Declare(testContext(t), driver.Topology{Queues: []driver.Queue{{Name: "other"}}}))
	handled.wait(t, 1)

	calm()
	waiting.Wait()
	eventually(t, patient.Health)
	eventually(t, impatient.Health)
	must(t, impatient.Publish(testContext(t), []driver.Message{text(exchange, "a", "after")}))
	handled.wait(t, 1+8+1+1) // "first" was on its way; "second" and "third" were not
	for _, body := range []string{"second", "third"} {
		if handled.has(body) {
			t.Errorf("%q arrived and was reported as not sent", body)
		}
	}
}

// A delivery that is not acknowledged in time costs the channel, not the subscription.
func consumerTimeout(t *testing.T, server *testenv.RabbitServer) {
	var log recorder
	b := open(t, &server.VHost, rabbitmq.Config{Logger: log.logger()})
	must(t, b.Declare(testContext(t), driver.Topology{Queues: []driver.Queue{{Name: "slow"}}}))
	must(t, b.Publish(testContext(t), []driver.Message{text("", "slow", "1")}))
	server.Ctl(t, "eval", "application:set_env(rabbit, consumer_timeout, 1500), application:set_env(rabbit, channel_tick_interval, 200).")
	defer server.Ctl(t, "eval", "application:set_env(rabbit, consumer_timeout, 1800000), application:set_env(rabbit, channel_tick_interval, 60000).")

	s := subscribe(t, b, "slow", 1)
	late := next(t, s)
	again := next(t, s)
	if !again.Redelivered || string(again.Body) != "1" || again.Tag.Epoch <= late.Tag.Epoch {
		t.Errorf("after the timeout came %+v", again)
	}
	mustBe(t, s.Ack(late.Tag, false), driver.ErrStale)
	must(t, s.Ack(again.Tag, false))
	must(t, b.Publish(testContext(t), []driver.Message{text("", "slow", "2")}))
	d := next(t, s)
	must(t, s.Ack(d.Tag, false))
	if string(d.Body) != "2" {
		t.Errorf("got %q, want 2: what was acknowledged has come again", d.Body)
	}
	if n := log.count("consumer stopped by the broker"); n != 1 {
		t.Errorf("%d lines about the consumer, want 1:\n%s", n, log.text())
	}
}

// Credentials that turn wrong during an outage are said once, and tried on: they may be put right.
func passwordChanged(t *testing.T, server *testenv.RabbitServer) {
	var log recorder
	server.Ctl(t, "add_user", "alice", "secret-one")
	server.Ctl(t, "set_permissions", "alice", ".*", ".*", ".*")
	b := open(t, &server.VHost, rabbitmq.Config{User: "alice", Password: "secret-one", Logger: log.logger()})
	must(t, b.Declare(testContext(t), driver.Topology{Queues: []driver.Queue{{Name: "alices"}}}))
	s := subscribe(t, b, "alices", 1)
	server.Ctl(t, "change_password", "alice", "secret-two")
	server.Ctl(t, "close_all_connections", "--vhost", "/", "maintenance")
	eventually(t, func() error {
		if !errors.Is(b.Health(), driver.ErrDenied) {
			return errors.New("health does not say that access is denied")
		}
		return nil
	})
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	mustBe(t, b.Publish(ctx, []driver.Message{text("", "alices", "x")}), driver.ErrDenied)
	server.Ctl(t, "change_password", "alice", "secret-one")
	eventually(t, b.Health)
	must(t, b.Publish(testContext(t), []driver.Message{text("", "alices", "y")}))
	if d := next(t, s); string(d.Body) != "y" {
		t.Errorf("got %q", d.Body)
	}
	for line, want := range map[string]int{"connection lost": 2, "cannot reconnect": 2, "connection restored": 2} { // two connections
		if n := log.count(line); n != want {
			t.Errorf("%d lines %q, want %d:\n%s", n, line, want, log.text())
		}
	}
	if strings.Contains(log.text(), "secret") {
		t.Errorf("the log holds a password:\n%s", log.text())
	}
}
