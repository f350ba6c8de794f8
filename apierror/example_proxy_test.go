package apierror_test

import (
	"fmt"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// The errors of a service that has no Go package are declared by hand, in a catalogue of its name. They are passed on
// with their code; a proxy error can also keep its status.
func ExampleKeepStatus() {
	bg := apierror.NewCatalog("bg")
	errSection := bg.Declare("SECTION IS VERY BAD", "Section is not int.")
	service := apierror.NewCatalog("hrm")

	fromAnswer := apierror.Decode(409, nil, []byte(`{"code": 409, "detail": {"month": "closed"}, "error_code": "BG/CLOSED"}`))
	for _, err := range []error{errSection, errSection.With("5.5 is no section."), fromAnswer, apierror.KeepStatus(fromAnswer)} {
		rec := httptest.NewRecorder()
		service.Write(rec, httptest.NewRequest("GET", "/", nil), err)
		fmt.Println(rec.Body)
	}
	// Output:
	// {"code":422,"detail":{"non_field_errors":["Section is not int."]},"error_code":"BG/SECTION IS VERY BAD"}
	// {"code":422,"detail":{"non_field_errors":["5.5 is no section."]},"error_code":"BG/SECTION IS VERY BAD"}
	// {"code":422,"detail":{"month":["closed"]},"error_code":"BG/CLOSED"}
	// {"code":409,"detail":{"month":["closed"]},"error_code":"BG/CLOSED"}
}
