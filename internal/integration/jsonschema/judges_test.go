// Package jsonschema_test compares internal/jsonschema with a validator that knows nothing of it.
package jsonschema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	judge "github.com/santhosh-tekuri/jsonschema/v6"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

var drafts = map[string]*judge.Draft{"draft-07": judge.Draft7, "2020-12": judge.Draft2020}

// official compiles a schema for the validator from outside.
func official(draft *judge.Draft, schema []byte) (*judge.Schema, error) {
	value, err := judge.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, err
	}
	c := judge.NewCompiler()
	c.DefaultDraft(draft)
	c.AssertFormat()
	if err := c.AddResource("schema.json", value); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

func understand(schema []byte) (*jsonschema.Schema, error) {
	s, err := jsonschema.Parse(schema)
	if err == nil {
		err = s.LinkSelf()
	}
	if err == nil {
		err = s.Understood()
	}
	return s, err
}

// agree lets all judges look at values. The schema is also written and read again.
func agree(t *testing.T, schema []byte, values ...[]byte) {
	t.Helper()
	ours, err := understand(schema)
	if err != nil {
		t.Fatalf("%v: %s", err, schema)
	}
	theirs := map[string]*judge.Schema{}
	for name, draft := range drafts {
		for _, text := range [][]byte{schema, ours.Append(nil, "#")} {
			if theirs[name+" of "+string(text)], err = official(draft, text); err != nil {
				t.Fatalf("%s: %v: %s", name, err, text)
			}
		}
	}
	for _, value := range values {
		problems, err := ours.CheckJSON(value)
		if err != nil {
			t.Fatalf("%v: %s", err, value)
		}
		decoded, err := judge.UnmarshalJSON(bytes.NewReader(value))
		if err != nil {
			t.Fatal(err)
		}
		for name, other := range theirs {
			if err := other.Validate(decoded); (err == nil) != (len(problems) == 0) {
				t.Fatalf("%s\n%s\nours: %v\ntheirs: %v", name, value, problems, err)
			}
		}
	}
}

