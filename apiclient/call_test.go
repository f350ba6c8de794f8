package apiclient_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

func TestErrorsComeBackAsTheSameValue(t *testing.T) {
	t.Parallel()
	hrm := apierror.NewCatalog("hrm")
	errGone := hrm.Declare("GONE", "The person has left.", apierror.Status(http.StatusGone))
	errLate := hrm.Declare("LATE", "Too late.")
	base := serve(t, hrm.Handler(func(w http.ResponseWriter, r *http.Request) error {
		return errGone.With(map[string]string{"since": "2020"})
	}).ServeHTTP)

	_, err := apiclient.Get[thing](t.Context(), newClient(t, config(base)), "/internal/people/{id}/", apiclient.Path("id", 7))
	if !errors.Is(err, errGone) || errors.Is(err, errLate) {
		t.Errorf("got %v", err)
	}
	var p *apierror.Proxy
	if !errors.As(err, &p) || p.Status != 410 || p.Code != "HRM/GONE" || string(p.Detail) != `{"since":["2020"]}` {
		t.Errorf("got %+v", p)
	}
	var call *apiclient.Error
	if !errors.As(err, &call) || call.Method != "GET" || call.URL != base+"/internal/people/{id}/" {
		t.Errorf("got %+v", call)
	}
	if want := "apiclient: GET " + base + `/internal/people/{id}/: HRM/GONE (410): {"since":["2020"]}`; err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		status int
		body   string
		want   thing
		err    error // nil and status 2xx: none
		empty  error // the same for an answer that is not wanted
	}{
		"object":        {200, `{"id": 7}`, thing{7}, nil, nil},
		"created":       {201, `{"id": 7, "other": 1}`, thing{7}, nil, nil},
		"empty":         {200, "", thing{}, apiclient.ErrDecode, nil},
		"no content":    {204, "", thing{}, apiclient.ErrDecode, nil},
		"no JSON":       {200, "<html>", thing{}, apiclient.ErrDecode, nil},
		"cut":           {200, `{"id": 7`, thing{}, apiclient.ErrDecode, nil},
		"trailing text": {200, `{"id": 7} x`, thing{}, apiclient.ErrDecode, nil},
		"wrong type":    {200, `{"id": "x"}`, thing{}, apiclient.ErrDecode, nil},
		"at the limit":  {200, `{"id":7}` + strings.Repeat(" ", 92), thing{7}, nil, nil},
		"over it":       {200, `{"id":7}` + strings.Repeat(" ", 93), thing{}, apiclient.ErrTooLarge, apiclient.ErrTooLarge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			c.MaxResponse = 100
			client := newClient(t, c)
			got, err := apiclient.Post[thing](t.Context(), client, "/")
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %v, %v", got, err)
			}
			if err := apiclient.Delete(t.Context(), client, "/"); !errors.Is(err, tt.empty) {
				t.Errorf("unwanted answer: %v", err)
			}
		})
	}
}

