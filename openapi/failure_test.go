package openapi_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
)

// schemaOf gives the component of an error that a status of a route documents.
func schemaOf(t *testing.T, doc map[string]any, path, method, status, code string) any {
	t.Helper()
	mapping := at(t, doc, "paths", path, method, "responses", status, "content", "application/json", "schema", "discriminator", "mapping", code)
	return at(t, doc, "components", "schemas", strings.TrimPrefix(mapping.(string), "#/components/schemas/"))
}

func TestEveryDeclaredErrorIsDocumented(t *testing.T) {
	t.Parallel()
	doc := document(t, richAPI(t))
	unfit := at(t, doc, "components", "schemas", "Error.HRM.UNFIT") // no route names it
	if got := at(t, unfit, "description"); got != "The person does not fit." {
		t.Errorf("description %v", got)
	}
	detail := at(t, unfit, "properties", "detail", "anyOf").([]any)
	if got := at(t, detail[0], "properties", "boss", "$ref"); got != "#/components/schemas/Error.HRM.UNFIT/properties/detail/anyOf/0" {
		t.Errorf("a reference of the detail to itself is %v", got)
	}
	example := at(t, unfit, "examples").([]any)[0]
	if got := at(t, example, "error_code"); got != "HRM/UNFIT" || !reflect.DeepEqual(at(t, example, "code"), at(t, unfit, "properties", "code", "const")) {
		t.Errorf("example %v", example)
	}
}

// A code that is passed on with two statuses, and codes that differ in characters that no name of a schema has.
func TestErrorsThatAreAlike(t *testing.T) {
	t.Parallel()
	api, errs := newAPI(t)
	closed := func(status int) error {
		return apierror.KeepStatus(apierror.Decode(status, nil, []byte(`{"error_code": "PAY/CLOSED", "detail": "Closed."}`)))
	}
	spaced, dotted := errs.Declare("TOO LATE", "Spaced."), errs.Declare("TOO.LATE", "Dotted.")
	api.HandleFunc("POST /a", says(""), openapi.Forwards(closed(409), closed(410), apierror.NewProxy("PAY/CLOSED", nil)), openapi.Fails(spaced, dotted))
	doc := document(t, api)
	for status, want := range map[string]float64{"409": 409, "410": 410, "422": 422} {
		if got := at(t, schemaOf(t, doc, "/a", "post", status, "PAY/CLOSED"), "properties", "code", "const"); got != want {
			t.Errorf("%s has the code %v", status, got)
		}
	}
	for code, want := range map[string]string{"HRM/TOO LATE": "Spaced.", "HRM/TOO.LATE": "Dotted."} {
		if got := at(t, schemaOf(t, doc, "/a", "post", "422", code), "description"); got != want {
			t.Errorf("%s is described by %v", code, got)
		}
	}
}

