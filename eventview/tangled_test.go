package eventview_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
)

// tangled are twenty types that contain each other: more ways lead through them than anybody has time for.
type tangled struct{ eventbus.Codec[visit] }

func (tangled) OutputSchema() json.RawMessage {
	const types = 20
	var members, definitions []string
	for i := range types {
		members = append(members, fmt.Sprintf(`"m%d": {"$ref": "#/definitions/t%d"}`, i, i))
	}
	for i := range types {
		definitions = append(definitions, fmt.Sprintf(`"t%d": {"type": "object", "properties": {%s}}`, i, strings.Join(members, ",")))
	}
	return json.RawMessage(fmt.Sprintf(`{"$ref": "#/definitions/t0", "definitions": {%s}}`, strings.Join(definitions, ",")))
}

func TestExamplesOfTangledTypesEnd(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare(x, "knot.tied", "", eventbus.WithCodec(tangled{}))
	page := ask(eventview.New(x), "GET", browser).Body.String()
	if len(page) > 1<<20 || !strings.Contains(page, "<h3>Example</h3>") {
		t.Errorf("a page of %d bytes", len(page))
	}
}

// twice holds a type twice, so that it doubles with each level.
type twice[T any] struct {
	A T  `json:"a"`
	B *T `json:"b"`
}

type (
	fourTimes  = twice[twice[twice[twice[hired]]]]
	eightTimes = twice[twice[twice[twice[fourTimes]]]]
	deep       = twice[twice[twice[twice[twice[twice[twice[twice[eightTimes]]]]]]]]
)

func TestTypesThatDoubleEnd(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare[deep](x, "well.dug", "")
	view := eventview.New(x)
	for name, size := range map[string]int{
		"page":     ask(view, "GET", browser).Body.Len(),
		"schemas":  ask(view, "GET", "").Body.Len(),
		"AsyncAPI": ask(view.AsyncAPI(), "GET", "").Body.Len(),
		"YAML":     ask(view.AsyncAPIYAML(), "GET", "").Body.Len(),
	} {
		if size > 2<<20 {
			t.Errorf("%s takes %d bytes", name, size)
		}
	}
	document := ask(view.AsyncAPI(), "GET", "").Body.Bytes()
	d, err := contract.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := contract.Parse(bytes.Replace(document, []byte(`"salary":{"type":"number"}`), []byte(`"salary":{"type":"string"}`), 1))
	if err != nil {
		t.Fatal(err)
	}
	if changes := contract.Compare(d, newer); !contract.IsBreaking(changes) {
		t.Errorf("%v", changes)
	}
}
