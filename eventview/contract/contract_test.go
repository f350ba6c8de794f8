package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// document has one event with a payload, sent or received.
func document(action, payload string) []byte {
	return fmt.Appendf(nil, `{"asyncapi": "3.0.0", "info": {"title": "t", "version": "1"}, "defaultContentType": "application/json",
		"channels": {"c": {"address": "thing.made", "messages": {"m": {"$ref": "#/components/messages/m"}},
			"bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "things"}}}}},
		"operations": {"o": {"action": %q, "channel": {"$ref": "#/channels/c"}, "messages": [{"$ref": "#/channels/c/messages/m"}]}},
		"components": {"messages": {"m": {"name": "thing.made", "payload": {"$ref": "#/components/schemas/s"}}}, "schemas": {"s": %s}}}`, action, payload)
}

func parse(t testing.TB, text []byte) *contract.Document {
	t.Helper()
	d, err := contract.Parse(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return d
}

// found are the rules that tell the two payloads apart, and where.
func found(t testing.TB, action, older, newer string) (rules []string, breaking bool) {
	t.Helper()
	changes := contract.Compare(parse(t, document(action, older)), parse(t, document(action, newer)))
	for _, c := range changes {
		rules = append(rules, strings.TrimSpace(c.Rule+" "+c.Field))
	}
	return rules, contract.IsBreaking(changes)
}

// cases are changes with a payload that only one of the two schemas allows: the newer one where a consumer breaks, the
// older one where a sender does.
var cases = []struct {
	name, older, newer string
	want               string // rules and fields
	onlyNewer          string // a payload
	onlyOlder          string
}{
	{"title", `{"title": "a"}`, `{"title": "b", "description": "c", "examples": [1], "default": 2}`, "", "", ""},
	{"types", `{"type": "string"}`, `{"type": "integer"}`, "type-changed", `1`, `"a"`},
	{"null comes", `{"type": "string"}`, `{"type": ["string", "null"]}`, "type-widened", `null`, ""},
	{"null goes", `{"type": ["string", "null"]}`, `{"type": "string"}`, "type-narrowed", "", `null`},
	{"integer to number", `{"type": "integer"}`, `{"type": "number"}`, "type-widened", `1.5`, ""},
	{"anything to number", `{}`, `{"type": "number"}`, "type-narrowed", "", `"a"`},
	{"all types", `{}`, `{"type": ["object", "array", "string", "number", "boolean", "null"]}`, "", "", ""},
	{"never", `false`, `true`, "type-widened", `1`, ""},
	{"always", `true`, `false`, "type-narrowed", "", `1`},
	{"enum grows", `{"enum": ["a"]}`, `{"enum": ["a", "b"]}`, "enum-widened", `"b"`, ""},
	{"enum shrinks", `{"enum": ["a", "b"]}`, `{"enum": ["b"]}`, "enum-narrowed", "", `"a"`},
	{"enum moves", `{"enum": [1, 2.0]}`, `{"enum": [2, 1.0]}`, "", "", ""},
	{"enum to const", `{"enum": ["a", "b"]}`, `{"const": "b"}`, "enum-narrowed", "", `"a"`},
	{"enum comes", `{"type": "string"}`, `{"type": "string", "enum": ["a"]}`, "enum-narrowed", "", `"b"`},
	{"enum goes", `{"type": "string", "enum": ["a"]}`, `{"type": "string"}`, "enum-widened", `"b"`, ""},
	{"longer", `{"maxLength": 1}`, `{"maxLength": 2}`, "constraint-relaxed", `"ab"`, ""},
	{"shorter", `{"maxLength": 2}`, `{"maxLength": 1}`, "constraint-added", "", `"ab"`},
	{"least length", `{}`, `{"minLength": 1}`, "constraint-added", "", `""`},
	{"no least length", `{"minLength": 1}`, `{}`, "constraint-relaxed", `""`, ""},
	{"format", `{"format": "date"}`, `{"format": "uuid"}`, "constraint-changed", `"6f1c3b52-8f0e-4c8a-9d53-0a4e2f6b7c11"`, `"2026-01-31"`},
	{"format comes", `{}`, `{"format": "uuid"}`, "constraint-added", "", `"a"`},
	{"pattern goes", `{"pattern": "^a"}`, `{}`, "constraint-relaxed", `"b"`, ""},
	{"minimum respelt", `{"minimum": 1}`, `{"minimum": 1.0}`, "", "", ""},
	{"minimum exclusive", `{"minimum": 1}`, `{"exclusiveMinimum": 1}`, "constraint-added", "", `1`},
	{"minimum down", `{"exclusiveMinimum": 1}`, `{"minimum": 0}`, "constraint-relaxed", `1`, ""},
	{"maximum up", `{"maximum": 9007199254740992}`, `{"maximum": 9007199254740993}`, "constraint-relaxed", `9007199254740993`, ""},
	{"maximum comes", `{}`, `{"exclusiveMaximum": 3}`, "constraint-added", "", `3`},
	{"maximum goes", `{"exclusiveMaximum": 3}`, `{}`, "constraint-relaxed", `3`, ""},
	{"coarser", `{"multipleOf": 0.01}`, `{"multipleOf": 0.1}`, "constraint-added", "", `0.01`},
	{"finer", `{"multipleOf": 0.1}`, `{"multipleOf": 0.01}`, "constraint-relaxed", `0.01`, ""},
	{"other steps", `{"multipleOf": 2}`, `{"multipleOf": 3}`, "constraint-changed", `3`, `2`},
	{"steps", `{"multipleOf": 2}`, `{}`, "constraint-relaxed", `3`, ""},
	{"no steps", `{}`, `{"multipleOf": 2}`, "constraint-added", "", `3`},
	{"twice", `{}`, `{"uniqueItems": true}`, "constraint-added", "", `[1, 1]`},
	{"not twice", `{"uniqueItems": true}`, `{}`, "constraint-relaxed", `[1, 1]`, ""},
	{"items", `{"items": {"type": "string"}}`, `{"items": {"type": ["string", "null"]}}`, "type-widened []", `[null]`, ""},
	{"items come", `{}`, `{"items": {"type": "string"}}`, "type-narrowed []", "", `[1]`},
	{"field comes", `{}`, `{"properties": {"a": {"type": "string"}}}`, "field-added a", "", ""},
	{"required comes", `{"properties": {"a": {}}}`, `{"properties": {"a": {}}, "required": ["a"]}`, "required-added a", "", `{}`},
	{"required goes", `{"properties": {"a": {}}, "required": ["a"]}`, `{"properties": {"a": {}}}`, "required-dropped a", `{}`, ""},
	{"required moves", `{"required": ["a", "b"]}`, `{"required": ["b", "a"]}`, "", "", ""},
	{"fields move", `{"properties": {"a": {}, "b": {"type": "string"}}}`, `{"properties": {"b": {"type": "string"}, "a": {}}}`, "", "", ""},
	{"below", `{"properties": {"a": {"items": {"properties": {"b": {"type": "integer"}}}}}}`,
		`{"properties": {"a": {"items": {"properties": {"b": {"type": "number"}}}}}}`, "type-widened a[].b", `{"a": [{"b": 0.5}]}`, ""},
	{"map", `{"additionalProperties": {"type": "integer"}}`, `{"additionalProperties": {"type": "number"}}`, "type-widened *", `{"x": 0.5}`, ""},
	{"opens", `{"additionalProperties": false}`, `{}`, "type-widened *", `{"x": 1}`, ""},
	{"closed field", `{"additionalProperties": false}`, `{"additionalProperties": false, "properties": {"a": {"type": "string"}}}`, "field-added a, type-widened a", `{"a": "x"}`, ""},
	{"nullable reference", `{"definitions": {"d": {"type": "integer"}}, "properties": {"a": {"$ref": "#/components/schemas/s/definitions/d"}}}`,
		`{"definitions": {"d": {"type": "integer"}}, "properties": {"a": {"anyOf": [{"$ref": "#/components/schemas/s/definitions/d"}, {"type": "null"}]}}}`,
		"type-widened a", `{"a": null}`, ""},
	{"choice goes", `{"anyOf": [{"type": "string"}, {"type": "null"}]}`, `{"anyOf": [{"type": "null"}]}`, "type-narrowed", "", `"a"`},
	{"choices move", `{"anyOf": [{"type": "string"}, {"type": "null"}]}`, `{"anyOf": [{"type": "null"}, {"type": "string"}]}`, "", "", ""},
	{"choice", `{"anyOf": [{"type": "string", "maxLength": 1}, {"type": "null"}]}`, `{"anyOf": [{"type": "null"}, {"type": "string"}]}`, "constraint-relaxed", `"ab"`, ""},
	{"choice beside", `{"type": "string"}`, `{"type": "string", "anyOf": [{"minLength": 2}]}`, "constraint-added", "", `"a"`},
	{"no choice beside", `{"type": "string", "anyOf": [{"minLength": 2}]}`, `{"type": "string"}`, "constraint-relaxed", `"a"`, ""},
	{"all of", `{"allOf": [{"maxLength": 1}]}`, `{"allOf": [{"maxLength": 2}]}`, "constraint-relaxed", `"ab"`, ""},
	{"not", `{"not": {"type": "string"}}`, `{"not": {"type": "null"}}`, "unclear", `"a"`, `null`},
	{"one of", `{"oneOf": [{"type": "string"}]}`, `{"oneOf": [{"type": "null"}]}`, "type-changed", `null`, `"a"`},
	{"one of several", `{"oneOf": [{"minimum": 1}, {"maximum": 2}]}`, `{"oneOf": [{"minimum": 5}, {"maximum": 6}]}`, "unclear", `1.5`, `5.5`},
	{"all of, moved", `{"allOf": [{"maxLength": 1}, {"pattern": "a"}]}`, `{"allOf": [{"pattern": "a"}, {"maxLength": 1}]}`, "", "", ""},
	{"all of, joined", `{"allOf": [{"maxLength": 1}, {"type": "string"}]}`, `{"type": "string", "maxLength": 1}`, "", "", ""},
	{"all of, described", `{"properties": {"n": {"$ref": "#/components/schemas/s"}}}`, `{"properties": {"n": {"description": "the next one", "allOf": [{"$ref": "#/components/schemas/s"}]}}}`, "", "", ""},
	{"all of, one more", `{"allOf": [{"type": "string"}]}`, `{"allOf": [{"type": "string"}, {"pattern": "a"}]}`, "constraint-added", "", `"b"`},
	{"all of, one less", `{"allOf": [{"type": "string"}, {"minLength": 1}]}`, `{"allOf": [{"type": "string"}]}`, "constraint-relaxed", `""`, ""},
	{"all of, elsewhere", `{"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {"type": "string"}}}]}`,
		`{"allOf": [{"properties": {"a": {}, "b": {"type": "integer"}}}, {}]}`, "type-changed b", `{"b": 1}`, `{"b": "x"}`},
	{"all of, patterns", `{"allOf": [{"pattern": "a"}, {"pattern": "b"}]}`, `{"allOf": [{"pattern": "b"}, {"pattern": "a"}]}`, "", "", ""},
	{"all of, other patterns", `{"allOf": [{"pattern": "a"}, {"pattern": "b"}]}`, `{"allOf": [{"pattern": "a"}, {"pattern": "c"}]}`, "unclear", `"ac"`, `"ab"`},
	{"all of, closed", `{"allOf": [{"properties": {"a": {}}, "additionalProperties": {"type": "string"}}, {"properties": {"b": {"maxLength": 1}}}]}`,
		`{"properties": {"a": {}, "b": {"type": "string", "maxLength": 1}}, "additionalProperties": {"type": "string"}}`, "", "", ""},
	{"all of itself", `{"properties": {"n": {"allOf": [{"$ref": "#/components/schemas/s"}, {"properties": {"v": {"type": "string"}}}]}}}`,
		`{"properties": {"n": {"allOf": [{"properties": {"v": {"type": "string"}}}, {"$ref": "#/components/schemas/s"}]}}}`, "", "", ""},
	{"beside a reference", `{"definitions": {"d": {"type": "string"}}, "$ref": "#/components/schemas/s/definitions/d", "minLength": 1}`, `{"type": "string", "minLength": 1}`, "", "", ""},
	{"a type or null", `{"oneOf": [{"type": "string"}, {"type": "null"}]}`, `{"anyOf": [{"type": "null"}, {"type": "string"}]}`, "", "", ""},
	{"kinds move", oneOf(cat, dog), oneOf(dog, cat), "", "", ""},
	{"a kind comes", oneOf(cat), oneOf(dog, cat), "type-widened", `{"kind": "dog"}`, ""},
	{"a kind goes", oneOf(dog, cat), oneOf(cat), "type-narrowed", "", `{"kind": "dog"}`},
	{"a kind changes", oneOf(dog, cat), oneOf(strings.Replace(cat, "string", "integer", 1), dog), "type-changed name", `{"kind": "cat", "name": 1}`, `{"kind": "cat", "name": "Tom"}`},
	{"a choice within another one", `{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, `{"anyOf": [{"type": "integer", "minimum": 0}, {"type": "integer"}, {"type": "string"}]}`, "", "", ""},
	{"a choice that covers two", `{"anyOf": [{"type": "integer", "minimum": 5}, {"type": "integer", "maximum": 2}, {"type": "string"}]}`,
		`{"anyOf": [{"type": "string"}, {"type": "integer"}]}`, "constraint-relaxed, type-narrowed", `3`, ""},
	{"kinds of themselves", oneOf(tree(`{"$ref": "#/components/schemas/s"}, {"type": "null"}`), dog), oneOf(dog, tree(`{"type": "null"}, {"$ref": "#/components/schemas/s"}`)), "", "", ""},
	{"a kind by default", oneOf(cat, strings.Replace(dog, `, "required": ["kind"]`, "", 1)), oneOf(strings.Replace(dog, `, "required": ["kind"]`, "", 1)), "type-narrowed", "", `{"kind": "cat"}`},
	{"kinds that are none", oneOf(`{"properties": {"a": {"const": 1}}}`, `{"properties": {"a": {"const": 2}}}`), oneOf(`{"properties": {"a": {"const": 1}}}`, `{"properties": {"a": {"const": 3}}}`),
		"unclear", `{"a": 3}`, `{"a": 2}`},
	{"described beside", `{"properties": {"a": {"type": "string"}}, "anyOf": [{"minProperties": 1}, {"properties": {"a": {"maxLength": 1}}}]}`,
		`{"properties": {"a": {"type": "string"}}, "anyOf": [{"minProperties": 2}, {"properties": {"a": {"maxLength": 1}}}]}`, "constraint-added", "", `{"a": "long"}`},
	{"required alone", `{"required": ["a"]}`, `{"required": ["a"], "properties": {"a": {"type": "string"}}}`, "field-added a", "", `{"a": 1}`},
	{"additional of the other", `{"allOf": [{"properties": {"a": {}}}, {"additionalProperties": {"type": "string"}}]}`, `{"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}}`, "", "", ""},
	{"items of the other", `{"allOf": [{"minItems": 1}, {"items": {"type": "string"}, "uniqueItems": true}]}`, `{"minItems": 1, "items": {"type": "string"}, "uniqueItems": true}`, "", "", ""},
	{"patterns of the other", `{"allOf": [{"properties": {"a": {}}}, {"patternProperties": {"^b": {"type": "string"}}}]}`,
		`{"allOf": [{"properties": {"a": {}}}, {"patternProperties": {"^b": {"type": "integer"}}}]}`, "unclear", `{"b": 1}`, `{"b": "x"}`},
	{"finer steps of the other", `{"allOf": [{"multipleOf": 4}, {"multipleOf": 2}]}`, `{"multipleOf": 4}`, "", "", ""},
	{"odd steps of both", `{"allOf": [{"multipleOf": 4}, {"multipleOf": 6}]}`, `{"allOf": [{"multipleOf": 6}, {"multipleOf": 4}]}`, "", "", ""},
	{"never both", `{"allOf": [{"type": "string"}, {"type": "integer"}]}`, `{"type": "string"}`, "type-widened", `"a"`, ""},
	{"values of both", `{"allOf": [{"enum": [1, 2, 3]}, {"enum": [2.0, 3, 4]}]}`, `{"enum": [3, 2]}`, "", "", ""},
	{"limits of both", `{"allOf": [{"minimum": 1, "maxItems": 3}, {"minimum": 2, "exclusiveMaximum": 5, "maxItems": 2}]}`, `{"minimum": 2, "exclusiveMaximum": 5, "maxItems": 2}`, "", "", ""},
	{"steps of both", `{"allOf": [{"multipleOf": 2}, {"multipleOf": 4}]}`, `{"multipleOf": 4}`, "", "", ""},
	{"required of both", `{"allOf": [{"required": ["a"]}, {"required": ["b", "a"]}]}`, `{"required": ["b", "a"]}`, "", "", ""},
	{"of itself", `{"properties": {"v": {"type": "string"}, "n": {"$ref": "#/components/schemas/s"}}}`,
		`{"properties": {"n": {"$ref": "#/components/schemas/s"}, "v": {"type": ["string", "null"]}}}`, "type-widened v", `{"n": {"v": null}}`, ""},
}

const (
	cat = `{"type": "object", "properties": {"kind": {"const": "cat"}, "name": {"type": "string"}}, "required": ["kind"]}`
	dog = `{"type": "object", "properties": {"kind": {"const": "dog"}, "loud": {"type": "boolean"}}, "required": ["kind"]}`
)

// tree is a kind whose members are kinds, the one that tells it apart included.
func tree(below string) string {
	return `{"type": "object", "properties": {"kind": {"const": "tree", "oneOf": [` + below + `, {"const": "tree"}]}, "below": {"oneOf": [` + below + `]}}, "required": ["kind"]}`
}

func oneOf(kinds ...string) string { return `{"oneOf": [` + strings.Join(kinds, ", ") + `]}` }

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rules, breaksConsumers := found(t, "send", tt.older, tt.newer)
			if got := strings.Join(rules, ", "); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
			_, breaksSenders := found(t, "receive", tt.older, tt.newer)
			if breaksConsumers != (tt.onlyNewer != "") {
				t.Errorf("breaks consumers: %v", breaksConsumers)
			}
			if breaksSenders != (tt.onlyOlder != "") {
				t.Errorf("breaks senders: %v", breaksSenders)
			}
			older, newer := schema(t, tt.older), schema(t, tt.newer)
			witness(t, tt.onlyNewer, newer, older)
			witness(t, tt.onlyOlder, older, newer)
		})
	}
}

