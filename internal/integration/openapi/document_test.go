// Package openapi_test checks documents of package openapi with judges that know nothing of it: the official JSON
// Schema of OpenAPI 3.1, the meta-schema of JSON Schema, and a browser.
package openapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// read decodes JSON as the validator wants it.
func read(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func compile(t *testing.T, c *jsonschema.Compiler, at string) *jsonschema.Schema {
	t.Helper()
	s, err := c.Compile(at)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDocumentIsValidOpenAPI(t *testing.T) {
	t.Parallel()
	judge := official(t)
	document, err := service(t).Document()
	if err != nil {
		t.Fatal(err)
	}
	if err := judge.Validate(read(t, document)); err != nil {
		t.Error(err)
	}
	broken := bytes.Replace(document, []byte(`"in":"query"`), []byte(`"in":"cookies"`), 1)
	if judge.Validate(read(t, broken)) == nil {
		t.Error("the judge overlooks a broken document")
	}
}

// Every schema of the document is a JSON Schema whose references lead somewhere, and every example is valid against
// the schema beside it.
func TestSchemasAndExamples(t *testing.T) {
	t.Parallel()
	document, err := service(t).Document()
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const base = "https://hrm.example/openapi.json"
	if err := c.AddResource(base, read(t, document)); err != nil {
		t.Fatal(err)
	}
	schemas, examples := 0, 0
	walk(read(t, document), "", func(path string, object map[string]any) {
		if object["schema"] == nil {
			return
		}
		s := compile(t, c, base+"#"+path+"/schema")
		schemas++
		all, _ := object["examples"].(map[string]any)
		for name, example := range all {
			examples++
			if err := s.Validate(example.(map[string]any)["value"]); err != nil {
				t.Errorf("%s: example %q: %v", path, name, err)
			}
		}
	})
	names := read(t, document).(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any)
	for name := range names {
		compile(t, c, base+"#/components/schemas/"+name)
	}
	if schemas < 15 || examples < 8 || len(names) < 6 {
		t.Errorf("only %d schemas, %d examples, %d components", schemas, examples, len(names))
	}
}

// What the service really answers is valid against what the document says of it.
func TestAnswersAreAsDocumented(t *testing.T) {
	t.Parallel()
	api := service(t)
	document, err := api.Document()
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	const base = "https://hrm.example/openapi.json"
	if err := c.AddResource(base, read(t, document)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		method, target, body string
		status               int
		path                 string
	}{
		{"GET", "/api/v1/people/?department=1", "", 200, "/api/v1/people/"},
		{"GET", "/api/v1/people/?department=x&since=never", "", 400, "/api/v1/people/"},
		{"POST", "/api/v1/people/", `{"name": "Ann", "email": "ann@example.com", "salary": "1200.50"}`, 201, "/api/v1/people/"},
		{"POST", "/api/v1/people/", `{"name": ""}`, 400, "/api/v1/people/"},
		{"POST", "/api/v1/people/", `{"name": "Bob", "email": "taken@example.com", "salary": "1"}`, 409, "/api/v1/people/"},
		{"PATCH", "/api/v1/people/1/", `{"name": "Anne"}`, 200, "/api/v1/people/{id}/"},
		{"PATCH", "/api/v1/people/x/", `{}`, 404, "/api/v1/people/{id}/"},
		{"DELETE", "/api/v1/people/1/", "", 422, "/api/v1/people/{id}/"},
	} {
		r := httptest.NewRequest(step.method, step.target, strings.NewReader(step.body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code != step.status {
			t.Errorf("%s %s: %d %s, want %d", step.method, step.target, w.Code, w.Body, step.status)
			continue
		}
		pointer := fmt.Sprintf("/paths/%s/%s/responses/%s/content/application~1json/schema",
			escape(step.path), strings.ToLower(step.method), strconv.Itoa(step.status))
		if err := compile(t, c, base+"#"+pointer).Validate(read(t, w.Body.Bytes())); err != nil {
			t.Errorf("%s %s: %s: %v", step.method, step.target, w.Body, err)
		}
	}
}

func TestDocumentIsServed(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	service(t).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	if w.Code != 200 || !json.Valid(w.Body.Bytes()) {
		t.Error(w.Code)
	}
}

func walk(value any, path string, visit func(path string, object map[string]any)) {
	switch v := value.(type) {
	case map[string]any:
		visit(path, v)
		for key, below := range v {
			if key != "schemas" && key != "example" && key != "examples" {
				walk(below, path+"/"+escape(key), visit)
			}
		}
	case []any:
		for i, below := range v {
			walk(below, path+"/"+strconv.Itoa(i), visit)
		}
	}
}

// escape writes a key as a part of a JSON pointer in a URL.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(key)
}
