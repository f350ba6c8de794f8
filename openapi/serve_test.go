package openapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
)

func TestRouting(t *testing.T) {
	t.Parallel()
	api, _ := newAPI(t)
	api.HandleFunc("GET /departments/", says("list"))
	api.HandleFunc("POST /departments/{$}", says("create"))
	api.HandleFunc("GET /departments/{id}/", says("one"))
	api.HandleFunc("DELETE /departments/{id}/", says("deleted"))
	api.HandleFunc("POST /departments/{id}/restore/", says("restored"))
	api.HandleFunc("GET /events", says("events"))
	api.HandleFunc("OPTIONS /events", says("preflight"))
	api.Handle("GET /files/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }),
		openapi.Summary("documented, so exact"))
	api.Handle("/internal/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, "teapot", http.StatusTeapot) }))

	const notFound = `{"code":404,"detail":{"detail":"Not found."},"error_code":"HRM/DEFAULT_EXCEPTION"}`
	notAllowed := func(method string) string {
		return fmt.Sprintf(`{"code":405,"detail":{"detail":"Method \"%s\" not allowed."},"error_code":"HRM/DEFAULT_EXCEPTION"}`, method)
	}
	for _, c := range []struct {
		method, target string
		status         int
		body           string
		header         string
	}{
		{"GET", "/departments/", 200, "list", ""},
		{"HEAD", "/departments/", 200, "list", ""}, // the server drops the body
		{"POST", "/departments/", 200, "create", ""},
		{"GET", "/departments/1/", 200, "one", ""},
		{"DELETE", "/departments/1/", 200, "deleted", ""},
		{"POST", "/departments/1/restore/", 200, "restored", ""},
		{"DELETE", "/departments/1/restore/", 405, notAllowed("DELETE"), "Allow: POST"},
		{"DELETE", "/departments/1/2/3/", 404, notFound, ""},
		{"GET", "/departments/1/restore/more", 404, notFound, ""},
		{"PUT", "/departments/", 405, notAllowed("PUT"), "Allow: GET, HEAD, POST"},
		{"OPTIONS", "/departments/", 405, notAllowed("OPTIONS"), "Allow: GET, HEAD, POST"},
		{"OPTIONS", "/events", 200, "preflight", ""},
		{"GET", "/departments", 404, notFound, ""}, // net/http alone would redirect
		{"PUT", "/departments", 404, notFound, ""},
		{"DELETE", "/departments/1", 404, notFound, ""},
		{"PUT", "/events", 405, notAllowed("PUT"), "Allow: GET, HEAD, OPTIONS"},
		{"GET", "/internal", 307, "", "Location: /internal/"}, // a subtree of net/http's
		{"GET", "/events/", 404, notFound, ""},
		{"GET", "//departments/", 404, notFound, ""},
		{"DELETE", "/departments//1/", 404, notFound, ""},
		{"DELETE", "/departments/./1/", 404, notFound, ""},
		{"GET", "/departments/1%2F", 404, notFound, ""},
		{"GET", "/", 404, notFound, ""},
		{"GET", "/unknown", 404, notFound, ""},
		{"GET", "/files/", 200, "/files/", ""},
		{"GET", "/files/a", 404, notFound, ""},
		{"PURGE", "/internal/a/b", 418, "teapot", ""},
	} {
		w := ask(api, c.method, c.target)
		if body := strings.TrimSpace(w.Body.String()); w.Code != c.status || c.body != "" && body != c.body {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.target, w.Code, body, c.status, c.body)
		}
		if name, value, ok := strings.Cut(c.header, ": "); ok && w.Header().Get(name) != value {
			t.Errorf("%s %s: %s is %q, want %q", c.method, c.target, name, w.Header().Get(name), value)
		}
		if c.status == 404 || c.status == 405 {
			if got := w.Header().Get("Content-Type"); got != "application/json" {
				t.Errorf("%s %s: Content-Type %q", c.method, c.target, got)
			}
		}
	}
}

func TestErrorsOfHandlers(t *testing.T) {
	t.Parallel()
	api, errs := newAPI(t)
	taken := errs.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(409))
	api.HandleFunc("POST /declared", func(http.ResponseWriter, *http.Request) error { return taken.Wrap(errors.New("pq: secret")) }, openapi.Fails(taken))
	api.HandleFunc("POST /unknown", func(http.ResponseWriter, *http.Request) error { return errors.New("pq: secret") })
	api.HandleFunc("POST /panics", func(http.ResponseWriter, *http.Request) error { panic("secret") })
	api.Handle("POST /handler-panics", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") }), openapi.Summary("x"))
	for target, want := range map[string]string{
		"/declared":       `{"code":409,"detail":{"non_field_errors":["A person with this email exists."]},"error_code":"HRM/EMAIL_TAKEN"}`,
		"/unknown":        `{"code":500,"detail":{"detail":"A server error occurred."},"error_code":"HRM/DEFAULT_EXCEPTION"}`,
		"/panics":         `{"code":500,"detail":{"detail":"A server error occurred."},"error_code":"HRM/DEFAULT_EXCEPTION"}`,
		"/handler-panics": `{"code":500,"detail":{"detail":"A server error occurred."},"error_code":"HRM/DEFAULT_EXCEPTION"}`,
	} {
		if w := ask(api, "POST", target); strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: %s", target, w.Body)
		}
	}
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	errs := apierror.NewCatalog("hrm")
	api := openapi.New(openapi.Config{Title: "HRM", Version: "1", Errors: errs,
		Translate: func(r *http.Request, code, text string) string { return "übersetzt" }})
	api.HandleFunc("GET /", says(""), openapi.Query[int]("n"))
	if w := ask(api, "GET", "/?n=x"); !strings.Contains(w.Body.String(), `["übersetzt"]`) {
		t.Error(w.Body)
	}
	if raw, _ := api.Document(); !strings.Contains(string(raw), "A valid integer is required.") {
		t.Error("the document is in the language of the declarations")
	}
}

// Flushing and deadlines of net/http work through the API.
func TestResponseController(t *testing.T) {
	t.Parallel()
	api, _ := newAPI(t)
	api.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) error { return http.NewResponseController(w).Flush() })
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if !w.Flushed {
		t.Error("not flushed")
	}
}
