package jsonschema

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Strings are written as encoding/json writes them.
func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "plain", `"`, `\`, "a\\b", "\n\t\r\b\f\x00\x1f\x7f", "<&>", "ä€😀", "\xff", "a\xc3", "\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		written := AppendString(nil, s)
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		var got, expected string
		if err := json.Unmarshal(written, &got); err != nil {
			t.Fatalf("%q was written as %s: %v", s, written, err)
		}
		if err := json.Unmarshal(want.Bytes(), &expected); err != nil {
			t.Fatal(err)
		}
		if got != expected {
			t.Errorf("%q was written as %s, not as %s", s, written, &want)
		}
	})
}
