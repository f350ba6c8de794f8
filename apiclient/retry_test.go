package apiclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/retry"
)

// script answers one attempt after the other, each as its entry says: a status, or an error.
type script struct {
	steps  []any
	header http.Header
	at     []time.Duration // of each attempt, since the first
	bodies []string
	start  time.Time
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.start.IsZero() {
		s.start = time.Now()
	}
	s.at = append(s.at, time.Since(s.start))
	body := ""
	if r.Body != nil {
		raw, _ := io.ReadAll(r.Body)
		r.Body.Close()
		body = string(raw)
	}
	s.bodies = append(s.bodies, body)
	step := s.steps[0]
	if len(s.steps) > 1 {
		s.steps = s.steps[1:]
	}
	if err, ok := step.(error); ok {
		return nil, err
	}
	status := step.(int)
	resp := answer(r, status, `{"id": 7, "error_code": "HRM/BUSY", "detail": {"a": ["b"]}}`)
	if s.header != nil {
		resp.Header = s.header
	}
	if status == 302 {
		resp.Header = http.Header{"Location": {"/other"}}
	}
	return resp, nil
}

func (s *script) client(t *testing.T, policy retry.Policy) *apiclient.Client {
	return newClient(t, apiclient.Config{BaseURL: "http://hrm", Service: "mailer", Secret: secret, Retry: policy, Transport: s})
}

var (
	refused = &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	reset   = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	seconds = func(n ...float64) []time.Duration {
		all := make([]time.Duration, len(n))
		for i := range n {
			all[i] = time.Duration(n[i] * float64(time.Second))
		}
		return all
	}
)

func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	key := apiclient.Header("Idempotency-Key", "1")
	tests := map[string]struct {
		method string
		opts   []apiclient.Option
		steps  []any
		policy retry.Policy
		at     []time.Duration
		want   error
	}{
		"at once":               {"GET", nil, []any{200}, retry.Policy{}, seconds(0), nil},
		"429":                   {"GET", nil, []any{429, 200}, retry.Policy{}, seconds(0, 0.5), nil},
		"502, 503":              {"PUT", nil, []any{502, 503, 200}, retry.Policy{}, seconds(0, 0.5, 1.5), nil},
		"504 to the end":        {"DELETE", nil, []any{504}, retry.Policy{}, seconds(0, 0.5, 1.5), apierror.NewProxy("HRM/BUSY", nil)},
		"refused, broken":       {"GET", nil, []any{refused, reset, 200}, retry.Policy{}, seconds(0, 0.5, 1.5), nil},
		"last is decoded":       {"GET", nil, []any{refused, 404}, retry.Policy{}, seconds(0, 0.5), apierror.NewProxy("HRM/BUSY", nil)},
		"500":                   {"GET", nil, []any{500}, retry.Policy{}, seconds(0), apierror.NewProxy("HRM/BUSY", nil)},
		"odd failure":           {"GET", nil, []any{errors.New("odd"), 409}, retry.Policy{}, seconds(0, 0.5), apierror.NewProxy("HRM/BUSY", nil)},
		"POST 503":              {"POST", nil, []any{503}, retry.Policy{}, seconds(0), apierror.NewProxy("HRM/BUSY", nil)},
		"POST broken":           {"POST", nil, []any{reset}, retry.Policy{}, seconds(0), apiclient.ErrBroken},
		"POST refused":          {"POST", nil, []any{refused, 200}, retry.Policy{}, seconds(0, 0.5), nil},
		"POST redirected":       {"POST", nil, []any{302, refused}, retry.Policy{}, seconds(0, 0), apiclient.ErrConnect},
		"GET redirected":        {"GET", nil, []any{302, refused, 200}, retry.Policy{}, seconds(0, 0, 0.5), nil},
		"POST with a key":       {"POST", []apiclient.Option{key}, []any{503, reset, 200}, retry.Policy{}, seconds(0, 0.5, 1.5), nil},
		"PATCH 503":             {"PATCH", nil, []any{503}, retry.Policy{}, seconds(0), apierror.NewProxy("HRM/BUSY", nil)},
		"off":                   {"GET", nil, []any{503}, once, seconds(0), apierror.NewProxy("HRM/BUSY", nil)},
		"choice of the caller":  {"GET", nil, []any{409, 200}, retry.Policy{On: []retry.Match{retry.Is(apierror.NewProxy("HRM/BUSY", nil))}}, seconds(0, 0.5), nil},
		"not for what may harm": {"POST", nil, []any{409}, retry.Policy{On: []retry.Match{func(error) bool { return true }}}, seconds(0), apierror.NewProxy("HRM/BUSY", nil)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: tt.steps}
				got, err := apiclient.Call[thing](t.Context(), s.client(t, tt.policy), tt.method, "/", append(tt.opts, apiclient.JSON("body"))...)
				if !slices.Equal(s.at, tt.at) {
					t.Errorf("attempts at %v, want %v", s.at, tt.at)
				}
				if !errors.Is(err, tt.want) || err == nil && got.ID != 7 {
					t.Errorf("got %v, %v, want %v", got, err, tt.want)
				}
				for _, body := range s.bodies[:1] {
					if body != `"body"` {
						t.Errorf("bodies: %q", s.bodies)
					}
				}
			})
		})
	}
}

