package eventview

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"net/http"
	"time"
)

// Document is a finished document. It serves itself from memory with an ETag, to any number of goroutines.
type Document struct {
	contentType string
	policy      string // Content-Security-Policy, if any
	etag        string
	body        []byte
}

func newDocument(contentType, policy string, body []byte) *Document {
	return &Document{contentType, policy, entityTag(body), body}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// entityTag differs between two documents but for a chance of one to 2^64. Nobody gains by forging one, so two checksums
// that processors compute do, at a tenth of the time of a cryptographic hash.
func entityTag(body []byte) string {
	return fmt.Sprintf(`"%x-%08x%08x"`, len(body), crc32.ChecksumIEEE(body), crc32.Checksum(body, castagnoli))
}

// Bytes returns a copy of the document, for tests that keep one and compare.
func (d *Document) Bytes() []byte { return bytes.Clone(d.body) }

// ServeHTTP answers with the document, or with 304 where the client has it. Methods other than GET and HEAD are
// answered 405.
func (d *Document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	header.Set("Content-Type", d.contentType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache") // ask each time, and mostly get 304
	header.Set("ETag", d.etag)
	if d.policy != "" {
		header.Set("Content-Security-Policy", d.policy)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body))
}
