package rabbitmq

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func TestPrepareRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	cycle := map[string]any{}
	cycle["again"] = cycle
	many := make([]any, 8193)
	for name, m := range map[string]driver.Message{
		"exchange": {Exchange: long}, "routing key": {RoutingKey: long}, "content type": {ContentType: long}, "content encoding": {ContentEncoding: long},
		"correlation id": {CorrelationID: long}, "reply-to": {ReplyTo: long}, "message id": {ID: long}, "type": {Type: long}, "user id": {UserID: long},
		"app id": {AppID: long}, "expiration": {Expiration: "1s"}, "expiration ": {Expiration: "-1"},
		"has a name of": {Headers: map[string]any{long: 1}}, "struct {}": {Headers: map[string]any{"h": struct{}{}}},
		`header "deep"`: {Headers: map[string]any{"deep": []any{map[string]any{"x": make(chan int)}}}},
		"levels":        {Headers: cycle}, "fit 64 bits": {Headers: map[string]any{"h": uint64(math.MaxUint64)}},
		"8193 entries": {Headers: map[string]any{"h": many}}, "takes": {Headers: map[string]any{"h": strings.Repeat("x", frameMax)}},
	} {
		_, err := prepare(&m, frameMax)
		if !errors.Is(err, driver.ErrInvalid) || !strings.Contains(err.Error(), strings.TrimSpace(name)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What amqp091-go writes is what RabbitMQ understands: the frames of a lane are the same, byte for byte.
func TestFramesAreThoseOfTheLibrary(t *testing.T) {
	t.Parallel()
	arrived := make(chan published, 1)
	s := newFakeServer(t, func(p published) {
		confirmAll(p)
		arrived <- p
	})
	ours := s.dial(Config{})
	conn, err := amqp.Dial("amqp://" + s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	when := time.Unix(1700000000, 0).UTC()
	full := driver.Message{
		Exchange: "x", RoutingKey: "k", Mandatory: true, Body: []byte("b"), ContentType: "application/json", ContentEncoding: "utf-8",
		Transient: true, Priority: 3, Expiration: "60000", CorrelationID: "c", ReplyTo: "r", ID: "i", Timestamp: when, Type: "t",
		UserID: "u", AppID: "a",
	}
	messages := []driver.Message{full, {}, {Exchange: "x", RoutingKey: "k", Body: bytes.Repeat([]byte("0123456789"), 30_000)}}
	for _, value := range []any{ // one header each, as maps have no order
		nil, true, false, int8(-1), uint8(200), int16(-300), uint16(65000), int32(-5), uint32(4e9), int64(math.MinInt64), float32(1.5), -2.5,
		"ж", []byte{0, 255}, when, []any{}, []any{"a", map[string]any{"k": []any{int64(1), nil}}}, map[string]any{"in": map[string]any{}},
		driver.Decimal{Scale: 2, Value: -314},
	} {
		m := full
		m.Headers = map[string]any{"h": value}
		messages = append(messages, m)
	}
	for i, m := range messages {
		if err := ours.Publish(t.Context(), []driver.Message{m}); err != nil {
			t.Fatal(err)
		}
		got := <-arrived
		mode := amqp.Persistent
		if m.Transient {
			mode = amqp.Transient
		}
		err := ch.Publish(m.Exchange, m.RoutingKey, m.Mandatory, false, amqp.Publishing{
			Headers: theirs(m.Headers), ContentType: m.ContentType, ContentEncoding: m.ContentEncoding, DeliveryMode: mode,
			Priority: m.Priority, CorrelationId: m.CorrelationID, ReplyTo: m.ReplyTo, Expiration: m.Expiration, MessageId: m.ID,
			Timestamp: m.Timestamp, Type: m.Type, UserId: m.UserID, AppId: m.AppID, Body: m.Body,
		})
		if err != nil {
			t.Fatal(err)
		}
		want := <-arrived
		if !bytes.Equal(got.method, want.method) || !bytes.Equal(got.properties, want.properties) || got.body != want.body || got.frames != want.frames {
			t.Errorf("message %d: got\n%q %q in %d frames, want\n%q %q in %d", i, got.method, got.properties, got.frames, want.method, want.properties, want.frames)
		}
	}
}

// theirs puts headers into the types of amqp091-go.
func theirs(headers map[string]any) amqp.Table {
	var convert func(any) any
	convert = func(value any) any {
		switch v := value.(type) {
		case map[string]any:
			return theirs(v)
		case []any:
			list := make([]any, len(v))
			for i := range v {
				list[i] = convert(v[i])
			}
			return list
		case driver.Decimal:
			return amqp.Decimal(v)
		}
		return value
	}
	if headers == nil {
		return nil
	}
	table := make(amqp.Table)
	for name, value := range headers {
		table[name] = convert(value)
	}
	return table
}

// Values that AMQP has no type for go as those that it has.
func TestHeadersOfGoTypes(t *testing.T) {
	t.Parallel()
	for name, pair := range map[string][2]any{
		"int": {1 << 40, int64(1 << 40)}, "uint": {uint(7), int64(7)}, "uint64": {uint64(8), int64(8)},
		"strings": {[]string{"a", "b"}, []any{"a", "b"}},
	} {
		got, err := prepare(&driver.Message{Headers: map[string]any{"h": pair[0]}}, frameMax)
		want, err2 := prepare(&driver.Message{Headers: map[string]any{"h": pair[1]}}, frameMax)
		if err != nil || err2 != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: got %q, %v; want %q, %v", name, got, err, want, err2)
		}
	}
}

func TestADeliveryIsTheMessage(t *testing.T) {
	t.Parallel()
	headers := map[string]any{"list": []any{nil, map[string]any{"d": driver.Decimal{Scale: 1, Value: 5}}}, "time": time.Unix(1700000000, 0).UTC()}
	m := driver.Message{
		Exchange: "x", RoutingKey: "k", Body: []byte("b"), ContentType: "application/json", ContentEncoding: "utf-8",
		Headers: headers, Priority: 3, Expiration: "60000", CorrelationID: "c", ReplyTo: "r", ID: "i",
		Timestamp: time.Unix(1700000000, 0).UTC(), Type: "t", UserID: "u", AppID: "a",
	}
	for mode, transient := range map[uint8]bool{0: true, 1: true, 2: false} {
		m.Transient = transient
		got := delivery(&amqp.Delivery{
			Headers: theirs(headers), ContentType: m.ContentType, ContentEncoding: m.ContentEncoding, DeliveryMode: mode, Priority: m.Priority,
			CorrelationId: m.CorrelationID, ReplyTo: m.ReplyTo, Expiration: m.Expiration, MessageId: m.ID, Timestamp: m.Timestamp.Local(), Type: m.Type,
			UserId: m.UserID, AppId: m.AppID, Body: m.Body, Exchange: "x", RoutingKey: "k", DeliveryTag: 5, Redelivered: true,
		}, 7)
		want := driver.Delivery{Message: m, Tag: driver.Tag{Epoch: 7, Number: 5}, Redelivered: true}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

// Decoding never fails, and what was decoded can be sent on.
func FuzzHeaders(f *testing.F) {
	f.Add("k", "text", int64(1), 1.5, []byte{1}, uint8(3))
	f.Add("", "\xff", int64(math.MinInt64), math.Inf(1), []byte(nil), uint8(40))
	f.Fuzz(func(t *testing.T, key, text string, n int64, x float64, raw []byte, depth uint8) {
		var value any = amqp.Table{key: text, "n": n, "x": x, "raw": raw, "d": amqp.Decimal{Scale: depth, Value: int32(n)}, "void": nil}
		for range depth % 15 {
			value = amqp.Table{"in": []any{value}}
		}
		d := delivery(&amqp.Delivery{Headers: amqp.Table{"h": value}}, 1)
		table, err := prepare(&d.Message, frameMax)
		if err != nil {
			if len(key) <= 255 && len(text) < 1000 && len(raw) < 1000 {
				t.Fatalf("what was decoded cannot be sent: %v", err)
			}
			return
		}
		if !readableTable(table[4:], 0) {
			t.Fatal("what was sent cannot be read")
		}
	})
}
