package apierror_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

var (
	Errors        = apierror.NewCatalog("hrm")
	ErrProtected  = Errors.Declare("DELETE_PROTECTED", "Delete is unprocessable.") // 422
	ErrEmailTaken = Errors.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
)

func Example() {
	deleteDepartment := func(w http.ResponseWriter, r *http.Request) error {
		if r.PathValue("id") == "1" {
			return ErrProtected
		}
		return apierror.NotFound()
	}
	mux := http.NewServeMux()
	mux.Handle("DELETE /departments/{id}/{$}", Errors.Handler(deleteDepartment))

	for _, path := range []string{"/departments/1/", "/departments/2/"} {
		rec := httptest.NewRecorder()
		mux.ServeHTTP(rec, httptest.NewRequest("DELETE", path, nil))
		fmt.Println(rec.Code, rec.Body)
	}
	// Output:
	// 422 {"code":422,"detail":{"non_field_errors":["Delete is unprocessable."]},"error_code":"HRM/DELETE_PROTECTED"}
	// 404 {"code":404,"detail":{"detail":"Not found."},"error_code":"HRM/DEFAULT_EXCEPTION"}
}
