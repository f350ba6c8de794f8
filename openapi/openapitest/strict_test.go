package openapitest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
	"gitlab.com/pik-pro/backend/toolset/openapi/openapitest"
)

// verdict stands in for the test that strict mode fails.
type verdict struct {
	testing.TB
	mu       sync.Mutex
	errors   []string
	cleanups []func()
}

func (v *verdict) Helper()          {}
func (v *verdict) Cleanup(f func()) { v.cleanups = append(v.cleanups, f) }
func (v *verdict) Fatal(args ...any) {
	panic(fmt.Sprint(args...))
}
func (v *verdict) Error(args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.errors = append(v.errors, fmt.Sprint(args...))
}

var (
	errs     = apierror.NewCatalog("hrm")
	errTaken = errs.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
	errLate  = errs.Declare("LATE", "Too late.", apierror.Status(http.StatusConflict))
	errGone  = errs.Declare("GONE", "The person has left.", apierror.Status(http.StatusGone))
	errUnfit = errs.Declare("UNFIT", "Does not fit.", apierror.DetailSchema(json.RawMessage(
		`{"type": "object", "properties": {"email": {"type": "array", "items": {"type": "string"}}}, "required": ["email"], "additionalProperties": false}`)))
	errSection = apierror.NewCatalog("bg").Declare("SECTION", "No such section.")
	person     = openapi.Schema("Person", json.RawMessage(`{"type": "object", "required": ["id"],
		"properties": {"id": {"type": "integer"}, "at": {"format": "date-time"}, "email": {"format": "email"}, "boss": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}}`))
)

// service answers a POST as the test says.
func service(answer func(http.ResponseWriter, *http.Request) error) *openapi.API {
	api := openapi.New(openapi.Config{Title: "HRM", Version: "1.0.0", Errors: errs, Logger: slog.New(slog.DiscardHandler)})
	api.HandleFunc("POST /people/{id}/", answer, openapi.Path[int64]("id"), openapi.Accepts(person),
		openapi.Returns(200, person), openapi.ReturnsList(207, person), openapi.Returns(204),
		openapi.Fails(errTaken, errUnfit), openapi.Forwards(errSection))
	api.HandleFunc("GET /people/{id}/", answer, openapi.Path[int64]("id"), openapi.Returns(200, person))
	api.HandleFunc("GET /people/new/", answer, openapi.Returns(204))
	api.Handle("/free/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	return api
}

func writes(status int, contentType, body string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, _ *http.Request) error {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		return nil
	}
}

func fails(err error) func(http.ResponseWriter, *http.Request) error {
	return func(http.ResponseWriter, *http.Request) error { return err }
}

