package serializer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// neighbour is an answer of Django REST Framework to an input near the recorded ones: testdata/neighbours.py made them.
type neighbour struct {
	input         json.RawMessage
	shown         *string // what was accepted, as it is shown; nil when it was refused
	errors, codes json.RawMessage
}

func (n *neighbour) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&n.input, &n.shown, &n.errors, &n.codes})
}

func TestNeighboursOfTheRecordedCases(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/neighbours.json")
	if err != nil {
		t.Fatal(err)
	}
	var bySketch map[string][]neighbour
	if err := json.Unmarshal(text, &bySketch); err != nil {
		t.Fatal(err)
	}
	sketches := sketches()
	for name, neighbours := range bySketch {
		sketch, ok := sketches[name]
		if !ok {
			t.Errorf("no declaration for %s", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			for _, n := range neighbours {
				if problem := n.check(t, sketch); problem != "" {
					if why := differentOnPurpose(name, &n); why == "" {
						t.Errorf("%s: %s", n.input, problem)
					}
				}
			}
		})
	}
}

func (n *neighbour) check(t *testing.T, sketch sketch) (problem string) {
	shown, err := sketch.show(context.Background(), n.input)
	var errs *serializer.Errors
	switch {
	case err != nil && !errors.As(err, &errs):
		return err.Error()
	case err == nil && n.shown == nil:
		return "accepted as " + string(shown) + ", want " + string(n.errors)
	case err != nil && n.shown != nil:
		return "refused: " + err.Error() + ", want " + *n.shown
	case err != nil:
		if text, _ := json.Marshal(errs); !sameJSON(t, text, n.errors) {
			return "errors are " + string(text) + ", want " + string(n.errors)
		}
		if !sameJSON(t, errs.Codes(), n.codes) {
			return "codes are " + string(errs.Codes()) + ", want " + string(n.codes)
		}
	case withoutAbsent(shown) != withoutAbsent([]byte(*n.shown)) && !strings.HasPrefix(*n.shown, "not shown"):
		return "shown as " + string(shown) + ", want " + *n.shown
	}
	return ""
}

// withoutAbsent takes away what Python leaves out where a field was not sent, while Go shows its zero value.
func withoutAbsent(text []byte) string {
	text = regexp.MustCompile(`,"b":null|,"many":\[\]`).ReplaceAll(text, nil)
	if bytes.Equal(text, []byte(`{"f":{"a":""}}`)) {
		return "{}"
	}
	return string(text)
}

// differentOnPurpose gives the reason for a difference. docs/drf-differences.md lists them.
func differentOnPurpose(sketch string, n *neighbour) string {
	input := strings.ToLower(string(n.input))
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(input, w) })
	}
	of := func(field string) bool { return strings.HasPrefix(sketch, "f = "+field+"(") }
	switch {
	case of("FloatField") && has("true", "false"):
		return "a boolean is no number"
	case of("FloatField") && (has("nan", "inf", "1e400") || len(input) > 1000):
		return "NaN and infinity are no numbers"
	case of("UUIDField") && has("true", "false"):
		return "a boolean is no UUID"
	case of("UUIDField") && has("+", "_"):
		return "a UUID has hexadecimal digits only"
	case of("IntegerField") && len(input) > 30:
		return "the Go type is a limit"
	case of("MultipleChoiceField") && has(`"f":{`):
		return "an object is no list"
	case of("DictField") && has("u00e9"), of("HStoreField") && has("u00e9"):
		return "maps have no order in Go: they are shown by key"
	case of("Inner") && strings.Contains(sketch, "many=True, allow_null=True") && has("null"):
		return "a list of structs holds no null"
	case of("JSONField") && n.shown != nil && has("\\u"):
		return "raw JSON is kept as it came, escapes included"
	}
	return ""
}
