package swaggerui_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/openapi/swaggerui"
)

func ask(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func TestPage(t *testing.T) {
	t.Parallel()
	h := swaggerui.New(`/open"api.json`)
	w := ask(h, "GET", "/docs/")
	page := w.Body.String()
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	if !strings.Contains(page, `data-document="/open&#34;api.json"`) {
		t.Errorf("the page does not name the document: %s", page)
	}
	// What the page asks for is there, is of this host, and nothing stands inline that a strict policy would refuse.
	assets := regexp.MustCompile(`(?:src|href)="([^"]*\.(?:js|css|png))"`).FindAllStringSubmatch(page, -1)
	if len(assets) != 5 {
		t.Errorf("assets: %q", assets)
	}
	for _, asset := range assets {
		if w := ask(h, "GET", "/docs/"+asset[1]); w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: %d", asset[1], w.Code)
		}
	}
	if found := regexp.MustCompile(`(?i)<style|\son\w+=|javascript:|<script>|https?:`).FindString(page); found != "" {
		t.Errorf("the page has %s", found)
	}
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy: %s", policy)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	h := swaggerui.New("/openapi.json")
	for target, want := range map[string]string{
		"/docs/swagger-ui-bundle.js":             "text/javascript; charset=utf-8",
		"/docs/swagger-ui.css":                   "text/css; charset=utf-8",
		"/any/prefix/favicon-32x32.png":          "image/png",
		"/docs/LICENSE":                          "text/plain; charset=utf-8",
		"/docs/NOTICE":                           "text/plain; charset=utf-8",
		"/docs/swagger-ui-bundle.js.LICENSE.txt": "text/plain; charset=utf-8",
	} {
		w := ask(h, "GET", target)
		if w.Code != 200 || w.Header().Get("Content-Type") != want || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
		r := httptest.NewRequest("GET", target, nil)
		r.Header.Set("If-None-Match", w.Header().Get("ETag"))
		again := httptest.NewRecorder()
		h.ServeHTTP(again, r)
		if again.Code != http.StatusNotModified {
			t.Errorf("%s again: %d", target, again.Code)
		}
	}
	for target, want := range map[string]int{"/docs/index.html": 404, "/docs/../swaggerui.go": 404, "/docs/unknown.js": 404, "": 200} {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = target
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%q: %d, want %d", target, w.Code, want)
		}
	}
	if w := ask(h, "POST", "/docs/"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", w.Code)
	}
	if w := ask(h, "HEAD", "/docs/"); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d", w.Code)
	}
}

func TestEmptyURL(t *testing.T) {
	t.Parallel()
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, `such as "/openapi.json"`) {
			t.Error(text)
		}
	}()
	swaggerui.New("")
}
