package serviceauth_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

func ExampleVerifier_Require() {
	auth, err := serviceauth.New(serviceauth.Config{
		Errors:  apierror.NewCatalog("hrm"),
		Secrets: []string{"new secret", "old secret"},
	})
	if err != nil {
		log.Fatal(err)
	}
	internal := auth.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello, %s", serviceauth.Caller(r.Context()))
	}))

	for _, header := range []string{"old secret:mailer", "old secret"} {
		r := httptest.NewRequest("GET", "/internal/people/7/", nil)
		r.Header.Set(serviceauth.Header, header)
		rec := httptest.NewRecorder()
		internal.ServeHTTP(rec, r)
		fmt.Println(rec.Code, rec.Body)
	}
	// Output:
	// 200 hello, mailer
	// 401 {"code":401,"detail":{"detail":"Invalid service secret header. Expected <secret>:<service>."},"error_code":"HRM/DEFAULT_EXCEPTION"}
}