func TestStrict(t *testing.T) {
	t.Parallel()
	const asJSON = "application/json"
	var invalid apierror.Fields
	invalid.Add("name", "This field is required.")
	for name, tt := range map[string]struct {
		answer  func(http.ResponseWriter, *http.Request) error
		request string // "POST /people/7/" if empty
		want    []string
	}{
		"as documented":         {answer: writes(200, asJSON, `{"id": 7, "boss": {"id": 8, "boss": null}}`)},
		"with a charset":        {answer: writes(200, "application/json; charset=utf-8", `{"id": 7}`)},
		"a blank address":       {answer: writes(200, asJSON, `{"id": 7, "email": ""}`)},
		"a list":                {answer: writes(207, asJSON, `[{"id": 7}]`)},
		"no body":               {answer: writes(204, "", "")},
		"declared":              {answer: fails(errTaken)},
		"declared, wrapped":     {answer: fails(errTaken.Wrap(errors.New("pq")))},
		"detail as declared":    {answer: fails(errUnfit.With(map[string]string{"email": "odd"}))},
		"messages alone":        {answer: fails(errUnfit)},
		"forwarded":             {answer: fails(errSection.With("No section 5."))},
		"field errors":          {answer: fails(invalid.Err())},
		"list of field errors":  {answer: fails(apierror.Invalid([]string{"odd"}))},
		"standard":              {answer: fails(apierror.Forbidden())},
		"path refused":          {answer: fails(nil), request: "POST /people/x/"},
		"wrong method":          {answer: fails(nil), request: "DELETE /people/7/"},
		"unknown path":          {answer: fails(nil), request: "GET /nothing"},
		"undocumented subtree":  {answer: fails(nil), request: "GET /free/x"},
		"HEAD":                  {answer: writes(200, asJSON, ``), request: "HEAD /people/7/"},
		"the closer path":       {answer: writes(204, "", ""), request: "GET /people/new/"},
		"undeclared":            {fails(errGone), "", []string{"POST /people/7/ (/people/{id}/) answered 410 with HRM/GONE", "openapi.Fails", "The person has left."}},
		"undeclared, 409":       {fails(errLate), "", []string{`answered 409 with "HRM/LATE"; documented for this status: HRM/EMAIL_TAKEN`}},
		"standard, 409":         {fails(apierror.New(409, nil)), "", []string{`answered 409 with "HRM/DEFAULT_EXCEPTION"`}},
		"not forwarded":         {fails(apierror.NewProxy("BG/OTHER", nil)), "", []string{`answered 422 with "BG/OTHER"`}},
		"default of another":    {fails(apierror.KeepStatus(apierror.Decode(403, nil, []byte(`{"error_code": "BG/DEFAULT_EXCEPTION"}`)))), "", []string{"answered 403 with BG/DEFAULT_EXCEPTION", "openapi.Forwards"}},
		"detail not declared":   {fails(errUnfit.With(map[string]string{"name": "odd"})), "", []string{"answered 422 with a body that is not as documented", `"name":["odd"]`}},
		"unknown failure":       {fails(errors.New("pq: closed")), "", []string{"answered 500: an unknown failure", "the log of the service"}},
		"panic":                 {func(http.ResponseWriter, *http.Request) error { panic("odd") }, "", []string{"answered 500"}},
		"status":                {writes(201, asJSON, `{"id": 7}`), "", []string{"answered 201, which the route does not document (it has 200, 204, 207, 400, 404, 409, 422, default)", "openapi.Returns(201, ...)"}},
		"status of no answer":   {fails(nil), "GET /people/new/", []string{"answered 200, which the route does not document"}},
		"body":                  {writes(200, asJSON, `{"id": "7"}`), "", []string{"not as documented", `body: {"id": "7"}`}},
		"body below":            {writes(200, asJSON, `{"id": 7, "boss": {"id": 1.5}}`), "", []string{"not as documented:\n\tboss.id is number, not integer"}},
		"list of others":        {writes(207, asJSON, `[{"id": 7}, {}]`), "", []string{"not as documented:\n\t[1].id is missing"}},
		"two problems":          {writes(200, asJSON, `{"id": true, "at": "today"}`), "", []string{"\n\tid is boolean, not integer\n\tat is no date-time\n\tbody"}},
		"no list":               {writes(207, asJSON, `{"id": 7}`), "", []string{"not as documented"}},
		"no JSON":               {writes(200, asJSON, `{"id": 7`), "", []string{"no JSON"}},
		"nothing":               {writes(200, asJSON, ``), "", []string{"no JSON"}},
		"content type":          {writes(200, "text/plain", `{"id": 7}`), "", []string{`content type "text/plain"; documented is application/json`}},
		"a body where none is":  {writes(200, asJSON, `{"id": 7}`), "GET /people/new/", []string{"which the route does not document"}},
		"an error of another":   {writes(418, asJSON, `{"message": "teapot"}`), "", []string{"answered 418 with a body that is not as documented"}},
		"a page":                {writes(403, "text/html", `<html>`), "", []string{`content type "text/html"`}},
		"much":                  {writes(200, asJSON, `"`+strings.Repeat("x", 5000)+`"`), "", []string{"xxx..."}},
		"closer path, its body": {writes(200, asJSON, `{"id": 7}`), "GET /people/new/", []string{"(/people/new/)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method, path, ok := strings.Cut(tt.request, " ")
			if !ok {
				method, path = "POST", "/people/7/"
			}
			v, plain := &verdict{}, httptest.NewRecorder()
			strict, direct := httptest.NewRecorder(), service(tt.answer)
			openapitest.Strict(v, direct).ServeHTTP(strict, httptest.NewRequest(method, path, nil))
			direct.ServeHTTP(plain, httptest.NewRequest(method, path, nil))
			if strict.Code != plain.Code || strict.Body.String() != plain.Body.String() {
				t.Errorf("the answer was changed: %d %s", strict.Code, strict.Body)
			}
			if text := strings.Join(v.errors, "\n"); (len(tt.want) > 0) != (len(v.errors) == 1) || len(v.errors) > 1 {
				t.Errorf("%d complaints: %s", len(v.errors), text)
			}
			for _, want := range tt.want {
				if text := strings.Join(v.errors, "\n"); !strings.Contains(text, want) {
					t.Errorf("%s\ndoes not say %s", text, want)
				}
			}
		})
	}
}

