package rabbitmq_test

import (
	"reflect"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// Whatever a peer may put into a header arrives, and can be sent on: a message with it can be stored and replayed.
func TestHeadersOfEveryType(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	b := open(t, v, rabbitmq.Config{})
	exchange, queue := events(t, b)

	raw, err := amqp.Dial(v.URL())
	must(t, err)
	defer func() { must(t, raw.Close()) }()
	ch, err := raw.Channel()
	must(t, err)
	when := time.Unix(1700000000, 0).UTC()
	must(t, ch.Publish(exchange, "raw", false, false, amqp.Publishing{Headers: amqp.Table{
		"bool": true, "int8": int8(-1), "uint8": uint8(200), "int16": int16(-300), "uint16": uint16(65000), "int32": int32(-5),
		"uint32": uint32(4e9), "int64": int64(1 << 60), "float32": float32(1.5), "float64": 2.5, "decimal": amqp.Decimal{Scale: 2, Value: 314},
		"text": "ж", "bytes": []byte{0, 255}, "time": when, "void": nil, "list": []any{"a", amqp.Table{"k": []any{int64(1)}}}, "table": amqp.Table{"in": amqp.Table{}},
	}}))
	want := map[string]any{
		"bool": true, "int8": int8(-1), "uint8": uint8(200), "int16": int16(-300), "uint16": uint16(65000), "int32": int32(-5),
		"uint32": uint32(4e9), "int64": int64(1 << 60), "float32": float32(1.5), "float64": 2.5, "decimal": driver.Decimal{Scale: 2, Value: 314},
		"text": "ж", "bytes": []byte{0, 255}, "time": when, "void": nil, "list": []any{"a", map[string]any{"k": []any{int64(1)}}}, "table": map[string]any{"in": map[string]any{}},
	}
	s := subscribe(t, b, queue, 1)
	for _, round := range []string{"from the peer", "sent on"} {
		d := next(t, s)
		if !reflect.DeepEqual(d.Headers, want) {
			t.Errorf("%s:\ngot  %#v\nwant %#v", round, d.Headers, want)
		}
		must(t, b.Publish(testContext(t), []driver.Message{d.Message}))
		must(t, s.Ack(d.Tag, false))
	}
	must(t, s.Close())
	drain(t, b, queue)

	peer(t, v, "headers", exchange, "pika")
	s = subscribe(t, b, queue, 1)
	d := next(t, s)
	if len(d.Headers) != 12 || d.Headers["long"] != int64(1<<40) || d.Headers[""] != "no name" {
		t.Errorf("from pika came %#v", d.Headers)
	}
	must(t, b.Publish(testContext(t), []driver.Message{d.Message}))
	must(t, s.Ack(d.Tag, false))
	must(t, s.Ack(next(t, s).Tag, false))
}

// The largest headers that are taken do arrive; larger ones are refused before they cost everybody the connection.
func TestLargeHeaders(t *testing.T) {
	t.Parallel()
	b := open(t, testenv.RabbitMQ(t), rabbitmq.Config{})
	exchange, queue := events(t, b)
	m := text(exchange, "a", "1")
	sizes := map[bool]int{}
	for size := 131_100; size > 130_000; size -= 10 {
		m.Headers = map[string]any{"x": string(make([]byte, size))}
		err := b.Publish(testContext(t), []driver.Message{m})
		sizes[err == nil] = size
		if err == nil {
			break
		}
		mustBe(t, err, driver.ErrInvalid)
	}
	if sizes[true] == 0 || sizes[false] == 0 {
		t.Errorf("taken and refused: %v", sizes)
	}
	if got := drain(t, b, queue); len(got) != 1 || len(got[0].Headers["x"].(string)) != sizes[true] {
		t.Errorf("the queue holds %d messages", len(got))
	}
	must(t, b.Health())
}

// Headers that the client library does not read neither end the connection nor keep the message from being handled.
func TestHeadersThatAreTooDeep(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	var log recorder
	b := open(t, v, rabbitmq.Config{Logger: log.logger()})
	exchange, queue := events(t, b)
	raw, err := amqp.Dial(v.URL())
	must(t, err)
	defer func() { must(t, raw.Close()) }()
	ch, err := raw.Channel()
	must(t, err)
	deep := amqp.Table{}
	for range 40 {
		deep = amqp.Table{"in": []any{deep}}
	}
	must(t, ch.Publish(exchange, "raw", false, false, amqp.Publishing{
		Headers: amqp.Table{"before": "a", "deep": deep, "many": make([]any, 9000), "after": int64(1)}, MessageId: "id", Body: []byte("body"),
	}))
	s := subscribe(t, b, queue, 1)
	d := next(t, s)
	if want := map[string]any{"before": "a", "after": int64(1)}; !reflect.DeepEqual(d.Headers, want) || string(d.Body) != "body" || d.ID != "id" || d.Redelivered {
		t.Errorf("got %+v", d)
	}
	must(t, s.Ack(d.Tag, false))
	must(t, b.Health())
	if log.text() != "" {
		t.Errorf("the log says:\n%s", log.text())
	}
}
