package openapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
)

// Routes are served and documented from the same values.
func Example() {
	errs := apierror.NewCatalog("hrm")
	taken := errs.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
	// A service gives its serializers here.
	person := openapi.Schema("Person", json.RawMessage(`{"type": "object", "properties": {"email": {"type": "string"}}}`))
	inDepartments := openapi.Query[[]int64]("department")
	id := openapi.Path[int64]("id")

	api := openapi.New(openapi.Config{Title: "HRM", Version: "1.0.0", Errors: errs})
	api.HandleFunc("GET /people/", func(w http.ResponseWriter, r *http.Request) error {
		_, err := fmt.Fprintln(w, "people of departments", inDepartments.Get(r))
		return err
	}, inDepartments, openapi.ReturnsList(200, person))
	api.HandleFunc("PUT /people/{id}/", func(w http.ResponseWriter, r *http.Request) error {
		return taken.With(fmt.Sprintf("Person %d has this email.", id.Get(r)-1))
	}, id, openapi.Accepts(person), openapi.Returns(200, person), openapi.Fails(taken))
	api.Handle("GET /openapi.json", api.DocumentHandler())

	for _, request := range []*http.Request{
		httptest.NewRequest("GET", "/people/?department=1&department=2", nil),
		httptest.NewRequest("GET", "/people/?department=x", nil),
		httptest.NewRequest("PUT", "/people/7/", nil),
		httptest.NewRequest("PUT", "/people/ann/", nil),
	} {
		answer := httptest.NewRecorder()
		api.ServeHTTP(answer, request)
		fmt.Println(answer.Code, answer.Body)
	}
	// Output:
	// 200 people of departments [1 2]
	//
	// 400 {"code":400,"detail":{"department":{"0":["A valid integer is required."]}},"error_code":"HRM/DEFAULT_EXCEPTION"}
	// 409 {"code":409,"detail":{"non_field_errors":["Person 6 has this email."]},"error_code":"HRM/EMAIL_TAKEN"}
	// 404 {"code":404,"detail":{"detail":"Not found."},"error_code":"HRM/DEFAULT_EXCEPTION"}
}
