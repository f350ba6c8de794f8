package rabbitmq_test

import (
	"fmt"
	"os"

	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
)

// The environment of a Python service works as it is. A mistake in it is named.
func ExampleFromEnv() {
	for name, value := range map[string]string{"RABBITMQ_URL": "", "RABBITMQ_HOST": "mq.internal", "RABBITMQ_PORT": "5672", "RABBITMQ_USER": "mailer", "RABBITMQ_PASSWORD": "secret"} {
		os.Setenv(name, value)
		defer os.Unsetenv(name)
	}
	cfg, err := rabbitmq.FromEnv()
	fmt.Println(cfg, err)

	os.Setenv("RABBITMQ_PORT", "amqp")
	_, err = rabbitmq.FromEnv()
	fmt.Println(err)
	// Output:
	// amqp://mailer@mq.internal:5672/%2F <nil>
	// rabbitmq: RABBITMQ_PORT is "amqp": want a port from 1 to 65535
}
