package eventbus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func ok(context.Context, person) error { return nil }

func raw(context.Context, eventbus.Delivery) error { return nil }

func TestConsumerMistakes(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	created := eventbus.Declare[person](x, "person.created", "")
	route := []eventbus.Route{created.Handle(ok)}
	long := strings.Repeat("q", 256)
	for name, tt := range map[string]struct {
		cfg    eventbus.ConsumerConfig
		routes []eventbus.Route
		want   error
	}{
		"no queue":            {eventbus.ConsumerConfig{}, route, eventbus.ErrNoQueue},
		"long queue":          {eventbus.ConsumerConfig{Queue: long}, route, eventbus.ErrNameTooLong},
		"no routes":           {eventbus.ConsumerConfig{Queue: "q"}, nil, eventbus.ErrNoRoutes},
		"nil handler":         {eventbus.ConsumerConfig{Queue: "q"}, []eventbus.Route{created.Handle(nil)}, eventbus.ErrNoHandler},
		"nil raw handler":     {eventbus.ConsumerConfig{Queue: "q"}, []eventbus.Route{x.Handle("#", nil)}, eventbus.ErrNoHandler},
		"zero route":          {eventbus.ConsumerConfig{Queue: "q"}, []eventbus.Route{{}}, eventbus.ErrNoHandler},
		"long pattern":        {eventbus.ConsumerConfig{Queue: "q"}, []eventbus.Route{x.Handle(long, raw)}, eventbus.ErrNameTooLong},
		"duplicate":           {eventbus.ConsumerConfig{Queue: "q"}, []eventbus.Route{created.Handle(ok), x.Handle("person.created", raw)}, eventbus.ErrDuplicateRoute},
		"negative prefetch":   {eventbus.ConsumerConfig{Queue: "q", Prefetch: -1}, route, eventbus.ErrConfig},
		"huge prefetch":       {eventbus.ConsumerConfig{Queue: "q", Prefetch: 65536}, route, eventbus.ErrConfig},
		"negative workers":    {eventbus.ConsumerConfig{Queue: "q", Concurrency: -1}, route, eventbus.ErrConfig},
		"negative drain":      {eventbus.ConsumerConfig{Queue: "q", DrainTimeout: -1}, route, eventbus.ErrConfig},
		"foreign queue type":  {eventbus.ConsumerConfig{Queue: "q", QueueType: "stream"}, route, eventbus.ErrConfig},
		"negative pause":      {eventbus.ConsumerConfig{Queue: "q", OnFailure: eventbus.Requeue{Pause: -1}}, route, eventbus.ErrConfig},
		"no delay":            {eventbus.ConsumerConfig{Queue: "q", OnFailure: eventbus.Garbage{After: []time.Duration{0}}}, route, eventbus.ErrConfig},
		"long delay":          {eventbus.ConsumerConfig{Queue: "q", OnFailure: eventbus.Garbage{After: []time.Duration{2000 * time.Hour}}}, route, eventbus.ErrConfig},
		"no exchange":         {eventbus.ConsumerConfig{Queue: "q"}, []eventbus.Route{(*eventbus.Exchange)(nil).Handle("#", raw)}, eventbus.ErrNoHandler},
		"odd delay":           {eventbus.ConsumerConfig{Queue: "q", OnFailure: eventbus.Garbage{After: []time.Duration{1500 * time.Microsecond}}}, route, eventbus.ErrConfig},
		"long garbage queue":  {eventbus.ConsumerConfig{Queue: long[:250], OnFailure: eventbus.Garbage{}}, route, eventbus.ErrNameTooLong},
		"long retry exchange": {eventbus.ConsumerConfig{Queue: "q", OnFailure: eventbus.Garbage{Service: long[:250]}}, route, eventbus.ErrNameTooLong},
	} {
		b := &spy{}
		c := eventbus.NewConsumer(b, tt.cfg, tt.routes...)
		for _, err := range []error{c.Declare(t.Context()), c.Run(t.Context())} {
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), "consumer of queue") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := b.calls(); n != 0 {
			t.Errorf("%s: %d calls reached the broker", name, n)
		}
	}
	if err := eventbus.NewConsumer(nil, eventbus.ConsumerConfig{Queue: "q"}, route...).Run(t.Context()); !errors.Is(err, eventbus.ErrNoBroker) {
		t.Errorf("no broker: %v", err)
	}
}

