package apierror_test

import (
	"fmt"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

func ExampleFields() {
	var fields apierror.Fields
	fields.Add("email", "Enter a valid email address.")
	fields.List("phones", 2)[1].Add("number", "This field is required.")

	rec := httptest.NewRecorder()
	Errors.Write(rec, httptest.NewRequest("POST", "/people/", nil), fields.Err())
	fmt.Println(rec.Code, rec.Body)
	// Output:
	// 400 {"code":400,"detail":{"email":["Enter a valid email address."],"phones":[{},{"number":["This field is required."]}]},"error_code":"HRM/DEFAULT_EXCEPTION"}
}
