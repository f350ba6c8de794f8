package apiclient_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/retry"
)

// roundTrip makes a function an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Middleware sees each attempt and each redirect, as tracing wants it, and never the secret.
func ExampleConfig_middleware() {
	tries := 0
	hrm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tries++; tries == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintf(w, `{"secret": %t, "trace": %q}`, r.Header.Get("X-Service-Secret") != "", r.Header.Get("Traceparent"))
	}))
	defer hrm.Close()

	trace := func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context()) // a RoundTripper must not change its request
			r.Header.Set("Traceparent", "00-4bf92f3577b34da6-00f067aa0ba902b7-01")
			resp, err := next.RoundTrip(r)
			if err == nil {
				fmt.Println("span:", r.Method, r.URL.Path, resp.StatusCode, "sees a secret:", r.Header.Get("X-Service-Secret") != "")
			}
			return resp, err
		})
	}
	client, err := apiclient.New(apiclient.Config{
		BaseURL: hrm.URL, Service: "mailer", Secret: "secret",
		Retry:      retry.Policy{Wait: time.Millisecond},
		Middleware: []func(http.RoundTripper) http.RoundTripper{trace},
	})
	if err != nil {
		log.Fatal(err)
	}
	seen, err := apiclient.Get[map[string]any](context.Background(), client, "/internal/people/{id}/", apiclient.Path("id", 7))
	fmt.Println(seen, err)
	// Output:
	// span: GET /internal/people/7/ 503 sees a secret: false
	// span: GET /internal/people/7/ 200 sees a secret: false
	// map[secret:true trace:00-4bf92f3577b34da6-00f067aa0ba902b7-01] <nil>
}
