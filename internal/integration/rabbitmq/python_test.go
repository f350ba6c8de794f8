package rabbitmq_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// peer runs a command of the Python peer on the virtual host and returns what it prints.
func peer(t testing.TB, v *testenv.VHost, command string, arguments ...string) []byte {
	t.Helper()
	out, err := v.Peer(t, command, arguments...)
	if err != nil {
		t.Fatalf("peer %s: %v\n%s", command, err, out)
	}
	return out
}

func TestAPythonPeerPublishes(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	b := open(t, v, rabbitmq.Config{})
	exchange, queue := events(t, b)
	s := subscribe(t, b, queue, 1)
	const body = `{"id": 1, "name": "Привет 😀"}`
	peer(t, v, "publish", exchange, "person.created", body)
	got := next(t, s)
	want := driver.Message{Exchange: exchange, RoutingKey: "person.created", Body: []byte(body), Transient: true}
	if !reflect.DeepEqual(got.Message, want) {
		t.Errorf("got  %+v\nwant %+v", got.Message, want)
	}
	must(t, s.Ack(got.Tag, false))
}

func TestAPythonPeerReads(t *testing.T) {
	t.Parallel()
	var recorded struct {
		Message struct {
			Properties map[string]any
			Body       string
		} `json:"default_message"`
	}
	facts(t, &recorded)
	v := testenv.RabbitMQ(t)
	b := open(t, v, rabbitmq.Config{})
	exchange, queue := events(t, b)
	var got struct {
		Exchange    string
		RoutingKey  string `json:"routing_key"`
		Redelivered bool
		Body        string
		Properties  map[string]any
	}

	plain := driver.Message{Exchange: exchange, RoutingKey: "user.created", Body: []byte(recorded.Message.Body), ContentType: "application/json"}
	must(t, b.Publish(testContext(t), []driver.Message{plain}))
	must(t, json.Unmarshal(peer(t, v, "get", queue), &got))
	if got.Exchange != exchange || got.RoutingKey != "user.created" || got.Body != recorded.Message.Body {
		t.Errorf("the peer got %+v", got)
	}
	if !reflect.DeepEqual(got.Properties, recorded.Message.Properties) {
		t.Errorf("the peer got the properties\n%v, a Python producer sends\n%v", got.Properties, recorded.Message.Properties)
	}

	full := plain
	full.ID, full.AppID, full.Timestamp, full.CorrelationID = "i", "hrm", time.Unix(1700000000, 0), "c"
	// pika cuts the fraction off a header, so none here.
	full.Headers = map[string]any{"n": 5, "list": []any{"a", true}, "table": map[string]any{"f": 2.0}}
	must(t, b.Publish(testContext(t), []driver.Message{full}))
	must(t, json.Unmarshal(peer(t, v, "get", queue), &got))
	for name, want := range map[string]any{
		"message_id": "i", "app_id": "hrm", "timestamp": 1700000000.0, "correlation_id": "c", "delivery_mode": 2.0,
		"headers": map[string]any{"n": 5.0, "list": []any{"a", true}, "table": map[string]any{"f": 2.0}},
	} {
		if !reflect.DeepEqual(got.Properties[name], want) {
			t.Errorf("the peer got %s %v, want %v", name, got.Properties[name], want)
		}
	}
}

// Either side may come first, and none is refused.
func TestAPythonPeerDeclaresTheSame(t *testing.T) {
	t.Parallel()
	for name, pythonFirst := range map[string]bool{"python first": true, "go first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := testenv.RabbitMQ(t)
			b := open(t, v, rabbitmq.Config{})
			if pythonFirst {
				peer(t, v, "declare", "pyf.main", "pyf.q")
			}
			must(t, b.Declare(testContext(t), garbageTopology))
			peer(t, v, "declare", "pyf.main", "pyf.q")
			must(t, b.Declare(testContext(t), garbageTopology))

			must(t, b.Publish(testContext(t), []driver.Message{text("pyf.main.retry.post", "pyf.q.garbage", `{"error": "x"}`)}))
			peer(t, v, "reject", "pyf.q.garbage")
			s := subscribe(t, b, "pyf.q", 1)
			d := next(t, s)
			if string(d.Body) != `{"error": "x"}` || d.RoutingKey != "pyf.q" || d.Exchange != "pyf.main.retry.post" {
				t.Errorf("came back as %+v", d)
			}
			must(t, s.Ack(d.Tag, false))
		})
	}
}
