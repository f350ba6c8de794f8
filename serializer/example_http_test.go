package serializer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// A handler decodes the body, and answers with the object or with all that is wrong.
func Example_http() {
	create := func(w http.ResponseWriter, r *http.Request) {
		book, err := books.DecodeRequest(r)
		var wrong *serializer.Errors
		switch {
		case errors.As(err, &wrong): // apierror does this for every handler
			w.WriteHeader(wrong.HTTPStatus())
			_ = json.NewEncoder(w).Encode(wrong)
			return
		case err != nil:
			http.Error(w, "no JSON", http.StatusBadRequest)
			return
		}
		book.ID = 7
		_ = books.Respond(w, r, http.StatusCreated, &book)
	}
	for _, body := range []string{`{"title": "Dune", "price": "12.50"}`, `{"title": "Dune"}`} {
		r := httptest.NewRequest("POST", "/books/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		create(w, r)
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	// Output:
	// 201 {"id":7,"title":"Dune","price":"12.50","format":"paper","tags":[]}
	// 400 {"price":["This field is required."]}
}
