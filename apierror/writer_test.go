package apierror_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func serverErrorOf(service string) string {
	return fmt.Sprintf(`{"code": 500, "detail": {"detail": "A server error occurred."}, "error_code": "%s/DEFAULT_EXCEPTION"}`, service)
}

func logTo(b *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

var errSecret = errors.New("password of the database: hunter2")

func TestWhatIsSentAndWhatIsLogged(t *testing.T) {
	t.Parallel()
	hrm := apierror.NewCatalog("hrm")
	taken := hrm.Declare("EMAIL_TAKEN", "Taken.", apierror.Status(409))
	broken := hrm.Declare("BROKEN", "Broken.", apierror.Status(503))
	gone := apierror.NewCatalog("mailer").Declare("GONE", "Gone.", apierror.Status(410))
	const def = "HRM/DEFAULT_EXCEPTION"
	tests := map[string]struct {
		err    error
		status int
		detail string
		code   string
		log    string // level, "" for none
	}{
		"declared":            {taken, 409, `{"non_field_errors": ["Taken."]}`, "HRM/EMAIL_TAKEN", ""},
		"with a cause":        {taken.Wrap(errSecret), 409, `{"non_field_errors": ["Taken."]}`, "HRM/EMAIL_TAKEN", "WARN"},
		"wrapped":             {fmt.Errorf("insert: %w", taken), 409, `{"non_field_errors": ["Taken."]}`, "HRM/EMAIL_TAKEN", ""},
		"outermost wins":      {taken.Wrap(apierror.NotFound()), 409, `{"non_field_errors": ["Taken."]}`, "HRM/EMAIL_TAKEN", "WARN"},
		"declared 503":        {broken, 503, `{"non_field_errors": ["Broken."]}`, "HRM/BROKEN", "ERROR"},
		"unknown":             {errSecret, 500, `{"detail": "A server error occurred."}`, def, "ERROR"},
		"joined":              {errors.Join(errSecret, apierror.NotFound()), 404, `{"detail": "Not found."}`, def, "WARN"},
		"joined by verbs":     {fmt.Errorf("insert: %w: %w", taken, errSecret), 409, `{"non_field_errors": ["Taken."]}`, "HRM/EMAIL_TAKEN", "WARN"},
		"of another service":  {fmt.Errorf("ask: %w", gone), 422, `{"non_field_errors": ["Gone."]}`, "MAILER/GONE", ""},
		"of another, detail":  {gone.With("Since May."), 422, `{"non_field_errors": ["Since May."]}`, "MAILER/GONE", ""},
		"foreign":             {foreign{400, map[string][]string{"name": {"This field may not be blank."}}}, 400, `{"name": ["This field may not be blank."]}`, def, ""},
		"foreign text":        {foreign{415, "Unsupported"}, 415, `{"detail": "Unsupported"}`, def, ""},
		"foreign 500":         {foreign{500, "Down."}, 500, `{"detail": "Down."}`, def, "ERROR"},
		"foreign, no detail":  {foreign{409, nil}, 409, `{"detail": "Conflict"}`, def, ""},
		"foreign, no error":   {foreign{200, "ok"}, 500, `{"detail": "A server error occurred."}`, def, "ERROR"},
		"no JSON":             {taken.With(make(chan int)), 500, `{"detail": "A server error occurred."}`, def, "ERROR"},
		"zero Error":          {&apierror.Error{}, 500, `{"detail": "A server error occurred."}`, def, "ERROR"},
		"standard, no status": {apierror.New(200, "x"), 500, `{"detail": "x"}`, def, "ERROR"},
		"too large":           {fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 10}), 413, `{"detail": "Request body is larger than 10 bytes."}`, def, ""},
		"deadline":            {fmt.Errorf("query: %w", context.DeadlineExceeded), 504, `{"detail": "The request took too long."}`, def, "ERROR"},
		"cancelled by us":     {context.Canceled, 500, `{"detail": "A server error occurred."}`, def, "ERROR"},
		"nested detail":       {taken.With(map[string]any{"a": 1.5, "b": true, "c": nil, "d": []any{nil, 2}, "e": map[string]any{"f": false}}), 409, `{"a": ["1.5"], "b": ["True"], "c": ["None"], "d": ["None", "2"], "e": {"f": "False"}}`, "HRM/EMAIL_TAKEN", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			rec := httptest.NewRecorder()
			newWriter(t, hrm, apierror.WriterConfig{Logger: logTo(&log)}).Write(rec, httptest.NewRequest("PUT", "/people/?token=abc", nil), tt.err)
			if rec.Code != tt.status || rec.Header().Get("Content-Type") != "application/json" {
				t.Errorf("status %d, Content-Type %q", rec.Code, rec.Header().Get("Content-Type"))
			}
			sameJSON(t, rec.Body.String(), fmt.Sprintf(`{"code": %d, "detail": %s, "error_code": %q}`, tt.status, tt.detail, tt.code))
			if strings.Contains(rec.Body.String(), "hunter2") {
				t.Error("the cause is sent")
			}
			if tt.log == "" && log.Len() > 0 || strings.Count(log.String(), "level=") > 1 || !strings.Contains(log.String(), tt.log) {
				t.Errorf("logged, want %q once: %s", tt.log, &log)
			}
			if strings.Contains(log.String(), "abc") || errors.Is(tt.err, errSecret) && tt.log != "" && !strings.Contains(log.String(), "hunter2") {
				t.Errorf("logged: %s", &log)
			}
		})
	}
}

