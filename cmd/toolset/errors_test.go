package main

import (
	"encoding/json"
	"io"
	"os"
	"testing"
)

// Documents come from other people's services: whatever is in them, nothing panics.
func FuzzErrors(f *testing.F) {
	if document, err := os.ReadFile("../../openapi/testdata/document.json"); err == nil {
		f.Add(document)
	}
	f.Add([]byte(`{"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"409": {"content": {"application/json": {"schema": {"oneOf": [{"$ref": "#/components/schemas/E"}]}}}}}}}},
		"components": {"schemas": {"E": {"properties": {"code": {"const": 409}, "error_code": {"const": "A/B"}, "detail": {"anyOf": [{"$ref": "#/components/schemas/E"},
		{"type": ["array", 5, "null"], "items": {"allOf": [{"enum": [1, [], {}]}, true]}}, {"const": null}]}}}}}}`))
	f.Add([]byte(`{"openapi": "3.1", "components": {"schemas": {"E": {"properties": {"error_code": {"const": "A"}, "detail": {"anyOf": null}}}}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := catalogOf(text)
		if err != nil {
			return
		}
		for _, print := range []func(io.Writer, catalog) error{printTable, printTypeScript} {
			if err := print(io.Discard, c); err != nil {
				t.Error(err)
			}
		}
		r, w := io.Pipe()
		go func() { _ = w.CloseWithError(printJSON(w, c)) }()
		var back []declaredError
		if err := json.NewDecoder(r).Decode(&back); err != nil || len(back) != len(c.Errors) {
			t.Errorf("%d errors came back, of %d: %v", len(back), len(c.Errors), err)
		}
		_ = r.Close()
	})
}

// anyOf beside a type that only refines it, as of texts that may be blank, takes nothing from the type.
func TestTypesThatAreRefined(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		`{"type": "string", "anyOf": [{"format": "email"}, {"maxLength": 0}]}`:            "string",
		`{"type": ["string", "null"], "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}`: "string | null",
		`{"anyOf": [{"type": "string"}, {"type": "null"}]}`:                               "string | null",
		`{"anyOf": [{"type": "string"}, true]}`:                                           "string | unknown",
	} {
		if got := (catalog{}).typeOf(json.RawMessage(schema), nil); got != want {
			t.Errorf("%s is %s, want %s", schema, got, want)
		}
	}
}
