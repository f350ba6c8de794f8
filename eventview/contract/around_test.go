package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
)

// around is a document with one event and what a test puts around its payload: members of the operation, the message,
// the channel, its exchange, and the components.
type around struct{ action, operation, message, channel, exchange, components string }

func (a around) String() string {
	if a.action == "" {
		a.action = "send"
	}
	member := func(text string) string {
		if text == "" {
			return ""
		}
		return ", " + text
	}
	return fmt.Sprintf(`{"asyncapi": "3.0.0", "channels": {
		"c": {"address": "thing.made", "messages": {"m": {"name": "thing.made", "payload": {"type": "object"}%s}},
			"bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "things"%s}}}%s},
		"answers": {"address": "answers", "messages": {"done": {"payload": {"properties": {"ok": {"type": "boolean"}}}}}}},
		"operations": {"o": {"action": %q, "channel": {"$ref": "#/channels/c"}%s}}, "components": {"x": 1%s}}`,
		member(a.message), member(a.exchange), member(a.channel), a.action, member(a.operation), member(a.components))
}

const (
	withID   = `"headers": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}`
	numberID = `"headers": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}`
	traits   = `"messageTraits": {"t": {"headers": {"type": "object", "properties": {"id": {"type": "string"}}}, "contentType": "application/a"}}`
	useTrait = `"traits": [{"$ref": "#/components/messageTraits/t"}]`
	answered = `"reply": {"channel": {"$ref": "#/channels/answers"}}`
)

