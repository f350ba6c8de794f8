package eventview_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

// service publishes and consumes all that a document can tell of.
func service(t *testing.T) *eventview.View {
	t.Helper()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare[person](x, "person.created", "A person was hired.")
	eventbus.Declare(x, "tree.moved", "", eventbus.WithDocs(eventbus.Docs[tree]{
		Description: "With all below it.", Since: "1.4.0", Deprecated: "use forest.moved", Examples: []tree{{Value: 1}, {Below: []tree{{}}}},
	}))
	eventbus.Declare[forest](x, "forest.moved", "")
	eventbus.Declare[any](x, "thing.seen", "")
	eventbus.Declare(x, "person.shown", "With a codec.", eventbus.WithCodec(shownSerializer()))
	other := eventbus.NewExchange("billing")
	paid := eventbus.Declare[[]float64](other, "bill paid/ö ~", "")
	broker := memory.New().Connect()
	t.Cleanup(func() { _ = broker.Close() })
	ignore := func(context.Context, eventbus.Delivery) error { return nil }
	consumer := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{Queue: "mailer:welcome"},
		paid.Handle(func(context.Context, []float64) error { return nil }),
		x.Handle("person.*", ignore), x.Handle("unknown.key", ignore))
	return eventview.Service{
		Title: "People", Version: "1.2.3", Description: "Hires people.",
		Publishes: []*eventbus.Exchange{x}, Consumes: []*eventbus.Consumer{consumer},
	}.View()
}

// The document is right by the schemas of the AsyncAPI initiative, and the judge does notice what is wrong.
func TestAsyncAPIIsOfficiallyValid(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	service(t).AsyncAPI().ServeHTTP(w, httptest.NewRequest("GET", "/asyncapi.json", nil))
	for _, version := range []string{"3.0.0", "3.1.0"} {
		judge := official(t, version)
		document := bytes.Replace(w.Body.Bytes(), []byte(`"asyncapi":"3.0.0"`), []byte(`"asyncapi":"`+version+`"`), 1)
		if err := judge.Validate(read(t, document)); err != nil {
			t.Errorf("%s: %v\n%s", version, err, document)
		}
		for right, wrong := range map[string]string{
			`"action":"send"`: `"action":"shout"`, `"is":"routingKey"`: `"is":"road"`, `"type":"topic"`: `"type":"tropic"`,
			`"version":"1.2.3",`: "", `"durable":true`: `"durable":"yes"`, `"type":"object"`: `"type":"thing"`,
		} {
			broken := bytes.Replace(document, []byte(right), []byte(wrong), 1)
			if bytes.Equal(broken, document) {
				t.Errorf("the document has no %s", right)
			} else if judge.Validate(read(t, broken)) == nil {
				t.Errorf("%s: %s in place of %s is not noticed", version, wrong, right)
			}
		}
	}
}

// official compiles a schema as it was published.
func official(t *testing.T, version string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("testdata/asyncapi/" + version + ".json")
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("asyncapi.json", read(t, text)); err != nil {
		t.Fatal(err)
	}
	judge, err := c.Compile("asyncapi.json")
	if err != nil {
		t.Fatal(err)
	}
	return judge
}

// A reader of YAML that is not ours finds in it what the JSON says.
func TestYAMLSaysTheSame(t *testing.T) {
	t.Parallel()
	view := service(t)
	var fromJSON, fromYAML any
	if err := yaml.Unmarshal(view.AsyncAPI().Bytes(), &fromJSON); err != nil { // JSON is YAML, too
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(view.AsyncAPIYAML().Bytes(), &fromYAML); err != nil {
		t.Fatalf("%v\n%s", err, view.AsyncAPIYAML().Bytes())
	}
	one, two := mustYAML(t, fromJSON), mustYAML(t, fromYAML)
	if !bytes.Equal(one, two) {
		t.Errorf("YAML:\n%s\nJSON:\n%s", two, one)
	}
}

func mustYAML(t *testing.T, value any) []byte {
	t.Helper()
	text, err := yaml.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
