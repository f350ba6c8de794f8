package serializer_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// farAnswer is one answer of Django REST Framework to several inputs: testdata/far.py made them.
type farAnswer struct {
	texts         []json.RawMessage // places in the pool, or texts
	shown         *string
	errors, codes json.RawMessage
}

func (a *farAnswer) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&a.texts, &a.shown, &a.errors, &a.codes})
}

const farFile = "testdata/far.json"

// Kinds, rules and combinations beyond the recorded ones.
func TestFarFromTheRecordedCases(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(farFile)
	if err != nil {
		t.Fatal(err)
	}
	var far struct {
		Pool     []string
		Sketches map[string][]farAnswer
	}
	if err := json.Unmarshal(text, &far); err != nil {
		t.Fatal(err)
	}
	sketches, n := farSketches(), 0
	for name, answers := range far.Sketches {
		sketch, ok := sketches[name]
		if !ok {
			t.Errorf("no declaration for %s", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			for _, a := range answers {
				for _, text := range a.texts {
					input := farInput(t, far.Pool, text, strings.HasPrefix(name, "f = "))
					n++
					if problem := a.check(t, name, sketch, input); problem != "" && farOnPurpose(name, input, &a) == "" {
						t.Errorf("%s: %s", input, problem)
					}
				}
			}
		})
	}
	if n < 17_000 {
		t.Errorf("only %d cases were replayed", n)
	}
}

func farInput(t *testing.T, pool []string, text json.RawMessage, field bool) string {
	t.Helper()
	var place int
	var input string
	if json.Unmarshal(text, &place) == nil {
		input = pool[place]
	} else if err := json.Unmarshal(text, &input); err != nil {
		t.Fatal(err)
	}
	switch {
	case input == "absent":
		return "{}"
	case field:
		return `{"f":` + input + `}`
	}
	return input
}

func (a *farAnswer) check(t *testing.T, name string, sketch sketch, input string) (problem string) {
	t.Helper()
	shown, err := sketch.show(context.Background(), []byte(input))
	var errs *serializer.Errors
	switch {
	case err != nil && !errors.As(err, &errs):
		return err.Error()
	case err == nil && a.shown == nil:
		return "accepted as " + string(shown) + ", want " + string(a.errors)
	case err != nil && a.shown != nil:
		return "refused: " + err.Error() + ", want " + *a.shown
	case err != nil:
		if text, _ := json.Marshal(errs); !sameJSON(t, text, a.errors) {
			return "errors are " + string(text) + ", want " + string(a.errors)
		}
		if !sameJSON(t, errs.Codes(), a.codes) {
			return "codes are " + string(errs.Codes()) + ", want " + string(a.codes)
		}
	case strings.HasPrefix(*a.shown, "not shown"):
	default:
		var got, want any
		if json.Unmarshal(shown, &got) != nil || json.Unmarshal([]byte(*a.shown), &want) != nil || !covers(got, want, strings.Contains(name, "MultipleChoice")) {
			return "shown as " + string(shown) + ", want " + *a.shown
		}
	}
	return ""
}

// covers reports whether got has all that want has: what was not sent is left out in Python, and shown as zero in Go.
func covers(got, want any, sets bool) bool {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		for key, value := range want {
			ok = ok && covers(got[key], value, sets)
		}
		return ok
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			return false
		}
		for i, value := range want {
			if !covers(got[i], value, sets) && (!sets || !slices.Contains(got, value)) {
				return false
			}
		}
		return true
	}
	return got == want
}

// farOnPurpose gives the reason for a difference. docs/drf-differences.md lists them.
func farOnPurpose(name, input string, a *farAnswer) string {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(input, w) })
	}
	of := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	}
	switch {
	case of("MultipleChoiceField", "many=True") && of("ChoiceField", "Related") && has(`"f":{`):
		return "an object is no list"
	case of("FloatField", "UUIDField") && has("true", "false"):
		return "a boolean is neither a number nor a UUID"
	case of("FloatField") && has("NaN", "inf", "Inf", "1e1000"):
		return "NaN and infinity are no numbers"
	case of("IntegerField") && len(input) > 25:
		return "the Go type is a limit"
	case of("PrimaryKeyRelatedField(queryset=Num") && has(".", "e-") && !has(`"1.`):
		return "1.5 is not primary key 1"
	case of("IPAddressField") && has("fe80::1%1"):
		return "an address has no zone"
	case of("format='%Y") && has("0001-01-01"):
		return "years have four digits"
	case of("Word") && has(`u0000`):
		return "PostgreSQL does not look for it"
	case name == "Tree partial" && has(`"lines":[`, `"pairs":[`):
		return "a new object is a whole one"
	case of("many=True") && of("allow_null=True") && has("null"):
		return "a list of structs holds no null"
	}
	return ""
}
