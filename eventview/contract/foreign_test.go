package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
)

const (
	text    = `{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}`
	integer = `{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}`
)

// foreign is a document as other tools write it: the name of a message is not its routing key, and need not be the only
// one of its name. Each channel is "address payload...".
func foreign(channels ...string) string {
	var all, operations []string
	for i, channel := range channels {
		address, payloads, _ := strings.Cut(channel, " ")
		var messages []string
		for n, payload := range strings.Split(payloads, "|") {
			messages = append(messages, fmt.Sprintf(`"m%d": {"name": "Event", "payload": %s}`, n, payload))
		}
		all = append(all, fmt.Sprintf(`"c%d": {"address": %q, "messages": {%s}, "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "hrm"}}}}`,
			i, address, strings.Join(messages, ",")))
		operations = append(operations, fmt.Sprintf(`"o%d": {"action": "send", "channel": {"$ref": "#/channels/c%d"}}`, i, i))
	}
	return fmt.Sprintf(`{"asyncapi": "3.0.0", "channels": {%s}, "operations": {%s}}`, strings.Join(all, ","), strings.Join(operations, ","))
}

// Messages of one name are all compared: by their routing keys, and where these are the same as a choice.
func TestMessagesOfOneName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ older, newer, want string }{
		"the second of two":  {foreign("a.b "+text, "a.c "+text), foreign("a.b "+text, "a.c "+integer), "a: was string, is integer [type-changed]"},
		"another key":        {foreign("a.b " + text), foreign("a.c " + text), "is gone, with the routing key a.b [event-removed]"},
		"one channel":        {foreign("a.b " + text + "|" + text), foreign("a.b " + text + "|" + integer), "a: was string, is integer [type-changed]"},
		"a third kind":       {foreign("a.b " + text + "|" + integer), foreign("a.b " + text + "|" + integer + `|{"type": "string"}`), "may also be string"},
		"the same twice":     {foreign("a.b " + text), foreign("a.b " + text + "|" + text), ""},
		"one kind less":      {foreign("a.b " + text + "|" + integer), foreign("a.b " + text), ""},
		"in another order":   {foreign("a.b " + text + "|" + integer), foreign("a.b " + integer + "|" + text), ""},
		"channels reordered": {foreign("a.b "+text, "a.c "+integer), foreign("a.c "+integer, "a.b "+text), ""},
	} {
		older, err := contract.Parse([]byte(c.older))
		if err != nil {
			t.Fatal(err)
		}
		newer, err := contract.Parse([]byte(c.newer))
		if err != nil {
			t.Fatal(err)
		}
		changes := contract.Compare(older, newer)
		if got := fmt.Sprint(changes); contract.IsBreaking(changes) != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %q", name, got, c.want)
		}
		if changes := contract.Compare(newer, newer); changes != nil {
			t.Errorf("%s: a document differs from itself in %v", name, changes)
		}
	}
}

// A document of channels alone would pass whatever comes next.
func TestChannelsWithoutOperations(t *testing.T) {
	t.Parallel()
	document := strings.Replace(foreign("a.b "+text), `"operations"`, `"x-operations"`, 1)
	if _, err := contract.Parse([]byte(document)); err == nil || !strings.Contains(err.Error(), `no operation sends or receives a message of a channel, as of "c0"`) {
		t.Errorf("got %v", err)
	}
	if _, err := contract.Parse([]byte(`{"asyncapi": "3.0.0", "channels": {}}`)); err != nil {
		t.Errorf("nothing at all: %v", err)
	}
}
