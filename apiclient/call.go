package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/retry"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

// Get asks for the resource at path, in which {name} stands for a value that [Path] gives, and decodes the answer into a T. Every error
// is an [*Error].
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

// Delete deletes the resource at path. What the service answers, unless it is an error, is not looked at: see [Call] for that.
func Delete(ctx context.Context, c *Client, path string, opts ...Option) error {
	_, err := Call[struct{}](ctx, c, http.MethodDelete, path, opts...)
	return err
}

// Call sends a request with any method and decodes the answer, any 2xx, into a T. With struct{} for T the answer is not looked at and may be
// empty; otherwise an empty one is [ErrDecode]. Every error is an [*Error].
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
	err := c.attempts(ctx, call, into)
	if err == nil {
		return nil
	}
	return &Error{Method: method, URL: c.base.Scheme + "://" + c.base.Host + c.base.Path + path, Err: err}
}

func (c *Client) attempts(ctx context.Context, call *call, into any) error {
	target := call.target(c.base)
	if call.err != nil {
		return call.err
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
	return retry.Run(ctx, c.retry, func(ctx context.Context) error {
		var redirected bool
		if !harmless {
			ctx = context.WithValue(ctx, redirectKey{}, &redirected)
		}
		r, err := http.NewRequestWithContext(ctx, call.method, "", bytes.NewReader(call.body))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRequest, err)
		}
		r.URL, r.Host = target, target.Host
		if call.header != nil {
			r.Header = call.header.Clone() // net/http adds cookies to it
		}
		err = c.attempt(r, into)
		return guard(err, harmless, redirected)
	})
}

// attempt sends a request and reads its answer.
func (c *Client) attempt(r *http.Request, into any) error {
	resp, err := c.http.Do(r)
	if err != nil {
		return failed(r.Context(), err)
	}
	defer resp.Body.Close()
	body, err := c.read(resp)
	ok := resp.StatusCode >= 200 && resp.StatusCode < 300
	switch {
	case !ok: // with as much of the body as there is: the status must not be lost
		return apierror.Decode(resp.StatusCode, resp.Header, c.redact(r, body))
	case err != nil:
		return err
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		beginning := c.redact(r, body[:min(len(body), 4<<10)])
		beginning = beginning[:min(len(beginning), 200)]
		return fmt.Errorf("%w: %d with %q: %w in %q", ErrDecode, resp.StatusCode, resp.Header.Get("Content-Type"), err, beginning)
	}
	return nil
}

// read returns the whole body, or what came of it with an error. It reads to the end, so that the connection can be used again.
func (c *Client) read(resp *http.Response) ([]byte, error) {
	var body bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= 1<<16 { // a larger one may be a lie
		body.Grow(int(n) + bytes.MinRead)
	}
	_, err := body.ReadFrom(io.LimitReader(resp.Body, c.maxResponse+1))
	switch {
	case err != nil:
		return body.Bytes(), failed(resp.Request.Context(), err)
	case int64(body.Len()) > c.maxResponse:
		return body.Bytes(), fmt.Errorf("%w: more than %d bytes", ErrTooLarge, c.maxResponse)
	}
	return body.Bytes(), nil
}

// redact takes the secret out of an answer that repeats the request, as debug pages do.
func (c *Client) redact(r *http.Request, body []byte) []byte {
	for _, secret := range append(r.Header.Values(serviceauth.Header), c.auth.secret()) {
		if colon := strings.LastIndexByte(secret, ':'); colon > 0 && secret != c.auth.secret() {
			secret = secret[:colon]
		}
		if secret != "" {
			body = bytes.ReplaceAll(body, []byte(secret), []byte("[secret]"))
		}
	}
	return body
}