func TestAnswersThatAreNoErrorsOfOurs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
	}{
		"page":           {404, "<html>nginx</html>"},
		"too large":      {500, strings.Repeat("x", 5000)},
		"not modified":   {304, ""},
		"redirect to no": {302, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			c.MaxResponse = 1000
			_, err := apiclient.Get[thing](t.Context(), newClient(t, c), "/")
			var p *apierror.Proxy
			if !errors.As(err, &p) || p.Status != tt.status || p.Code != "" || string(p.Body) != tt.body[:min(512, len(tt.body))] {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused.Close()
	overTLS := httptest.NewUnstartedServer(http.NotFoundHandler())
	overTLS.Config.ErrorLog = quietLog
	overTLS.StartTLS()
	t.Cleanup(overTLS.Close)
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/nowhere":
			w.Header().Set("Location", "http://[::1")
			w.WriteHeader(http.StatusFound)
		case "/elsewhere":
			http.Redirect(w, r, "ftp://hrm/file", http.StatusFound)
		case "/broken":
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				conn.Close()
			}
		case "/half":
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"id": 7}`)
		case "/endless": // a byte now and then, for ever
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, " "); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
			}
		case "/silent":
			<-r.Context().Done()
		}
	})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx        context.Context
		base, path string
		want       []error
	}{
		"refused":        {t.Context(), "http://" + refused.Addr().String(), "/", []error{apiclient.ErrConnect}},
		"unknown host":   {t.Context(), "http://no-such-host.invalid", "/", []error{apiclient.ErrConnect}},
		"certificate":    {t.Context(), overTLS.URL, "/", []error{apiclient.ErrTLS}},
		"no TLS":         {t.Context(), strings.Replace(plain, "http:", "https:", 1), "/", []error{apiclient.ErrTLS}},
		"redirect loop":  {t.Context(), plain, "/loop", []error{apiclient.ErrRedirect}},
		"no address":     {t.Context(), plain, "/nowhere", []error{apiclient.ErrRedirect}},
		"no http":        {t.Context(), plain, "/elsewhere", []error{apiclient.ErrRedirect}},
		"broken":         {t.Context(), plain, "/broken", []error{apiclient.ErrBroken}},
		"half an answer": {t.Context(), plain, "/half", []error{apiclient.ErrBroken}},
		"endless":        {t.Context(), plain, "/endless", []error{apiclient.ErrTimeout, context.DeadlineExceeded}},
		"silent":         {t.Context(), plain, "/silent", []error{apiclient.ErrTimeout, context.DeadlineExceeded}},
		"cancelled":      {cancelled, plain, "/silent", []error{context.Canceled}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(tt.base)
			c.Retry = once
			timeout := time.Minute // on a busy machine, a handshake takes its time
			if tt.want[0] == apiclient.ErrTimeout {
				timeout = 500 * time.Millisecond
			}
			_, err := apiclient.Post[thing](tt.ctx, newClient(t, c), tt.path, apiclient.Timeout(timeout))
			for _, want := range tt.want {
				if !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
			}
			for _, other := range []error{apiclient.ErrConnect, apiclient.ErrTLS, apiclient.ErrTimeout, apiclient.ErrBroken, apiclient.ErrRedirect} {
				if errors.Is(err, other) != (other == tt.want[0]) {
					t.Errorf("%v is %v", err, other)
				}
			}
		})
	}
}

func TestTimeoutComesFromCallConfigOrContext(t *testing.T) {
	t.Parallel()
	var left time.Duration
	client := func(timeout time.Duration) *apiclient.Client {
		return newClient(t, apiclient.Config{BaseURL: "http://hrm", Service: "hrm", Secret: secret, Timeout: timeout,
			Transport: transport(func(r *http.Request) (*http.Response, error) {
				left = 0
				if end, ok := r.Context().Deadline(); ok {
					left = time.Until(end).Round(time.Second)
				}
				return answer(r, 200, "{}"), nil
			})})
	}
	short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for name, tt := range map[string]struct {
		ctx    context.Context
		config time.Duration
		call   time.Duration
		want   time.Duration
	}{
		"default":      {t.Context(), 0, 0, 120 * time.Second},
		"config":       {t.Context(), 30 * time.Second, 0, 30 * time.Second},
		"call":         {t.Context(), 30 * time.Second, 60 * time.Second, 60 * time.Second},
		"context":      {short, 30 * time.Second, 60 * time.Second, 5 * time.Second},
		"none":         {t.Context(), apiclient.NoTimeout, 0, 0},
		"none in call": {t.Context(), 30 * time.Second, apiclient.NoTimeout, 0},
	} {
		if _, err := apiclient.Get[thing](tt.ctx, client(tt.config), "/", apiclient.Timeout(tt.call)); err != nil || left != tt.want {
			t.Errorf("%s: %v, want %v (%v)", name, left, tt.want, err)
		}
	}
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "DELETE" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, `{"id": 7}`+strings.Repeat(" ", 100_000))
	}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	client := newClient(t, config(srv.URL))
	for range 5 {
		if _, err := apiclient.Get[thing](t.Context(), client, "/"); err != nil {
			t.Fatal(err)
		}
		if err := apiclient.Delete(t.Context(), client, "/"); err == nil {
			t.Fatal("no error")
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestVerifierLetsTheClientIn(t *testing.T) {
	t.Parallel()
	auth, err := serviceauth.New(serviceauth.Config{Errors: apierror.NewCatalog("hrm"), Secrets: []string{"old", secret},
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	base := serve(t, auth.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `"`+serviceauth.Caller(r.Context())+`"`)
	})).ServeHTTP)
	if caller, err := apiclient.Get[string](t.Context(), newClient(t, config(base)), "/"); caller != "hrm" || err != nil {
		t.Errorf("got %q, %v", caller, err)
	}
	_, err = apiclient.Get[string](t.Context(), newClient(t, config(base)), "/", apiclient.Header("X-SERVICE-SECRET", "wrong:hrm"))
	if !errors.Is(err, apierror.Forbidden()) {
		t.Errorf("got %v", err)
	}
}

func TestTimeOverWhileDialling(t *testing.T) {
	t.Parallel()
	c := config("http://hrm")
	c.Transport = transport(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, &net.OpError{Op: "dial", Err: errors.New("operation was canceled")}
	})
	_, err := apiclient.Get[thing](t.Context(), newClient(t, c), "/", apiclient.Timeout(time.Millisecond))
	if !errors.Is(err, apiclient.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, apiclient.ErrConnect) {
		t.Errorf("got %v", err)
	}
}

// endless is a body that never ends and counts what is taken of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func (e *endless) Close() error { return nil }

func TestNoMoreIsReadThanAllowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400} {
		body := &endless{}
		c := config("http://hrm")
		c.MaxResponse = 1 << 20
		c.Transport = transport(func(r *http.Request) (*http.Response, error) {
			resp := answer(r, status, "")
			resp.Body, resp.ContentLength = body, -1
			return resp, nil
		})
		_, err := apiclient.Get[thing](t.Context(), newClient(t, c), "/")
		if status == 200 && !errors.Is(err, apiclient.ErrTooLarge) || err == nil || body.read > 2<<20 {
			t.Errorf("%d: read %d bytes, %v", status, body.read, err)
		}
	}
}