// Every keyword, with values on both sides of what it says.
func TestKeywordByKeyword(t *testing.T) {
	t.Parallel()
	for schema, values := range map[string][]string{
		`{"type": "integer"}`:                                         {`1`, `1.0`, `1e2`, `1.5`, `"1"`, `null`, `-0`, `1e-2`, `100e-2`},
		`{"type": ["number", "null"]}`:                                {`1.5`, `null`, `true`},
		`{"enum": [1, "a", null, [1, {"a": 2}]]}`:                     {`1.0`, `"a"`, `null`, `[1.0, {"a": 2e0}]`, `[]`, `false`, `"1"`},
		`{"const": {"a": [1, 2], "b": 3}}`:                            {`{"b": 3, "a": [1, 2]}`, `{"a": [2, 1], "b": 3}`, `{"a": [1, 2]}`},
		`{"minLength": 2, "maxLength": 3}`:                            {`"ä"`, `"äö"`, `"\ud83d\ude00a"`, `"abcd"`, `1`},
		`{"pattern": "^a+$"}`:                                         {`"aa"`, `"ba"`, `""`, `7`},
		`{"pattern": "b"}`:                                            {`"abc"`, `"ac"`},
		`{"minimum": 1.5, "maximum": 2}`:                              {`1.5`, `1.4999999999999999999`, `2`, `2.0000000000000000001`, `"0"`},
		`{"exclusiveMinimum": 1, "exclusiveMaximum": 2}`:              {`1`, `1.5`, `2`},
		`{"multipleOf": 0.1}`:                                         {`0.3`, `0.35`, `1e30`, `0`, `-0.7`},
		`{"multipleOf": 7}`:                                           {`21`, `22`, `9007199254740993`, `7.0`},
		`{"items": {"type": "string"}, "minItems": 1, "maxItems": 2}`: {`[]`, `["a"]`, `["a", 1]`, `["a", "b", "c"]`, `{}`},
		`{"contains": {"minimum": 5}}`:                                {`[]`, `[1, 5]`, `[4]`, `5`},
		`{"uniqueItems": true}`:                                       {`[1, 1.0]`, `[1, true]`, `[{"a": 1, "b": 2}, {"b": 2, "a": 1}]`, `["1", 1]`, `[[], []]`, `[0, -0]`, `[null, null]`},
		`{"properties": {"a": {"type": "string"}, "b": false}}`:       {`{"a": "x"}`, `{"a": 1}`, `{"b": 1}`, `{"c": 1}`, `[]`},
		`{"patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": {"type": "string"}}`: {`{"x1": 1}`, `{"x1": "a"}`, `{"y": 1}`, `{"y": "a"}`},
		`{"properties": {"a": true}, "additionalProperties": false}`:                                     {`{"a": 1}`, `{"b": 1}`, `{}`},
		`{"propertyNames": {"maxLength": 1}}`:                                                            {`{"a": 1}`, `{"ab": 1}`, `{}`},
		`{"required": ["a", "b"]}`:                                                                       {`{"a": 1}`, `{"a": null, "b": 1}`, `[]`},
		`{"minProperties": 1, "maxProperties": 2}`:                                                       {`{}`, `{"a": 1}`, `{"a": 1, "b": 1, "c": 1}`},
		`{"allOf": [{"minimum": 1}, {"maximum": 2}]}`:                                                    {`0`, `1`, `3`},
		`{"anyOf": [{"minimum": 5}, {"type": "string"}]}`:                                                {`0`, `6`, `"a"`},
		`{"oneOf": [{"minimum": 5}, {"maximum": 6}]}`:                                                    {`0`, `5.5`, `7`},
		`{"not": {"type": "string"}}`:                                                                    {`"a"`, `1`},
		`{"if": {"minimum": 5}, "then": {"multipleOf": 2}, "else": {"multipleOf": 3}}`:                   {`6`, `7`, `3`, `4`},
		`{"then": false, "else": false}`:                                                                 {`1`},
		`{"if": {"minimum": 5}}`:                                                                         {`1`, `6`},
		`{"$ref": "#/definitions/n", "definitions": {"n": {"properties": {"next": {"$ref": "#"}, "v": {"type": "integer"}}}}}`: {`{"next": {"next": {"v": 1}}}`, `{"next": {"next": {"v": "1"}}}`, `7`},
		`{"definitions": {"a~/%b": {"type": "null"}}, "properties": {"x": {"$ref": "#/definitions/a~0~1%25b"}}}`:               {`{"x": null}`, `{"x": 1}`},
		`true`:  {`1`, `null`},
		`false`: {`1`, `null`},
		`{"deprecated": true, "title": "t", "description": "d", "default": 1, "examples": [1], "$comment": "c", "x-own": 1, "readOnly": true}`: {`"a"`},
		`{"contentEncoding": "base64", "contentMediaType": "application/json"}`:                                                                {`"%"`, `"aGk="`},
	} {
		for _, value := range values {
			agree(t, []byte(schema), []byte(value))
		}
	}
}

var formats = []string{"date-time", "date", "uuid", "ipv4", "ipv6"}

func FuzzFormats(f *testing.F) {
	for i, texts := range [][]string{
		{"2026-01-31T09:30:00Z", "2026-01-31t09:30:00.5z", "2026-01-31T09:30:00+05:30", "2026-01-31T09:30:00", "2026-01-31T9:30:00Z", "2026-01-31T09:30:00,5Z",
			"2026-02-29T09:30:00Z", "1998-12-31T23:59:60Z", "1998-12-31T23:58:60Z", "2026-01-31T24:00:00Z", "2026-01-31T09:30:00.Z", "2026-01-31T09:30:00+24:00", "2026-01-31T09:30:+0Z", "2026-01-31T09:30:00++1:00", "2026-01-31 09:30:00Z", "T"},
		{"2026-01-31", "2026-1-31", "2024-02-29", "2026-02-29", "0000-01-01", "2026-13-01", ""},
		{"6f1c3b52-8f0e-4c8a-9d53-0a4e2f6b7c11", "6F1C3B52-8F0E-4C8A-9D53-0A4E2F6B7C11", "6f1c3b528f0e4c8a9d530a4e2f6b7c11", "6f1c3b52-8f0e-4c8a-9d53-0a4e2f6b7c1", "{6f1c3b52-8f0e-4c8a-9d53-0a4e2f6b7c1}"},
		{"192.0.2.1", "192.0.2.01", "192.0.2", "::1", "256.1.1.1", "1.2.3.4.5", "1.2.3.+4", "1.2.3.-0"},
		{"2001:db8::1", "::", "::ffff:192.0.2.1", "fe80::1%eth0", "1::2::3", "192.0.2.1", "12345::"},
	} {
		for _, text := range texts {
			f.Add(uint(i), text)
		}
	}
	f.Fuzz(func(t *testing.T, i uint, text string) {
		value, err := json.Marshal(text)
		if err != nil {
			t.Skip(err)
		}
		format := formats[i%uint(len(formats))]
		if format == "date-time" && strings.Contains(text, ":60") {
			t.Skip() // leap seconds: the other judge knows when they may be
		}
		schema := fmt.Appendf(nil, `{"format": %q}`, format)
		if format == "date-time" && strayTimeSign.MatchString(text) || format == "ipv4" && strings.ContainsAny(text, "+-") {
			ours, err := understand(schema)
			if err != nil {
				t.Fatal(err)
			}
			if problems, err := ours.CheckJSON(value); err != nil || len(problems) == 0 {
				t.Errorf("%s is taken for a %s: %v", value, format, err)
			}
			return
		}
		agree(t, schema, value)
	})
}

