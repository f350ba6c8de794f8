package serializer_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

func post(body io.Reader, contentType string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", body)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

func TestRequestsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	small := rows.With(serializer.Config{MaxBody: 20})
	for name, c := range map[string]struct {
		request *http.Request
		kind    error
		status  int
		detail  string
	}{
		"text":       {post(strings.NewReader("{}"), "text/plain"), serializer.ErrMediaType, 415, `Unsupported media type "text/plain" in request.`},
		"a form":     {post(strings.NewReader("a=1"), "application/x-www-form-urlencoded"), serializer.ErrMediaType, 415, `Unsupported media type "application/x-www-form-urlencoded" in request.`},
		"no type":    {post(strings.NewReader("{}"), ""), serializer.ErrMediaType, 415, `Unsupported media type "" in request.`},
		"latin":      {post(strings.NewReader("{}"), "application/json; charset=latin-1"), serializer.ErrMediaType, 415, `Unsupported media type "application/json; charset=latin-1" in request.`},
		"large":      {post(strings.NewReader(`{"name":"aaaaaaaaaa"}`), "application/json"), serializer.ErrTooLarge, 413, "Request body is larger than 20 bytes."},
		"streamed":   {post(io.MultiReader(strings.NewReader(`{"name":"aaaa`), strings.NewReader(`aaaaaaaaaa"}`)), "application/json"), serializer.ErrTooLarge, 413, "Request body is larger than 20 bytes."},
		"broken":     {post(strings.NewReader(`{"name"`), "application/json"), serializer.ErrSyntax, 400, "JSON parse error - Expecting ':' delimiter: line 1 column 8 (char 7)"},
		"two values": {post(strings.NewReader(`{} {}`), "application/json"), serializer.ErrSyntax, 400, "JSON parse error - Extra data: line 1 column 4 (char 3)"},
		"deep":       {post(strings.NewReader(`{"a":[[[[[[[[[[`), "application/json"), serializer.ErrSyntax, 400, "JSON parse error - Expecting value: line 1 column 16 (char 15)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := small.DecodeRequest(c.request)
			var failed *serializer.RequestError
			if !errors.As(err, &failed) || !errors.Is(err, c.kind) || failed.HTTPStatus() != c.status || encoded(t, failed.ErrorDetail()) != encoded(t, map[string]string{"detail": c.detail}) {
				t.Errorf("%v", err)
			}
			if errors.Is(err, serializer.ErrInvalid) {
				t.Error("it counts as invalid fields")
			}
		})
	}
}

func TestBodiesThatAreFine(t *testing.T) {
	t.Parallel()
	small := rows.With(serializer.Config{MaxBody: 20})
	for _, c := range []struct{ body, contentType string }{
		{`{"name":"aaaaaaaaa"}`, "application/json"}, // 20 bytes
		{`{"name": "aaaaaaaa"}`, "Application/JSON; charset=UTF-8"},
		{"\n{\"name\": \"a\"}\n", "application/json;indent=4"},
	} {
		if r, err := small.DecodeRequest(post(strings.NewReader(c.body), c.contentType)); err != nil || r.Name == "" {
			t.Errorf("%q: %v", c.body, err)
		}
	}
	_, err := small.DecodeRequest(post(http.NoBody, ""))
	var errs *serializer.Errors
	if !errors.As(err, &errs) || encoded(t, errs) != `{"name":["This field is required."]}` {
		t.Errorf("no body: %v", err)
	}
	limited := post(strings.NewReader(`{"name":"aaaa"}`), "application/json")
	limited.Body = http.MaxBytesReader(httptest.NewRecorder(), limited.Body, 5)
	if _, err := small.DecodeRequest(limited); !errors.Is(err, serializer.ErrTooLarge) {
		t.Errorf("a body that the server cut off: %v", err)
	}
}

func TestRespond(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	w := httptest.NewRecorder()
	if err := rows.Tiny().Respond(w, r, http.StatusCreated, &row{1, "<a>"}); err != nil {
		t.Fatal(err)
	}
	if w.Code != 201 || w.Body.String() != `{"id":1,"name":"<a>"}` || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Content-Length") != "21" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	w = httptest.NewRecorder()
	if err := rows.RespondList(w, r, http.StatusOK, nil); err != nil || w.Body.String() != "[]" {
		t.Errorf("%s %v", w.Body, err)
	}
	w = httptest.NewRecorder()
	raws := serializer.New(func(o *one[json.RawMessage]) serializer.Fields { return serializer.Fields{serializer.Field(&o.F)} })
	err := raws.Respond(w, r, http.StatusOK, &one[json.RawMessage]{json.RawMessage(`{"a":`)})
	if err == nil || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "" {
		t.Errorf("%v after %d %s", err, w.Code, w.Body)
	}
}
