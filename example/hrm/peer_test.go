package main

import (
	"os/exec"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// A Python peer publishes plain JSON with no properties at all; the mailer handles it.
func TestPythonPeerReachesTheMailer(t *testing.T) {
	t.Parallel()
	python := testenv.Python(t)
	vhost := testenv.RabbitMQ(t)
	s := start(t, config{rabbitMQ: &rabbitmq.Config{URL: vhost.URL()}})
	s.eventually(t, "/mailer/sent", `[..., {"address": "ann@tools.example", ...}, ...]`)

	const script = `
import sys, pika
channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
channel.basic_publish("hrm", "person.created", b'{"id": 1, "name": "Ann", "email": "ann@tools.example", "role": "head", "department_id": 1}')
channel.connection.close()
`
	cmd := exec.CommandContext(t.Context(), python, "-", vhost.URL())
	cmd.Stdin = strings.NewReader(script)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("python: %v\n%s", err, out)
	}
	s.eventually(t, "/mailer/sent", `[..., {"address": "ann@tools.example", ...}, ..., {"address": "ann@tools.example", ...}, ...]`)
}
