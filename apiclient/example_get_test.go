package apiclient_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// What the called service declares, in the package that it exports.
var (
	hrmErrors = apierror.NewCatalog("hrm")
	ErrGone   = hrmErrors.Declare("GONE", "The person has left.", apierror.Status(http.StatusGone))
)

func ExampleGet() {
	hrm := httptest.NewServer(hrmErrors.Handler(func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path != "/internal/people/7/" {
			return ErrGone
		}
		fmt.Fprint(w, `{"name": "Ann"}`)
		return nil
	}))
	defer hrm.Close()

	client, err := apiclient.New(apiclient.Config{BaseURL: hrm.URL, Service: "mailer", Secret: "secret"})
	if err != nil {
		log.Fatal(err)
	}
	type Person struct{ Name string }
	for _, id := range []int{7, 8} {
		p, err := apiclient.Get[Person](context.Background(), client, "/internal/people/{id}/", apiclient.Path("id", id))
		fmt.Println(p.Name, errors.Is(err, ErrGone))
	}
	// Output:
	// Ann false
	//  true
}