// witness is a payload that shows what breaks.
func witness(t *testing.T, payload string, writer, reader *jsonschema.Schema) {
	t.Helper()
	if payload == "" {
		return
	}
	if problems, err := writer.CheckJSON([]byte(payload)); err != nil || problems != nil {
		t.Errorf("%s is not written: %v %v", payload, problems, err)
	}
	if problems, err := reader.CheckJSON([]byte(payload)); err != nil || problems == nil {
		t.Errorf("%s is read after all: %v", payload, err)
	}
}

// schema links as the document does.
func schema(t testing.TB, text string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.Parse([]byte(strings.ReplaceAll(text, "#/components/schemas/s", "#")))
	if err == nil {
		err = s.LinkSelf()
	}
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return s
}

// A field that goes breaks consumers though the schema still allows its absence.
func TestFieldRemoved(t *testing.T) {
	t.Parallel()
	const older, newer = `{"properties": {"a": {"type": "string"}}}`, `{}`
	if rules, breaking := found(t, "send", older, newer); !breaking || !slices.Equal(rules, []string{"field-removed a"}) {
		t.Errorf("sent: %q, %v", rules, breaking)
	}
	if rules, breaking := found(t, "receive", older, newer); breaking || !slices.Equal(rules, []string{"field-removed a"}) {
		t.Errorf("received: %q, %v", rules, breaking)
	}
	if _, breaking := found(t, "receive", older, `{"additionalProperties": false}`); !breaking {
		t.Error("a closed object refuses the field")
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	with, without := document("send", "{}"), []byte(`{"asyncapi": "3.1.0"}`)
	check := func(older, newer []byte, want string) {
		t.Helper()
		var got []string
		for _, c := range contract.Compare(parse(t, older), parse(t, newer)) {
			got = append(got, c.String())
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), want)
		}
	}
	check(without, with, "compatible send things thing.made: is new [event-added]")
	check(with, without, "BREAKING   send things thing.made: is gone [event-removed]")
	check(document("receive", "{}"), without, "compatible receive things thing.made: is gone [event-removed]")
	check(with, bytes.Replace(with, []byte(`"thing.made", "payload"`), []byte(`"thing.made", "deprecated": true, "payload"`), 1),
		"compatible send things thing.made: is deprecated [event-deprecated]")
	check(with, bytes.Replace(with, []byte("application/json"), []byte("application/avro"), 1),
		"BREAKING   send things thing.made: was application/json, is application/avro [content-type]")
	check(with, bytes.Replace(with, []byte(`"name": "things"`), []byte(`"name": "stuff"`), 1),
		"compatible send stuff thing.made: is new [event-added]\nBREAKING   send things thing.made: is gone [event-removed]")
}

