package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
)

// A configuration can be logged: the password stays out.
func ExampleConfig() {
	cfg := rabbitmq.Config{
		URL:            "amqps://mailer:secret@mq.internal/production?heartbeat=20",
		BlockedTimeout: 10 * time.Second,
		Name:           "mailer",
	}
	fmt.Println(cfg)
	// Output: amqps://mailer@mq.internal:5671/production
}

// A service learns at once, when it starts, that its broker is not there. Later losses mend themselves.
func ExampleDial() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	broker, err := rabbitmq.Dial(ctx, rabbitmq.Config{Host: "127.0.0.1", Port: 1})
	switch {
	case errors.Is(err, driver.ErrDenied):
		fmt.Println("wrong password, no such virtual host, or no right to it")
	case errors.Is(err, driver.ErrUnavailable):
		fmt.Println("nobody is there")
	default:
		defer broker.Close()
	}
	// Output: nobody is there
}
