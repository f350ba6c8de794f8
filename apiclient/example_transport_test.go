package apiclient_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
)

// Those who keep their own http.Client take the transport alone; those who make their own requests call Do.
func ExampleClient_Transport() {
	hrm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.URL.Path, " ", r.Header.Get("X-Service-Secret") != "")
	}))
	defer hrm.Close()
	client, err := apiclient.New(apiclient.Config{BaseURL: hrm.URL, Service: "mailer", Secret: "secret"})
	if err != nil {
		log.Fatal(err)
	}
	own := &http.Client{Transport: client.Transport()}
	for _, send := range []func(*http.Request) (*http.Response, error){own.Do, client.Do} {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, hrm.URL+"/report.csv", nil)
		if err != nil {
			log.Fatal(err)
		}
		resp, err := send(r)
		if err != nil {
			log.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%s\n", body)
	}
	// Output:
	// /report.csv true
	// /report.csv true
}
