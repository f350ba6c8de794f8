package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
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
	f.Add([]byte(around{action: "receive", operation: answered, message: useTrait + ", " + withID, components: traits, channel: `"parameters": {"id": {"enum": ["a"]}}`}.String()))
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
		text := payload(r, 0, writer)
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
		return fmt.Sprintf(`{%q:[%s,%s]}`, pick(r, "anyOf", "allOf", "oneOf"), randomSchema(r, depth-1), randomSchema(r, depth-1))
	case n == 10 && depth > 0:
		return combination(r, depth)
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

// combination writes schemas that hold at once, kinds that a constant tells apart, and conditions.
func combination(r *rand.Rand, depth int) string {
	switch r.IntN(6) {
	case 0:
		return fmt.Sprintf(`{"allOf":[%s,%s,%s]}`, randomObject(r, depth), randomObject(r, depth), pick(r, "{}", randomObject(r, depth)))
	case 1:
		kind := func(name string) string {
			return strings.Replace(strings.Replace(randomObject(r, depth), `"properties":{`, `"properties":{"kind":{"const":"`+name+`"},`, 1), `},}`, `}}`, 1)
		}
		text := fmt.Sprintf(`{%q:[%s,%s]}`, pick(r, "oneOf", "anyOf"), kind("cat"), kind("dog"))
		return strings.ReplaceAll(strings.ReplaceAll(text, `,}`, `}`), `"properties":{`, `"required":["kind"],"properties":{`)
	case 2:
		return fmt.Sprintf(`{"$ref":"#/components/schemas/s","properties":{"b":%s}}`, randomSchema(r, depth-1))
	case 3:
		return fmt.Sprintf(`{"type":"object","properties":{"a":%s},"anyOf":[%s,%s]}`, randomSchema(r, depth-1), randomObject(r, depth-1), randomObject(r, depth-1))
	case 4:
		return fmt.Sprintf(`{"if":%s,"then":%s,"not":%s}`, randomSchema(r, 0), randomSchema(r, depth-1), pick(r, `{"type":"null"}`, "false"))
	}
	return fmt.Sprintf(`{"type":"array","items":%s,%s}`, randomSchema(r, depth-1), pick(r, `"uniqueItems":true`, `"contains":{"const":1}`, `"minItems":1`))
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
	if r.IntN(12) == 0 {
		text += `,"patternProperties":{"^a":` + pick(r, `{"type":"integer"}`, "true") + `}`
	}
	if r.IntN(4) == 0 {
		text += `,"additionalProperties":` + pick(r, "false", `{"type":"integer"}`, `{"type":["integer","string"]}`, "true")
	}
	if r.IntN(8) == 0 {
		text += pick(r, `,"minProperties":1`, `,"maxProperties":2`)
	}
	return text + "}"
}

// reordered swaps two schemas of a choice.
func reordered(r *rand.Rand, text string) string {
	var value map[string]any
	if json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(v[name])
			}
		case []any:
			r.Shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
			for _, item := range v {
				walk(item)
			}
		}
	}
	walk(value)
	moved, err := json.Marshal(value)
	if err != nil {
		return text
	}
	return string(moved)
}

// mutated changes one thing of a schema, or all.
func mutated(r *rand.Rand, text string) string {
	if r.IntN(4) == 0 {
		if moved := reordered(r, text); moved != text {
			return moved
		}
	}
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

// payload writes a value that a sender with the schemas may send: fields that are described, and others only where a
// schema speaks of them. The schemas hold at once, as those of allOf do.
func payload(r *rand.Rand, depth int, schemas ...*jsonschema.Schema) []byte {
	all := parts(r, nil, schemas)
	types := uint8(255)
	for _, s := range all {
		switch {
		case len(s.Enum) > 0:
			return pick(r, s.Enum...)
		case s.Const != nil:
			return s.Const
		}
		if t := s.Types; t != 0 {
			if t.Has(jsonschema.Number) {
				t |= jsonschema.Integer
			}
			types &= uint8(t)
		}
	}
	names := jsonschema.Types(types & 127).Names()
	if types == 255 {
		names = []string{"string", "integer", "number", "null", "boolean", "object"}
	}
	if len(names) == 0 {
		return []byte("null")
	}
	switch pick(r, names...) {
	case "object":
		return object(r, depth, all)
	case "array":
		return items(r, depth, all)
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

// parts are the schemas that a value has to match, with one of each choice.
func parts(r *rand.Rand, all, schemas []*jsonschema.Schema) []*jsonschema.Schema {
	for _, s := range schemas {
		all = append(all, s)
		if s.Target != nil {
			all = parts(r, all, []*jsonschema.Schema{s.Target})
		}
		all = parts(r, all, s.AllOf)
		for _, choices := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
			if len(choices) > 0 {
				all = parts(r, all, []*jsonschema.Schema{pick(r, choices...)})
			}
		}
	}
	return all
}

func object(r *rand.Rand, depth int, all []*jsonschema.Schema) []byte {
	text := []byte{'{'}
	for _, name := range append(names, "d", "kind") {
		var described, others []*jsonschema.Schema
		required := false
		for _, s := range all {
			required = required || slices.Contains(s.Required, name)
			if p, found := s.Property(name); found {
				described = append(described, p)
			} else if s.AdditionalProperties != nil && !s.AdditionalProperties.Never {
				others = append(others, s.AdditionalProperties)
			}
		}
		if len(described)+len(others) == 0 || depth > 5 || !required && (described == nil && r.IntN(2) == 0 || r.IntN(4) == 0) {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(strconv.AppendQuote(text, name), ':')
		text = append(text, payload(r, depth+1, append(described, others...)...)...)
	}
	return append(text, '}')
}

func items(r *rand.Rand, depth int, all []*jsonschema.Schema) []byte {
	var described []*jsonschema.Schema
	for _, s := range all {
		if s.Items != nil {
			described = append(described, s.Items)
		}
	}
	text := []byte{'['}
	for i := range r.IntN(3) {
		if depth > 5 {
			break
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, payload(r, depth+1, described...)...)
	}
	return append(text, ']')
}
