package eventview

import (
	"strings"
	"testing"
)

// Whatever schema a codec brings, it is shown or refused.
func FuzzSchema(f *testing.F) {
	for _, seed := range []string{
		`true`, `{}`, `{"type":["object","null"],"properties":{"a":{"$ref":"#"}},"required":["a"]}`,
		`{"type":"string","minLength":3,"maxLength":2,"pattern":"("}`, `{"type":"array","items":[{"type":"null"}],"minItems":9}`,
		`{"anyOf":[{"$ref":"#/definitions/x"}],"definitions":{"x":{"allOf":[{"$ref":"#/definitions/x"}]}}}`,
		`{"type":"number","minimum":1e300,"multipleOf":1e-300,"enum":[]}`, `{"properties":{"a":true,"a":false},"type":"object"}`,
		`{"type":"string","minLength":2000000000}`, `{"type":"string","maxLength":-1}`, `{"type":"array","minItems":2000000000,"items":true}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		described, err := withDescription(raw, "text")
		if err != nil {
			return
		}
		parsed, resolved, err := understand(described)
		if err != nil {
			return
		}
		rows(parsed)
		example(parsed, resolved)
	})
}

func TestReferences(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{"$ref":"#/definitions/a","definitions":{"a":{"type":"null"}}}`:              "",
		`{"properties":{"a":{"$ref":"#"}}}`:                                           "",
		`{"$defs":{"a":{"items":{"$ref":"#/$defs/a"}}},"items":{"$ref":"#/$defs/a"}}`: "",
		`{"$ref":"#"}`: `"#" leads back to itself`,
		`{"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"not":{"anyOf":[{"$ref":"#/definitions/a"}]}}}}`: "leads back to itself",
		`{"definitions":{"a":{"dependentSchemas":{"x":{"if":{"$ref":"#/definitions/a"}}}}}}`:                  "leads back to itself",
		`{"items":{"$ref":"#/definitions/a"}}`:                                                                `"#/definitions/a" leads nowhere`,
		`{"patternProperties":{"a":{"$ref":"https://example.com/"}}}`:                                         "leads nowhere",
		`{"items":{"$dynamicRef":"#a"}}`:                                                                      "draft-07 does not know it",
	} {
		_, _, err := understand([]byte(schema))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", schema, err, want)
		}
	}
}

// An example that the schema would refuse is not shown.
func TestNoFalseExample(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]bool{
		`{"type":"array","items":{"const":1},"minItems":2}`:                    true,
		`{"type":"array","items":{"const":1},"minItems":2,"uniqueItems":true}`: false,
		`{"type":"string","pattern":"^[a-z]{4}$"}`:                             true,
		`{"type":"string","pattern":"^[a-z]{40}$"}`:                            false,
		`{"type":"integer","minimum":10,"maximum":12,"multipleOf":6}`:          true,
		`{"type":"integer","minimum":10,"maximum":11,"multipleOf":6}`:          false,
		`{"type":"string","minLength":9,"maxLength":9}`:                        true,
		`{"type":"object","properties":{"a":false},"required":["a"]}`:          false,
		`{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}`:   false,
	} {
		parsed, resolved, err := understand([]byte(schema))
		if err != nil {
			t.Fatal(err)
		}
		if got := example(parsed, resolved); (got != nil) != want {
			t.Errorf("%s has the example %s", schema, got)
		}
	}
}
