package match

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// tb records how a test was failed.
type tb struct {
	testing.TB
	failed string
}

func (t *tb) Helper()                           {}
func (t *tb) Fatalf(format string, args ...any) { t.failed = fmt.Sprintf(format, args...) }

func wantFailure(t *testing.T, call func(*tb), texts ...string) {
	t.Helper()
	inner := &tb{TB: t}
	call(inner)
	inner.failed = strings.NewReplacer(ansi.path, "", ansi.minus, "", ansi.plus, "", ansi.reset, "").Replace(inner.failed)
	if (inner.failed == "") != (len(texts) == 0) {
		t.Errorf("failed with %q, want %q", inner.failed, texts)
	}
	for _, text := range texts {
		if !strings.Contains(inner.failed, text) {
			t.Errorf("failed with %q, want %q", inner.failed, text)
		}
	}
}

func TestJSONTakes(t *testing.T) {
	t.Parallel()
	const text = `{"a": 1}`
	for _, got := range []any{text, []byte(text), json.RawMessage(text), bytes.NewBufferString(text), strings.NewReader(text), map[string]int{"a": 1}, struct {
		A int `json:"a"`
	}{1}} {
		wantFailure(t, func(t *tb) { JSON(t, got, `{"a": 1}`) })
	}
	for _, got := range []any{"", []byte(nil), nil, iotest.ErrReader(errors.New("cable cut")), func() {}} {
		wantFailure(t, func(t *tb) { JSON(t, got, `{"a": 1, ...}`) }, "JSON does not match: 1 difference:\n  got ")
	}
	wantFailure(t, func(t *tb) { JSON(t, iotest.ErrReader(errors.New("cable cut")), `1`) }, "cable cut")
	wantFailure(t, func(t *tb) { JSON(t, func() {}, `1`) }, "got func() has no JSON: json: unsupported type")
	wantFailure(t, func(t *tb) { JSON(t, `{}`, ``) }, "mistake in the pattern")
}

func TestBind(t *testing.T) {
	t.Parallel()
	var (
		id   int64
		name string
		tags []string
		any1 any
	)
	JSON(t, `{"id": 9007199254740993, "rows": [{"x": 1}, {"x": 2, "name": "Ann"}, {"x": 3}], "tags": ["a", "\u0062"], "z": {"k": null}}`,
		`{"id": $1, "rows": [..., {"x": 2, "name": $2}, ...], "tags": $3, ...: {"k": $4}}`, Bind(&id), Bind(&name), Bind(&tags), Bind(&any1))
	if id != 9007199254740993 || name != "Ann" || len(tags) != 2 || tags[1] != "b" || any1 != nil {
		t.Errorf("bound %d, %q, %q, %v", id, name, tags, any1)
	}
	var first string // the first that decodes is taken
	JSON(t, `[1, 2, "x", "y"]`, `[..., $1, ...]`, Bind(&first))
	if first != "x" {
		t.Errorf("bound %q", first)
	}
}

