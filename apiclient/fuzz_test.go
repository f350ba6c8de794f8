package apiclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// Whatever a service answers: no panic, the status is not lost, and the secret does not show.
func FuzzAnswer(f *testing.F) {
	const odd = `s3c"ret<`
	f.Add(422, "application/json", []byte(`{"code": 422, "detail": {"a": ["s3c\"ret<", "s3c\u0022ret\u003c"]}, "error_code": "HRM/A"}`))
	f.Add(502, "text/html", []byte(`<html>s3c&#34;ret&lt; s3c%22ret%3C`))
	f.Add(200, "application/json", []byte(`{"id": "s3c\"ret<"}`))
	f.Add(302, "", []byte(``))
	f.Add(429, "s3c\"ret<", []byte(strings.Repeat("[", 600)))
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		if status < 200 || status > 999 {
			return // no final answer of HTTP
		}
		c := config("http://hrm")
		c.Secret, c.Retry = odd, once
		c.Transport = transport(func(r *http.Request) (*http.Response, error) {
			resp := answer(r, status, string(body))
			resp.Header.Set("Content-Type", contentType)
			return resp, nil
		})
		_, err := apiclient.Get[thing](t.Context(), newClient(t, c), "/")
		if (err == nil) != (status < 300 && json.Unmarshal(body, &thing{}) == nil) {
			t.Fatalf("%d %q: %v", status, body, err)
		}
		if err == nil {
			return
		}
		if shown := fmt.Sprintf("%v %+v", err, err); strings.Contains(shown, odd) {
			t.Fatalf("the secret shows in %s", shown)
		}
		var p *apierror.Proxy
		if errors.As(err, &p) != (status > 299) || p != nil && (p.Status != status || strings.Contains(string(p.Body)+string(p.Detail)+p.Code, odd)) {
			t.Fatalf("%d %q: %+v", status, body, p)
		}
	})
}
