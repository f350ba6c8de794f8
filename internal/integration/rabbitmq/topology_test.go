package rabbitmq_test

import (
	"encoding/json"
	"maps"
	"net"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// garbageTopology is what the Python system declares for a garbage consumer, in the names of the recorded facts.
var garbageTopology = driver.Topology{
	Exchanges: []driver.Exchange{{Name: "pyf.ex", Kind: driver.Topic}, {Name: "pyf.main.retry.post", Kind: driver.Direct}},
	Queues: []driver.Queue{
		{Name: "pyf.q"},
		{Name: "pyf.q.garbage", DeadLetterExchange: "pyf.main.retry.post", DeadLetterRoutingKey: "pyf.q"},
	},
	Bindings: []driver.Binding{
		{Queue: "pyf.q", Exchange: "pyf.ex", RoutingKey: "user.created"},
		{Queue: "pyf.q", Exchange: "pyf.main.retry.post", RoutingKey: "pyf.q"},
		{Queue: "pyf.q.garbage", Exchange: "pyf.main.retry.post", RoutingKey: "pyf.q.garbage"},
	},
}

// facts reads the recorded answers of the Python system.
func facts(t testing.TB, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/amqp.json")
	must(t, err)
	must(t, json.Unmarshal(text, into))
}

func TestTopologyIsThatOfThePythonSystem(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	must(t, open(t, v, rabbitmq.Config{}).Declare(testContext(t), garbageTopology))

	var recorded struct {
		Consumer struct {
			Exchanges []struct {
				Name       string
				Type       string
				Durable    bool
				AutoDelete bool `json:"auto_delete"`
				Internal   bool
			}
			Queues []struct {
				Name       string
				Durable    bool
				AutoDelete bool `json:"auto_delete"`
				Exclusive  bool
				Arguments  [][3]string
			}
			Bindings []struct {
				Source string `json:"source_name"`
				Queue  string `json:"destination_name"`
				Key    string `json:"routing_key"`
			}
		} `json:"garbage_consumer"`
	}
	facts(t, &recorded)
	want := recorded.Consumer
	if len(want.Exchanges) != 2 || len(want.Queues) != 2 || len(want.Bindings) != 3 {
		t.Fatalf("the facts hold %+v", want)
	}
	for _, e := range want.Exchanges {
		var got struct {
			Type                          string
			Durable, AutoDelete, Internal bool
			Arguments                     map[string]any
		}
		v.Get(t, "/api/exchanges/{vhost}/"+e.Name, &got)
		if got.Type != e.Type || got.Durable != e.Durable || got.AutoDelete != e.AutoDelete || got.Internal != e.Internal || len(got.Arguments) != 0 {
			t.Errorf("exchange %s is %+v, want %+v", e.Name, got, e)
		}
	}
	for _, q := range want.Queues {
		var got struct {
			Durable, Exclusive bool
			AutoDelete         bool `json:"auto_delete"`
			Arguments          map[string]any
		}
		v.Get(t, "/api/queues/{vhost}/"+q.Name, &got)
		arguments := map[string]any{}
		for _, a := range q.Arguments {
			arguments[a[0]] = a[2]
		}
		if got.Durable != q.Durable || got.AutoDelete != q.AutoDelete || got.Exclusive != q.Exclusive || !maps.Equal(got.Arguments, arguments) {
			t.Errorf("queue %s is %+v, want %+v", q.Name, got, q)
		}
		var bindings []struct {
			Source string
			Key    string `json:"routing_key"`
		}
		v.Get(t, "/api/queues/{vhost}/"+q.Name+"/bindings", &bindings)
		for _, b := range want.Bindings {
			if b.Queue != q.Name {
				continue
			}
			if !slices.ContainsFunc(bindings, func(g struct {
				Source string
				Key    string `json:"routing_key"`
			}) bool {
				return g.Source == b.Source && g.Key == b.Key
			}) {
				t.Errorf("queue %s lacks the binding %+v: %+v", q.Name, b, bindings)
			}
		}
	}
}

func TestRetryQueueAndQuorumQueue(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	b := open(t, v, rabbitmq.Config{})
	must(t, b.Declare(testContext(t), driver.Topology{
		Exchanges: []driver.Exchange{{Name: "own.retry.pre", Kind: driver.Direct}},
		Queues: []driver.Queue{
			{Name: "own:q.retry.1500", DeadLetterExchange: "own.retry.post", DeadLetterRoutingKey: "own:q", MessageTTL: 1500 * time.Millisecond},
			{Name: "quorum", Type: "quorum", Unlimited: true},
		},
	}))
	for name, want := range map[string]map[string]any{
		"own:q.retry.1500": {"x-dead-letter-exchange": "own.retry.post", "x-dead-letter-routing-key": "own:q", "x-message-ttl": 1500.0},
		"quorum":           {"x-queue-type": "quorum", "x-delivery-limit": 2147483647.0},
	} {
		var got struct{ Arguments map[string]any }
		v.Get(t, "/api/queues/{vhost}/"+name, &got)
		if !reflect.DeepEqual(got.Arguments, want) {
			t.Errorf("queue %s has the arguments %v, want %v", name, got.Arguments, want)
		}
	}
	must(t, b.Publish(testContext(t), []driver.Message{text("", "quorum", "1")}))
	s := subscribe(t, b, "quorum", 1)
	for range 30 { // beyond any limit by default
		must(t, s.Nack(next(t, s).Tag, true))
	}
	must(t, s.Ack(next(t, s).Tag, false))
}

// A broker that has forgotten everything gets it back before anything is published to it.
func TestTopologyIsDeclaredAgain(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	p := newProxy(t, net.JoinHostPort(v.Host, v.Port))
	b := dialThrough(t, v, p, rabbitmq.Config{})
	must(t, b.Declare(testContext(t), garbageTopology))
	p.accepting(false)
	p.cut()
	for _, q := range garbageTopology.Queues {
		must(t, v.Call("DELETE", "/api/queues/{vhost}/"+q.Name, nil, nil))
	}
	for _, e := range garbageTopology.Exchanges {
		must(t, v.Call("DELETE", "/api/exchanges/{vhost}/"+e.Name, nil, nil))
	}
	p.accepting(true)
	m := text("pyf.ex", "user.created", "1")
	m.Mandatory = true
	must(t, b.Publish(testContext(t), []driver.Message{m}))
	if got := drain(t, b, "pyf.q"); len(got) != 1 {
		t.Errorf("the queue holds %d messages", len(got))
	}
}

// What cannot be declared any more does not keep the rest from coming back.
func TestTopologyThatIsRefusedLater(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	p := newProxy(t, net.JoinHostPort(v.Host, v.Port))
	var log recorder
	b := dialThrough(t, v, p, rabbitmq.Config{Logger: log.logger()})
	must(t, b.Declare(testContext(t), garbageTopology))
	p.accepting(false)
	p.cut()
	must(t, v.Call("DELETE", "/api/queues/{vhost}/pyf.q", nil, nil))
	must(t, v.Call("DELETE", "/api/queues/{vhost}/pyf.q.garbage", nil, nil))
	other := map[string]any{"durable": true, "arguments": map[string]any{"x-max-length": 5}}
	must(t, v.Call("PUT", "/api/queues/{vhost}/pyf.q", other, nil))
	p.accepting(true)
	eventually(t, b.Health)
	m := text("pyf.main.retry.post", "pyf.q.garbage", "1")
	m.Mandatory = true
	must(t, b.Publish(testContext(t), []driver.Message{m}))
	log.await(t, "refused now")
	mustBe(t, b.Declare(testContext(t), garbageTopology), driver.ErrPrecondition)
}

func TestTopologyThatIsWrong(t *testing.T) {
	t.Parallel()
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{})
	must(t, b.Declare(testContext(t), driver.Topology{Queues: []driver.Queue{{Name: "q"}}}))
	mustBe(t, b.Declare(testContext(t), driver.Topology{Exchanges: []driver.Exchange{{Name: "amq.mine", Kind: driver.Topic}}}), driver.ErrDenied)
	mustBe(t, b.Declare(testContext(t), driver.Topology{Queues: []driver.Queue{{Name: "q", Type: "quorum"}}}), driver.ErrPrecondition)
	must(t, b.Health())
	other := open(t, testenv.RabbitMQ(t), rabbitmq.Config{})
	must(t, other.Declare(testContext(t), driver.Topology{Queues: []driver.Queue{{Name: "q", Type: "classic"}}}))
}
