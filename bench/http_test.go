package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/carlmjohnson/requests"
	"github.com/go-resty/resty/v2"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/apierror"
)

type section struct {
	ID     int64    `json:"id"`
	Name   string   `json:"name"`
	Active bool     `json:"active"`
	Tags   []string `json:"tags"`
}

const (
	sectionBody = `{"id": 7, "name": "Tools and more tools", "active": true, "tags": ["red", "green", "blue"]}`
	secret      = "s3cret"
)

// sections is a service that answers with one small object, as most answers between services are.
func sections(b *testing.B) string {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Service-Secret") != secret+":bench" || r.URL.RawQuery != "user_id=1&user_id=2" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, sectionBody)
	}))
	b.Cleanup(server.Close)
	return server.URL
}

func check(b *testing.B, got section, err error) {
	if err != nil || got.ID != 7 || len(got.Tags) != 3 {
		b.Fatalf("%+v, %v", got, err)
	}
}

// inAnyOrder runs the sides of a comparison in an order that differs from round to round: the first of a process finds
// a cold one.
func inAnyOrder(b *testing.B, sides map[string]func(*testing.B)) {
	for name, side := range sides {
		b.Run(name, side)
	}
}

// A GET into a struct over the loopback interface, secret and two query values included, as a service makes it: net/http
// and encoding/json by hand, and what people use otherwise.
func BenchmarkClientGet(b *testing.B) {
	base, ctx := sections(b), context.Background()
	inAnyOrder(b, map[string]func(*testing.B){
		"by-hand": func(b *testing.B) {
			transport := http.DefaultTransport.(*http.Transport).Clone()
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			get := func() (got section, err error) {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/sections/7/?user_id=1&user_id=2", nil)
				if err != nil {
					return got, err
				}
				r.Header.Set("X-Service-Secret", secret+":bench")
				resp, err := client.Do(r)
				if err != nil {
					return got, err
				}
				defer resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					return got, fmt.Errorf("status %d", resp.StatusCode)
				}
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					return got, err
				}
				return got, json.Unmarshal(body, &got)
			}
			b.ReportAllocs()
			for b.Loop() {
				got, err := get()
				check(b, got, err)
			}
		},
		"toolset": func(b *testing.B) {
			client, err := apiclient.New(apiclient.Config{BaseURL: base, Service: "bench", Secret: secret})
			if err != nil {
				b.Fatal(err)
			}
			defer client.CloseIdleConnections()
			ids := []int{1, 2}
			b.ReportAllocs()
			for b.Loop() {
				got, err := apiclient.Get[section](ctx, client, "/sections/{id}/", apiclient.Path("id", 7), apiclient.Query("user_id", ids))
				check(b, got, err)
			}
		},
		"resty": func(b *testing.B) {
			client := resty.New().SetBaseURL(base).SetHeader("X-Service-Secret", secret+":bench").SetRetryCount(2)
			defer client.GetClient().CloseIdleConnections()
			b.ReportAllocs()
			for b.Loop() {
				var got section
				_, err := client.R().SetContext(ctx).SetResult(&got).SetPathParam("id", "7").
					SetQueryParamsFromValues(map[string][]string{"user_id": {"1", "2"}}).Get("/sections/{id}/")
				check(b, got, err)
			}
		},
		"requests": func(b *testing.B) {
			transport := http.DefaultTransport.(*http.Transport).Clone()
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			b.ReportAllocs()
			for b.Loop() {
				var got section
				err := requests.URL(base).Client(client).Header("X-Service-Secret", secret+":bench").
					Pathf("/sections/%d/", 7).Param("user_id", "1", "2").ToJSON(&got).Fetch(ctx)
				check(b, got, err)
			}
		},
	})
}

// null is a ResponseWriter that costs nothing by itself.
type null struct{ header http.Header }

func (n *null) Header() http.Header         { return n.header }
func (n *null) Write(p []byte) (int, error) { return len(p), nil }
func (n *null) WriteHeader(int)             { clear(n.header) }

var (
	hrmErrors    = apierror.NewCatalog("hrm")
	errEmailUsed = hrmErrors.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
)

const emailUsed = `{"code":409,"detail":{"non_field_errors":["A person with this email exists."]},"error_code":"HRM/EMAIL_TAKEN"}`

// answerByHand writes the same bytes as the catalog.
func answerByHand(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusConflict)
	_, _ = io.WriteString(w, emailUsed)
}

// Writing a declared error: the writer alone, and a whole request that ends in it.
func BenchmarkErrorAnswer(b *testing.B) {
	writer, err := hrmErrors.Writer(apierror.WriterConfig{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	r, w := httptest.NewRequest(http.MethodPost, "/people/", nil), &null{http.Header{}}
	inAnyOrder(b, map[string]func(*testing.B){
		"by-hand": func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answerByHand(w)
			}
		},
		"toolset": func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				writer.Write(w, r, errEmailUsed)
			}
		},
	})
	for name, handler := range map[string]http.Handler{
		"request/by-hand": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerByHand(w) }),
		"request/toolset": writer.Handler(func(http.ResponseWriter, *http.Request) error { return errEmailUsed }),
	} {
		b.Run(name, func(b *testing.B) {
			server := httptest.NewServer(handler)
			defer server.Close()
			client := server.Client()
			b.ReportAllocs()
			for b.Loop() {
				resp, err := client.Get(server.URL)
				if err != nil {
					b.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || string(body) != emailUsed {
					b.Fatalf("%s %v", body, err)
				}
			}
		})
	}
}