// A middleware that breaks the rules of http.RoundTripper costs the call, not the program.
func TestNeitherAnswerNorError(t *testing.T) {
	t.Parallel()
	c := config("http://hrm")
	c.Retry, c.Transport = once, transport(func(*http.Request) (*http.Response, error) { return nil, nil })
	if _, err := apiclient.Get[thing](t.Context(), newClient(t, c), "/"); !errors.Is(err, apiclient.ErrBroken) {
		t.Errorf("got %v", err)
	}
}

func TestBodyIsSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []any{503, 200}}
		if _, err := apiclient.Put[thing](t.Context(), s.client(t, retry.Policy{}), "/", apiclient.JSON(1)); err != nil || !slices.Equal(s.bodies, []string{"1", "1"}) {
			t.Errorf("%q, %v", s.bodies, err)
		}
	})
}

func TestCookiesAreSentOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent []string
		c := config("http://hrm")
		c.Jar, _ = cookiejar.New(nil)
		c.Transport = transport(func(r *http.Request) (*http.Response, error) {
			sent = append(sent, r.Header.Get("Cookie"))
			resp := answer(r, []int{200, 503, 200}[len(sent)-1], "{}")
			resp.Header.Set("Set-Cookie", "k=v")
			return resp, nil
		})
		client := newClient(t, c)
		for range 2 {
			if _, err := apiclient.Get[thing](t.Context(), client, "/", apiclient.Header("X-Custom", "1")); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(sent, []string{"", "k=v", "k=v"}) {
			t.Errorf("got %q", sent)
		}
	})
}

func TestRetryAfterIsObeyedWithinTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []any{429, 200}, header: http.Header{"Retry-After": {"7"}}}
		if _, err := apiclient.Get[thing](t.Context(), s.client(t, retry.Policy{}), "/"); err != nil || !slices.Equal(s.at, seconds(0, 7)) {
			t.Errorf("attempts at %v, %v", s.at, err)
		}
		s = &script{steps: []any{429, 200}, header: http.Header{"Retry-After": {"7"}}}
		start := time.Now()
		_, err := apiclient.Get[thing](t.Context(), s.client(t, retry.Policy{}), "/", apiclient.Timeout(5*time.Second))
		var p *apierror.Proxy
		if !errors.As(err, &p) || p.Status != 429 || len(s.at) != 1 || time.Since(start) > 0 {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestCancelEndsThePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		s := &script{steps: []any{503}}
		start := time.Now()
		_, err := apiclient.Get[thing](ctx, s.client(t, retry.Policy{}), "/")
		var p *apierror.Proxy
		if !errors.Is(err, context.Canceled) || !errors.As(err, &p) || time.Since(start) != 100*time.Millisecond {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestTimeoutOfOneAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		client := newClient(t, apiclient.Config{BaseURL: "http://hrm", Service: "mailer", Secret: secret, Retry: retry.Policy{AttemptTimeout: time.Second},
			Transport: transport(func(r *http.Request) (*http.Response, error) {
				if attempts++; attempts == 1 {
					<-r.Context().Done()
					return nil, r.Context().Err()
				}
				return answer(r, 200, `{"id": 7}`), nil
			})})
		if got, err := apiclient.Get[thing](t.Context(), client, "/"); err != nil || got.ID != 7 || attempts != 2 {
			t.Errorf("%v after %d attempts: %v", got, attempts, err)
		}
	})
}

func TestDoReturnsTheLastAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		method string
		body   io.Reader
		steps  []any
		tries  int
		status int
		err    error
	}{
		"at once":         {"GET", nil, []any{200}, 1, 200, nil},
		"repeated":        {"PUT", strings.NewReader("body"), []any{refused, 503, 201}, 3, 201, nil},
		"no success":      {"GET", nil, []any{503}, 3, 503, nil},
		"an error of it":  {"GET", nil, []any{404}, 1, 404, nil},
		"POST":            {"POST", strings.NewReader("body"), []any{503}, 1, 503, nil},
		"not replayable":  {"PUT", io.MultiReader(strings.NewReader("body")), []any{503}, 1, 503, nil},
		"no answer":       {"GET", nil, []any{503, refused}, 3, 0, apiclient.ErrConnect},
		"POST, no answer": {"POST", nil, []any{reset}, 1, 0, apiclient.ErrBroken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: tt.steps}
				r, _ := http.NewRequestWithContext(t.Context(), tt.method, "http://hrm/a?secret=1", tt.body)
				resp, err := s.client(t, retry.Policy{}).Do(r)
				if len(s.at) != tt.tries || !errors.Is(err, tt.err) {
					t.Fatalf("%d attempts, %v", len(s.at), err)
				}
				for _, body := range s.bodies {
					if tt.body != nil && body != "body" {
						t.Errorf("bodies: %q", s.bodies)
					}
				}
				if err != nil {
					if strings.Contains(err.Error(), "secret") {
						t.Errorf("the query shows: %v", err)
					}
					return
				}
				body, readErr := io.ReadAll(resp.Body)
				if resp.StatusCode != tt.status || readErr != nil || !strings.HasPrefix(string(body), `{"id": 7`) || resp.Body.Close() != nil {
					t.Errorf("%d %s %v", resp.StatusCode, body, readErr)
				}
			})
		})
	}
}

func TestDoRefusesWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	client := (&script{steps: []any{200}}).client(t, retry.Policy{})
	relative, _ := http.NewRequestWithContext(t.Context(), "GET", "/a", nil)
	header, _ := http.NewRequestWithContext(t.Context(), "GET", "http://hrm", nil)
	header.Header["X"] = []string{"a\nb"}
	for _, r := range []*http.Request{relative, header, {}} {
		if _, err := client.Do(r); !errors.Is(err, apiclient.ErrRequest) {
			t.Errorf("got %v", err)
		}
	}
}

func TestDoStreamsAndEndsWithItsTime(t *testing.T) {
	t.Parallel()
	base := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, strings.Repeat("x", 200_000))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	c := config(base)
	c.Timeout, c.Retry = 300*time.Millisecond, retry.Policy{Attempts: 1, AttemptTimeout: 200 * time.Millisecond}
	r, _ := http.NewRequestWithContext(t.Context(), "GET", base, nil)
	resp, err := newClient(t, c).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if len(body) != 200_000 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("read %d bytes, %v", len(body), err)
	}
}
