package rabbitmq_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// A service that starts hears at once, in one line, why it cannot have its broker.
func TestDialFailsAtOnce(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	must(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	must(t, free.Close())

	for name, c := range map[string]struct {
		url  string
		want error
	}{
		"wrong password":    {"amqp://guest:secret@" + net.JoinHostPort(v.Host, v.Port), driver.ErrDenied},
		"wrong user":        {"amqp://nobody:secret@" + net.JoinHostPort(v.Host, v.Port), driver.ErrDenied},
		"no such vhost":     {"amqp://guest:guest@" + net.JoinHostPort(v.Host, v.Port) + "/nothing-secret", driver.ErrDenied},
		"nobody listens":    {"amqp://guest:secret@" + free.Addr().String(), driver.ErrUnavailable},
		"nobody answers":    {"amqp://guest:secret@" + silent.Addr().String(), context.DeadlineExceeded},
		"no such host":      {"amqp://guest:secret@no-such-host.invalid", driver.ErrUnavailable},
		"TLS where is none": {"amqps://guest:secret@" + net.JoinHostPort(v.Host, v.Port), driver.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			start := time.Now()
			b, err := rabbitmq.Dial(ctx, rabbitmq.Config{URL: c.url})
			if err == nil {
				_ = b.Close()
			}
			mustBe(t, err, c.want)
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("took %v", took)
			}
			if text := err.Error(); strings.Contains(text, ":secret") || strings.Contains(text, "\n") {
				t.Errorf("the error holds the password or several lines: %s", text)
			}
			if errors.Is(err, driver.ErrDenied) == errors.Is(err, driver.ErrUnavailable) {
				t.Errorf("the error should be of one kind: %v", err)
			}
			t.Log(err)
		})
	}
}

// A context that ends stops the dial; the broker, once there, does not depend on it.
func TestTheContextOfDial(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	_, err := rabbitmq.Dial(expired(), rabbitmq.Config{URL: v.URL()})
	mustBe(t, err, context.Canceled)
	ctx, cancel := context.WithCancel(context.Background())
	b, err := rabbitmq.Dial(ctx, rabbitmq.Config{URL: v.URL()})
	must(t, err)
	cancel()
	exchange, _ := events(t, b)
	must(t, b.Publish(testContext(t), []driver.Message{text(exchange, "a", "1")}))
	must(t, b.Close())
}

func TestOperatorsSeeTheNames(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	b := open(t, v, rabbitmq.Config{Name: "mailer"})
	_, queue := events(t, b)
	subscribe(t, b, queue, 7)
	eventually(t, func() error {
		var connections []struct {
			Properties struct {
				Name string `json:"connection_name"`
			} `json:"client_properties"`
		}
		v.Get(t, "/api/vhosts/{vhost}/connections", &connections)
		var consumers []struct {
			Tag      string `json:"consumer_tag"`
			Prefetch int    `json:"prefetch_count"`
			Ack      bool   `json:"ack_required"`
		}
		v.Get(t, "/api/consumers/{vhost}", &consumers)
		names := make(map[string]bool)
		for _, c := range connections {
			names[c.Properties.Name] = true
		}
		if !names["mailer (publishing)"] || !names["mailer (consuming)"] || len(consumers) != 1 ||
			!strings.HasPrefix(consumers[0].Tag, "test-") || consumers[0].Prefetch != 7 || !consumers[0].Ack {
			return errors.New("the management API does not show the connections and the consumer yet")
		}
		return nil
	})
}