// The list of errors that the original documents for a status: names, codes, default details and schemas of details.
// There it is Swagger 2.0 with the errors side by side; here it is OpenAPI 3.1 with one schema for each.
func TestErrorListsAsRecorded(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/swagger.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Swagger     map[string]any
		Definitions map[string]any
		Defaults    map[string]struct {
			Code   string `json:"error_code_default"`
			Detail string `json:"default_detail_default"`
		}
	}
	if err := json.Unmarshal(raw, &recorded); err != nil {
		t.Fatal(err)
	}
	service, bg := apierror.NewCatalog("test_service"), apierror.NewCatalog("bg")
	const detail = `{"type": "object", "required": ["email", "nested"], "properties": {
		"email": {"type": "array", "items": {"type": "string", "minLength": 1}}, "nested": {"$ref": "#/components/schemas/ObjCreated"}}}`
	errs := map[string]*apierror.Declared{
		"CustomException": service.Declare("SOME_ERROR", "You shall not pass!"),
		// there two classes share a code; here that is a mistake which the catalogue reports
		"ExceptionWithMapping": service.Declare("WITH_MAPPING", "", apierror.Detail([]map[string]string{
			{"detail1": "some detail", "detail2": "some other detail"}})),
		"FromOtherServiceException": bg.Declare("SOME_ERROR", "You shall not pass from bg!"),
		"WithDetail": service.Declare("WITH_DETAIL", "", apierror.Detail([]map[string][]string{{"email": {"bad"}}}),
			apierror.DetailSchema(json.RawMessage(detail))),
	}
	object := openapi.Schema("ObjCreated", json.RawMessage(`{"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}`))
	api := openapi.New(openapi.Config{Title: "t", Version: "v1", Errors: service})
	api.HandleFunc("GET /errors", says(""), openapi.Returns(200, object),
		openapi.Fails(errs["CustomException"], errs["ExceptionWithMapping"], errs["WithDetail"]),
		openapi.Forwards(errs["FromOtherServiceException"]))
	doc := document(t, api)

	list := at(t, recorded.Swagger, "paths", "/errors", "get", "responses", "422", "schema", "properties").(map[string]any)
	if len(list) != len(errs) || len(recorded.Defaults) != len(errs) {
		t.Fatalf("%d errors are recorded", len(list))
	}
	for name, want := range recorded.Defaults {
		declared := errs[name]
		code := want.Code
		if !strings.Contains(code, "/") {
			code = "TEST_SERVICE/" + code
		}
		if name != "ExceptionWithMapping" && declared.Code() != code {
			t.Errorf("%s has the code %s, recorded %s", name, declared.Code(), code)
		}
		schema := schemaOf(t, doc, "/errors", "get", "422", declared.Code())
		if got := at(t, schema, "properties", "error_code", "const"); got != declared.Code() {
			t.Errorf("%s is documented with the code %v", name, got)
		}
		var detail any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(want.Detail, "'", `"`)), &detail); err != nil {
			t.Fatal(err)
		}
		example := at(t, doc, "paths", "/errors", "get", "responses", "422", "content", "application/json", "examples", declared.Code(), "value", "detail")
		if !reflect.DeepEqual(example, detail) {
			t.Errorf("%s is shown with the detail %v, recorded %v", name, example, detail)
		}
		ref := at(t, list[name], "properties", "error_schema", "properties", "detail", "$ref").(string)
		if ref == "#/definitions/_DefaultDetailSchema" {
			continue // any field name, a list of texts: what every error has here
		}
		fields := at(t, recorded.Swagger, "definitions", strings.TrimPrefix(ref, "#/definitions/"))
		got := at(t, schema, "properties", "detail", "anyOf").([]any)[0]
		if !reflect.DeepEqual(at(t, got, "required"), at(t, fields, "required")) ||
			!reflect.DeepEqual(at(t, got, "properties", "email"), at(t, fields, "properties", "email")) {
			t.Errorf("%s has the detail %v, recorded %v", name, got, fields)
		}
	}
}

func TestFragments(t *testing.T) {
	t.Parallel()
	api := richAPI(t)
	api.Describe("GET /elsewhere/{id}", openapi.Path[int]("id"), openapi.Returns(200, person()))
	if w := ask(api, "GET", "/elsewhere/7"); w.Code != 404 {
		t.Errorf("a route of another router is served: %d", w.Code)
	}
	fragments, err := api.Fragments()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(fragments)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Operations []struct {
			Method, Path string
			Operation    any
		}
		Components any
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	doc := document(t, api)
	if !reflect.DeepEqual(got.Components, at(t, doc, "components")) {
		t.Error("the components are not those of the document")
	}
	var paths []string
	for _, o := range got.Operations {
		paths = append(paths, o.Path)
		if !reflect.DeepEqual(o.Operation, at(t, doc, "paths", o.Path, strings.ToLower(o.Method))) {
			t.Errorf("%s %s is not that of the document", o.Method, o.Path)
		}
	}
	if len(paths) != 6 || !slices.Contains(paths, "/elsewhere/{id}") {
		t.Errorf("%q", paths)
	}
}
