package apierror

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

const serverError = "A server error occurred."

// New returns an error with any status from 400 to 599 (any other becomes 500) and the default code of the service
// that writes it. A text s is sent as {"detail": s}, a list or an object as it is; nil stands for the name of the
// status.
//
// Use the functions below for the statuses they name, and [Catalog.Declare] for what a caller should be able to tell
// apart.
func New(status int, detail any) *Error {
	if !isError(status) {
		status = http.StatusInternalServerError
	}
	if detail == nil {
		detail = http.StatusText(status)
	}
	return &Error{status: status, form: formText, detail: detail}
}

// Invalid returns the error for input that fails validation: 400 with the given detail, see [Fields]. A text s is sent
// as [s]; nil stands for "Invalid input.".
func Invalid(detail any) *Error {
	if detail == nil {
		detail = defaultDetail
	}
	return &Error{status: http.StatusBadRequest, form: formList, detail: detail}
}

// ParseError returns the error for a request that cannot be read: 400, with a text that says what is wrong where. ""
// means "Malformed request.".
func ParseError(text string) *Error {
	if text == "" {
		text = "Malformed request."
	}
	return New(http.StatusBadRequest, text)
}

// Unauthorized returns the error for a request without usable credentials: 401, "Authentication credentials were not
// provided.". Set the header WWW-Authenticate, if there is one to set, before returning it: the writer keeps the
// headers that are set.
func Unauthorized() *Error {
	return New(http.StatusUnauthorized, "Authentication credentials were not provided.")
}

// Forbidden returns the error for a caller who may not do this: 403, "You do not have permission to perform this action.".
func Forbidden() *Error {
	return New(http.StatusForbidden, "You do not have permission to perform this action.")
}

// NotFound returns 404, "Not found.".
func NotFound() *Error { return New(http.StatusNotFound, "Not found.") }

// MethodNotAllowed returns 405, `Method "PUT" not allowed.`. Set the header Allow before returning it; [Writer.Mux] does.
func MethodNotAllowed(method string) *Error {
	return New(http.StatusMethodNotAllowed, fmt.Sprintf("Method \"%s\" not allowed.", method))
}

// NotAcceptable returns 406, "Could not satisfy the request Accept header.".
func NotAcceptable() *Error {
	return New(http.StatusNotAcceptable, "Could not satisfy the request Accept header.")
}

// TooLarge returns the error for a request body above the limit: 413. The writer answers an [http.MaxBytesError] with it.
func TooLarge(limit int64) *Error {
	return New(http.StatusRequestEntityTooLarge, "Request body is larger than "+strconv.FormatInt(limit, 10)+" bytes.")
}

// UnsupportedMediaType returns 415, `Unsupported media type "text/plain" in request.`.
func UnsupportedMediaType(mediaType string) *Error {
	return New(http.StatusUnsupportedMediaType, fmt.Sprintf("Unsupported media type \"%s\" in request.", mediaType))
}

// TooManyRequests returns the error for a caller who should wait: 429, with a Retry-After header in whole seconds,
// rounded up. Zero or less: no header. [Error.With] keeps the time in the text: "slow down Expected available in 30
// seconds.".
func TooManyRequests(wait time.Duration) *Error {
	e := New(http.StatusTooManyRequests, "Request was throttled.")
	if wait > 0 {
		e.wait = wait
		return e.With(e.detail)
	}
	return e
}

func expected(wait time.Duration) string {
	n := seconds(wait)
	if n == 1 {
		return "Expected available in 1 second."
	}
	return fmt.Sprintf("Expected available in %d seconds.", n)
}

func seconds(wait time.Duration) int64 { return int64(math.Ceil(wait.Seconds())) }
