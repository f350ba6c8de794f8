package apierror

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
)

// Handler turns a function that returns an error into an http.Handler for any router, see [Writer.Handler], with the
// zero [WriterConfig]. It panics with [Catalog.Err] when there are mistakes in the declarations, so that a service
// does not start with them.
func (c *Catalog) Handler(fn func(http.ResponseWriter, *http.Request) error) http.Handler {
	w, err := c.Writer(WriterConfig{})
	if err != nil {
		panic(err)
	}
	return w.Handler(fn)
}

// Handler turns a function that returns an error into an http.Handler for any router. The error is answered by
// [Writer.Write], a panic as by [Writer.Recover].
func (w *Writer) Handler(fn func(http.ResponseWriter, *http.Request) error) http.Handler {
	return w.Recover(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.Write(rw, r, fn(rw, r))
	}))
}

// Recover answers panics of a handler with 500 and logs their value and stack. http.ErrAbortHandler is passed on. When
// the answer has begun the connection is aborted, so that the client does not take half an answer for a whole one.
func (w *Writer) Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		t, ok := rw.(*tracker)
		if !ok {
			t = &tracker{ResponseWriter: rw}
		}
		defer func() {
			if value := recover(); value != nil {
				w.panicked(t, r, value)
			}
		}()
		next.ServeHTTP(t, r)
	})
}

func (w *Writer) panicked(t *tracker, r *http.Request, value any) {
	if value == http.ErrAbortHandler { //nolint:errorlint // net/http knows the value alone, too
		panic(value)
	}
	w.record(r, slog.LevelError, "handler panicked",
		slog.String("panic", fmt.Sprint(value)), slog.String("stack", string(debug.Stack())))
	if t.begun {
		panic(http.ErrAbortHandler)
	}
	a := w.answer(r, New(http.StatusInternalServerError, serverError))
	a.send(t)
}

// Mux serves a http.ServeMux, whose own 404 and 405 are answered in our shape, with the Allow header it sets. What the
// registered handlers answer is not touched.
func (w *Writer) Mux(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		own, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(rw, r)
			return
		}
		refusal := discarder{header: http.Header{}}
		own.ServeHTTP(&refusal, r)
		switch refusal.status {
		case http.StatusNotFound:
			w.Write(rw, r, NotFound())
		case http.StatusMethodNotAllowed:
			rw.Header()["Allow"] = refusal.header["Allow"]
			w.Write(rw, r, MethodNotAllowed(r.Method))
		default:
			mux.ServeHTTP(rw, r)
		}
	})
}

// discarder takes note of status and header of an answer that is not sent.
type discarder struct {
	header http.Header
	status int
}

func (d *discarder) Header() http.Header         { return d.header }
func (d *discarder) Write(p []byte) (int, error) { return len(p), nil }
func (d *discarder) WriteHeader(status int)      { d.status = status }

// tracker knows whether an answer has begun. It passes on what handlers ask of a ResponseWriter besides.
type tracker struct {
	http.ResponseWriter
	begun bool
}

// begun looks through the writers of middleware, down to the outermost handler's.
func begun(rw http.ResponseWriter) bool {
	for {
		if t, ok := rw.(*tracker); ok && t.begun {
			return true
		}
		wrapper, ok := rw.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		rw = wrapper.Unwrap()
	}
}

func (t *tracker) Unwrap() http.ResponseWriter { return t.ResponseWriter }

func (t *tracker) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols { // 1xx come before the answer
		t.begun = true
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *tracker) Write(p []byte) (int, error) {
	t.begun = true
	return t.ResponseWriter.Write(p)
}

func (t *tracker) ReadFrom(src io.Reader) (int64, error) {
	t.begun = true
	return io.Copy(t.ResponseWriter, src)
}

func (t *tracker) Flush() { _ = t.FlushError() }

func (t *tracker) FlushError() error {
	t.begun = true
	return http.NewResponseController(t.ResponseWriter).Flush()
}

func (t *tracker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err == nil {
		t.begun = true
	}
	return conn, rw, err
}
