package apierror

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// A Declared is an error as a service declares it: a code, a status and a default text. [Catalog.Declare] makes it. It
// is an error itself, and errors.Is(err, declared) is true for every error of the same full code: itself, its
// occurrences, and the [Proxy] that another service's client decodes. It is immutable.
type Declared struct {
	base   Error
	text   string
	schema json.RawMessage
}

// Code returns the full code, as on the wire: "HRM/EMAIL_TAKEN".
func (d *Declared) Code() string { return d.base.code }

// Status returns the HTTP status of the answer.
func (d *Declared) Status() int { return d.base.status }

// Detail returns the text of the declaration. It is sent when neither the declaration nor an occurrence brings another
// detail.
func (d *Declared) Detail() string { return d.text }

// DetailSchema returns the JSON Schema of what occurrences bring as detail, nil when none was declared.
func (d *Declared) DetailSchema() json.RawMessage { return d.schema }

// With returns an occurrence with a detail of its own, which is sent to the client: a text, a list of texts, or a map
// or struct of fields. It is sent as an object, see [Error.With].
func (d *Declared) With(detail any) *Error { return d.base.With(detail) }

// Wrap returns an occurrence with a cause, which is logged and never sent. errors.Is and errors.As see the cause.
func (d *Declared) Wrap(cause error) *Error { return d.base.Wrap(cause) }

// Error returns the code and the text, for logs.
func (d *Declared) Error() string { return d.base.Error() }

// Is reports whether target is a declared error, an occurrence or a proxy error of the same full code.
func (d *Declared) Is(target error) bool { return d.base.Is(target) }

// HTTPStatus is Status, under the name by which the writer recognises errors.
func (d *Declared) HTTPStatus() int { return d.base.status }

// ErrorDetail is the default detail, under the name by which the writer recognises errors.
func (d *Declared) ErrorDetail() any { return d.base.detail }

// An Error is one occurrence of a declared or a standard error. It is immutable: With and Wrap return copies. Make one
// with [Declared.With], [Declared.Wrap] or a function of this package such as [NotFound]; a zero Error is answered as
// an unknown failure.
type Error struct {
	status int
	code   string // full; empty for a standard error, which carries the default code of the service that writes it
	form   form
	detail any
	wait   time.Duration // Retry-After
	cause  error
	body   []byte // the whole answer of a declared error, encoded beforehand
}

// With returns a copy with another detail, which is sent to the client. Nil changes nothing.
//
// For a declared error the detail is always an object on the wire: a text s becomes {"non_field_errors": [s]}, a list
// l becomes {"non_field_errors": l}, and in a map or struct each value that is neither list nor object is wrapped in a
// list. For a standard error a text s becomes {"detail": s}, anything else stays as it is. Numbers become texts. An
// error, also one in a map or a slice, stands for its text, or for its ErrorDetail if it has one. What encoding/json
// refuses to marshal is answered as an unknown failure.
func (e *Error) With(detail any) *Error {
	copied := *e
	if text, ok := detail.(string); ok && e.wait > 0 {
		detail = text + " " + expected(e.wait)
	}
	if detail != nil {
		copied.detail, copied.body = detail, nil
	}
	return &copied
}

// Wrap returns a copy with a cause, which is logged and never sent. errors.Is and errors.As see the cause.
func (e *Error) Wrap(cause error) *Error {
	copied := *e
	copied.cause = cause
	return &copied
}

// Code returns the full code, as on the wire: "HRM/EMAIL_TAKEN". It is empty for a standard error: that carries the
// default code of the service that writes it.
func (e *Error) Code() string { return e.code }

// Error returns code, detail and cause, for logs.
func (e *Error) Error() string {
	var b strings.Builder
	if e.code != "" {
		b.WriteString(e.code)
	} else {
		fmt.Fprintf(&b, "%d %s", e.status, http.StatusText(e.status))
	}
	fmt.Fprintf(&b, ": %s", describe(e.detail))
	if e.cause != nil {
		fmt.Fprintf(&b, ": %v", e.cause)
	}
	return b.String()
}

// Unwrap returns the cause, nil if there is none.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is an error of the same full code, or, for a standard error, a standard error of the same
// status.
func (e *Error) Is(target error) bool {
	kind, ok := kindOf(target)
	return ok && kind == identity{e.code, e.status}.normal()
}

// HTTPStatus returns the status of the answer.
func (e *Error) HTTPStatus() int { return e.status }

// ErrorDetail returns the detail as it was given.
func (e *Error) ErrorDetail() any { return e.detail }

// RetryAfter returns how long the caller should wait, and whether the error says so.
func (e *Error) RetryAfter() (time.Duration, bool) { return e.wait, e.wait > 0 }

// identity is what makes two errors the same for errors.Is: the full code, or the status of those that share the
// default code.
type identity struct {
	code   string
	status int
}

func (i identity) normal() identity {
	if i.code != "" {
		i.status = 0 // one code, whatever status it came with
	}
	return i
}

func kindOf(err error) (identity, bool) {
	switch e := err.(type) { //nolint:errorlint // Is is asked for this very error; errors.Is walks the chain
	case *Declared:
		return identity{e.base.code, e.base.status}.normal(), true
	case *Error:
		return identity{e.code, e.status}.normal(), true
	case *Proxy:
		return e.identity()
	}
	return identity{}, false
}

func describe(detail any) string {
	switch d := detail.(type) {
	case string:
		return d
	case error:
		return d.Error()
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return fmt.Sprintf("%T that is no JSON: %v", detail, err)
	}
	return string(text)
}
