package apierror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// statusClientGone is answered, for the access log's sake, to a client that has left. It has no name in net/http.
const statusClientGone = 499

// WriterConfig says how a [Writer] works. The zero value is ready to use.
type WriterConfig struct {
	// Logger gets what is not sent: failures (500 and above) and panics as errors, wrapped causes as warnings,
	// requests whose client has left as debug messages. Nil means slog.Default(), from warnings on.
	Logger *slog.Logger

	// Translate, if set, is called with each text of a detail and the full code of its error before they are sent, and
	// returns what is sent instead: the text itself when there is no translation. Names of fields are not translated,
	// nor are errors of other services. It runs while an answer is written and must be safe for concurrent use.
	Translate func(r *http.Request, code, text string) string
}

// A Writer answers requests with errors. [Catalog.Writer] makes it. It is safe for concurrent use.
type Writer struct {
	catalog *Catalog
	config  WriterConfig
}

// Writer returns a writer in the name of the catalog's service. It returns [Catalog.Err] when there are mistakes in
// the declarations.
func (c *Catalog) Writer(config WriterConfig) (*Writer, error) {
	if err := c.Err(); err != nil {
		return nil, err
	}
	return &Writer{c, config}, nil
}

// Write answers any error, see [Writer.Write], with the zero [WriterConfig].
func (c *Catalog) Write(w http.ResponseWriter, r *http.Request, err error) {
	(&Writer{catalog: c}).Write(w, r, err)
}

// Write answers the request with the error, which the package comment tells how. Nil writes nothing. It logs what is
// not sent: once, if each error is written once.
//
// Headers that are set stay, apart from those that describe another body. In a handler of [Writer.Handler] or
// [Writer.Recover] an answer that has begun stays as it is and the error is only logged; elsewhere call Write before
// anything is written.
func (w *Writer) Write(rw http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		return
	}
	a := w.answer(r, err)
	if begun(rw) {
		a.late = true
	}
	w.log(r, a, err)
	if !a.late {
		a.send(rw)
	}
}

// answer is what is sent for an error.
type answer struct {
	status int
	code   string
	body   []byte
	wait   time.Duration
	hidden bool  // there is something that the client does not see
	late   bool  // another answer has begun
	unsent error // why the detail is no JSON
}

func (w *Writer) answer(r *http.Request, err error) answer {
	e, code, own := w.resolve(r, err)
	a := answer{status: e.status, code: code, body: e.body, wait: e.wait, hidden: e.cause != nil || joined(err)}
	var translate func(string) string
	if own && w.config.Translate != nil {
		translate = func(text string) string { return w.config.Translate(r, code, text) }
	} else if a.body != nil {
		return a
	}
	if a.body, a.unsent = encode(e, code, translate); a.unsent != nil {
		unknown := New(http.StatusInternalServerError, serverError)
		a.status, a.code, a.wait = unknown.status, w.catalog.DefaultCode(), 0
		a.body, _ = encode(unknown, a.code, nil) // a text cannot fail
	}
	return a
}

// recognised is what an error of any package may implement to be answered with a status and detail of its own.
type recognised interface {
	error
	HTTPStatus() int
	ErrorDetail() any
}

// resolve finds out what an error means as an answer: the outermost error that says so wins. own is false for errors
// of other services.
func (w *Writer) resolve(r *http.Request, err error) (e *Error, code string, own bool) {
	code = w.catalog.DefaultCode()
	known, ok := errors.AsType[recognised](err)
	if !ok {
		return w.unrecognised(r, err), code, true
	}
	switch k := known.(type) {
	case *Declared:
		return w.declared(&k.base)
	case *Error:
		if !isError(k.status) {
			break
		}
		if k.code != "" {
			return w.declared(k)
		}
		return k, code, true
	case *Proxy:
		return w.proxied(k, k.HTTPStatus())
	case *keptStatus:
		return w.proxied(k.proxy, k.proxy.Status)
	default:
		if !isError(k.HTTPStatus()) {
			break
		}
		e = New(k.HTTPStatus(), k.ErrorDetail())
		if hint, ok := k.(interface{ RetryAfter() (time.Duration, bool) }); ok {
			e.wait, _ = hint.RetryAfter()
		}
		return e, code, true
	}
	return New(http.StatusInternalServerError, serverError).Wrap(err), code, true
}

