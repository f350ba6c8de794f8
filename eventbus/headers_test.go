package eventbus

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func TestReadHistory(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		headers map[string]any
		want    history
	}{
		"nothing": {nil, history{}},
		"ours": {map[string]any{
			HeaderExchange: "hrm", HeaderRoutingKey: "k", HeaderAttempts: int64(3), HeaderReplayed: int32(2), HeaderError: "boom",
			HeaderFailedAt: "2026-11-23T08:00:00Z",
		}, history{exchange: "hrm", key: "k", known: true, attempts: 3, replayed: 2, lastError: "boom", failedAt: at}},
		"of other types": {map[string]any{
			HeaderExchange: []byte("hrm"), HeaderRoutingKey: []byte("k"), HeaderAttempts: "3", HeaderError: []byte("boom"), HeaderFailedAt: at,
		}, history{exchange: "hrm", key: "k", known: true, attempts: 3, lastError: "boom", failedAt: at}},
		"default exchange": {map[string]any{HeaderExchange: "", HeaderRoutingKey: "q"}, history{key: "q", known: true}},
		"nonsense": {map[string]any{
			HeaderExchange: 1, HeaderRoutingKey: true, HeaderAttempts: 1.5, HeaderReplayed: int64(9), HeaderError: nil, HeaderFailedAt: "soon",
		}, history{}},
		"negative": {map[string]any{HeaderAttempts: int64(-1), HeaderReplayed: int8(-1)}, history{}},
		"huge":     {map[string]any{HeaderAttempts: int64(1 << 62)}, history{attempts: 1 << 30}},
	} {
		if got := readHistory(tt.headers); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", name, got, tt.want)
		}
	}
}

// Headers of an earlier life in another queue do not lead astray.
func TestHistoryIsTrustedOnTheWayBackOnly(t *testing.T) {
	t.Parallel()
	headers := map[string]any{HeaderExchange: "crm", HeaderRoutingKey: "old", HeaderAttempts: int64(5)}
	for _, tt := range []struct {
		exchange, key string
		trusted       bool
	}{
		{"", "own:q", true}, {"own.retry.post", "own:q", true}, {"other.retry.post", "own:q", true},
		{"hrm", "own:q", false}, {"hrm", "k", false}, {"own.retry.post", "k", false}, {"", "other", false},
	} {
		got := historyOf(&driver.Message{Exchange: tt.exchange, RoutingKey: tt.key, Headers: headers}, "own:q")
		want := history{exchange: tt.exchange, key: tt.key, known: true}
		if tt.trusted {
			want = history{exchange: "crm", key: "old", known: true, attempts: 5}
		}
		if got != want {
			t.Errorf("from %q with %q: %+v, want %+v", tt.exchange, tt.key, got, want)
		}
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"boom": "boom", "a\xffb": "a\uFFFDb", "": "", strings.Repeat("x", 2048): strings.Repeat("x", 2048),
		strings.Repeat("x", 2049): strings.Repeat("x", 2045) + "...", strings.Repeat("ж", 2000): strings.Repeat("ж", 1022) + "...",
	} {
		if got := errorText(text); got != want {
			t.Errorf("%.20q of %d bytes became %.20q of %d bytes", text, len(text), got, len(got))
		}
	}
}

