package rabbitmq

import (
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

func TestHeadersComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	when := time.Unix(1700000000, 0).UTC()
	in := map[string]any{
		"int": 1 << 40, "uint": uint(7), "uint64": uint64(8), "text": "t", "strings": []string{"a", "b"}, "time": when, "bytes": []byte{1},
		"table": map[string]any{"list": []any{nil, true, map[string]any{}}}, "amqp": []any{amqp.Decimal{Scale: 1, Value: 5}},
	}
	table, err := prepare(&driver.Message{Headers: in}, frameMax)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Validate(); err != nil {
		t.Fatalf("amqp091-go does not take it: %v", err)
	}
	want := map[string]any{
		"int": int64(1 << 40), "uint": int64(7), "uint64": int64(8), "text": "t", "strings": []any{"a", "b"}, "time": when, "bytes": []byte{1},
		"table": map[string]any{"list": []any{nil, true, map[string]any{}}}, "amqp": []any{amqp.Decimal{Scale: 1, Value: 5}},
	}
	if got := decodeTable(table); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	if _, ok := in["table"].(map[string]any)["list"].([]any)[2].(map[string]any); !ok {
		t.Error("the caller's headers were changed")
	}
}

func TestADeliveryIsTheMessage(t *testing.T) {
	t.Parallel()
	m := driver.Message{
		Exchange: "x", RoutingKey: "k", Body: []byte("b"), ContentType: "application/json", ContentEncoding: "utf-8",
		Headers: map[string]any{"h": "v"}, Priority: 3, Expiration: "60000", CorrelationID: "c", ReplyTo: "r", ID: "i",
		Timestamp: time.Unix(1700000000, 0).UTC(), Type: "t", UserID: "u", AppID: "a",
	}
	for _, transient := range []bool{false, true} {
		m.Transient = transient
		table, err := prepare(&m, frameMax)
		if err != nil {
			t.Fatal(err)
		}
		p := publishing(&m, table)
		got := delivery(&amqp.Delivery{
			Headers: p.Headers, ContentType: p.ContentType, ContentEncoding: p.ContentEncoding, DeliveryMode: p.DeliveryMode, Priority: p.Priority,
			CorrelationId: p.CorrelationId, ReplyTo: p.ReplyTo, Expiration: p.Expiration, MessageId: p.MessageId, Timestamp: p.Timestamp, Type: p.Type,
			UserId: p.UserId, AppId: p.AppId, Body: p.Body, Exchange: "x", RoutingKey: "k", DeliveryTag: 5, Redelivered: true,
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
		if err := table.Validate(); err != nil {
			t.Fatalf("amqp091-go does not take it: %v", err)
		}
	})
}
