package serializer

import "net/http"

// RequestError is an input that could not be read at all: no JSON, of the wrong type, or too large. errors.Is tells which:
// ErrSyntax, ErrMediaType or ErrTooLarge.
type RequestError struct {
	kind   *requestErrorKind
	detail string
}

type requestErrorKind struct {
	status int
	text   string
}

func (k *requestErrorKind) Error() string { return k.text }

var (
	syntaxKind    = &requestErrorKind{http.StatusBadRequest, "serializer: JSON parse error"}
	mediaTypeKind = &requestErrorKind{http.StatusUnsupportedMediaType, "serializer: unsupported media type"}
	tooLargeKind  = &requestErrorKind{http.StatusRequestEntityTooLarge, "serializer: request body too large"}
)

var (
	// ErrSyntax is a body that is no JSON, or nested too deeply. Answered with 400.
	ErrSyntax error = syntaxKind
	// ErrMediaType is a body of another content type than application/json in UTF-8. Answered with 415.
	ErrMediaType error = mediaTypeKind
	// ErrTooLarge is a body beyond Config.MaxBody. Answered with 413.
	ErrTooLarge error = tooLargeKind
)

// Error is the text that the client gets.
func (e *RequestError) Error() string { return e.detail }

// Is reports true for the sentinel of the kind.
func (e *RequestError) Is(target error) bool { return target == error(e.kind) }

// HTTPStatus is 400, 413 or 415.
func (e *RequestError) HTTPStatus() int { return e.kind.status }

// ErrorDetail is {"detail": text}.
func (e *RequestError) ErrorDetail() any { return map[string]string{"detail": e.detail} }
