package apiclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// What can go wrong with a call, apart from an error that the service answers, which is an [apierror.Proxy]. These
// come wrapped in an [Error]; compare with errors.Is.
var (
	// ErrRequest: the call cannot be made as it was written. Nothing was sent.
	ErrRequest = errors.New("unusable request")
	// ErrConnect: no connection came about: an unknown host, a refused connection. Nothing was sent.
	ErrConnect = errors.New("no connection")
	// ErrTLS: the other side could not prove who it is, did not take our certificate, or does not speak TLS.
	ErrTLS = errors.New("no secure connection")
	// ErrTimeout: the time was over before the whole answer was there. The service may have done what was asked.
	// context.DeadlineExceeded is in the chain too. Time that is over between two attempts is the context's error alone.
	ErrTimeout = errors.New("no answer in time")
	// ErrBroken: the connection broke before the whole answer was there. The service may have done what was asked.
	ErrBroken = errors.New("connection lost")
	// ErrRedirect: redirects led to no answer: ten in a row, or one to what is no address.
	ErrRedirect = errors.New("redirected to no end")
	// ErrTooLarge: the answer is larger than Config.MaxResponse.
	ErrTooLarge = errors.New("answer too large")
	// ErrDecode: the answer is not the JSON that was asked for.
	ErrDecode = errors.New("unexpected answer")
)

// An Error says which call failed. Its chain holds one of the errors above, or the [apierror.Proxy] that the service
// answered; and a [gitlab.com/pik-pro/backend/toolset/retry.Error] where the call was repeated.
type Error struct {
	Method string
	URL    string // without query and, except in [Client.Do], with the path's wildcards unfilled: values may be nobody's business
	Err    error
}

func (e *Error) Error() string { return fmt.Sprintf("apiclient: %s %s: %v", e.Method, e.URL, e.Err) }

// Unwrap returns what went wrong.
func (e *Error) Unwrap() error { return e.Err }

// failed gives an error of net/http its kind.
func (c *Client) failed(r *http.Request, err error) error {
	ctx := r.Context()
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // its text repeats the URL with its query
	}
	switch {
	case errors.Is(err, ErrRedirect), errors.Is(err, context.Canceled):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ErrTimeout, ctx.Err())
	}
	kind := ErrBroken
	timeout, ok := errors.AsType[net.Error](err)
	switch {
	case isTLS(err):
		kind = ErrTLS
	case isDial(err):
		kind = ErrConnect
	case ok && timeout.Timeout():
		kind = ErrTimeout
	}
	return fmt.Errorf("%w: %w", kind, c.withoutSecret(r, err)) // net/http quotes answers that it does not understand
}

func isDial(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}

func isTLS(err error) bool {
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	op, ok := errors.AsType[*net.OpError](err)
	alert := ok && (op.Op == "remote error" || op.Op == "local error") // so crypto/tls names alerts
	return certificate || record || alert || errors.Is(err, http.ErrSchemeMismatch)
}

// worthRepeating selects the errors after which a call is repeated, if repeating does no harm.
func worthRepeating(err error) bool {
	if p, ok := errors.AsType[*apierror.Proxy](err); ok {
		return temporary(p.Status)
	}
	// a timeout is one of this attempt: when the time of the call is over, retry stops anyway
	return errors.Is(err, ErrConnect) || errors.Is(err, ErrBroken) || errors.Is(err, ErrTimeout)
}

func temporary(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
