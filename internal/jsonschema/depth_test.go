package jsonschema

import (
	"encoding/json"
	"strings"
	"testing"
)

// A wrong leaf of a deep tree is found in the time that the way to it takes: twice the time for each level would not end.
func TestDeepValues(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{
		`{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}}}`,
		`{"type":"object","properties":{"next":{"oneOf":[{"$ref":"#"},{"type":"null"}]}}}`,
		`{"type":"object","properties":{"next":{"allOf":[{"$ref":"#"}]}}}`,
	} {
		s, err := understand(json.RawMessage(schema))
		if err != nil {
			t.Fatal(err)
		}
		const depth = 1000
		problems, err := s.CheckJSON([]byte(strings.Repeat(`{"next":`, depth) + "7" + strings.Repeat("}", depth)))
		if err != nil || len(problems) != 1 || !strings.HasSuffix(problems[0].Text, "object") && !strings.HasSuffix(problems[0].Text, "none of the alternatives") ||
			strings.Count(problems[0].Path, "next") != depth {
			t.Errorf("%s: %d problems, %.60s, %v", schema, len(problems), problems, err)
		}
		problems, err = s.CheckJSON([]byte(strings.Repeat(`{"next":`, 9000) + "7" + strings.Repeat("}", 9000)))
		if err != nil || len(problems) != 1 {
			t.Errorf("%s: %d problems, %v", schema, len(problems), err)
		}
	}
}

// What a deep value has unevaluated is found in good time: each level asks its schemas once.
func TestUnevaluatedInDeepValues(t *testing.T) {
	t.Parallel()
	for _, keyword := range []string{"allOf", "anyOf"} {
		s, err := ParseLatest(json.RawMessage(`{"` + keyword + `": [{"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}, "n": true}}], "unevaluatedProperties": false}`))
		if err == nil {
			err = s.LinkSelf()
		}
		if err != nil {
			t.Fatal(err)
		}
		const depth = 100
		text := strings.Repeat(`{"n":1,"b":{},"a":`, depth) + `{"LEAF":1}` + strings.Repeat("}", depth)
		if problems, err := s.CheckJSON([]byte(text)); err != nil || len(problems) == 0 {
			t.Errorf("%s: %v, %v", keyword, problems, err)
		}
		if problems, err := s.CheckJSON([]byte(strings.Replace(text, "LEAF", "n", 1))); err != nil || len(problems) != 0 {
			t.Errorf("%s: %v, %v", keyword, problems, err)
		}
	}
}
