package apiclient_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

var quietLog = log.New(io.Discard, "", 0)

func TestNothingShowsTheSecret(t *testing.T) {
	t.Parallel()
	c := config("http://user:pass-word@hrm")
	client := newClient(t, c)
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "config", c, "client", client)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "config", c, "client", client)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, thing := range []any{c, &c, client, *client, struct{ C *apiclient.Client }{client}, struct{ c *apiclient.Client }{client}} {
			fmt.Fprintf(&out, format+"\n", thing)
		}
	}
	for _, hidden := range []string{secret, "pass-word", fmt.Sprintf("%x", secret)} {
		if strings.Contains(out.String(), hidden) {
			t.Errorf("%q shows in %s", hidden, &out)
		}
	}
	if !strings.Contains(client.String(), `as "hrm"`) {
		t.Errorf("got %s", client)
	}
}

func TestSecretIsInNoError(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { // a debug page that repeats the request
		dump, _ := httputil.DumpRequest(r, true)
		switch r.URL.Path {
		case "/fail":
			w.WriteHeader(http.StatusInternalServerError)
		case "/secret":
			dump = []byte("secret is " + r.Header.Get(serviceauth.Header)[:6])
		case "/envelope":
			w.WriteHeader(http.StatusBadRequest)
			dump = fmt.Appendf(nil, `{"error_code": "HRM/ECHO", "detail": %q}`, dump)
		}
		_, _ = w.Write(dump)
	})
	for name, opts := range map[string][]apiclient.Option{
		"client's": nil,
		"call's":   {apiclient.Header(serviceauth.Header, "other-:me")},
	} {
		client := newClient(t, config(base))
		for _, path := range []string{"/fail", "/ok", "/envelope", "/secret", "/{a}", "?" + secret} {
			_, err := apiclient.Get[thing](t.Context(), client, path, append(opts, apiclient.Query("token", "tok-en"))...)
			if err == nil {
				t.Fatalf("%s %s: no error", name, path)
			}
			text := fmt.Sprintf("%v %+v %#v", err, err, err)
			for e := err; e != nil; e = errors.Unwrap(e) {
				text += fmt.Sprintf(" %+v", e)
			}
			if path != "?"+secret && strings.Contains(text, secret) || strings.Contains(text, "other-") {
				t.Errorf("%s %s: %s", name, path, text)
			}
			if path == "/fail" && !strings.Contains(err.Error(), "[secret]") {
				t.Errorf("the page is not there: %v", err)
			}
		}
	}
	_, err := apiclient.Get[thing](t.Context(), newClient(t, config("http://127.0.0.1:1")), "/", apiclient.Query("token", "tok-en"), apiclient.Timeout(1))
	if err == nil || strings.Contains(err.Error(), "tok-en") || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
}

func TestSecretStaysWithItsHost(t *testing.T) {
	t.Parallel()
	var seen string
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Get(serviceauth.Header)
		_, _ = io.WriteString(w, "{}")
	})
	base := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, http.StatusTemporaryRedirect) })
	client := newClient(t, config(base))
	own := &http.Client{Transport: client.Transport()}
	calls := map[string]func() error{
		"call": func() error { _, err := apiclient.Get[thing](t.Context(), client, "/"); return err },
		"header of the call": func() error {
			_, err := apiclient.Post[thing](t.Context(), client, "/", apiclient.Header("x-service-secret", "mine:me"), apiclient.JSON(1))
			return err
		},
		"own client": func() error { return closed(own.Get(base)) },
		"own client, own header": func() error {
			r, _ := http.NewRequestWithContext(t.Context(), "GET", base, nil)
			r.Header.Set(serviceauth.Header, "mine:me")
			return closed(own.Do(r))
		},
		"own client, other host": func() error { return closed(own.Get(other)) },
		"Do, other host": func() error {
			r, _ := http.NewRequestWithContext(t.Context(), "GET", other, nil)
			return closed(client.Do(r))
		},
	}
	for name, call := range calls {
		seen = "not called"
		if err := call(); err != nil || seen != "" {
			t.Errorf("%s: the other host saw %q (%v)", name, seen, err)
		}
	}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", base, nil)
	if err := closed(client.Transport().RoundTrip(r)); err != nil || len(r.Header) > 0 {
		t.Errorf("the caller's request was changed: %v (%v)", r.Header, err)
	}
	r, _ = http.NewRequestWithContext(t.Context(), "GET", other, nil)
	r.Header.Set(serviceauth.Header, "mine:me")
	if err := closed(own.Do(r)); err != nil || seen != "mine:me" {
		t.Errorf("what the caller sends to another host of its own accord: %q (%v)", seen, err)
	}
}

func closed(resp *http.Response, err error) error {
	if err == nil {
		resp.Body.Close()
	}
	return err
}

func TestSecretStaysWithItsScheme(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	client := newClient(t, apiclient.Config{BaseURL: "https://HRM", Service: "hrm", Secret: secret,
		Transport: transport(func(r *http.Request) (*http.Response, error) {
			seen[r.URL.String()] = r.Header.Get(serviceauth.Header)
			if to, ok := map[string]string{"/a": "https://hrm:443/b", "/b": "http://hrm/c", "/c": "https://hrm:8443/d", "/d": "http://hrm:443/e"}[r.URL.Path]; ok {
				resp := answer(r, 302, "")
				resp.Header.Set("Location", to)
				return resp, nil
			}
			return answer(r, 200, "{}"), nil
		})})
	if _, err := apiclient.Get[thing](t.Context(), client, "/a"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"https://HRM/a": secret + ":hrm", "https://hrm:443/b": secret + ":hrm", "http://hrm/c": "", "https://hrm:8443/d": "", "http://hrm:443/e": ""}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", seen, want)
	}
}

func TestMiddlewareDoesNotSeeTheSecret(t *testing.T) {
	t.Parallel()
	var order []string
	c := config("http://hrm")
	layer := func(name string) func(http.RoundTripper) http.RoundTripper {
		return func(next http.RoundTripper) http.RoundTripper {
			return transport(func(r *http.Request) (*http.Response, error) {
				order = append(order, name+r.Header.Get(serviceauth.Header))
				return next.RoundTrip(r)
			})
		}
	}
	c.Middleware = []func(http.RoundTripper) http.RoundTripper{layer("outer "), layer("inner ")}
	c.Transport = transport(func(r *http.Request) (*http.Response, error) {
		order = append(order, "sent "+r.Header.Get(serviceauth.Header))
		return answer(r, 200, "{}"), nil
	})
	if _, err := apiclient.Get[thing](t.Context(), newClient(t, c), "/"); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, ", "); got != "outer , inner , sent s3cret:hrm" {
		t.Errorf("got %s", got)
	}
}
