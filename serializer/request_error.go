package serializer

import "net/http"

// RequestError is an input that could not be read at all: no JSON, of the wrong type, too large, or not sent to its end.
// errors.Is tells which: ErrSyntax, ErrMediaType, ErrTooLarge or ErrBroken.
type RequestError struct {
	kind   *requestErrorKind
	detail string
	cause  error // of ErrBroken; for the log
}

type requestErrorKind struct {
	status int
	text   string
}

func (k *requestErrorKind) Error() string { return k.text }

var (
	syntaxKind    = &requestErrorKind{http.StatusBadRequest, "serializer: JSON parse error"}
	mediaTypeKind = &requestErrorKind{http.StatusUnsupportedMediaType, "serializer: unsupported media type"}
	brokenKind    = &requestErrorKind{http.StatusBadRequest, "serializer: request body not sent to its end"}
	tooLargeKind  = &requestErrorKind{http.StatusRequestEntityTooLarge, "serializer: request body too large"}
)

var (
	// ErrSyntax is a body that is no JSON, or nested too deeply. Answered with 400.
	ErrSyntax error = syntaxKind
	// ErrMediaType is a body of another content type than application/json in UTF-8. Answered with 415.
	ErrMediaType error = mediaTypeKind
	// ErrBroken is a body that could not be read to its end: the client went away, or took too long. Answered with 400.
	ErrBroken error = brokenKind
	// ErrTooLarge is a body beyond Config.MaxBody. Answered with 413.
	ErrTooLarge error = tooLargeKind
)

// Error is the text that the client gets.
func (e *RequestError) Error() string { return e.detail }

// Is reports true for the sentinel of the kind.
func (e *RequestError) Is(target error) bool { return target == error(e.kind) }

// Unwrap returns what reading the body failed with, if it did.
func (e *RequestError) Unwrap() error { return e.cause }

// HTTPStatus is 400, 413 or 415.
func (e *RequestError) HTTPStatus() int { return e.kind.status }

// ErrorDetail is {"detail": text}.
func (e *RequestError) ErrorDetail() any { return map[string]string{"detail": e.detail} }
