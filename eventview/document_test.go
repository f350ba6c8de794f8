package eventview_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	document := everything(t).AsyncAPI()
	whole := ask(document, "GET", "")
	tag := whole.Header().Get("ETag")
	if !regexp.MustCompile(`^"[!#-~]+"$`).MatchString(tag) {
		t.Fatalf("%s is no strong entity tag", tag)
	}
	for _, method := range []string{"GET", "HEAD"} {
		for header, want := range map[[2]string]int{
			{"If-None-Match", tag}:                                 304,
			{"If-None-Match", "W/" + tag}:                          304, // as a proxy makes it that compresses
			{"If-None-Match", `"other", W/"third", ` + tag}:        304,
			{"If-None-Match", "*"}:                                 304,
			{"If-None-Match", `"other"`}:                           200,
			{"If-None-Match", strings.Trim(tag, `"`)}:              200,
			{"If-None-Match", ""}:                                  200,
			{"If-Match", tag}:                                      200,
			{"If-Match", `"other"`}:                                412,
			{"If-Modified-Since", "Sat, 31 Jan 2026 09:30:00 GMT"}: 200,
		} {
			r := httptest.NewRequest(method, "/asyncapi.json", nil)
			r.Header.Set(header[0], header[1])
			w := httptest.NewRecorder()
			document.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s, %s: %s: %d, want %d", method, header[0], header[1], w.Code, want)
			}
			if got := w.Header().Get("ETag"); got != tag {
				t.Errorf("%s, %s: %s: ETag %s", method, header[0], header[1], got)
			}
			if body := w.Body.Bytes(); (method == "GET" && want == 200) != bytes.Equal(body, whole.Body.Bytes()) || (method == "HEAD" || want == 304) && len(body) > 0 {
				t.Errorf("%s, %s: %s: %d bytes", method, header[0], header[1], len(body))
			}
		}
	}
	if got := ask(document, "HEAD", "").Header().Get("Content-Length"); got != whole.Header().Get("Content-Length") || got == "" {
		t.Errorf("Content-Length of HEAD is %q", got)
	}
}

// A part of a document can be asked for again, if it has not changed.
func TestRanges(t *testing.T) {
	t.Parallel()
	document := everything(t).AsyncAPI()
	whole := ask(document, "GET", "")
	for condition, want := range map[string]int{whole.Header().Get("ETag"): 206, `"other"`: 200} {
		r := httptest.NewRequest("GET", "/asyncapi.json", nil)
		r.Header.Set("Range", "bytes=1-9")
		r.Header.Set("If-Range", condition)
		w := httptest.NewRecorder()
		document.ServeHTTP(w, r)
		if w.Code != want || want == 206 && w.Body.String() != whole.Body.String()[1:10] {
			t.Errorf("%s: %d, %.20s", condition, w.Code, w.Body)
		}
	}
}

// Two programs with the same events have the same tags, so that it does not matter which one a client meets; another
// event, and each kind of document, has another one.
func TestTagsTellDocumentsApart(t *testing.T) {
	t.Parallel()
	tags := func(summary string) (all []string) {
		x := eventbus.NewExchange("hrm")
		eventbus.Declare[person](x, "person.created", summary)
		view := eventview.New(x)
		for _, document := range []http.Handler{view, view.AsyncAPI(), view.AsyncAPIYAML()} {
			all = append(all, ask(document, "GET", "").Header().Get("ETag"))
		}
		return append(all, ask(view, "GET", browser).Header().Get("ETag"))
	}
	first, same, other := tags("A person was hired."), tags("A person was hired."), tags("A person was fired.")
	seen := map[string]bool{}
	for i := range first {
		if first[i] != same[i] {
			t.Errorf("%s, %s", first[i], same[i])
		}
		seen[first[i]], seen[other[i]] = true, true
	}
	if len(seen) != 8 {
		t.Errorf("%d tags of 8 documents: %v", len(seen), seen)
	}
}

// What Bytes returns is the caller's.
func TestBytesIsACopy(t *testing.T) {
	t.Parallel()
	document := hrm().AsyncAPI()
	before := string(document.Bytes())
	clear(document.Bytes())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got := ask(document, "GET", "").Body.String(); got != before {
				t.Errorf("%.40q", got)
			}
		})
	}
	wg.Wait()
}
