package main

import (
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// A Python peer publishes plain JSON with no properties at all; the mailer handles it.
func TestPythonPeerReachesTheMailer(t *testing.T) {
	t.Parallel()
	testenv.Python(t)
	vhost := testenv.RabbitMQ(t)
	s := start(t, config{rabbitMQ: &rabbitmq.Config{URL: vhost.URL()}})
	s.eventually(t, "/mailer/sent", `[..., {"address": "ann@tools.example", ...}, ...]`)

	const body = `{"id": 1, "name": "Ann", "email": "ann@tools.example", "role": "head", "department_id": 1}`
	if out, err := vhost.Peer(t, "publish", "hrm", "person.created", body); err != nil {
		t.Fatalf("python: %v\n%s", err, out)
	}
	s.eventually(t, "/mailer/sent", `[..., {"address": "ann@tools.example", ...}, ..., {"address": "ann@tools.example", ...}, ...]`)
}
