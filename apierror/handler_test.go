package apierror_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

func TestHandlerWritesOnce(t *testing.T) {
	t.Parallel()
	begin := map[string]func(http.ResponseWriter){
		"WriteHeader": func(w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) },
		"Write":       func(w http.ResponseWriter) { _, _ = io.WriteString(w, "half") },
		"ReadFrom":    func(w http.ResponseWriter) { _, _ = io.Copy(w, strings.NewReader("half")) },
		"Flush":       func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
		"controller":  func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
	}
	for name, begin := range begin {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			rec := httptest.NewRecorder()
			newWriter(t, apierror.NewCatalog("hrm"), apierror.WriterConfig{Logger: logTo(&log)}).
				Handler(func(w http.ResponseWriter, r *http.Request) error {
					begin(w)
					return apierror.NotFound()
				}).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
			if rec.Code == 404 || strings.Contains(rec.Body.String(), "Not found") {
				t.Errorf("wrote over it: %d %s", rec.Code, rec.Body)
			}
			if !strings.Contains(log.String(), "after its answer had begun") || !strings.Contains(log.String(), "Not found.") {
				t.Errorf("logged: %s", &log)
			}
		})
	}
}

func TestInformationIsNoAnswer(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(newWriter(t, apierror.NewCatalog("hrm"), apierror.WriterConfig{Logger: quiet()}).
		Handler(func(w http.ResponseWriter, r *http.Request) error {
			w.WriteHeader(http.StatusEarlyHints)
			return apierror.NotFound()
		}))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 404 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	writer := newWriter(t, apierror.NewCatalog("hrm"), apierror.WriterConfig{Logger: logTo(&log)})
	serve := func(fn func(http.ResponseWriter)) (rec *httptest.ResponseRecorder, passedOn any) {
		rec = httptest.NewRecorder()
		defer func() { passedOn = recover() }()
		writer.Handler(func(w http.ResponseWriter, r *http.Request) error { fn(w); return nil }).
			ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
		return rec, nil
	}

	rec, passedOn := serve(func(http.ResponseWriter) { panic(errSecret) })
	if passedOn != nil || rec.Code != 500 {
		t.Errorf("passed on %v, status %d", passedOn, rec.Code)
	}
	sameJSON(t, rec.Body.String(), serverErrorOf("HRM"))
	if !strings.Contains(log.String(), "hunter2") || !strings.Contains(log.String(), "handler_test.go") || strings.Count(log.String(), "level=") != 1 {
		t.Errorf("value and stack are not logged once: %s", &log)
	}

	rec, passedOn = serve(func(w http.ResponseWriter) { _, _ = io.WriteString(w, "half"); panic("x") })
	if passedOn != http.ErrAbortHandler || rec.Body.String() != "half" {
		t.Errorf("half an answer: passed on %v, sent %s", passedOn, rec.Body)
	}

	log.Reset()
	if _, passedOn = serve(func(http.ResponseWriter) { panic(http.ErrAbortHandler) }); passedOn != http.ErrAbortHandler || log.Len() > 0 {
		t.Errorf("ErrAbortHandler: passed on %v, logged %s", passedOn, &log)
	}
}

// wicked is an error whose methods panic.
type wicked struct{ foreign }

func (wicked) ErrorDetail() any { panic("wicked") }

func TestPanicWhileWritingIsAnsweredToo(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	newWriter(t, apierror.NewCatalog("hrm"), apierror.WriterConfig{Logger: quiet()}).
		Handler(func(http.ResponseWriter, *http.Request) error { return wicked{foreign{status: 400}} }).
		ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	sameJSON(t, rec.Body.String(), serverErrorOf("HRM"))
}

func TestMux(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /people/{id}/{$}", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.PathValue("id")) })
	mux.HandleFunc("PATCH /people/{id}/{$}", func(w http.ResponseWriter, r *http.Request) {})
	mux.HandleFunc("GET /own/", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "mine", http.StatusNotFound) })
	handler := newWriter(t, apierror.NewCatalog("hrm"), apierror.WriterConfig{}).Mux(mux)
	for _, tt := range []struct {
		method, path string
		status       int
		body, allow  string
	}{
		{"GET", "/people/7/", 200, "7", ""},
		{"GET", "/people/7/x", 404, `{"code":404,"detail":{"detail":"Not found."},"error_code":"HRM/DEFAULT_EXCEPTION"}`, ""},
		{"PUT", "/people/7/", 405, `{"code":405,"detail":{"detail":"Method \"PUT\" not allowed."},"error_code":"HRM/DEFAULT_EXCEPTION"}`, "GET, HEAD, PATCH"},
		{"GET", "/own/x", 404, "mine\n", ""},
		{"GET", "/own", 307, "<a href=\"/own/\">Temporary Redirect</a>.\n\n", ""},
		{"GET", "/people//7/", 307, "<a href=\"/people/7/\">Temporary Redirect</a>.\n\n", ""},
	} {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequest(tt.method, tt.path, nil))
		if rec.Code != tt.status || rec.Body.String() != tt.body || rec.Header().Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d %q, Allow %q", tt.method, tt.path, rec.Code, rec.Body, rec.Header().Get("Allow"))
		}
	}
}

// wrapped is a middleware's ResponseWriter.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestNestedHandlersAnswerOnce(t *testing.T) {
	t.Parallel()
	writer := newWriter(t, apierror.NewCatalog("hrm"), apierror.WriterConfig{Logger: quiet()})
	inner := writer.Handler(func(http.ResponseWriter, *http.Request) error { return apierror.NotFound() })
	for name, tt := range map[string]struct {
		outer func(http.ResponseWriter, *http.Request) error
		want  string
	}{
		"inner first": {func(w http.ResponseWriter, r *http.Request) error {
			inner.ServeHTTP(wrapped{w}, r)
			return errors.New("late")
		}, `{"code":404,"detail":{"detail":"Not found."},"error_code":"HRM/DEFAULT_EXCEPTION"}`},
		"outer first": {func(w http.ResponseWriter, r *http.Request) error {
			_, _ = io.WriteString(w, "outer")
			inner.ServeHTTP(wrapped{w}, r)
			return nil
		}, "outer"},
	} {
		rec := httptest.NewRecorder()
		writer.Handler(tt.outer).ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
		if rec.Body.String() != tt.want {
			t.Errorf("%s: %s", name, rec.Body)
		}
	}
}

func TestHijack(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(newWriter(t, apierror.NewCatalog("hrm"), apierror.WriterConfig{Logger: quiet()}).
		Handler(func(w http.ResponseWriter, r *http.Request) error {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return err
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
			return errors.New("late")
		}))
	defer srv.Close()
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 204 {
		t.Errorf("status %d", resp.StatusCode)
	}
}