func TestAroundThePayload(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		older, newer around
		want         string // what is told, "" is nothing
		breaks       bool
	}{
		"header retyped":           {around{message: withID}, around{message: numberID}, "things thing.made: (headers).id: was string, is integer [type-changed]", true},
		"headers come":             {around{}, around{message: withID}, "(headers).id: is new [field-added]", false},
		"headers asked for":        {around{action: "receive"}, around{action: "receive", message: withID}, "(headers).id: has to be there [required-added]", true},
		"headers go":               {around{message: withID}, around{}, "(headers).id: may be missing [required-dropped]", true},
		"headers from a trait":     {around{message: useTrait, components: traits}, around{message: `"contentType": "application/a", "headers": {"type": "object", "properties": {"id": {"type": "string"}}}`}, "", false},
		"a trait changes":          {around{message: useTrait, components: traits}, around{message: useTrait, components: strings.Replace(traits, `"string"`, `"integer"`, 1)}, "(headers).id: was string, is integer [type-changed]", true},
		"the message wins":         {around{message: useTrait + `, "contentType": "application/b"`, components: traits}, around{message: useTrait + `, "contentType": "application/b"`, components: strings.Replace(traits, "application/a", "application/c", 1)}, "", false},
		"the later trait wins":     {around{message: `"traits": [{"contentType": "a/a"}, {"contentType": "b/b"}]`}, around{message: `"contentType": "b/b"`}, "", false},
		"traits join headers":      {around{message: `"traits": [{"headers": {"type": "object", "properties": {"a": {"type": "string"}}}}], "headers": {"properties": {"b": {}}}`}, around{message: `"headers": {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}}`}, "", false},
		"null takes away":          {around{message: useTrait + `, "headers": null`, components: traits}, around{message: `"contentType": "application/a"`}, "", false},
		"operation trait":          {around{operation: `"traits": [{"bindings": {"amqp": {"expiration": 1}}}]`}, around{operation: `"bindings": {"amqp": {"expiration": 2}}`}, `the operation's bindings: was {"amqp":{"expiration":1}}, is {"amqp":{"expiration":2}} [unclear]`, true},
		"reply retyped":            {around{action: "receive", operation: answered}, around{action: "receive", operation: `"reply": {"messages": [{"$ref": "#/components/n"}], "channel": {"address": "answers"}}`, components: `"n": {"name": "done", "payload": {"properties": {"ok": {"type": "string"}}}}`}, "BREAKING   send answers done: ok: was boolean, is string [type-changed]", true},
		"reply goes":               {around{action: "receive", operation: answered}, around{action: "receive"}, "BREAKING   send answers done: is gone [event-removed]", true},
		"reply not waited for":     {around{operation: answered}, around{}, "compatible receive answers done: is gone [event-removed]", false},
		"reply's address":          {around{operation: `"reply": {"address": {"location": "$message.header#/a"}}`}, around{operation: `"reply": {"address": {"location": "$message.header#/b", "description": "x"}}`}, `the reply's address: was {"location":"$message.header#/a"}`, true},
		"exchange's type":          {around{exchange: `"type": "topic"`}, around{exchange: `"type": "fanout"`}, `the exchange: was {"name":"things","type":"topic"}, is {"name":"things","type":"fanout"} [exchange-changed]`, true},
		"exchange not durable":     {around{action: "receive", exchange: `"durable": true`}, around{action: "receive", exchange: `"durable": false`}, "[exchange-changed]", true},
		"parameters":               {around{channel: `"parameters": {"id": {"enum": ["a"]}}`}, around{channel: `"parameters": {"id": {"enum": ["b"]}}`}, `the channel's parameters: was {"id":{"enum":["a"]}}, is {"id":{"enum":["b"]}} [unclear]`, true},
		"parameter described":      {around{channel: `"parameters": {"id": {"enum": ["a"]}}`}, around{channel: `"parameters": {"id": {"description": "d", "enum": ["a"], "examples": ["a"]}}`}, "", false},
		"parameter moves":          {around{channel: `"parameters": {"id": {"enum": ["a"]}}`}, around{channel: `"parameters": {"id": {"$ref": "#/components/p"}}`, components: `"p": {"enum": ["a"]}`}, "", false},
		"correlation":              {around{message: `"correlationId": {"location": "$message.header#/a"}`}, around{}, `the message's correlationId: {"location":"$message.header#/a"} is gone [unclear]`, true},
		"message bindings":         {around{}, around{message: `"bindings": {"amqp": {"contentEncoding": "gzip", "bindingVersion": "0.3.0"}}`}, `the message's bindings: {"amqp":{"contentEncoding":"gzip"}} is new [unclear]`, true},
		"security":                 {around{}, around{operation: `"security": [{"type": "plain"}]`}, "the operation's security", true},
		"another protocol":         {around{}, around{channel: `"bindings": {"kafka": {"topic": "t"}}`}, "the channel's bindings of kafka", true},
		"a queue of its own":       {around{action: "receive", channel: `"bindings": {"amqp": {"queue": {"name": "q"}}}`}, around{action: "receive", channel: `"bindings": {"amqp": {"queue": {"name": "q", "durable": true}}}`}, "compatible receive things thing.made: the queue: was", false},
		"people's words":           {around{}, around{message: `"title": "t", "summary": "s", "tags": [{"name": "x"}]`, operation: `"description": "d"`, channel: `"description": "d"`}, "", false},
		"the version of a binding": {around{channel: `"bindings": {"amqp": {"bindingVersion": "0.2.0"}}`}, around{channel: `"bindings": {"amqp": {"bindingVersion": "0.3.0"}}`}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			older, newer := parse(t, []byte(c.older.String())), parse(t, []byte(c.newer.String()))
			changes := contract.Compare(older, newer)
			if text := fmt.Sprint(changes); contract.IsBreaking(changes) != c.breaks || !strings.Contains(text, c.want) || c.want == "" && changes != nil {
				t.Errorf("%s\nwant %q, breaking: %v", text, c.want, c.breaks)
			}
			if changes := contract.Compare(newer, newer); changes != nil {
				t.Errorf("a document differs from itself in %v", changes)
			}
		})
	}
}

func TestTraitsThatAreWrong(t *testing.T) {
	t.Parallel()
	bomb := `"b0": {"a": 1}`
	for i := range 40 {
		bomb += fmt.Sprintf(`, "b%d": {"a": {"$ref": "#/components/b%d"}, "b": {"$ref": "#/components/b%d"}}`, i+1, i, i)
	}
	for want, document := range map[string]around{
		"traits are a list":                        {message: `"traits": {}`},
		`$ref "#/nowhere" leads nowhere`:           {message: `"traits": [{"$ref": "#/nowhere"}]`},
		"nests more than 50 levels deep":           {channel: `"parameters": {"$ref": "#/components/p"}`, components: `"p": {"a": {"$ref": "#/components/p"}}`},
		"its references make too much of it":       {channel: `"parameters": {"$ref": "#/components/b40"}`, components: bomb},
		`headers of "thing.made": type: "x" is no`: {message: `"headers": {"type": "x"}`},
	} {
		if _, err := contract.Parse([]byte(document.String())); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