func TestBindRefused(t *testing.T) {
	t.Parallel()
	id, nothing := int64(5), (*int)(nil)
	for _, tt := range []struct {
		got, pattern string
		opts         []Option
		want         string
	}{
		{`{"id": "x"}`, `{"id": $1}`, []Option{Bind(&id)}, `.id: got "x", want a value for int64`},
		{`{"id": null}`, `{"id": $1}`, []Option{Bind(&id)}, `.id: got null, want a value for int64`},
		{`{"id": 1.5}`, `{"id": $1}`, []Option{Bind(&id)}, `.id: got`},
		{`{"id": 7, "a": 1}`, `{"id": $1, "a": 2}`, []Option{Bind(&id)}, `.a: got 1, want 2`},
		{`[1, 2]`, `[$1, $1]`, []Option{Bind(&id)}, `$1 twice`},
		{`[1, 2]`, `[$1, $2]`, []Option{Bind(&id)}, `the pattern has $2, and the call has 1 of match.Bind`},
		{`[1]`, `[$99999999999999999999]`, []Option{Bind(&id)}, `the call has 1`},
		{`1`, `$1`, nil, `the call has 0`},
		{`1`, `1`, []Option{Bind(&id)}, `no $1`},
		{`[1, 2]`, `[$1, 2]`, []Option{Bind(&id), Bind(&id)}, `no $2 for match.Bind number 2`},
		{`1`, `$1`, []Option{Bind(id)}, `takes a pointer that is not nil; number 1 is int64`},
		{`{"at": "yesterday"}`, `{"at": $1}`, []Option{Bind(new(time.Time))}, `.at: got "yesterday", which does not decode: parsing time`},
		{`1`, `$1`, []Option{Bind(nothing)}, `takes a pointer`},
		{`1`, `$1`, []Option{Bind(nil)}, `takes a pointer`},
	} {
		wantFailure(t, func(t *tb) { JSON(t, tt.got, tt.pattern, tt.opts...) }, tt.want)
	}
	if id != 5 {
		t.Errorf("a failed match has bound %d", id)
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) *http.Response {
		r := httptest.NewRecorder()
		r.WriteHeader(status)
		_, _ = io.WriteString(r, body)
		return r.Result()
	}
	var id int
	resp := answer(201, `{"id": 7, "name": "Ann"}`)
	Response(t, resp, 201, `{"id": $1, ...}`, Bind(&id))
	Response(t, resp, 201, `{"id": 7, "name": "Ann"}`) // the body can be read again
	if id != 7 {
		t.Errorf("bound %d", id)
	}
	Response(t, answer(204, ""), 204, "")
	Response(t, &http.Response{StatusCode: http.StatusNoContent}, 204, "")
	for want, call := range map[string]func(*tb){
		`got status 422, want 201; the body is "{\"code\":422}"`: func(t *tb) { Response(t, answer(422, `{"code":422}`), 201, `{"id": 7}`) },
		`.id: got 8, want 7`:          func(t *tb) { Response(t, answer(200, `{"id":8}`), 200, `{"id": 7}`) },
		`got the body "x", want none`: func(t *tb) { Response(t, answer(204, `x`), 204, ``) },
		`cannot be read as JSON`:      func(t *tb) { Response(t, answer(200, ``), 200, `{...}`) },
		`no response but nil`:         func(t *tb) { Response(t, nil, 200, `{...}`) },
		`cable cut`: func(t *tb) {
			Response(t, &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(iotest.ErrReader(errors.New("cable cut")))}, 200, `{...}`)
		},
	} {
		wantFailure(t, call, "response does not match: 1 difference:\n  ", want)
	}
	Response(t, answer(200, `{"text": "`+strings.Repeat("long ", 1_000_000)+`", "id": 1}`), 200, `{"id": 1, ...}`)
	for body, want := range map[string]string{"\ufeff{}": "a byte order mark, which JSON does not have", "{\"a\": \"\xff\"}": "text that is not UTF-8", "{} {}": "'{' after the value"} {
		wantFailure(t, func(t *tb) { Response(t, answer(200, body), 200, `{...}`) }, want)
	}
	closed := &closing{Reader: strings.NewReader(`{}`)}
	Response(t, &http.Response{StatusCode: http.StatusOK, Body: closed}, 200, `{}`)
	if !closed.closed {
		t.Error("the body was not closed")
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestAssert(t *testing.T) {
	t.Parallel()
	Assert(t, ann(), Has{"Name": "Ann"})
	wantFailure(t, func(t *tb) { Assert(t, ann(), Has{"Name": "Bob"}) }, "value does not match: 1 difference:\n  .Name: got \"Ann\", want \"Bob\"\n")
}

// A failure names the line of the call: this test runs itself again with calls that fail.
func TestFailuresPointAtTheCaller(t *testing.T) { //nolint:tparallel // the subtests are there to fail, one after another
	t.Parallel()
	if os.Getenv("MATCH_TEST_FAIL") != "" {
		t.Run("json", func(t *testing.T) { JSON(t, `1`, `2`) })                                     // here
		t.Run("response", func(t *testing.T) { Response(t, &http.Response{StatusCode: 1}, 2, ``) }) // here
		t.Run("assert", func(t *testing.T) { Assert(t, 1, 2) })                                     // here
		return
	}
	run := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFailuresPointAtTheCaller$")
	run.Env = append(os.Environ(), "MATCH_TEST_FAIL=1")
	out, err := run.CombinedOutput()
	if err == nil {
		t.Fatalf("the calls did not fail: %s", out)
	}
	_, file, _, _ := runtime.Caller(0)
	source, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("the source is not here: %v", err)
	}
	marked := 0
	for i, line := range strings.Split(string(source), "\n") {
		if !strings.HasSuffix(line, "// here") {
			continue
		}
		marked++
		if want := regexp.QuoteMeta(fmt.Sprintf("%s:%d: ", filepath.Base(file), i+1)); !regexp.MustCompile(want).Match(out) {
			t.Errorf("no failure at %s\n%s", want, out)
		}
	}
	if marked != 3 {
		t.Errorf("%d marked lines", marked)
	}
}
