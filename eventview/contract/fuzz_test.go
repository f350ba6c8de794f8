package contract_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// Any document that is understood differs from itself in nothing.
func FuzzSelf(f *testing.F) {
	for _, tt := range cases {
		f.Add(document("send", tt.older))
		f.Add(document("receive", tt.newer))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		one, err := contract.Parse(text)
		if err != nil {
			return
		}
		two, err := contract.Parse(text)
		if err != nil {
			t.Fatalf("understood once only: %v", err)
		}
		if changes := contract.Compare(one, two); len(changes) > 0 {
			t.Errorf("%v", changes)
		}
	})
}

// Where nothing breaks, readers of the one schema understand what writers of the other one send.
func FuzzConsumers(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed, seed/2)
	}
	f.Fuzz(func(t *testing.T, a, b uint64) {
		older := randomSchema(rand.New(rand.NewPCG(1, a)), 3)
		if _, err := contract.Parse(document("send", older)); err != nil {
			return // it refers to itself with no value in between
		}
		newer := older
		r := rand.New(rand.NewPCG(2, b))
		for range r.IntN(3) + 1 {
			newer = mutated(r, newer)
		}
		was, is := schema(t, older), schema(t, newer)
		if _, breaking := found(t, "send", older, newer); !breaking {
			understands(t, r, is, was, older, newer)
		}
		if _, breaking := found(t, "receive", older, newer); !breaking {
			understands(t, r, was, is, older, newer)
		}
	})
}

