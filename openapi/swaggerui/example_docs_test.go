package swaggerui_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/openapi/swaggerui"
)

// The page stands beside the document that it shows.
func Example() {
	mux := http.NewServeMux()
	mux.Handle("GET /docs/", swaggerui.New("/openapi.json"))

	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest("GET", "/docs/", nil))
	fmt.Println(answer.Code, answer.Header().Get("Content-Type"))
	// Output: 200 text/html; charset=utf-8
}
