package jsonschema_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// two holds one type twice. Written where they are used, thirty levels of it would be a thousand million schemas.
type two[T any] struct {
	A T   `json:"a"`
	B *T  `json:"b,omitempty"`
	C []T `json:"c" doc:"more of them"`
}

type (
	level2  = two[two[two[int]]]
	level4  = two[two[level2]]
	level8  = two[two[two[two[level4]]]]
	level16 = two[two[two[two[two[two[two[two[level8]]]]]]]]
	// knotted contains itself as well.
	knotted struct {
		Next *knotted `json:"next"`
		Deep level16  `json:"deep"`
	}
)

func TestTypesThatDouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		typ     reflect.Type
		right   string
		wrong   string
		problem string
	}{
		"deep": {reflect.TypeFor[level16](), deepest(16, "1"), deepest(16, `"x"`), "is string, not integer"},
		"and a knot": {reflect.TypeFor[knotted](), `{"next": null, "deep": ` + deepest(16, "1") + `}`,
			`{"next": {"next": null, "deep": ` + deepest(16, "null") + `}, "deep": ` + deepest(16, "1") + `}`, "is null, not integer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := new(jsonschema.Reflector).Describe(c.typ)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := s.MarshalJSON()
			if len(text) > 64<<10 || !json.Valid(text) {
				t.Fatalf("the schema takes %d bytes", len(text))
			}
			if problems, err := s.CheckJSON([]byte(c.right)); len(problems) > 0 || err != nil {
				t.Errorf("the right one: %v, %v", problems, err)
			}
			problems, err := s.CheckJSON([]byte(c.wrong))
			if err != nil || len(problems) != 1 || !strings.Contains(fmt.Sprint(problems), c.problem) {
				t.Errorf("the wrong one: %v, %v", problems, err)
			}
			again, err := jsonschema.Parse(text)
			if err == nil {
				err = again.LinkSelf()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// deepest is a value of some levels.
func deepest(levels int, value string) string {
	if levels < 0 {
		return value
	}
	return `{"a": ` + deepest(levels-1, value) + `, "c": []}`
}

// Structs without a name cannot be referred to.
func TestTypesThatDoubleWithoutNames(t *testing.T) {
	t.Parallel()
	typ := reflect.TypeFor[int]()
	for range 17 {
		typ = reflect.StructOf([]reflect.StructField{{Name: "A", Type: typ}, {Name: "B", Type: typ}})
	}
	_, err := new(jsonschema.Reflector).Describe(typ)
	if err == nil || !strings.Contains(err.Error(), "more than 100000 schemas") {
		t.Errorf("got %.200s", fmt.Sprint(err))
	}
}

func TestProblemsAreShort(t *testing.T) {
	t.Parallel()
	s, err := jsonschema.Parse(fmt.Appendf(nil, `{"properties": {%q: {"enum": [%q, "b"]}}}`, strings.Repeat("п", 3000), strings.Repeat("é", 3000)))
	if err != nil {
		t.Fatal(err)
	}
	problems, err := s.CheckJSON(fmt.Appendf(nil, `{%q: 1}`, strings.Repeat("п", 3000)))
	if err != nil || len(problems) != 1 {
		t.Fatal(problems, err)
	}
	if text := problems[0].String(); len(text) > 500 || strings.Count(text, "...") != 2 || strings.Contains(text, "\ufffd") {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}