func FuzzHeaders(f *testing.F) {
	f.Add("toolset-attempts", "3", int64(1), "toolset-failed-at", "2026-11-23T08:00:00Z", "boom")
	f.Add("x-death", "CC", int64(-1), "toolset-routing-key", "\xff", strings.Repeat("ж", 3000))
	f.Fuzz(func(t *testing.T, name1, value1 string, value2 int64, name3, value3, text string) {
		headers := map[string]any{name1: value1, name3: value3, "list": []any{value1, value2}}
		for _, name := range []string{HeaderAttempts, HeaderReplayed, HeaderError, HeaderExchange} {
			for _, value := range []any{value1, value2, []byte(value3), nil, map[string]any{name1: value2}} {
				headers[name] = value
				before := maps.Clone(headers)
				m := driver.Message{RoutingKey: "q", Headers: headers, Expiration: "1"}
				h := historyOf(&m, "q")
				if h.attempts < 0 || h.replayed > h.attempts {
					t.Fatalf("attempts %d, replayed %d", h.attempts, h.replayed)
				}
				kept := failedCopy(m, h, text, time.Now())
				if !reflect.DeepEqual(headers, before) {
					t.Fatal("the headers of the original were changed")
				}
				again := readHistory(kept.Headers)
				if again.attempts != h.attempts+1 || again.known != h.known || again.exchange != h.exchange || again.key != h.key {
					t.Fatalf("%+v became %+v", h, again)
				}
				if !utf8.ValidString(again.lastError) || len(again.lastError) > maxErrorText || again.failedAt.IsZero() {
					t.Fatalf("error %q, failed at %v", again.lastError, again.failedAt)
				}
				for name := range kept.Headers {
					if name == "CC" || strings.HasPrefix(name, "x-death") {
						t.Fatalf("header %q was kept", name)
					}
				}
			}
		}
	})
}

func TestWithError(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"a": 1}`:                         `{"a": 1, "error": "E <\"ж\">"}`,
		`{}`:                               `{"error": "E <\"ж\">"}`,
		" { \n} ":                          ` {"error": "E <\"ж\">"} `,
		"{\"a\":1.10,\n \"b\":[ ]}\n":      "{\"a\":1.10,\n \"b\":[ ], \"error\": \"E <\\\"ж\\\">\"}\n",
		`{"error": "old", "a": 1}`:         `{"error": "E <\"ж\">", "a": 1}`,
		`{"error" : {"x": [1]} ,"a":1}`:    `{"error" : "E <\"ж\">" ,"a":1}`,
		`{"error":1,"error":  2}`:          `{"error":1,"error":  "E <\"ж\">"}`,
		`{"a": {"error": 1}}`:              `{"a": {"error": 1}, "error": "E <\"ж\">"}`,
		"\xef\xbb\xbf{\"error\":1}":        "\xef\xbb\xbf{\"error\":\"E <\\\"ж\\\">\"}",
		`[1]`:                              `[1]`,
		`"error"`:                          `"error"`,
		`{"a": NaN}`:                       `{"a": NaN}`,
		`{not json`:                        `{not json`,
		"{\"a\": \"\xff\"}":                "{\"a\": \"\xff\"}",
		`{"a": 1} {"b": 2}`:                `{"a": 1} {"b": 2}`,
		"":                                 "",
		`{"a": 12345678901234567890123.0}`: `{"a": 12345678901234567890123.0, "error": "E <\"ж\">"}`,
	} {
		if got := string(withError([]byte(body), `E <"ж">`)); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", body, got, want)
		}
	}
}

func FuzzWithError(f *testing.F) {
	f.Add([]byte(`{"a": 1, "error": "x"}`), "boom")
	f.Add([]byte(" {} "), "ж\n\"")
	f.Fuzz(func(t *testing.T, body []byte, text string) {
		text = strings.ToValidUTF8(text, "")
		before := slices.Clone(body)
		got := withError(body, text)
		if !slices.Equal(body, before) {
			t.Fatal("the original was changed")
		}
		var object map[string]json.RawMessage
		stripped := body
		if err := decodeJSON(stripped, &object); err != nil || object == nil {
			if !slices.Equal(got, body) {
				t.Fatalf("%q is no object and became %q", body, got)
			}
			return
		}
		if errorOf(got) != text {
			t.Fatalf("%q became %q, whose error reads %q", body, got, errorOf(got))
		}
		var after map[string]json.RawMessage
		if err := decodeJSON(got, &after); err != nil {
			t.Fatal(err)
		}
		delete(object, "error")
		delete(after, "error")
		if fmt.Sprint(object) != fmt.Sprint(after) {
			t.Fatalf("%q became %q", body, got)
		}
	})
}
