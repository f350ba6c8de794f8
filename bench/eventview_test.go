package bench

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

// fifty are fields as payloads have them.
type fifty struct {
	A0, A1, A2, A3, A4, A5, A6, A7, A8, A9 string
	B0, B1, B2, B3, B4, B5, B6, B7, B8, B9 int64
	C0, C1, C2, C3, C4, C5, C6, C7, C8, C9 *string
	D0, D1, D2, D3, D4, D5, D6, D7, D8, D9 []string
	E0, E1, E2, E3, E4, E5, E6, E7, E8, E9 time.Time
}

// fiveHundred declares 500 events of 50 fields each.
func fiveHundred(b *testing.B) *eventbus.Exchange {
	b.Helper()
	if n := reflect.TypeFor[fifty]().NumField(); n != 50 {
		b.Fatalf("%d fields", n)
	}
	x := eventbus.NewExchange("hrm")
	for i := range 500 {
		eventbus.Declare[fifty](x, fmt.Sprintf("thing%d.changed", i), "A thing has changed.")
	}
	if err := x.Err(); err != nil {
		b.Fatal(err)
	}
	return x
}

// Schemas, page, AsyncAPI document as JSON and YAML, all at once, as at the start of a service.
func BenchmarkEventViewBuild(b *testing.B) {
	x := fiveHundred(b)
	b.ReportAllocs()
	for b.Loop() {
		eventview.New(x)
	}
}

// Serving the AsyncAPI document beside the standard library serving the same bytes as a static file.
func BenchmarkEventViewServe(b *testing.B) {
	document := eventview.New(fiveHundred(b)).AsyncAPI()
	body := document.Bytes()
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256(body))
	static := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
	for _, served := range []struct {
		name string
		http.Handler
	}{{"ServeContent", static}, {"toolset", document}} {
		for _, known := range []bool{false, true} {
			r := httptest.NewRequest(http.MethodGet, "/asyncapi.json", http.NoBody)
			name, want := "whole", http.StatusOK
			if known {
				name, want = "unchanged", http.StatusNotModified
				r.Header.Set("If-None-Match", tag)
			}
			b.Run(strings.Join([]string{name, served.name}, "/"), func(b *testing.B) {
				w := &counting{header: http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					clear(w.header)
					w.n, w.status = 0, http.StatusOK
					served.ServeHTTP(w, r)
				}
				if w.status != want || !known && w.n != len(body) {
					b.Fatalf("status %d, %d bytes of %d", w.status, w.n, len(body))
				}
			})
		}
	}
}

// counting is a response that goes nowhere.
type counting struct {
	header http.Header
	status int
	n      int
}

func (c *counting) Header() http.Header         { return c.header }
func (c *counting) WriteHeader(status int)      { c.status = status }
func (c *counting) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }
