package apierror

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// BodyKept is how much is kept of an answer that is no error body of ours, in bytes.
const BodyKept = 512

// A Proxy is an error that another service answered. [Decode] makes it from an answer, [NewProxy] by hand. Returned
// from a handler it is passed on: its code as it came, its detail as an object, and the status 422, or with
// [KeepStatus] the one it came with.
//
// errors.Is(err, hrmapi.ErrGone) is true for a proxy error of that code, whatever its status. One with the default
// code of its service matches the standard error of its status: errors.Is(err, apierror.NotFound()).
type Proxy struct {
	// Status is the HTTP status of the answer, 422 when made by hand.
	Status int
	// Code is the full code as it came, "HRM/EMAIL_TAKEN". It is empty when the answer was no error body of ours: a
	// page of a gateway, or of a program that is no service of ours. Such an error is not passed on but answered as an
	// unknown failure, and Body tells more.
	Code string
	// Detail is the detail as it came, nil if there was none.
	Detail json.RawMessage
	// Body is the beginning of an answer that was no error body of ours, at most [BodyKept] bytes.
	Body []byte

	wait time.Duration
}

// Decode reads the error that another service answered. The result is always a [*Proxy] and always keeps the status;
// it has no code when the body is no JSON object with a text in "error_code". The header may be nil; its Retry-After
// is kept, see [Proxy.RetryAfter].
func Decode(status int, header http.Header, body []byte) error {
	p := &Proxy{Status: status, wait: retryAfter(header.Get("Retry-After"), time.Now)}
	var envelope map[string]json.RawMessage // a struct would take Error_Code, too
	err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &envelope)
	if err == nil {
		err = json.Unmarshal(envelope["error_code"], &p.Code)
	}
	if err != nil || p.Code == "" {
		p.Code, p.Body = "", bytes.Clone(body[:min(len(body), BodyKept)])
		return p
	}
	if detail := envelope["detail"]; string(detail) != "null" {
		p.Detail = detail
	}
	return p
}

// NewProxy returns an error of another service, made by hand for one that has no package to import: its full code, and
// a detail as in [Error.With]. A detail that is no JSON is dropped.
//
// For a service whose errors are known beforehand, declare them in a catalog of its name instead: they are passed on
// alike.
func NewProxy(code string, detail any) *Proxy {
	p := &Proxy{Status: defaultStatus, Code: code}
	if detail = withoutErrors(detail, 0); detail != nil {
		p.Detail, _ = json.Marshal(detail)
	}
	return p
}

// KeepStatus makes the writer answer with the status that a proxy error in err came with, instead of 422. Without one
// it returns err unchanged.
func KeepStatus(err error) error {
	p, ok := errors.AsType[*Proxy](err)
	if !ok || !isError(p.Status) {
		return err
	}
	return &keptStatus{err, p}
}

// Error returns status, code and detail, for logs.
func (p *Proxy) Error() string {
	if p.Code == "" {
		return fmt.Sprintf("answer %d without an error of a service: %q", p.Status, p.Body)
	}
	return fmt.Sprintf("%s (%d): %s", p.Code, p.Status, p.Detail[:min(len(p.Detail), BodyKept)])
}

// Is reports whether target is an error of the same full code; with a default code, whether it is the standard error
// of the same status.
func (p *Proxy) Is(target error) bool {
	own, ok := p.identity()
	kind, known := kindOf(target)
	return ok && known && own == kind
}

// HTTPStatus returns the status with which the error is passed on: 422; 500 for one without a code. The status it came
// with is in Status.
func (p *Proxy) HTTPStatus() int {
	if p.Code == "" {
		return http.StatusInternalServerError
	}
	return defaultStatus
}

// ErrorDetail returns the detail with which the error is passed on.
func (p *Proxy) ErrorDetail() any {
	switch {
	case p.Code == "":
		return serverError
	case p.Detail == nil:
		return defaultDetail
	}
	return p.Detail
}

// RetryAfter returns how long the other service asks to wait, and whether it does.
func (p *Proxy) RetryAfter() (time.Duration, bool) { return p.wait, p.wait > 0 }

func (p *Proxy) identity() (identity, bool) {
	switch {
	case p.Code == "":
		return identity{}, false // a gateway's 404 does not say that the thing is not there
	case strings.HasSuffix(p.Code, "/"+defaultCode):
		return identity{status: p.Status}, true
	}
	return identity{code: p.Code}, true
}

// keptStatus is an error whose proxy error is answered with the status it came with.
type keptStatus struct {
	error
	proxy *Proxy
}

func (k *keptStatus) Unwrap() error    { return k.error }
func (k *keptStatus) HTTPStatus() int  { return k.proxy.Status }
func (k *keptStatus) ErrorDetail() any { return k.proxy.ErrorDetail() }

// retryAfter reads the header of that name, seconds or a date, 0 if there is none that can be read.
func retryAfter(value string, now func() time.Time) time.Duration {
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now()))
	}
	return 0
}