// strayTimeSign is a sign where a digit has to be. The other judge reads numbers with their signs there, as in an IPv4 address.
var strayTimeSign = regexp.MustCompile(`[Tt:+-][+-]`)

// Random schemas of all keywords, and values that are likely to matter to them.
func FuzzRandomSchemas(f *testing.F) {
	for seed := range uint64(300) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 3))
		schema := fmt.Appendf(nil, `{"allOf": [%s], "definitions": {"d": {"anyOf": [{"type": "null"}, {"properties": {"a": %s, "b": {"$ref": "#"}}}]}}}`, randomSchema(r, 3), randomSchema(r, 1))
		if ours, err := understand(schema); err != nil || ours == nil {
			if strings.Contains(err.Error(), "leads back to itself") {
				return
			}
			t.Fatalf("%v: %s", err, schema)
		}
		values := make([][]byte, 12)
		for i := range values {
			values[i] = randomValue(r, 4)
		}
		agree(t, schema, values...)
	})
}

// Whatever schema is understood is understood by the other judge, and in the same way.
func FuzzSchemaTexts(f *testing.F) {
	f.Add([]byte(`{"properties":{"a":{"type":["string","null"]}},"required":["a"]}`), []byte(`{"a":1}`))
	f.Add([]byte(`{"anyOf":[{"$ref":"#/definitions/x"}],"definitions":{"x":{"minimum":1e2}}}`), []byte(`99.9`))
	f.Add([]byte(`{"propertyNames":{"pattern":"^[a-z]$"},"uniqueItems":true}`), []byte(`[1,1.0]`))
	f.Add([]byte(`{"if":{"const":1},"then":false,"else":{"not":{"enum":[2]}}}`), []byte(`2`))
	f.Fuzz(func(t *testing.T, schema, value []byte) {
		if len(schema) > 1000 || len(value) > 1000 || !json.Valid(value) || bytes.Contains(schema, []byte("format")) ||
			bytes.Contains(schema, []byte("attern")) || bytes.ContainsAny(schema, `\$`) || longNumber(schema) || longNumber(value) {
			return // dialects of patterns, limits of numbers and references beyond the definitions are not the question here
		}
		if _, err := understand(schema); err != nil || !distinctNames(schema) || !distinctNames(value) {
			return
		}
		if _, err := official(judge.Draft2020, schema); err != nil {
			return // it also checks what is no keyword of both drafts
		}
		if _, err := official(judge.Draft7, schema); err != nil {
			return
		}
		agree(t, schema, value)
	})
}

// longNumber tells whether there may be a number that the one judge reckons with and the other one does not.
func longNumber(text []byte) bool {
	for word := range strings.FieldsFuncSeq(string(text), func(c rune) bool { return !strings.ContainsRune("0123456789.eE+-", c) }) {
		if _, exponent, found := strings.Cut(strings.ToLower(word), "e"); found && len(strings.Trim(exponent, "+-0")) > 2 || len(word) > 60 {
			return true
		}
	}
	return false
}

// distinctNames tells whether decoding and encoding loses nothing: of two members with one name the judges may take either.
func distinctNames(text []byte) bool {
	var compact bytes.Buffer
	var value any
	if json.Compact(&compact, text) != nil || json.Unmarshal(text, &value) != nil {
		return false
	}
	again, err := json.Marshal(value)
	return err == nil && bytes.Count(again, []byte(":")) == bytes.Count(compact.Bytes(), []byte(":"))
}
