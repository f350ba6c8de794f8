package openapitest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"
)

// A Service serves routes and knows their document. An openapi.API is one.
type Service interface {
	http.Handler
	Document() (json.RawMessage, error)
}

// Strict serves a service and fails the test at each answer that the document does not describe. Routes are added
// before. The answer reaches the client all the same.
func Strict(t testing.TB, service Service) http.Handler {
	t.Helper()
	document, err := service.Document()
	if err != nil {
		t.Fatalf("openapitest: %v", err)
	}
	j := newJudge(t, document)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &watcher{ResponseWriter: w}
		method, path := r.Method, r.URL.EscapedPath() // the service may change its request
		service.ServeHTTP(seen, r)
		if !seen.hijacked {
			j.judge(method, path, seen.final(), w.Header(), seen.body.Bytes())
		}
	})
}

// Transport is Strict for a client of a service that runs elsewhere, with all the middleware around it: it sends
// requests through next (nil means http.DefaultTransport) and fails the test at each answer that the document does not
// describe. Paths are compared from the root of the host on.
func Transport(t testing.TB, document json.RawMessage, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	if next == nil {
		next = http.DefaultTransport
	}
	return &transport{newJudge(t, document), next}
}

// judge reports to a test for as long as that runs.
type judge struct {
	t       testing.TB
	checker *Checker

	mu    sync.Mutex
	ended bool
}

func newJudge(t testing.TB, document json.RawMessage) *judge {
	t.Helper()
	checker, err := NewChecker(document)
	if err != nil {
		t.Fatal(err)
	}
	j := &judge{t: t, checker: checker}
	t.Cleanup(func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.ended = true
	})
	return j
}

func (j *judge) judge(method, path string, status int, header http.Header, body []byte) {
	if err := j.checker.Check(method, path, status, header, body); err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		if !j.ended { // a testing.T panics when it is told so after its end
			j.t.Error(err)
		}
	}
}

type transport struct {
	judge *judge
	next  http.RoundTripper
}

func (s *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err != nil || !s.judge.checker.Knows(r.Method, r.URL.EscapedPath()) {
		return resp, err // also what streams for ever, unless it is documented
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	s.judge.judge(r.Method, r.URL.EscapedPath(), resp.StatusCode, resp.Header, body)
	return resp, nil
}