// The documentation lists the rules as they are.
func TestRulesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/event-changes.md")
	if err != nil {
		t.Fatal(err)
	}
	verdict := map[bool]string{true: "**breaking**", false: "compatible"}
	lines := 0
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| `") {
			lines++
		}
	}
	if lines != len(contract.Rules()) {
		t.Errorf("%d rules are documented, there are %d", lines, len(contract.Rules()))
	}
	for _, r := range contract.Rules() {
		line := fmt.Sprintf("| `%s` | %s | %s | %s |", r.ID, verdict[r.BreaksSent], verdict[r.BreaksReceived], r.Reason)
		if !strings.Contains(string(text), line) {
			t.Errorf("docs/event-changes.md lacks\n%s", line)
		}
	}
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"asyncapi: 3.0.0": "the document is no JSON",
		"{}":              "this is no AsyncAPI document", `[]`: `this is no AsyncAPI document`,
		`{"asyncapi": "2.6.0"}`: `of version "2.6.0"`,
		`{"asyncapi": "3.0.0", "operations": {"o": {"action": "shout"}}}`:                                     `operation "o": action is "shout"`,
		`{"asyncapi": "3.0.0", "operations": {"o": {"action": "send", "channel": {"$ref": "#/channels/x"}}}}`: `$ref "#/channels/x" leads nowhere`,
		`{"asyncapi": "3.0.0", "operations": {"o": {"$ref": "other.json#/x"}}}`:                               `leads out of the document`,
		`{"asyncapi": "3.0.0", "operations": {"o": {"$ref": "#/operations/o"}}}`:                              `leads back to itself`,
		string(document("send", `{"type": "thing"}`)):                                                         `payload of "thing.made": #/components/schemas/s: type: "thing" is no type`,
		string(document("send", `{"items": {"$ref": "#/nowhere"}}`)):                                          `$ref "#/nowhere" leads nowhere`,
		string(document("send", `{"$ref": "#/components/schemas/s"}`)):                                        `leads back to itself`,
	} {
		if _, err := contract.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestChangeAsJSON(t *testing.T) {
	t.Parallel()
	changes := contract.Compare(parse(t, document("send", "{}")), parse(t, document("send", `{"type": "string"}`)))
	text, err := json.Marshal(changes)
	const want = `[{"rule":"type-narrowed","breaking":false,"action":"send","channel":"things","event":"thing.made","text":"was anything, is only string"}]`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
}
