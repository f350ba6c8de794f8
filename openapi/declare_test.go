package openapi_test

import (
	"net/http"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
)

// Each mistake stops the program at its start, and the text says where it is and how to mend it.
func TestMistakesInDeclarations(t *testing.T) {
	t.Parallel()
	foreign := apierror.NewCatalog("bg").Declare("BAD", "Bad.")
	plain := http.NotFoundHandler()
	for name, c := range map[string]struct {
		declare func(api *openapi.API, errs *apierror.Catalog)
		says    []string
	}{
		"no method": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("/people/", says("")) },
			[]string{`route "/people/"`, `names its method, as in "GET /people/"`}},
		"unknown method": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("FETCH /people/", says("")) },
			[]string{`"FETCH /people/"`, "known are GET, PUT"}},
		"host": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET hrm.example/people/", says("")) },
			[]string{`must start with "/"`, "use Handle without options"}},
		"rest wildcard": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /files/{path...}", says("")) },
			[]string{"{path...} takes many segments"}},
		"half a segment": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /people/p{id}", says("")) },
			[]string{"a wildcard must be a whole segment"}},
		"no handler": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /", nil) },
			[]string{`"GET /" has no handler`}},
		"no http.Handler": {func(a *openapi.API, _ *apierror.Catalog) { a.Handle("GET /", nil) },
			[]string{`"GET /" has no handler`}},
		"the same route": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /people/{id}/", says(""))
			a.HandleFunc("GET /people/{id}/{$}", says(""))
		}, []string{"GET /people/{id}/ is already registered"}},
		"the same route with another wildcard": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /people/{id}/", says(""))
			a.HandleFunc("GET /people/{pk}/", says(""))
		}, []string{"is already registered"}},
		"the same path with another wildcard": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /people/{id}/", says(""))
			a.HandleFunc("PATCH /people/{pk}/", says(""))
		}, []string{`"PATCH /people/{pk}/"`, "GET /people/{id}/ has the same path", "use the same names"}},
		"nil option": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /", says(""), nil) },
			[]string{"option 1 is nil"}},
		"foreign error": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /", says(""), openapi.Fails(foreign)) },
			[]string{"BG/BAD is not declared in the catalogue of this API", "Forwards"}},
		"own error forwarded": {func(a *openapi.API, errs *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Forwards(errs.Declare("A", "")))
		}, []string{"HRM/A", "document it with Fails"}},
		"nil error":     {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /", says(""), openapi.Fails(nil)) }, []string{"Fails was given nil"}},
		"nil forwarded": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /", says(""), openapi.Forwards(nil)) }, []string{"Forwards was given nil"}},
		"nil input":     {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /", says(""), openapi.Accepts(nil)) }, []string{"Accepts was given nil"}},
		"nil partial": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.AcceptsPartial(nil))
		}, []string{"AcceptsPartial was given nil"}},
		"nil output": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.ReturnsList(200, nil))
		}, []string{"status 200 takes one serializer"}},
		"two outputs": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Returns(200, person(), person()))
		}, []string{"takes one serializer"}},
		"two bodies": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("POST /", says(""), openapi.Accepts(person()), openapi.AcceptsPartial(person()))
		}, []string{"accepts two bodies"}},
		"a status twice": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Returns(200), openapi.Returns(200, person()))
		}, []string{"status 200 is documented twice"}},
		"no status": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /", says(""), openapi.Returns(20)) }, []string{"status 20 is not a known status"}},
		"an error's status returned": {func(a *openapi.API, errs *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Returns(422, person()), openapi.Fails(errs.Declare("A", "")))
		}, []string{"status 422", "HRM/A"}},
		"parameter twice": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Query[int]("n"), openapi.Query[string]("n"))
		}, []string{`query parameter "n" is given twice`}},
		"parameter without a name": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /", says(""), openapi.Query[int]("")) }, []string{"has no name"}},
		"parameter of no type": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Query[map[string]int]("n"))
		}, []string{`query parameter "n"`, "map[string]int cannot be read"}},
		"parameter of any type": {func(a *openapi.API, _ *apierror.Catalog) { a.HandleFunc("GET /", says(""), openapi.Query[any]("n")) }, []string{"interface {} cannot be read"}},
		"path without wildcard": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /people/{id}/", says(""), openapi.Path[int]("pk"))
		}, []string{`no wildcard {pk} for Path("pk")`, `["id"]`}},
		"list in a path": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /{id}/", says(""), openapi.Path[[]int]("id"))
		}, []string{"neither a list"}},
		"required with default": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Query[int]("n").Required().Default(1))
		}, []string{"is required and has a default"}},
		"two schemas of one name": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /a", says(""), openapi.Returns(200, person()))
			a.HandleFunc("GET /b", says(""), openapi.Returns(200, openapi.Schema("Person", []byte(`{"type": "string"}`))))
		}, []string{`"GET /b"`, "GET /a has another schema with the name Person"}},
		"schema that is no JSON": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Returns(200, openapi.Schema("Person", []byte(`{`))))
		}, []string{"the schema of Person is not JSON"}},
		"schema with an odd name": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Returns(200, openapi.Schema("Per son", []byte(`{}`))))
		}, []string{`schema name "Per son"`}},
		"schema named like an error": {func(a *openapi.API, _ *apierror.Catalog) {
			a.HandleFunc("GET /", says(""), openapi.Returns(200, openapi.Schema("Error.HRM.A", []byte(`{}`))))
		}, []string{"belongs to the error answers"}},
		"catalogue": {func(_ *openapi.API, errs *apierror.Catalog) {
			errs.Declare("A", "")
			errs.Declare("A", "")
			openapi.New(openapi.Config{Title: "HRM", Version: "1", Errors: errs})
		}, []string{"openapi: the catalogue in Config.Errors has mistakes", "A"}},
		"no catalogue": {func(*openapi.API, *apierror.Catalog) { openapi.New(openapi.Config{Title: "HRM", Version: "1"}) }, []string{"Config.Errors is missing"}},
		"no title":     {func(_ *openapi.API, e *apierror.Catalog) { openapi.New(openapi.Config{Version: "1", Errors: e}) }, []string{"needs a Title and a Version"}},
		"net/http finds a clash": {func(a *openapi.API, _ *apierror.Catalog) {
			a.Handle("/x/", plain)
			a.Handle("/x/", plain)
		}, []string{"/x/"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, errs := newAPI(t)
			text := mustPanic(t, func() { c.declare(api, errs) })
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					t.Errorf("%s\ndoes not say %s", text, want)
				}
			}
		})
	}
}
