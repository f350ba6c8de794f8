package apiclient_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/retry"
)

const secret = "s3cret"

// once is a policy for tests that look at a single attempt.
var once = retry.Policy{Attempts: 1}

func config(baseURL string) apiclient.Config {
	return apiclient.Config{BaseURL: baseURL, Service: "hrm", Secret: secret, Timeout: 10 * time.Second}
}

func newClient(t *testing.T, c apiclient.Config) *apiclient.Client {
	t.Helper()
	client, err := apiclient.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL
}

// transport stands in for the network.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)), Request: r, ProtoMajor: 1, ProtoMinor: 1}
}

type thing struct {
	ID int `json:"id"`
}
