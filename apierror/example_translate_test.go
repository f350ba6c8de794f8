package apierror_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// Texts are sent in the language of the request; what has no translation stays as it is.
func ExampleWriterConfig_translate() {
	errs := apierror.NewCatalog("hrm")
	errTaken := errs.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
	german := map[string]string{errTaken.Code(): "Diese E-Mail-Adresse ist vergeben.", "Not found.": "Nicht gefunden."}

	writer, err := errs.Writer(apierror.WriterConfig{Translate: func(r *http.Request, code, text string) string {
		if r.Header.Get("Accept-Language") == "de" {
			for _, key := range []string{code, text} {
				if translated, ok := german[key]; ok {
					return translated
				}
			}
		}
		return text
	}})
	if err != nil {
		log.Fatal(err)
	}
	handler := writer.Handler(func(http.ResponseWriter, *http.Request) error { return errTaken })
	for _, language := range []string{"de", "fr"} {
		r := httptest.NewRequest("POST", "/people/", nil)
		r.Header.Set("Accept-Language", language)
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		fmt.Println(rec.Body)
	}
	// Output:
	// {"code":409,"detail":{"non_field_errors":["Diese E-Mail-Adresse ist vergeben."]},"error_code":"HRM/EMAIL_TAKEN"}
	// {"code":409,"detail":{"non_field_errors":["A person with this email exists."]},"error_code":"HRM/EMAIL_TAKEN"}
}
