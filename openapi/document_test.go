package openapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
)

var update = flag.Bool("update", false, "write the golden documents anew")

// richAPI has a route of every kind.
func richAPI(t testing.TB) *openapi.API {
	api, errs := newAPI(t)
	taken := errs.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(409))
	late := errs.Declare("TOO_LATE", "The month is closed.", apierror.Status(409))
	protected := errs.Declare("DELETE_PROTECTED", "Delete is unprocessable.")
	section := apierror.NewCatalog("bg").Declare("SECTION", "No such section.", apierror.Status(410))
	errs.Declare("UNFIT", "The person does not fit.", apierror.DetailSchema(json.RawMessage(
		`{"type": "object", "properties": {"email": {"type": "array", "items": {"type": "string"}}, "boss": {"$ref": "#"}}, "required": ["email"]}`)))
	id := openapi.Path[int64]("id").Describe("of the person")
	api.HandleFunc("GET /api/v1/people/", says("[]"), openapi.Summary("List people"),
		openapi.Query[[]int64]("department").Describe("only of these departments"), openapi.Query[int32]("page").Default(1),
		openapi.Query[time.Time]("since").Required(), openapi.Query[string]("q").Required(),
		openapi.ReturnsList(200, person()))
	api.HandleFunc("POST /api/v1/people/", says(""), openapi.Accepts(person()), openapi.Returns(201, person()), openapi.Fails(taken, late))
	api.HandleFunc("PATCH /api/v1/people/{id}/", says(""), id, openapi.AcceptsPartial(person()), openapi.Returns(200, person()), openapi.Fails(taken))
	api.HandleFunc("DELETE /api/v1/people/{id}/", says(""), id, openapi.Description("Puts away *softly*."), openapi.Tags("people", "danger"),
		openapi.Returns(204), openapi.Fails(protected), openapi.Forwards(section, apierror.NewProxy("PAY/CLOSED", "The books are closed.")))
	api.HandleFunc("GET /files/{name}", says(""), openapi.Returns(200, openapi.Schema("Tree",
		json.RawMessage(`{"type": "object", "properties": {"below": {"type": "array", "items": {"$ref": "#"}}, "by": {"$ref": "#/components/schemas/Person"}}}`))))
	api.Handle("GET /openapi.json", api.DocumentHandler())
	return api
}

func TestDocumentIsAsRecorded(t *testing.T) {
	t.Parallel()
	raw, err := richAPI(t).Document()
	if err != nil {
		t.Fatal(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	const golden = "testdata/document.json"
	if *update {
		if err := os.WriteFile(golden, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(pretty.Bytes(), want) {
		t.Errorf("the document is not as in %s; look at what changed with: go test -run %s -update, git diff", golden, t.Name())
	}
}

// What a document says of an error is what the error's answer is.
func TestDocumentedErrors(t *testing.T) {
	t.Parallel()
	doc := document(t, richAPI(t))
	conflict := at(t, doc, "paths", "/api/v1/people/", "post", "responses", "409", "content", "application/json")
	oneOf := at(t, conflict, "schema", "oneOf").([]any)
	if len(oneOf) != 2 {
		t.Fatalf("two errors are declared: %v", oneOf)
	}
	for i, code := range []string{"HRM/EMAIL_TAKEN", "HRM/TOO_LATE"} {
		ref := strings.TrimPrefix(at(t, oneOf[i], "$ref").(string), "#/components/schemas/")
		if got := at(t, doc, "components", "schemas", ref, "properties", "error_code", "const"); got != code {
			t.Errorf("%s has the code %v", ref, got)
		}
		if got := at(t, conflict, "examples", code, "value", "error_code"); got != code {
			t.Errorf("the example of %s has the code %v", code, got)
		}
	}
	remove := at(t, doc, "paths", "/api/v1/people/{id}/", "delete", "responses")
	at(t, remove, "422", "content", "application/json", "examples", "BG/SECTION")
	at(t, remove, "422", "content", "application/json", "examples", "PAY/CLOSED")
	at(t, remove, "404", "content", "application/json", "examples", "not found")
	for _, path := range at(t, doc, "paths").(map[string]any) {
		for method, operation := range path.(map[string]any) {
			if ref := at(t, operation, "responses", "default", "$ref"); ref != "#/components/responses/Error" {
				t.Errorf("%s has the default answer %v", method, ref)
			}
		}
	}
}

func TestReferencesFindTheirPlace(t *testing.T) {
	t.Parallel()
	doc := document(t, richAPI(t))
	if got := at(t, doc, "components", "schemas", "Tree", "properties", "below", "items", "$ref"); got != "#/components/schemas/Tree" {
		t.Errorf("a schema's reference to itself is %v", got)
	}
	if got := at(t, doc, "components", "schemas", "Tree", "properties", "by", "$ref"); got != "#/components/schemas/Person" {
		t.Errorf("a reference to another component is %v", got)
	}
}

func TestOperationIDsAreUnique(t *testing.T) {
	t.Parallel()
	api, _ := newAPI(t)
	for _, pattern := range []string{"GET /a/b", "GET /a/b/", "GET /a_b", "GET /a/b_2", "GET /a-b", "GET /a/{b}", "GET /a/by_b"} {
		api.HandleFunc(pattern, says(""))
	}
	var ids []string
	for _, path := range at(t, document(t, api), "paths").(map[string]any) {
		ids = append(ids, at(t, path, "get", "operationId").(string))
	}
	slices.Sort(ids)
	if unique := slices.Compact(slices.Clone(ids)); len(unique) != 7 {
		t.Errorf("%q", ids)
	}
}

func TestTagsOfPaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/api/v1/people/{id}/restore/": "people", "/people": "people", "/v2/{id}": "", "/vip/x": "vip", "/": "", "/{a}/b/": "b",
	} {
		api, _ := newAPI(t)
		api.HandleFunc("GET "+path, says(""))
		operation := at(t, document(t, api), "paths", path, "get").(map[string]any)
		tags, _ := operation["tags"].([]any)
		if want == "" && tags != nil || want != "" && (len(tags) != 1 || tags[0] != want) {
			t.Errorf("%s: tags %v, want %q", path, tags, want)
		}
	}
}

func TestDocumentHandler(t *testing.T) {
	t.Parallel()
	api := richAPI(t)
	first := ask(api, "GET", "/openapi.json")
	tag := first.Header().Get("ETag")
	if first.Code != 200 || first.Header().Get("Content-Type") != "application/json" || tag == "" {
		t.Fatalf("%d %v", first.Code, first.Header())
	}
	again := httptest.NewRequest("GET", "/openapi.json", nil)
	again.Header.Set("If-None-Match", tag)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, again)
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(api, "HEAD", "/openapi.json"); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD: %d %v", w.Code, w.Header())
	}
	api.HandleFunc("GET /later", says(""))
	if w := ask(api, "GET", "/openapi.json"); w.Header().Get("ETag") == tag || !strings.Contains(w.Body.String(), "/later") {
		t.Error("a route that came later is not in the document")
	}
}

func TestDocumentWhileServing(t *testing.T) {
	t.Parallel()
	api := richAPI(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if w := ask(api, "GET", "/openapi.json"); w.Code != 200 {
				t.Error(w.Code)
			}
		})
	}
	all.Wait()
}

func TestEmptyDocument(t *testing.T) {
	t.Parallel()
	api, _ := newAPI(t)
	if paths, ok := document(t, api)["paths"].(map[string]any); !ok || len(paths) != 0 {
		t.Error("paths must be an object")
	}
}
