package jsonschema

import (
	"encoding/json"
	"strings"
	"testing"
)

type (
	role    string
	colour  int
	level   int
	decimal struct{ text string }
	nothing string
)

func (role) Values() []role      { return []role{"engineer", "head"} }
func (colour) Values() []colour  { return []colour{0, 1} }
func (level) Values() []level    { return []level{1, 2} }
func (nothing) Values() []string { return nil }

func (c colour) MarshalText() ([]byte, error)  { return []byte([]string{"red", "green"}[c]), nil }
func (d decimal) MarshalText() ([]byte, error) { return []byte("0" + d.text), nil }

// A type that lists its constants is an enum, as they are written.
func TestConstants(t *testing.T) {
	t.Parallel()
	type payload struct {
		Role   role     `json:"role"`
		Maybe  *role    `json:"maybe"`
		Left   *role    `json:"left,omitempty"`
		Colour []colour `json:"colour,omitempty"`
		Level  level    `json:"level" doc:"how far"`
		Pay    decimal  `json:"pay"`
	}
	s, err := new(Reflector).Describe(typeOf(payload{}))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"type":"object","properties":{"role":{"type":"string","enum":["engineer","head"]},` +
		`"maybe":{"type":["string","null"],"enum":["engineer","head",null]},"left":{"type":"string","enum":["engineer","head"]},` +
		`"colour":{"type":"array","items":{"type":"string","enum":["red","green"]}},"level":{"description":"how far","type":"integer","enum":[1,2]},` +
		`"pay":{"type":"string","format":"decimal","examples":["0"]}},"required":["role","maybe","level","pay"]}`
	if got := string(s.Append(nil, "#")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if _, err := new(Reflector).Describe(typeOf(nothing(""))); err == nil || !strings.Contains(err.Error(), "jsonschema.nothing lists nothing") {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for schema, values := range map[string]map[string]string{
		`{"type":["integer","null"],"minimum":0,"exclusiveMaximum":9007199254740993}`: {
			`0`: "", `null`: "", `1e2`: "", `9007199254740992`: "", `9007199254740993`: "is not less than 9007199254740993", `-1`: "is less than 0", `1.5`: "is number, not integer or null",
		},
		`{"type":"object","properties":{"a":{"type":"array","items":{"maxLength":2},"uniqueItems":true}},"required":["a"],"additionalProperties":{"type":"string"}}`: {
			`{"a":["x"],"secret":"y"}`: "", `{}`: "a is missing", `{"a":["x","xyz"]}`: "a[1] has more than 2 characters", `{"a":[1,1.0]}`: "a has an item twice",
			`{"a":[],"secret":7}`: "* is integer or number, not string", `[]`: "is array, not object",
		},
		`{"anyOf":[{"$ref":"#/definitions/n"},{"type":"null"}],"definitions":{"n":{"type":"object","properties":{"next":{"$ref":"#"}}}}}`: {
			`{"next":{"next":null}}`: "", `{"next":{"next":7}}`: "next.next matches none of the alternatives",
		},
		`{"enum":[1,{"a":[null]}],"not":{"const":1}}`: {`{"a":[null]}`: "", `1.0`: "is what it must not be", `2`: `is none of 1, {"a":[null]}`},
		`{"oneOf":[{"minimum":1},{"maximum":2}]}`:     {`0`: "", `1.5`: "matches 2 of the alternatives, not one"},
		`{"if":{"type":"string"},"then":{"format":"date-time"},"else":{"multipleOf":0.1}}`: {
			`"2026-01-31T09:30:00Z"`: "", `"today"`: "is no date-time", `0.3`: "", `0.35`: "is no multiple of 0.1",
		},
		`false`:                                 {`1`: "is not allowed"},
		`{"contains":{"const":1},"minItems":2}`: {`[2,1]`: "", `[1]`: "has fewer than 2 items", `[2,2]`: "has no item like the one that it must contain"},
		`{"propertyNames":{"pattern":"^[0-9]+$"}}`:    {`{"1":1}`: "", `{"secret":1}`: "* has a name that is not allowed"},
		`{"patternProperties":{"^x":false,"y":true}}`: {`{"y":1}`: "", `{"xy":1}`: "* is not allowed"},
	} {
		s, err := Parse(json.RawMessage(schema))
		if err == nil {
			err = s.LinkSelf()
		}
		if err != nil {
			t.Fatal(schema, err)
		}
		for value, want := range values {
			problems, err := s.CheckJSON([]byte(value))
			got := ""
			if len(problems) > 0 {
				got = problems[0].String()
			}
			if got != want || err != nil {
				t.Errorf("%s, %s: %q, want %q (%v)", schema, value, got, want, err)
			}
			for _, p := range problems {
				if strings.Contains(p.String(), "secret") {
					t.Errorf("%s quotes the value", p)
				}
			}
		}
	}
	for _, text := range []string{``, `{`, `1 2`, `nul`} {
		if _, err := new(Schema).CheckJSON([]byte(text)); err == nil {
			t.Errorf("%q is taken for JSON", text)
		}
	}
}

// Whatever schema a codec brings, it is understood or refused, and writing it changes nothing about it.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`true`, `{}`, `{"type":["object","null"],"properties":{"a":{"$ref":"#"}},"required":["a"]}`,
		`{"type":"string","minLength":3,"maxLength":2,"pattern":"a"}`, `{"items":[{"type":"null"}],"minItems":9}`,
		`{"anyOf":[{"$ref":"#/definitions/x"}],"definitions":{"x":{"allOf":[{"$ref":"#/definitions/x"}]}}}`,
		`{"minimum":1e300,"multipleOf":1e-300,"enum":[]}`, `{"properties":{"a":true,"a":false}}`, `{"maxLength":-1}`, ` {"a\u0041" : "\ud800"} `,
	} {
		f.Add([]byte(seed), []byte(`{"a":1}`))
	}
	for _, seed := range []string{
		`{"prefixItems":[{"type":"null"}],"items":false,"contains":{"type":"null"},"minContains":0,"maxContains":1,"unevaluatedItems":{"$ref":"#"}}`,
		`{"dependentRequired":{"a":["b"],"c":[]},"dependentSchemas":{"a":{"properties":{"a":true}}},"unevaluatedProperties":false,"$id":"x"}`,
	} {
		f.Add([]byte(seed), []byte(`{"a":[1,null]}`))
	}
	f.Fuzz(func(t *testing.T, raw, value []byte) {
		writtenAlike(t, Parse, raw, value)
		writtenAlike(t, ParseLatest, raw, value)
	})
}

func writtenAlike(t *testing.T, parse func(json.RawMessage) (*Schema, error), raw, value []byte) {
	t.Helper()
	s, err := parse(raw)
	if err != nil || s.LinkSelf() != nil {
		return
	}
	written := s.Append(nil, "#")
	again, err := parse(written)
	if err != nil {
		t.Fatalf("%s was written as %s: %v", raw, written, err)
	}
	if second := again.Append(nil, "#"); string(second) != string(written) {
		t.Fatalf("%s\nbecame\n%s", written, second)
	}
	if err := again.LinkSelf(); err != nil {
		t.Fatal(err)
	}
	one, _ := s.CheckJSON(value)
	two, _ := again.CheckJSON(value)
	if len(one) != len(two) {
		t.Errorf("%s: %v, but %v after %s was written as %s", value, one, two, raw, written)
	}
}
