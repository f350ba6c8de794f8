package eventbus_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// A consumer that cannot have its queue does not try on: Run returns what the broker has against it.
func TestRunReturnsWhatCannotGetBetter(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	quiet := slog.New(slog.DiscardHandler)
	b, err := rabbitmq.Dial(t.Context(), rabbitmq.Config{URL: v.URL(), Logger: quiet})
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	run := func(ctx context.Context, queue string) error {
		c := eventbus.NewConsumer(b, eventbus.ConsumerConfig{Queue: queue, OnFailure: eventbus.Drop{}, Logger: quiet},
			placed.Handle(func(context.Context, int) error { return nil }))
		return c.Run(ctx)
	}

	must(t, v.Call(http.MethodPut, "/api/queues/{vhost}/other", map[string]any{
		"durable": true, "arguments": map[string]any{"x-max-length": 10},
	}, nil))

	other, err := rabbitmq.Dial(t.Context(), rabbitmq.Config{URL: v.URL(), Logger: quiet})
	must(t, err)
	t.Cleanup(func() { must(t, other.Close()) })
	must(t, other.Declare(t.Context(), driver.Topology{Queues: []driver.Queue{{Name: "locked", Temporary: true}}}))

	conn, err := amqp.Dial(v.URL())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	must(t, err)
	_, err = ch.QueueDeclare("taken", true, false, false, false, nil)
	must(t, err)
	_, err = ch.Consume("taken", "only me", false, true, false, false, nil)
	must(t, err)

	for queue, want := range map[string]struct {
		err  error
		text string
	}{
		"other":  {eventbus.ErrPrecondition, "x-max-length"},
		"locked": {eventbus.ErrDenied, "RESOURCE_LOCKED"},
		"taken":  {eventbus.ErrDenied, "exclusive use"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		err := run(ctx, queue)
		cancel()
		if !errors.Is(err, want.err) || !strings.Contains(err.Error(), want.text) || !strings.Contains(err.Error(), `"`+queue+`"`) {
			t.Errorf("%s: got %v, want an error that is %q and says %q", queue, err, want.err, want.text)
		}
		t.Log(err)
	}
}

// A consumer that runs ends, too, when its queue comes back as another one.
func TestRunEndsWhenItsQueueIsReplaced(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	quiet := slog.New(slog.DiscardHandler)
	b, err := rabbitmq.Dial(t.Context(), rabbitmq.Config{URL: v.URL(), Logger: quiet})
	must(t, err)
	t.Cleanup(func() { must(t, b.Close()) })
	handled := make(chan int, 1)
	c := eventbus.NewConsumer(b, eventbus.ConsumerConfig{Queue: "q", OnFailure: eventbus.Drop{}, Logger: quiet},
		placed.Handle(func(_ context.Context, n int) error {
			handled <- n
			return nil
		}))
	must(t, c.Declare(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	must(t, eventbus.NewPublisher(b, eventbus.PublisherConfig{}).Publish(ctx, placed.Message(1)))
	<-handled

	// Until the other one stands, the consumer may win the race and declare its own.
	waitFor(t, func() error {
		if err := v.Call(http.MethodDelete, "/api/queues/{vhost}/q", nil, nil); err != nil {
			return err
		}
		return v.Call(http.MethodPut, "/api/queues/{vhost}/q", map[string]any{
			"durable": true, "arguments": map[string]any{"x-max-length": 10},
		}, nil)
	})
	if err := <-ended; !errors.Is(err, eventbus.ErrPrecondition) {
		t.Errorf("got %v", err)
	}
}
