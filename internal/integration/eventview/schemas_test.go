// Package eventview_test judges the schemas of package eventview with a validator that knows nothing of it, and with
// messages as they are published.
package eventview_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type (
	base struct {
		ID      int64     `json:"id"`
		Created time.Time `json:"created_at"`
	}
	person struct {
		base
		Name   string           `json:"name"`
		Boss   *person          `json:"boss"`
		Tags   []string         `json:"tags"`
		Old    map[string]any   `json:"old,omitempty"`
		Photo  []byte           `json:"photo"`
		Count  int              `json:"count,string"`
		Rate   *big.Rat         `json:"rate"`
		Extra  json.RawMessage  `json:"extra"`
		Teams  map[int64][]base `json:"teams"`
		Pair   [2]bool          `json:"pair"`
		Left   *time.Time       `json:"left,omitempty"`
		Number json.Number      `json:"number"`
	}
	tree struct {
		Value int    `json:"value"`
		Below []tree `json:"below,omitempty"`
		Next  *tree  `json:"next"`
	}
	forest struct {
		Trees map[string]tree `json:"trees"`
	}
	shown struct {
		ID    int64
		Email string
		Role  string
		Pay   string
		When  *time.Time
	}
)

func shownSerializer() *serializer.Of[shown] {
	return serializer.New(func(s *shown) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&s.ID).As("id"),
			serializer.Field(&s.Email).As("email").Email(),
			serializer.Field(&s.Role).As("role").Choices("engineer", "head"),
			serializer.Field(&s.Pay).As("pay").Decimal(10, 2),
			serializer.Nullable(&s.When).As("when"),
		}
	})
}

func TestMessagesAreAsDescribed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ann := person{
		base: base{1, now}, Name: "Ann", Boss: &person{Number: "1", Extra: json.RawMessage("null")}, Tags: []string{"a"}, Old: map[string]any{"x": nil},
		Photo: []byte{0, 255}, Count: -3, Rate: big.NewRat(1, 3), Extra: json.RawMessage(`[1]`), Teams: map[int64][]base{-1: {{}}}, Left: &now, Number: "1e3",
	}
	x := eventbus.NewExchange("hrm")
	people := eventbus.Declare[person](x, "person.created", "A person was hired.")
	pointers := eventbus.Declare[*person](x, "person.moved", "")
	trees := eventbus.Declare[tree](x, "tree.moved", "")
	forests := eventbus.Declare[forest](x, "forest.moved", "")
	codecs := eventbus.Declare(x, "person.shown", "With a codec.", eventbus.WithCodec(shownSerializer()))
	numbers := eventbus.Declare[[]float64](x, "numbers.seen", "")

	messages := []eventbus.Message{
		people.Message(ann), people.Message(person{Number: "0", Extra: json.RawMessage("{}")}),
		pointers.Message(&ann), pointers.Message(nil),
		trees.Message(tree{}), trees.Message(tree{Below: []tree{{Value: 2, Next: &tree{}}}, Next: &tree{Below: []tree{{}}}}),
		forests.Message(forest{}), forests.Message(forest{Trees: map[string]tree{"a": {Below: []tree{{}}}}}),
		codecs.Message(shown{1, "ann@example.com", "head", "10.50", nil}), codecs.Message(shown{1, "ann@example.com", "head", "10.50", &now}),
		numbers.Message(nil), numbers.Message([]float64{1.5, 2}),
	}
	for name, draft := range map[string]*jsonschema.Draft{"draft-07": jsonschema.Draft7, "2020-12": jsonschema.Draft2020} {
		judges := compile(t, eventview.New(x), draft)
		for _, m := range messages {
			if err := m.Err(); err != nil {
				t.Fatal(err)
			}
			if err := judges[m.RoutingKey].Validate(read(t, m.Body)); err != nil {
				t.Errorf("%s: %s %s: %v", name, m.RoutingKey, m.Body, err)
			}
		}
		for key, broken := range map[string]string{
			"person.created": `{"id": 1}`, "tree.moved": `{"value": 1, "next": {"value": "x", "next": null}}`,
			"forest.moved": `{"trees": {"a": {"value": 1, "next": null, "below": [7]}}}`, "person.shown": `{"role": "boss"}`, "numbers.seen": `["1"]`,
		} {
			if judges[key].Validate(read(t, []byte(broken))) == nil {
				t.Errorf("%s: %s is no %s", name, broken, key)
			}
		}
	}
}

// compile reads what the view serves, as a consumer would.
func compile(t *testing.T, view *eventview.View, draft *jsonschema.Draft) map[string]*jsonschema.Schema {
	t.Helper()
	w := httptest.NewRecorder()
	view.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/event-system-entities", nil))
	var schemas map[string]json.RawMessage
	if err := json.Unmarshal(w.Body.Bytes(), &schemas); err != nil {
		t.Fatal(err)
	}
	judges := map[string]*jsonschema.Schema{}
	for name, schema := range schemas {
		c := jsonschema.NewCompiler()
		c.DefaultDraft(draft)
		c.AssertFormat()
		if err := c.AddResource(name, read(t, schema)); err != nil {
			t.Fatal(err)
		}
		judge, err := c.Compile(name)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, schema)
		}
		judges[name] = judge
	}
	return judges
}

func read(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}
