package apiclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

// buffered is how much of an answer is kept while a request is repeated, in bytes.
const buffered = 64 << 10

// Do sends a request of the caller's making, with secret, timeout and repetitions as in a call, and returns the last
// answer, whatever its status. Like http.Client.Do it leaves the body to the caller, who must close it; the timeout
// ends reading too. The URL must be absolute; the secret goes along if it points to the host of BaseURL. MaxResponse
// and Retry.AttemptTimeout do not apply.
//
// A request with a body is repeated only if it has GetBody, as those of http.NewRequest from bytes and strings do. An
// error is an [*Error].
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	if err := sendable(r); err != nil {
		return nil, &Error{Method: r.Method, URL: shown(r.URL), Err: err}
	}
	if r.Body != nil && r.GetBody != nil {
		defer r.Body.Close() // each attempt gets its own
	}
	ctx, cancel := r.Context(), context.CancelFunc(func() {})
	if c.timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
	}
	policy := c.retry
	policy.AttemptTimeout = 0 // would end with the attempt, and the body with it
	if r.Body != nil && r.Body != http.NoBody && r.GetBody == nil {
		policy.Attempts = 1
	}
	harmless := repeatable(r.Method, r.Header)
	var last *http.Response
	err := retry.Run(ctx, policy, func(ctx context.Context) error {
		if last != nil {
			last.Body.Close()
			last = nil
		}
		var redirected bool
		attempt := r.Clone(context.WithValue(ctx, redirectKey{}, &redirected))
		if attempt.Header == nil {
			attempt.Header = http.Header{} // net/http adds cookies to it
		}
		if r.GetBody != nil {
			body, err := r.GetBody()
			if err != nil {
				return retry.Permanent(fmt.Errorf("%w: the body: %w", ErrRequest, err))
			}
			attempt.Body = body
		}
		resp, err := c.http.Do(attempt) //nolint:bodyclose // last goes to the caller; keep reads and closes the others
		if err != nil {
			return guard(c.failed(attempt, err), harmless, redirected)
		}
		last = resp
		if temporary(resp.StatusCode) {
			return guard(c.answered(attempt, resp, keep(resp)), harmless, redirected)
		}
		return nil
	})
	if last == nil {
		cancel()
		return nil, &Error{Method: r.Method, URL: shown(r.URL), Err: err}
	}
	last.Body = &body{last.Body, cancel}
	return last, nil
}

// shown returns the part of a URL that holds no secrets.
func shown(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// sendable finds what net/http would refuse without saying so in a way that can be told from a broken connection.
func sendable(r *http.Request) error {
	if r.URL == nil || r.URL.Scheme != "http" && r.URL.Scheme != "https" || r.URL.Host == "" {
		return fmt.Errorf("%w: the URL is not absolute: begin it with that of the service", ErrRequest)
	}
	for name, values := range r.Header {
		for _, value := range values {
			if !usableHeader(name, value) {
				return fmt.Errorf("%w: header %q has a name or a value with characters that cannot be sent", ErrRequest, name)
			}
		}
	}
	return nil
}

// keep reads the beginning of a body ahead, mostly all of it, so that it outlives the pause before the next attempt.
func keep(resp *http.Response) []byte {
	ahead, err := io.ReadAll(io.LimitReader(resp.Body, buffered))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = failing{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(ahead), rest), resp.Body}
	return ahead
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// body ends the time of a call when it is closed.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *body) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// repeatable tells whether a request may reach the service twice.
func repeatable(method string, header http.Header) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete, "":
		return true
	}
	return header.Get("Idempotency-Key") != ""
}

// guard forbids to repeat what may have reached the service and must not reach it twice. A request that was redirected
// has reached it.
func guard(err error, harmless, redirected bool) error {
	if err == nil || harmless || errors.Is(err, ErrConnect) && !redirected {
		return err
	}
	return retry.Permanent(err)
}
