package apierror_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// Any router takes the handlers; what http.ServeMux answers by itself gets the same shape.
func ExampleWriter_Mux() {
	writer, err := apierror.NewCatalog("hrm").Writer(apierror.WriterConfig{})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /people/{id}", writer.Handler(func(http.ResponseWriter, *http.Request) error {
		return apierror.NotFound().With("No such person.")
	}))
	service := writer.Mux(mux)
	for _, r := range []*http.Request{
		httptest.NewRequest("GET", "/people/7", nil),
		httptest.NewRequest("PUT", "/people/7", nil),
		httptest.NewRequest("GET", "/nothing", nil),
	} {
		rec := httptest.NewRecorder()
		service.ServeHTTP(rec, r)
		fmt.Printf("%q %s\n", rec.Header().Get("Allow"), rec.Body)
	}
	// Output:
	// "" {"code":404,"detail":{"detail":"No such person."},"error_code":"HRM/DEFAULT_EXCEPTION"}
	// "GET, HEAD" {"code":405,"detail":{"detail":"Method \"PUT\" not allowed."},"error_code":"HRM/DEFAULT_EXCEPTION"}
	// "" {"code":404,"detail":{"detail":"Not found."},"error_code":"HRM/DEFAULT_EXCEPTION"}
}