// understands lets a writer send to a reader.
func understands(t *testing.T, r *rand.Rand, writer, reader *jsonschema.Schema, older, newer string) {
	t.Helper()
	for range 40 {
		text := payload(r, writer, 0)
		if problems, err := writer.CheckJSON(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		} else if problems != nil {
			continue // no payload of this writer
		}
		if problems, _ := reader.CheckJSON(text); problems != nil {
			t.Fatalf("nothing breaks, but %s %v\nolder: %s\nnewer: %s", text, problems, older, newer)
		}
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

var names = []string{"a", "b", "c"}

// randomSchema writes a schema of keywords that mostly fit each other.
func randomSchema(r *rand.Rand, depth int) string {
	switch n := r.IntN(12); {
	case n == 0:
		return pick(r, "{}", "true", "false")
	case n == 1:
		return pick(r, `{"enum":["a","b"]}`, `{"enum":["a","b","c"]}`, `{"enum":[1,null]}`, `{"const":1}`, `{"type":"string","enum":["a","x"]}`)
	case n == 2 && depth < 3:
		return `{"$ref":"#/components/schemas/s"}`
	case n == 3 && depth > 0:
		return fmt.Sprintf(`{%q:[%s,%s]}`, pick(r, "anyOf", "anyOf", "allOf", "oneOf"), randomSchema(r, depth-1), randomSchema(r, depth-1))
	case n == 4 && depth > 0:
		return fmt.Sprintf(`{"type":%s,"items":%s}`, pick(r, `"array"`, `["array","null"]`), randomSchema(r, depth-1))
	case n < 9 && depth > 0:
		return randomObject(r, depth)
	}
	keywords := []string{`"type":` + pick(r, `"string"`, `"integer"`, `"number"`, `"boolean"`, `["string","null"]`, `["integer","null"]`, `["integer","string"]`)}
	for range r.IntN(3) {
		keywords = append(keywords, fmt.Sprintf(`"%s":%d`, pick(r, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"), r.IntN(4)))
	}
	if r.IntN(6) == 0 {
		keywords = append(keywords, pick(r, `"multipleOf":2`, `"multipleOf":3`, `"multipleOf":0.5`, `"pattern":"^a"`, `"pattern":"b$"`, `"format":"date"`))
	}
	return "{" + strings.Join(keywords, ",") + "}"
}

func randomObject(r *rand.Rand, depth int) string {
	var fields []string
	for _, name := range names[:r.IntN(len(names)+1)] {
		fields = append(fields, fmt.Sprintf("%q:%s", name, randomSchema(r, depth-1)))
	}
	text := `{"type":"object","properties":{` + strings.Join(fields, ",") + `}`
	if r.IntN(2) == 0 {
		text += `,"required":["` + pick(r, names...) + `"]`
	}
	if r.IntN(4) == 0 {
		text += `,"additionalProperties":` + pick(r, "false", `{"type":"integer"}`, `{"type":["integer","string"]}`, "true")
	}
	if r.IntN(8) == 0 {
		text += pick(r, `,"minProperties":1`, `,"maxProperties":2`)
	}
	return text + "}"
}

// mutated changes one thing of a schema, or all.
func mutated(r *rand.Rand, text string) string {
	if whole := randomSchema(r, 3); r.IntN(8) == 0 {
		if _, err := contract.Parse(document("send", whole)); err == nil {
			return whole
		}
	}
	for range 20 {
		from := pick(r, `"a"`, `"b"`, `"c"`, `"type":"string"`, `"type":"integer"`, `"type":"number"`, `"minimum"`, `"maximum"`, `:1`, `:2`, `:3`,
			`"enum":["a","b"]`, `,"required":["a"]`, `"additionalProperties":false`, `,"additionalProperties":{"type":"integer"}`, `"anyOf"`, `{"type":"boolean"}`, `"properties":{`)
		to := pick(r, `"a"`, `"b"`, `"c"`, `"type":["string","null"]`, `"type":"number"`, `"type":"integer"`, `"minimum"`, `"exclusiveMaximum"`, `:1`, `:2`, `:0`,
			`"enum":["a","b","c"]`, `,"required":["b"]`, ``, `"additionalProperties":true`, `"allOf"`, `{"type":"string"}`, `"properties":{"d":{"type":"string"},`)
		changed := strings.Replace(text, from, to, 1)
		if _, err := jsonschema.Parse([]byte(changed)); changed != text && err == nil && json.Valid([]byte(changed)) {
			if _, err := contract.Parse(document("send", changed)); err == nil {
				return changed
			}
		}
	}
	return text
}

// payload writes a value that a sender with the schema may send: fields that are described, and others only where the
// schema speaks of them.
func payload(r *rand.Rand, s *jsonschema.Schema, depth int) []byte {
	for s.Target != nil {
		s = s.Target
	}
	for _, choices := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf, s.AllOf} {
		if len(choices) > 0 {
			return payload(r, pick(r, choices...), depth+1)
		}
	}
	if s.Enum != nil {
		return pick(r, s.Enum...)
	}
	if s.Const != nil {
		return s.Const
	}
	types := s.Types.Names()
	if len(types) == 0 {
		types = []string{"string", "integer", "number", "null", "boolean"}
	}
	switch pick(r, types...) {
	case "object":
		return object(r, s, depth)
	case "array":
		return items(r, s, depth)
	case "string":
		return strconv.AppendQuote(nil, pick(r, "", "a", "b", "c", "x", "ab", "abc", "abcd", "bb", "2026-01-31"))
	case "integer":
		return strconv.AppendInt(nil, int64(r.IntN(7)-1), 10)
	case "number":
		return []byte(pick(r, "0", "0.5", "1", "1.5", "2", "2.5", "3", "-1", "6", "0.25"))
	case "boolean":
		return []byte("true")
	}
	return []byte("null")
}

func object(r *rand.Rand, s *jsonschema.Schema, depth int) []byte {
	text := []byte{'{'}
	add := func(name string, value *jsonschema.Schema) {
		if depth > 5 {
			return
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(strconv.AppendQuote(text, name), ':')
		text = append(text, payload(r, value, depth+1)...)
	}
	for _, p := range s.Properties {
		if r.IntN(4) > 0 {
			add(p.Name, p.Schema)
		}
	}
	if s.AdditionalProperties != nil && r.IntN(2) == 0 {
		for _, name := range names {
			if _, declared := s.Property(name); !declared {
				add(name, s.AdditionalProperties)
			}
		}
	}
	return append(text, '}')
}

func items(r *rand.Rand, s *jsonschema.Schema, depth int) []byte {
	item := s.Items
	if item == nil {
		item = new(jsonschema.Schema)
	}
	text := []byte{'['}
	for i := range r.IntN(3) {
		if depth > 5 {
			break
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, payload(r, item, depth+1)...)
	}
	return append(text, ']')
}
