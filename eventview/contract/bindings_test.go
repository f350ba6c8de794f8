package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
)

// queue is a document of a queue with what it is bound to and its messages: the exchange and the name of each.
func queue(bound string, messages ...[2]string) []byte {
	var refs, components []string
	for i, m := range messages {
		refs = append(refs, fmt.Sprintf(`"m%d": {"$ref": "#/components/messages/m%d"}`, i, i))
		components = append(components, fmt.Sprintf(`"m%d": {"name": %q, "x-exchange": %q, "payload": {"type": "string"}}`, i, m[1], m[0]))
	}
	return fmt.Appendf(nil, `{"asyncapi": "3.0.0", "channels": {"q": {"address": "mailer", "messages": {%s}, "x-bound-to": %s}},
		"operations": {"o": {"action": "receive", "channel": {"$ref": "#/channels/q"}}}, "components": {"messages": {%s}}}`,
		strings.Join(refs, ","), bound, strings.Join(components, ","))
}

func TestBindings(t *testing.T) {
	t.Parallel()
	const one, two = `{"exchange": "hrm", "routingKey": "person.*"}`, `{"exchange": "billing", "routingKey": "bill.paid"}`
	created := [2]string{"hrm", "created"}
	for name, tt := range map[string]struct {
		older, newer []byte
		want         string
	}{
		"the same, moved": {queue("["+one+","+two+"]", created), queue("["+two+","+one+"]", created), ""},
		"one more":        {queue("["+one+"]", created), queue("["+one+","+two+"]", created), "compatible receive mailer bill.paid: exchange billing is bound by this key [binding-added]"},
		"one less":        {queue("["+one+","+two+"]", created), queue("["+one+"]", created), "compatible receive mailer bill.paid: exchange billing is not bound by this key any more [binding-removed]"},
		"another exchange": {queue("["+one+"]", created), queue("["+strings.Replace(one, "hrm", "old", 1)+"]", created),
			"compatible receive mailer person.*: exchange old is bound by this key [binding-added]\ncompatible receive mailer person.*: exchange hrm is not bound by this key any more [binding-removed]"},
		"not ours": {queue(`"anything"`, created), queue("["+one+"]", created), ""},
		"one name from two exchanges": {queue("[]", created, [2]string{"old", "created"}), queue("[]", created),
			"compatible receive mailer created: is gone [event-removed]"},
	} {
		var got []string
		for _, c := range contract.Compare(parse(t, tt.older), parse(t, tt.newer)) {
			got = append(got, c.String())
		}
		if text := strings.Join(got, "\n"); text != tt.want {
			t.Errorf("%s: %s, want %s", name, text, tt.want)
		}
	}
}