// declared returns the answer for an error with a code. One that another service declares is passed on like its answers,
// with status 422: to this service's clients it is a failure of the request, whatever it was between the services.
func (w *Writer) declared(e *Error) (_ *Error, code string, own bool) {
	if strings.HasPrefix(e.code, w.catalog.service+"/") {
		return e, e.code, true
	}
	foreign := *e
	foreign.status, foreign.body = defaultStatus, nil
	return &foreign, e.code, false
}

// joined reports whether something was joined to the error on its way up, which would be lost with the answer.
func joined(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if _, several := err.(interface{ Unwrap() []error }); several {
			return true
		}
	}
	return false
}

// unrecognised returns the answer for an error that does not bring one.
func (w *Writer) unrecognised(r *http.Request, err error) *Error {
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return TooLarge(tooLarge.Limit)
	}
	switch {
	case errors.Is(err, context.Canceled) && r != nil && r.Context().Err() != nil:
		return &Error{status: statusClientGone, detail: "The request was cancelled."}
	case errors.Is(err, context.DeadlineExceeded):
		return New(http.StatusGatewayTimeout, "The request took too long.").Wrap(err)
	}
	return New(http.StatusInternalServerError, serverError).Wrap(err)
}

func (w *Writer) proxied(p *Proxy, status int) (e *Error, code string, own bool) {
	if p.Code == "" {
		return New(http.StatusInternalServerError, serverError).Wrap(p), w.catalog.DefaultCode(), true
	}
	e = &Error{status: status, form: formObject, detail: p.ErrorDetail()}
	if status == p.Status {
		e.wait = p.wait
	}
	if p.Status >= http.StatusInternalServerError {
		e.cause = p // passed on as one of ours it would leave no trace here
	}
	return e, p.Code, false
}

func (a answer) send(rw http.ResponseWriter) {
	h := rw.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Range", "Etag", "Last-Modified", "Cache-Control"} {
		h.Del(name) // these were meant for the body that did not come
	}
	h.Set("Content-Type", "application/json")
	if a.wait > 0 {
		h.Set("Retry-After", strconv.FormatInt(seconds(a.wait), 10))
	}
	rw.WriteHeader(a.status)
	_, _ = rw.Write(a.body) // a client that has left cannot be told
}

func (w *Writer) log(r *http.Request, a answer, err error) {
	level, text := slog.LevelWarn, "request refused"
	switch {
	case a.status == statusClientGone || a.late && r != nil && r.Context().Err() != nil:
		level, text = slog.LevelDebug, "client left"
	case a.late:
		level, text = slog.LevelError, "request failed after its answer had begun"
	case a.status >= http.StatusInternalServerError:
		level, text = slog.LevelError, "request failed"
	case !a.hidden:
		return
	}
	if a.unsent != nil {
		err = fmt.Errorf("%w (answering %w)", a.unsent, err)
	}
	w.record(r, level, text, slog.Int("status", a.status), slog.String("error_code", a.code), slog.Any("error", err))
}

func (w *Writer) record(r *http.Request, level slog.Level, text string, attrs ...slog.Attr) {
	ctx, logger := context.Background(), w.config.Logger
	if logger == nil {
		if level < slog.LevelWarn {
			return
		}
		logger = slog.Default()
	}
	if r != nil {
		ctx = r.Context()
		attrs = append(attrs, slog.String("method", r.Method), slog.String("path", r.URL.Path)) // no query: it may hold secrets
	}
	logger.LogAttrs(ctx, level, text, attrs...)
}
