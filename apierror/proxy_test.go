package apierror_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

func decode(t *testing.T, status int, header http.Header, body string) *apierror.Proxy {
	t.Helper()
	var p *apierror.Proxy
	if !errors.As(apierror.Decode(status, header, []byte(body)), &p) {
		t.Fatal("no Proxy")
	}
	return p
}

func TestDecodeKeepsWhatCame(t *testing.T) {
	t.Parallel()
	p := decode(t, 409, http.Header{"Retry-After": {"7"}}, `{"code": 1, "detail": {"b": ["x"], "a": [1]}, "error_code": "HRM/EMAIL_TAKEN"}`)
	if p.Status != 409 || p.Code != "HRM/EMAIL_TAKEN" || string(p.Detail) != `{"b": ["x"], "a": [1]}` || p.Body != nil {
		t.Errorf("got %+v", p)
	}
	if wait, ok := p.RetryAfter(); wait != 7*time.Second || !ok {
		t.Errorf("Retry-After: %v %v", wait, ok)
	}
}

func TestDecodeOfAnythingElseKeepsStatusAndBeginning(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "<html>", "null", "[]", `"x"`, `{}`, `{"error_code": ""}`, `{"error_code": 5}`, `{"error_code": null}`,
		`{"error_code": "A/B"} trailing`, strings.Repeat("[", 20000), strings.Repeat("x", 5000)} {
		p := decode(t, 502, nil, body)
		if p.Status != 502 || p.Code != "" || string(p.Body) != body[:min(len(body), 512)] {
			t.Errorf("%.20q: %+v", body, p)
		}
	}
}

func TestRetryAfterOfAnAnswer(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for value, want := range map[string]bool{"5": true, soon: true, "": false, "0": false, "-1": false, "soon": false, "1.5": false,
		"99999999999999": false, "Mon, 02 Jan 2006 15:04:05 GMT": false} {
		wait, ok := decode(t, 429, http.Header{"Retry-After": {value}}, "").RetryAfter()
		if ok != want || ok != (wait > 0) || wait > time.Hour {
			t.Errorf("%q: %v %v", value, wait, ok)
		}
	}
}

func TestPassingOn(t *testing.T) {
	t.Parallel()
	writer := newWriter(t, apierror.NewCatalog("mailer"), apierror.WriterConfig{Logger: quiet()})
	taken := apierror.Decode(409, nil, []byte(`{"code": 409, "detail": {"email": "taken"}, "error_code": "HRM/EMAIL_TAKEN"}`))
	slow := apierror.Decode(429, http.Header{"Retry-After": {"3"}}, []byte(`{"detail": ["a"], "error_code": "HRM/DEFAULT_EXCEPTION"}`))
	tests := map[string]struct {
		err        error
		status     int
		body       string
		retryAfter string
	}{
		"422 by default":    {taken, 422, `{"code": 422, "detail": {"email": ["taken"]}, "error_code": "HRM/EMAIL_TAKEN"}`, ""},
		"its own status":    {apierror.KeepStatus(taken), 409, `{"code": 409, "detail": {"email": ["taken"]}, "error_code": "HRM/EMAIL_TAKEN"}`, ""},
		"Retry-After":       {apierror.KeepStatus(slow), 429, `{"code": 429, "detail": {"non_field_errors": ["a"]}, "error_code": "HRM/DEFAULT_EXCEPTION"}`, "3"},
		"not with 422":      {slow, 422, `{"code": 422, "detail": {"non_field_errors": ["a"]}, "error_code": "HRM/DEFAULT_EXCEPTION"}`, ""},
		"a gateway's page":  {apierror.Decode(502, nil, []byte("<html>inside</html>")), 500, serverErrorOf("MAILER"), ""},
		"also on request":   {apierror.KeepStatus(apierror.Decode(502, nil, []byte("<html>"))), 500, serverErrorOf("MAILER"), ""},
		"no error's status": {apierror.KeepStatus(apierror.Decode(302, nil, []byte(`{"error_code": "A/B"}`))), 422, `{"code": 422, "detail": {"non_field_errors": ["Invalid input."]}, "error_code": "A/B"}`, ""},
		"null detail":       {apierror.Decode(400, nil, []byte(`{"error_code": "A/B", "detail": null}`)), 422, `{"code": 422, "detail": {"non_field_errors": ["Invalid input."]}, "error_code": "A/B"}`, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := httptest.NewRecorder()
			writer.Write(rec, httptest.NewRequest("GET", "/", nil), tt.err)
			if rec.Code != tt.status || rec.Header().Get("Retry-After") != tt.retryAfter {
				t.Errorf("status %d, Retry-After %q", rec.Code, rec.Header().Get("Retry-After"))
			}
			sameJSON(t, rec.Body.String(), tt.body)
		})
	}
}

func TestKeepStatusOfOtherErrors(t *testing.T) {
	t.Parallel()
	if apierror.KeepStatus(nil) != nil {
		t.Error("nil became an error")
	}
	if err := errors.New("x"); apierror.KeepStatus(err) != err {
		t.Error("an error without a proxy error changed")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(409, "7", []byte(`{"code": 409, "detail": {"a": ["b"]}, "error_code": "HRM/A"}`))
	f.Add(502, "Mon, 02 Jan 2006 15:04:05 GMT", []byte("<html>"))
	f.Add(0, "-1", []byte(`{"error_code": "\ud800", "detail": 1e999}`))
	f.Add(400, "x", []byte(`{"error_code": "A/DEFAULT_EXCEPTION", "detail": [[[{}]]], "detail": "twice"}`))
	writer, err := apierror.NewCatalog("hrm").Writer(apierror.WriterConfig{Logger: quiet()})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, retryAfter string, body []byte) {
		p := decode(t, status, http.Header{"Retry-After": {retryAfter}}, string(body))
		if p.Status != status {
			t.Fatalf("status %d became %d", status, p.Status)
		}
		_ = p.Error()
		rec := httptest.NewRecorder()
		writer.Write(rec, nil, apierror.KeepStatus(p))
		again := decode(t, rec.Code, rec.Header(), rec.Body.String())
		if again.Code == "" || p.Code != "" && again.Code != strings.ToValidUTF8(p.Code, "\ufffd") {
			t.Fatalf("%q was passed on as %q: %s", p.Code, again.Code, rec.Body)
		}
	})
}
