package eventview_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
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