func TestTransport(t *testing.T) {
	t.Parallel()
	api := service(fails(errGone))
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	document, err := api.Document()
	if err != nil {
		t.Fatal(err)
	}
	v := &verdict{}
	client := &http.Client{Transport: openapitest.Transport(v, document, nil)}
	ask := func(path string) {
		t.Helper()
		resp, err := client.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode == 410 && !strings.Contains(string(body), "HRM/GONE") {
			t.Errorf("%s, %v", body, err)
		}
	}
	ask("/people/7/?a=b")
	ask("/free/")
	if len(v.errors) != 1 || !strings.Contains(v.errors[0], "GET /people/7/ (/people/{id}/) answered 410 with HRM/GONE") {
		t.Errorf("%q", v.errors)
	}
	for _, end := range v.cleanups {
		end()
	}
	ask("/people/7/") // the test has ended: nobody is told
	if len(v.errors) != 1 {
		t.Errorf("%q", v.errors)
	}
}

// The answer of a handler that flushes or takes over its connection arrives.
func TestStrictPassesTheConnectionOn(t *testing.T) {
	t.Parallel()
	v := &verdict{}
	server := httptest.NewServer(openapitest.Strict(v, service(func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.RawQuery == "flush" {
			w.WriteHeader(http.StatusEarlyHints)
			w.(http.Flusher).Flush()
			return nil
		}
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return err
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 299 Odd\r\nContent-Length: 0\r\n\r\n")
		return nil
	})))
	t.Cleanup(server.Close)
	for query, want := range map[string]int{"flush": 200, "hijack": 299} {
		resp, err := server.Client().Get(server.URL + "/people/new/?" + query)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d", query, resp.StatusCode)
		}
	}
	server.Close() // a flushed answer arrives before its handler has ended
	if len(v.errors) != 1 || !strings.Contains(v.errors[0], "answered 200") {
		t.Errorf("%q", v.errors)
	}
}

// Schemas that share components are judged side by side; the race detector watches.
func TestCheckerIsConcurrent(t *testing.T) {
	t.Parallel()
	document, err := service(fails(nil)).Document()
	if err != nil {
		t.Fatal(err)
	}
	c, err := openapitest.NewChecker(document)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		for status, body := range map[int]string{200: `{"id": 7, "boss": {"id": 8}}`, 207: `[{"id": 7, "boss": {"id": 8}}]`} {
			wg.Go(func() {
				if err := c.Check("POST", "/people/7/", status, http.Header{"Content-Type": {"application/json"}}, []byte(body)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
}

func TestDocumentsThatAreNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{`{`: "cannot be read", `{"openapi": "3.0.3"}`: "3.0.3", `[]`: "cannot be read", `{"openapi": "3.1.0", "paths": 5}`: "cannot be read"} {
		if _, err := openapitest.NewChecker(json.RawMessage(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	c, err := openapitest.NewChecker(json.RawMessage(`{"openapi": "3.1.0", "paths": {"/a": {"parameters": [], "get": {"responses":
		{"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Nothing"}}}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check("GET", "/a", 200, http.Header{"Content-Type": {"application/json"}}, []byte(`1`)); err == nil || !strings.Contains(err.Error(), "cannot be used") {
		t.Errorf("got %v", err)
	}
	if err := c.Check("GET", "/a", 404, nil, nil); err == nil || !strings.Contains(err.Error(), "it has 200") {
		t.Errorf("without a default answer: %v", err)
	}
}

// Documents of OpenAPI 3.1 have schemas of 2020-12: strict mode judges by all that they may say.
func TestStrictJudgesBySchemasOf2020(t *testing.T) {
	t.Parallel()
	track := openapi.Schema("Track", json.RawMessage(`{"$id": "https://hrm.example/track.json", "$schema": "https://json-schema.org/draft/2020-12/schema",
		"type": "object", "$defs": {"name": {"type": "string"}},
		"properties": {
			"at": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "items": false},
			"name": {"$ref": "#/$defs/name", "minLength": 2},
			"card": true, "address": true
		},
		"dependentRequired": {"card": ["address"]},
		"allOf": [{"properties": {"note": true}}], "unevaluatedProperties": false}`))
	for body, want := range map[string]string{
		`{"at": [1.5, 2], "name": "Ann", "card": 1, "address": 2, "note": 3}`: "",
		`{"at": [1.5, "2"]}`:  "at[1] is string, not number",
		`{"at": [1.5, 2, 3]}`: "at[2] is not allowed",
		`{"name": "A"}`:       "name has fewer than 2 characters",
		`{"card": 1}`:         "address is missing beside card",
		`{"other": 1}`:        "* is not allowed",
	} {
		api := openapi.New(openapi.Config{Title: "HRM", Version: "1.0.0", Errors: errs})
		api.HandleFunc("GET /track/", writes(200, "application/json", body), openapi.Returns(200, track))
		v := &verdict{}
		openapitest.Strict(v, api).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/track/", nil))
		if text := strings.Join(v.errors, "\n"); (text == "") != (want == "") || !strings.Contains(text, want) {
			t.Errorf("%s: %q, want %q", body, text, want)
		}
	}
}
