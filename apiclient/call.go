package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

// Get asks for the resource at path, in which {name} stands for a value that [Path] gives, and decodes the answer into
// a T. Every error is an [*Error].
func Get[T any](ctx context.Context, c *Client, path string, opts ...Option) (T, error) {
	return Call[T](ctx, c, http.MethodGet, path, opts...)
}

// Post is [Get] with another method; [JSON] gives the body.
func Post[T any](ctx context.Context, c *Client, path string, opts ...Option) (T, error) {
	return Call[T](ctx, c, http.MethodPost, path, opts...)
}

// Put is [Get] with another method; [JSON] gives the body.
func Put[T any](ctx context.Context, c *Client, path string, opts ...Option) (T, error) {
	return Call[T](ctx, c, http.MethodPut, path, opts...)
}

// Patch is [Get] with another method; [JSON] gives the body.
func Patch[T any](ctx context.Context, c *Client, path string, opts ...Option) (T, error) {
	return Call[T](ctx, c, http.MethodPatch, path, opts...)
}

// Delete deletes the resource at path. What the service answers, unless it is an error, is not looked at: see [Call]
// for that.
func Delete(ctx context.Context, c *Client, path string, opts ...Option) error {
	_, err := Call[struct{}](ctx, c, http.MethodDelete, path, opts...)
	return err
}

// Call sends a request with any method and decodes the answer, any 2xx, into a T. With struct{} for T the answer is
// not looked at and may be empty; otherwise an empty one is [ErrDecode]. Every error is an [*Error].
func Call[T any](ctx context.Context, c *Client, method, path string, opts ...Option) (T, error) {
	var result T
	var into any = &result
	if _, ok := any(result).(struct{}); ok {
		into = nil
	}
	if err := c.do(ctx, method, path, opts, into); err != nil {
		var none T
		return none, err
	}
	return result, nil
}

// do makes a call; into is nil when the answer is not wanted.
func (c *Client) do(ctx context.Context, method, path string, opts []Option, into any) error {
	call := &call{method: method, path: path, timeout: c.timeout}
	for _, opt := range opts {
		opt(call)
	}
	got, err := c.attempts(ctx, call)
	if err == nil && into != nil {
		if wrong := json.Unmarshal(got.body, into); wrong != nil {
			beginning := c.redact(got.sent.Header, string(got.body[:min(len(got.body), 4<<10)]))
			beginning = beginning[:min(len(beginning), 200)]
			contentType := c.redact(got.sent.Header, got.contentType)
			err = fmt.Errorf("%w: %d with %q: %w in %q", ErrDecode, got.status, contentType, c.withoutSecret(got.sent, wrong), beginning)
		}
	}
	if err == nil {
		return nil
	}
	return &Error{Method: method, URL: c.base.Scheme + "://" + c.base.Host + c.base.Path + path, Err: err}
}

// received is an answer 2xx.
type received struct {
	sent        *http.Request
	status      int
	contentType string
	body        []byte
}

func (c *Client) attempts(ctx context.Context, call *call) (received, error) {
	target := call.target(c.base)
	if call.err != nil {
		return received{}, call.err
	}
	if call.timeout == 0 {
		call.timeout = c.timeout
	}
	if call.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, call.timeout)
		defer cancel()
	}
	harmless := repeatable(call.method, call.header)
	return retry.Do(ctx, c.retry, func(ctx context.Context) (received, error) {
		var redirected bool
		if !harmless {
			ctx = context.WithValue(ctx, redirectKey{}, &redirected)
		}
		r, err := http.NewRequestWithContext(ctx, call.method, "", bytes.NewReader(call.body))
		if err != nil {
			return received{}, fmt.Errorf("%w: %w", ErrRequest, err)
		}
		r.URL, r.Host = target, target.Host
		if call.header != nil {
			r.Header = call.header.Clone() // net/http adds cookies to it
		}
		got, err := c.attempt(r)
		return got, guard(err, harmless, redirected)
	})
}

// attempt sends a request and reads its answer. Any but a 2xx is an error.
func (c *Client) attempt(r *http.Request) (received, error) {
	resp, err := c.http.Do(r)
	if err != nil {
		return received{}, c.failed(r, err)
	}
	defer resp.Body.Close()
	body, err := c.read(r, resp)
	if resp.StatusCode < 200 || resp.StatusCode > 299 { // with as much of the body as there is: the status must not be lost
		return received{}, c.answered(r, resp, body)
	}
	return received{r, resp.StatusCode, resp.Header.Get("Content-Type"), body}, err
}

// read returns the whole body, or what came of it with an error. It reads to the end, so that the connection can be
// used again.
func (c *Client) read(r *http.Request, resp *http.Response) ([]byte, error) {
	var body bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= 1<<16 { // a larger one may be a lie
		body.Grow(int(n) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(resp.Body, c.maxResponse+1))
	switch {
	case err != nil:
		return body.Bytes(), c.failed(r, err)
	case int64(body.Len()) > c.maxResponse:
		return body.Bytes(), fmt.Errorf("%w: more than %d bytes", ErrTooLarge, c.maxResponse)
	}
	return body.Bytes(), nil
}
