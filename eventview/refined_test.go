package eventview_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type visit struct {
	Mail string
	From netip.Addr
	Via  *string
	Code string
	ID   string
}

var visits = serializer.New(func(v *visit) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&v.Mail).As("mail").Email().Blank(),
		serializer.Field(&v.From).As("from"),
		serializer.Nullable(&v.Via).As("via").IPv6().Blank(),
		serializer.Field(&v.Code).As("code").MinLength(3).Blank(),
		serializer.Field(&v.ID).As("id").UUID().Optional(),
	}
})

// anyOf beside a type only refines it: the page says how, and an example is made up.
func TestChoicesThatRefineAType(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	visited := eventbus.Declare(x, "site.visited", "", eventbus.WithCodec(visits))
	eventbus.Declare(x, "site.left", "", eventbus.WithCodec(alternatives{}))
	view := eventview.New(x)
	page := ask(view, "GET", browser).Body.String()
	for _, want := range []string{
		"<td>string (email)</td>\n<td><small>or empty</small>", "<td>string (ipv4 or ipv6)</td>", "<td>string (ipv6) or null</td>",
		`"mail": "ann@example.com"`, `"from": "192.0.2.1"`, "<td>object</td>\n<td><small>at least 1 members, or empty</small>", `"b": 1`,
		"<td>integer</td>\n<td><small>at most 3; at least -10, or at most -20</small>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	if strings.Contains(page, "anything") {
		t.Error("a refined type is not anything")
	}
	checker, err := eventview.NewChecker(x)
	if err != nil {
		t.Fatal(err)
	}
	blank := visit{From: netip.MustParseAddr("192.0.2.1"), Via: new(string)}
	body, err := visits.Append(t.Context(), nil, &blank)
	if err != nil {
		t.Fatal(err)
	}
	if err := checker.Check("hrm", visited.Name(), body); err != nil {
		t.Errorf("what may be blank is published blank: %v", err)
	}
}

// alternatives describes an object of which one member has to be there.
type alternatives struct{ eventbus.Codec[visit] }

func (alternatives) OutputSchema() json.RawMessage {
	return json.RawMessage(`{"type": "object", "properties": {"b": {"type": "integer"}, "c": {"type": "integer", "allOf": [{"maximum": 3}], "anyOf": [{"minimum": -10}, {"maximum": -20}]},
		"d": {"type": "object", "properties": {}, "oneOf": [{"minProperties": 1}, {"maxLength": 0}]}}, "anyOf": [{"required": ["b"]}, {"required": ["c"]}]}`)
}
