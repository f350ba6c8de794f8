package openapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
)

// model stands in for a serializer.
type model struct{ name, output, input string }

func (m model) SchemaName() string             { return m.name }
func (m model) OutputSchema() json.RawMessage  { return json.RawMessage(m.output) }
func (m model) InputSchema() json.RawMessage   { return json.RawMessage(m.input) }
func (m model) PartialSchema() json.RawMessage { return json.RawMessage(m.input) }

func person() model {
	return model{
		"Person",
		`{"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}, "required": ["id", "name"]}`,
		`{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}`,
	}
}

func newAPI(t testing.TB) (*openapi.API, *apierror.Catalog) {
	t.Helper()
	errs := apierror.NewCatalog("hrm")
	return openapi.New(openapi.Config{
		Title: "HRM", Version: "1.0.0", Errors: errs, Logger: slog.New(slog.DiscardHandler),
	}), errs
}

// says returns a handler that answers with a text.
func says(text string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func ask(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

// mustPanic returns the text with which f panics.
func mustPanic(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	t.Fatal("no panic")
	return ""
}

func document(t testing.TB, api *openapi.API) map[string]any {
	t.Helper()
	raw, err := api.Document()
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// at walks into decoded JSON: at(doc, "paths", "/people/", "get").
func at(t testing.TB, value any, path ...string) any {
	t.Helper()
	for i, key := range path {
		object, ok := value.(map[string]any)
		if !ok || object[key] == nil {
			t.Fatalf("nothing at %s", strings.Join(path[:i+1], " / "))
		}
		value = object[key]
	}
	return value
}