// What we declare is what Python declares, so that either finds the other's queues as it wants them.
func TestConsumerDeclaresWhatPythonDeclares(t *testing.T) {
	t.Parallel()
	f := readFacts(t)
	python := f.Topology["sync_garbage_consumer"]
	w := newWorld(t)
	b := &spy{Broker: w.broker}
	x := eventbus.NewExchange("pyf.ex")
	c := eventbus.NewConsumer(b, eventbus.ConsumerConfig{Queue: "pyf.q", OnFailure: eventbus.Garbage{Service: "pyf.main"}},
		eventbus.Declare[person](x, "user.created", "").Handle(ok))
	if err := c.Declare(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	topology := b.declared[0]
	for _, x := range topology.Exchanges {
		got = append(got, fmt.Sprint("exchange ", x.Name, " ", x.Kind))
	}
	for _, q := range topology.Queues {
		got = append(got, fmt.Sprint("queue ", q.Name, " ", arguments(q)))
	}
	for _, bind := range topology.Bindings {
		got = append(got, fmt.Sprint("binding ", bind.Exchange, " ", bind.Queue, " ", bind.RoutingKey))
	}
	for _, x := range python.Exchanges {
		want = append(want, fmt.Sprint("exchange ", x.Name, " ", x.Type))
	}
	for _, q := range python.Queues {
		args := make(map[string]string)
		for _, a := range q.Arguments {
			args[a[0]] = a[2]
		}
		want = append(want, fmt.Sprint("queue ", q.Name, " ", args))
	}
	for _, bind := range python.Bindings {
		want = append(want, fmt.Sprint("binding ", bind.Source, " ", bind.Destination, " ", bind.RoutingKey))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("declared\n%s\nPython declares\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func arguments(q driver.Queue) map[string]string {
	args := make(map[string]string)
	for name, value := range map[string]string{
		"x-queue-type": q.Type, "x-dead-letter-exchange": q.DeadLetterExchange, "x-dead-letter-routing-key": q.DeadLetterRoutingKey,
	} {
		if value != "" {
			args[name] = value
		}
	}
	if q.MessageTTL != 0 {
		args["x-message-ttl"] = fmt.Sprint(q.MessageTTL.Milliseconds())
	}
	if q.Unlimited {
		args["x-delivery-limit"] = "-1"
	}
	return args
}

func TestConsumerDeclaresDelays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := &spy{Broker: w.broker}
	delays := []time.Duration{5 * time.Second, time.Minute, 5 * time.Second}
	c := eventbus.NewConsumer(b, eventbus.ConsumerConfig{
		Queue: queue, QueueType: eventbus.QuorumQueue, OnFailure: eventbus.Garbage{After: delays},
	}, w.created.Handle(ok), w.hrm.Handle("person.#", raw), eventbus.NewExchange("crm").Handle("*", raw))
	if err := c.Declare(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range b.declared[0].Exchanges {
		got = append(got, x.Name+" "+x.Kind)
	}
	for _, q := range b.declared[0].Queues {
		got = append(got, fmt.Sprint(q.Name, " ", arguments(q)))
	}
	for _, bind := range b.declared[0].Bindings {
		got = append(got, fmt.Sprint(bind.Exchange, " -", bind.RoutingKey, "-> ", bind.Queue))
	}
	back := "x-dead-letter-exchange:mailer.retry.post x-dead-letter-routing-key:mailer:welcome x-delivery-limit:-1"
	want := []string{
		"hrm topic", "crm topic", "mailer.retry.post direct", "mailer.retry.pre direct",
		"mailer:welcome map[x-delivery-limit:-1 x-queue-type:quorum]",
		"mailer:welcome.garbage map[" + back + " x-queue-type:quorum]",
		"mailer:welcome.retry.5000 map[" + back + " x-message-ttl:5000 x-queue-type:quorum]",
		"mailer:welcome.retry.60000 map[" + back + " x-message-ttl:60000 x-queue-type:quorum]",
		"hrm -person.created-> mailer:welcome", "hrm -person.#-> mailer:welcome", "crm -*-> mailer:welcome",
		"mailer.retry.post -mailer:welcome.garbage-> mailer:welcome.garbage",
		"mailer.retry.post -mailer:welcome-> mailer:welcome",
		"mailer.retry.pre -mailer:welcome.retry.5000-> mailer:welcome.retry.5000",
		"mailer.retry.pre -mailer:welcome.retry.60000-> mailer:welcome.retry.60000",
	}
	if !slices.Equal(got, want) {
		t.Errorf("declared\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestConsumerRefusesQueuesOfOtherKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.broker.Declare(t.Context(), driver.Topology{Queues: []driver.Queue{{Name: queue, MessageTTL: time.Second}}})
	if err != nil {
		t.Fatal(err)
	}
	c := eventbus.NewConsumer(w.broker, eventbus.ConsumerConfig{Queue: queue}, w.created.Handle(ok))
	if err := c.Run(t.Context()); !errors.Is(err, eventbus.ErrPrecondition) {
		t.Errorf("Run: %v", err)
	}
	if err := w.broker.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context()); !errors.Is(err, eventbus.ErrClosed) {
		t.Errorf("Run on a closed broker: %v", err)
	}
}
