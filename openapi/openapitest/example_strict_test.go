package openapitest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
	"gitlab.com/pik-pro/backend/toolset/openapi/openapitest"
)

// shown prints what a test would fail with.
type shown struct{ testing.TB }

func (shown) Helper()        {}
func (shown) Cleanup(func()) {}
func (shown) Error(args ...any) {
	text, _, _ := strings.Cut(fmt.Sprint(args...), "\n")
	fmt.Println(text)
}

// In a test t is its *testing.T.
func ExampleStrict() {
	errs := apierror.NewCatalog("hrm")
	gone := errs.Declare("GONE", "The person has left.", apierror.Status(http.StatusGone))
	api := openapi.New(openapi.Config{Title: "HRM", Version: "1.0.0", Errors: errs})
	api.HandleFunc("DELETE /people/{id}/", func(http.ResponseWriter, *http.Request) error {
		return gone
	}, openapi.Returns(http.StatusNoContent)) // openapi.Fails(gone) is missing

	t := shown{}
	service := openapitest.Strict(t, api)
	service.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("DELETE", "/people/7/", nil))
	// Output: openapi, strict mode: DELETE /people/7/ (/people/{id}/) answered 410 with HRM/GONE, which the route does not declare for this status: add it to openapi.Fails (openapi.Forwards for an error of another service)
}
