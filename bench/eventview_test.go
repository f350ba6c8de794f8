package bench

import (
	"bytes"
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

// fifty are fields as payloads have them. Its parameters make it many types, as many events have.
type fifty[I, J, K any] struct {
	A0, A1, A2, A3, A4, A5, A6, A7, A8, A9 string
	B0, B1, B2, B3, B4, B5, B6, B7, B8, B9 int64
	C0, C1, C2, C3, C4, C5, C6, C7, C8, C9 *string
	D0, D1, D2, D3, D4, D5, D6, D7, D8, D9 []string
	E0, E1, E2, E3, E4, E5, E6, E7, E8, E9 time.Time
}

// The digits of a number in base eight.
type (
	d0 struct{}
	d1 struct{}
	d2 struct{}
	d3 struct{}
	d4 struct{}
	d5 struct{}
	d6 struct{}
	d7 struct{}
)

const events = 512

func declareAll(x *eventbus.Exchange) {
	declareHundreds[d0](x)
	declareHundreds[d1](x)
	declareHundreds[d2](x)
	declareHundreds[d3](x)
	declareHundreds[d4](x)
	declareHundreds[d5](x)
	declareHundreds[d6](x)
	declareHundreds[d7](x)
}

func declareHundreds[I any](x *eventbus.Exchange) {
	declareTens[I, d0](x)
	declareTens[I, d1](x)
	declareTens[I, d2](x)
	declareTens[I, d3](x)
	declareTens[I, d4](x)
	declareTens[I, d5](x)
	declareTens[I, d6](x)
	declareTens[I, d7](x)
}

func declareTens[I, J any](x *eventbus.Exchange) {
	declare[fifty[I, J, d0]](x)
	declare[fifty[I, J, d1]](x)
	declare[fifty[I, J, d2]](x)
	declare[fifty[I, J, d3]](x)
	declare[fifty[I, J, d4]](x)
	declare[fifty[I, J, d5]](x)
	declare[fifty[I, J, d6]](x)
	declare[fifty[I, J, d7]](x)
}

func declare[T any](x *eventbus.Exchange) {
	eventbus.Declare[T](x, fmt.Sprintf("thing%d.changed", len(x.Events())), "A thing has changed.")
}

// manyEvents declares 512 events of as many types, of 50 fields each.
func manyEvents(b *testing.B) *eventbus.Exchange {
	b.Helper()
	if n := reflect.TypeFor[fifty[d0, d0, d0]]().NumField(); n != 50 {
		b.Fatalf("%d fields", n)
	}
	x := eventbus.NewExchange("hrm")
	declareAll(x)
	if err := x.Err(); err != nil {
		b.Fatal(err)
	}
	if n := len(x.Events()); n != events {
		b.Fatalf("%d events", n)
	}
	return x
}

// Schemas, page, AsyncAPI document as JSON and YAML, all at once, as at the start of a service. The clock also counts what
// other programs use of the machine; cpu-ms/op does not.
func BenchmarkEventViewBuild(b *testing.B) {
	x := manyEvents(b)
	b.ReportAllocs()
	before := cpu(b)
	for b.Loop() {
		eventview.New(x)
	}
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}

// Serving the AsyncAPI document beside the standard library serving the same bytes as a static file.
func BenchmarkEventViewServe(b *testing.B) {
	document := eventview.New(manyEvents(b)).AsyncAPI()
	body := document.Bytes()
	answer := httptest.NewRecorder()
	document.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/asyncapi.json", http.NoBody))
	tag := answer.Header().Get("ETag")
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
