package eventbus_test

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

func TestDeclareKeepsDefinitions(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare[person](x, "person.created", "A person was hired.")
	eventbus.Declare[int](x, "count", "", eventbus.WithCodec(schemaCodec{}))
	want := []eventbus.Definition{
		{Exchange: "hrm", Name: "person.created", Summary: "A person was hired.", Type: reflect.TypeFor[person]()},
		{Exchange: "hrm", Name: "count", Type: reflect.TypeFor[int](), Schema: json.RawMessage(`{"type":"integer"}`)},
	}
	if got := x.Events(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := x.Err(); err != nil {
		t.Error(err)
	}
	x.Events()[0].Name = "changed"
	if got := x.Events()[0].Name; got != "person.created" {
		t.Errorf("a caller changed the declarations: %q", got)
	}
}

// schemaCodec writes numbers in a way of its own.
type schemaCodec struct{}

func (schemaCodec) Append(_ context.Context, dst []byte, n *int) ([]byte, error) {
	if *n < 0 {
		return dst, errBoom
	}
	return append(dst, strings.Repeat("i", *n)...), nil
}

func (schemaCodec) Decode(_ context.Context, body []byte) (int, error) { return len(body), nil }

func (schemaCodec) OutputSchema() json.RawMessage { return json.RawMessage(`{"type":"integer"}`) }

func TestEventUsesItsCodec(t *testing.T) {
	t.Parallel()
	e := eventbus.Declare[int](eventbus.NewExchange("x"), "count", "", eventbus.WithCodec(schemaCodec{}))
	if m := e.Message(3); string(m.Body) != "iii" || m.Err() != nil {
		t.Errorf("body %q, %v", m.Body, m.Err())
	}
	if n, err := e.Decode([]byte("ii")); n != 2 || err != nil {
		t.Errorf("decoded %d, %v", n, err)
	}
	if err := e.Message(-1).Err(); !errors.Is(err, eventbus.ErrPayload) || !errors.Is(err, errBoom) {
		t.Errorf("a payload that cannot be encoded: %v", err)
	}
}

// Wrong declarations never panic; whatever uses them returns what is wrong, before anything reaches the broker.
func TestWrongDeclarations(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 256)
	for name, tt := range map[string]struct {
		declare func() (*eventbus.Exchange, *eventbus.Event[person])
		want    error
		text    string
	}{
		"exchange without a name": {declareIn("", "k"), eventbus.ErrDeclaration, "exchange without a name"},
		"long exchange":           {declareIn(long, "k"), eventbus.ErrNameTooLong, "more than 255 bytes"},
		"event without a name":    {declareIn("x", ""), eventbus.ErrDeclaration, "event without a name"},
		"long event":              {declareIn("x", long), eventbus.ErrNameTooLong, "more than 255 bytes"},
		"wildcard":                {declareIn("x", "person.*"), eventbus.ErrDeclaration, "an event has one key"},
		"declared twice":          {declareIn("x", "k", "k"), eventbus.ErrDeclaration, `event "k" is declared twice`},
		"no exchange": {func() (*eventbus.Exchange, *eventbus.Event[person]) {
			e := eventbus.Declare[person](nil, "k", "")
			return e.Exchange(), e
		}, eventbus.ErrDeclaration, "exchange without a name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, e := tt.declare()
			b := &spy{}
			consumer := eventbus.NewConsumer(b, eventbus.ConsumerConfig{Queue: "q"},
				e.Handle(func(context.Context, person) error { return nil }))
			for what, err := range map[string]error{
				"Err":         x.Err(),
				"Message.Err": e.Message(person{}).Err(),
				"Publish":     eventbus.NewPublisher(b, eventbus.PublisherConfig{}).Publish(t.Context(), e.Message(person{})),
				"Declare":     consumer.Declare(t.Context()),
				"Run":         consumer.Run(t.Context()),
			} {
				if !errors.Is(err, tt.want) || !errors.Is(err, eventbus.ErrDeclaration) || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if n := b.calls(); n != 0 {
				t.Errorf("%d calls reached the broker", n)
			}
		})
	}
}

func declareIn(exchange string, names ...string) func() (*eventbus.Exchange, *eventbus.Event[person]) {
	return func() (x *eventbus.Exchange, e *eventbus.Event[person]) {
		x = eventbus.NewExchange(exchange)
		for _, name := range names {
			e = eventbus.Declare[person](x, name, "")
		}
		return x, e
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	e := eventbus.Declare[map[string]any](eventbus.NewExchange("x"), "k", "")
	for body, ok := range map[string]bool{
		`{"a": 1}`: true, " {\"a\": 1}\n": true, "\xef\xbb\xbf{\"a\": 1}": true, `{"a": 1, "a": 1}`: true, "null": true,
		"": false, "\xef\xbb\xbf": false, "{": false, `{"a": NaN}`: false, `{"a": Infinity}`: false, "{\"a\": \"\xff\"}": false,
		`{"a": 1} x`: false, "[1]": false, "\xff\xfe{\x00": false, strings.Repeat("[", 100_000): false,
	} {
		_, err := e.Decode([]byte(body))
		if ok != (err == nil) || !ok && !errors.Is(err, eventbus.ErrDecode) {
			t.Errorf("%.40q: %v", body, err)
		}
		var v map[string]any
		d := eventbus.Delivery{}
		d.Body = []byte(body)
		if err := d.Decode(&v); ok != (err == nil) || !ok && !errors.Is(err, eventbus.ErrDecode) {
			t.Errorf("Delivery: %.40q: %v", body, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id": 1, "name": "Ann"}`))
	f.Add([]byte("\xef\xbb\xbf[1]"))
	e := eventbus.Declare[person](eventbus.NewExchange("x"), "k", "")
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := e.Decode(body)
		if err != nil {
			if !errors.Is(err, eventbus.ErrDecode) {
				t.Fatal(err)
			}
			return
		}
		again, err := e.Decode(e.Message(p).Body)
		if err != nil || again != p {
			t.Fatalf("%+v became %+v, %v", p, again, err)
		}
	})
}