func TestClientThatHasLeft(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rec := httptest.NewRecorder()
	newWriter(t, apierror.NewCatalog("hrm"), apierror.WriterConfig{Logger: logTo(&log)}).
		Write(rec, httptest.NewRequestWithContext(ctx, "GET", "/", nil), fmt.Errorf("query: %w", ctx.Err()))
	if rec.Code != 499 || !strings.Contains(log.String(), "level=DEBUG") {
		t.Errorf("status %d, logged %s", rec.Code, &log)
	}
}

func TestHeadersOfTheBodyThatDidNotComeAreRemoved(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Encoding", "gzip")
	rec.Header().Set("Content-Length", "5")
	rec.Header().Set("WWW-Authenticate", "Basic")
	apierror.NewCatalog("hrm").Write(rec, nil, apierror.Unauthorized())
	if rec.Header().Get("Content-Encoding")+rec.Header().Get("Content-Length") != "" || rec.Header().Get("WWW-Authenticate") != "Basic" {
		t.Errorf("header: %v", rec.Header())
	}
}

func TestNilIsNoAnswer(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	apierror.NewCatalog("hrm").Write(rec, nil, nil)
	if rec.Body.Len() > 0 || len(rec.Header()) > 0 {
		t.Errorf("wrote %s", rec.Body)
	}
}

func TestTranslation(t *testing.T) {
	t.Parallel()
	hrm := apierror.NewCatalog("hrm")
	gone := hrm.Declare("GONE", "The person has left.")
	writer := newWriter(t, hrm, apierror.WriterConfig{Logger: quiet(), Translate: func(r *http.Request, code, text string) string {
		if r.Header.Get("Accept-Language") == "ru" && code == "HRM/GONE" && text == "The person has left." {
			return "Сотрудник уволен."
		}
		return text
	}})
	var fields apierror.Fields
	fields.Add("The person has left.", "x")
	for _, tt := range []struct {
		language string
		err      error
		want     string
	}{
		{"ru", gone, `{"code": 422, "detail": {"non_field_errors": ["Сотрудник уволен."]}, "error_code": "HRM/GONE"}`},
		{"en", gone, `{"code": 422, "detail": {"non_field_errors": ["The person has left."]}, "error_code": "HRM/GONE"}`},
		{"ru", gone.With(&fields), `{"code": 422, "detail": {"The person has left.": ["x"]}, "error_code": "HRM/GONE"}`},
		{"ru", apierror.NewProxy("HRM/GONE", "The person has left."), `{"code": 422, "detail": {"non_field_errors": ["The person has left."]}, "error_code": "HRM/GONE"}`},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", tt.language)
		rec := httptest.NewRecorder()
		writer.Write(rec, r, tt.err)
		sameJSON(t, rec.Body.String(), tt.want)
	}
}

// plainWriter is a ResponseWriter that allocates nothing.
type plainWriter struct{ header http.Header }

func (w plainWriter) Header() http.Header         { return w.header }
func (w plainWriter) Write(p []byte) (int, error) { return len(p), nil }
func (w plainWriter) WriteHeader(int)             {}

func TestDeclaredErrorAllocatesLittle(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts what the others allocate, too
	hrm := apierror.NewCatalog("hrm")
	taken := hrm.Declare("EMAIL_TAKEN", "Taken.")
	writer := newWriter(t, hrm, apierror.WriterConfig{})
	r := httptest.NewRequest("GET", "/", nil)
	rw := plainWriter{http.Header{}}
	if n := testing.AllocsPerRun(100, func() { writer.Write(rw, r, taken) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
	handler := writer.Handler(func(http.ResponseWriter, *http.Request) error { return taken })
	if n := testing.AllocsPerRun(100, func() { handler.ServeHTTP(rw, r) }); n > 2 {
		t.Errorf("%v allocations in a handler", n)
	}
	if n := testing.AllocsPerRun(100, func() { _ = errors.Is(taken, taken) }); n > 0 {
		t.Errorf("%v allocations to compare", n)
	}
}

func TestThrottlingSaysWhen(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	apierror.NewCatalog("hrm").Write(rec, nil, fmt.Errorf("limit: %w", apierror.TooManyRequests(1500*time.Millisecond)))
	if rec.Code != 429 || rec.Header().Get("Retry-After") != "2" {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
}
