// Package swaggerui serves Swagger UI, the interactive page for an OpenAPI document, from embedded files.
//
//	api.Handle("GET /openapi.json", api.DocumentHandler())
//	api.Handle("GET /docs/", swaggerui.New("/openapi.json")) // net/http sends /docs there
//
// The page needs nothing from other hosts and no inline script, so that it works without a network and under a strict
// Content-Security-Policy, which it sets itself. It follows the light or dark scheme of the reader.
//
// A program that imports the package grows by about 2 MB. Swagger UI is licensed under Apache-2.0; its licence and
// notice are embedded and served beside it, as LICENSE and NOTICE.
package swaggerui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed index.html page.css page.js assets
var files embed.FS

// policy allows what comes from this host only, and icons from data URLs. Swagger UI needs neither inline scripts nor inline styles.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'"

// Handler serves the page. It is made by [New] and serves any number of goroutines.
type Handler struct {
	files map[string]file // by the last element of the path; "" is the page
}

type file struct {
	contentType string
	etag        string
	body        []byte
}

// New makes the page for the document at this URL: "/openapi.json", or a URL relative to the page as "../openapi.json"
// for a service that is mounted below a prefix. It must be on the host of the page. New panics when it is empty.
//
// Mount the handler on a subtree, as "/docs/". It looks at the last element of a path only, so no prefix has to be
// stripped.
func New(documentURL string) *Handler {
	if documentURL == "" {
		panic("swaggerui: New needs the URL of the document, such as \"/openapi.json\"")
	}
	h := &Handler{files: map[string]file{}}
	// The files are part of the program: what goes wrong here goes wrong in the tests of this package.
	must(fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		if err == nil && name != "index.html" {
			h.add(path.Base(name), body)
		}
		return err
	}))
	page, err := template.ParseFS(files, "index.html")
	must(err)
	var buf bytes.Buffer
	must(page.Execute(&buf, documentURL))
	h.add("", buf.Bytes())
	return h
}

func must(err error) {
	if err != nil {
		panic("swaggerui: embedded files: " + err.Error())
	}
}

func (h *Handler) add(name string, body []byte) {
	contentType := "text/plain; charset=utf-8"
	switch {
	case name == "":
		contentType = "text/html; charset=utf-8"
	case strings.HasSuffix(name, ".js"):
		contentType = "text/javascript; charset=utf-8"
	case strings.HasSuffix(name, ".css"):
		contentType = "text/css; charset=utf-8"
	case strings.HasSuffix(name, ".png"):
		contentType = "image/png"
	}
	h.files[name] = file{contentType, fmt.Sprintf(`"%x"`, sha256.Sum256(body)), body}
}

// ServeHTTP serves the page for a path that ends in a slash, and the file that the last element of the path names
// otherwise. It answers 404 for names that it does not have and 405 for methods other than GET and HEAD.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	f, ok := h.files[r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header.Set("Content-Type", f.contentType)
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}
