package serializer_test

import (
	"os"
	"regexp"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// A message of the declaration takes the place of what is said of a nested object, or of a list, as a whole; what is said of
// its parts, or by a check, stays.
func TestMessagesOfNestedObjects(t *testing.T) {
	t.Parallel()
	type part struct{ A int }
	type whole struct {
		List []part
		One  part
		Tags []string
	}
	parts := serializer.New(func(p *part) serializer.Fields { return serializer.Fields{serializer.Field(&p.A).As("a")} })
	wholes := serializer.New(func(w *whole) serializer.Fields {
		return serializer.Fields{
			serializer.Many(&w.List, parts).As("list").MaxLength(1).Message("max_length", "Too long.").Message("not_a_list", "No list."),
			serializer.Nested(&w.One, parts).As("one").Message("invalid", "No object.").Message("required", "Missing."),
			serializer.List(&w.Tags, serializer.Item[string]()).As("tags").MaxLength(1).Message("max_length", "Too many."),
		}
	})
	for body, want := range map[string]string{
		`{"list":[{"a":1},{"a":2}],"one":5,"tags":["x","y"]}`: `{"list":{"non_field_errors":["Too long."]},"one":{"non_field_errors":["No object."]},"tags":["Too many."]}`,
		`{"list":5,"tags":[]}`:                                `{"list":{"non_field_errors":["No list."]},"one":["Missing."]}`,
		`{"list":[5],"one":{"a":"x"},"tags":[]}`: `{"list":[{"non_field_errors":["Invalid data. Expected a dictionary, but got int."]}],` +
			`"one":{"a":["A valid integer is required."]}}`,
	} {
		if _, err := wholes.Decode(t.Context(), []byte(body)); err == nil || encoded(t, err) != want {
			t.Errorf("%s: got %s, want %s", body, encoded(t, err), want)
		}
	}
}

// A declaration can replace every message that there is, and no other.
func TestEveryCodeCanBeReplaced(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("messages.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{"unknown": true} // of keys that no field has
	for _, m := range regexp.MustCompile(`Message\{"(\w+)"`).FindAllStringSubmatch(string(source), -1) {
		codes[m[1]] = true
	}
	replaceable := func(code string) (ok bool) {
		defer func() { ok = recover() == nil }()
		serializer.New(func(r *row) serializer.Fields {
			return serializer.Fields{serializer.Field(&r.Name).Message(code, "x")}
		})
		return
	}
	for code := range codes {
		if replaceable(code) != (code != "unknown") || replaceable(code+"s") {
			t.Errorf("%s: %v, %ss: %v", code, replaceable(code), code, replaceable(code+"s"))
		}
	}
	if len(codes) < 20 {
		t.Errorf("only %d codes were found", len(codes))
	}
}
