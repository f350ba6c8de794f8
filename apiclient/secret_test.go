package apiclient_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/apierror"
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
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
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

// Whatever a service makes of the secret that it was sent, in whatever part of its answer.
func TestSecretsInOddAnswers(t *testing.T) {
	t.Parallel()
	const odd = `s3c"<&>'é/ret` // spelled otherwise in JSON, HTML and URLs
	type dated struct {
		When time.Time
		ID   int
	}
	spellings := map[string]string{"as it is": odd, "JSON": `s3c\"<&>'é/ret`, "escaped JSON": `s3c\"\u003c\u0026\u003e'é/ret`, "Python's JSON": `s3c\"<&>'\u00e9/ret`,
		"HTML": "s3c&#34;&lt;&amp;&gt;&#39;é/ret", "query": url.QueryEscape(odd), "path": url.PathEscape(odd)}
	for spelling, text := range spellings {
		for name, tt := range map[string]struct {
			status              int
			contentType, answer string
		}{
			"page":         {500, "text/html", "<pre>" + text + "</pre>"},
			"at the cut":   {500, "text/html", strings.Repeat("x", 505) + text},
			"detail":       {422, "application/json", `{"error_code": "HRM/X", "detail": {"sent": "` + strings.ReplaceAll(text, `"`, `\"`) + `"}}`},
			"escaped":      {422, "application/json", `{"error_code": "HRM/X", "detail": {"\u0073\u0033c\"<&>'é\/ret": ["\u0073\u0033c\"<&>'é\/ret"]}}`},
			"code":         {422, "application/json", `{"error_code": "HRM/` + strings.ReplaceAll(text, `"`, `\"`) + `"}`},
			"content type": {200, "text/" + text, "x"},
			"broken JSON":  {200, "application/json", `{"ID": 7, "` + text},
			"bad value":    {200, "application/json", `{"When": "` + strings.ReplaceAll(text, `"`, `\"`) + `"}`},
		} {
			c := config("http://hrm")
			c.Secret, c.Retry = odd, once
			c.Transport = transport(func(r *http.Request) (*http.Response, error) {
				resp := answer(r, tt.status, tt.answer)
				resp.Header.Set("Content-Type", tt.contentType)
				return resp, nil
			})
			_, err := apiclient.Get[dated](t.Context(), newClient(t, c), "/")
			for e := err; e != nil; e = errors.Unwrap(e) {
				for _, hidden := range spellings {
					if shown := fmt.Sprintf("%v %+v", e, e); strings.Contains(shown, hidden) || strings.Contains(shown, strings.ReplaceAll(hidden, `\`, `\\`)) {
						t.Errorf("%s, %s: %s", name, spelling, shown)
					}
				}
			}
			var p *apierror.Proxy
			if errors.As(err, &p) != (tt.status != 200) || p != nil && (strings.Contains(string(p.Detail)+string(p.Body)+p.Code, odd) || p.Detail != nil && !json.Valid(p.Detail)) {
				t.Errorf("%s, %s: %+v", name, spelling, p)
			}
		}
	}
}

// A server that is none may send the request back as it came.
func TestSecretIsInNoErrorOfTheTransport(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 4096)
			n, _ := conn.Read(buf)
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%s", strings.NewReplacer("GET / HTTP/1.1\r\n", "", "X-Service-Secret: "+secret+":hrm", "no header "+secret).Replace(string(buf[:n])))
			conn.Close()
		}
	}()
	c := config("http://" + listener.Addr().String())
	c.Retry = once
	_, err = apiclient.Get[thing](t.Context(), newClient(t, c), "/")
	if !errors.Is(err, apiclient.ErrBroken) || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "[secret]") {
		t.Errorf("got %v", err)
	}
}

// A secret that is a part of JSON, or of words that everybody uses, costs no status and no code.
func TestSecretsThatAreCommonWords(t *testing.T) {
	t.Parallel()
	for _, weak := range []string{"1", "422", "code", "detail", "a", "true", `"`, "{"} {
		c := config("http://hrm")
		c.Secret = weak
		c.Transport = transport(func(r *http.Request) (*http.Response, error) {
			return answer(r, 409, `{"code": 422, "error_code": "HRM/BUSY", "detail": {"a": [1, true, "x"]}}`), nil
		})
		_, err := apiclient.Get[thing](t.Context(), newClient(t, c), "/")
		var p *apierror.Proxy
		if !errors.As(err, &p) || p.Status != 409 || p.Code != "HRM/BUSY" || !json.Valid(p.Detail) {
			t.Errorf("%q: %v", weak, err)
		}
	}
}

func TestPanicsShowNoSecret(t *testing.T) {
	t.Parallel()
	c := config("http://hrm")
	c.Transport = transport(func(r *http.Request) (*http.Response, error) { panic("the transport is broken") })
	client := newClient(t, c)
	for _, value := range []func(){
		func() { panic(fmt.Sprintf("%+v %+v", client, c)) },
		func() { panic(client) },
		func() { _, _ = apiclient.Get[thing](t.Context(), client, "/") },
		func() { _, _ = apiclient.Get[thing](t.Context(), nil, "/") },
	} {
		func() {
			defer func() {
				if text := fmt.Sprintf("%+v\n%s", recover(), debug.Stack()); strings.Contains(text, secret) {
					t.Errorf("the secret shows in %s", text)
				}
			}()
			value()
		}()
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
