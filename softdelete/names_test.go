package softdelete

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFitName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"people":                             "people",
		strings.Repeat("a", 63):              strings.Repeat("a", 63),
		strings.Repeat("a", 64):              strings.Repeat("a", 46) + "_ffe054fe7ae0cb6d",
		"deleted_" + strings.Repeat("ä", 28): "deleted_" + strings.Repeat("ä", 19) + "_bffd8717b6d266a8",
	} {
		if got := fitName(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func FuzzFitName(f *testing.F) {
	f.Add("people", "persons")
	f.Add(strings.Repeat("ä", 40), strings.Repeat("ä", 41))
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			t.Skip("no name in a database of UTF-8")
		}
		if got := fitName(a); len(got) > maxName || !utf8.ValidString(got) {
			t.Errorf("%q: got %q", a, got)
		}
		if a != b && fitName(a) == fitName(b) {
			t.Errorf("%q and %q share a name", a, b)
		}
	})
}

func TestQuote(t *testing.T) {
	t.Parallel()
	if got := quote(`a"b`) + literal(`it's`) + quotedList("t.", []string{"x", "Y"}); got != `"a""b"`+`'it''s'`+`t."x", t."Y"` {
		t.Error(got)
	}
}
