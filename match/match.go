package match

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"testing"
)

// An Option of [JSON] and [Response].
type Option func(*options)

type options struct{ binds []any }

// Bind decodes the value that stands at $1 in the pattern ($2 for the second Bind, and so on) into target, which is a
// pointer, as encoding/json does. A value that does not decode is a difference, and so is null for a target that cannot
// be nil. Targets change only when the whole pattern matches.
func Bind(target any) Option {
	return func(o *options) { o.binds = append(o.binds, target) }
}

func collect(opts []Option) (o options) {
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// JSON ends the test, as t.Fatalf does, unless got matches the pattern. got is JSON text as string, []byte,
// json.RawMessage or io.Reader, which is read to its end; any other value is taken as encoding/json writes it.
func JSON(t testing.TB, got any, pattern string, opts ...Option) {
	t.Helper()
	if d := diffJSON(got, pattern, collect(opts)); d != nil {
		t.Fatalf("%s", "JSON does not match: "+d.report(paletteFromEnv()))
	}
}

// Response ends the test, as t.Fatalf does, unless resp has this status and a body of JSON that matches the pattern.
// The empty pattern stands for an empty body. The body is read, closed, and can be read once more afterwards.
func Response(t testing.TB, resp *http.Response, status int, pattern string, opts ...Option) {
	t.Helper()
	if d := diffResponse(resp, status, pattern, collect(opts)); d != nil {
		t.Fatalf("%s", "response does not match: "+d.report(paletteFromEnv()))
	}
}

// Assert ends the test, as t.Fatalf does, unless got matches want: a Go value in which [Rest], [Has], [Map], [List],
// [Set], a [Predicate] or, as json.RawMessage, a JSON pattern may stand anywhere.
func Assert(t testing.TB, got, want any) {
	t.Helper()
	if d := diffGo(got, want); d != nil {
		t.Fatalf("%s", "value does not match: "+d.report(paletteFromEnv()))
	}
}

// Diff returns the differences between got and a pattern as [Assert] reports them, without colours, and "" when it
// matches. A string as pattern is a JSON pattern where got is []byte or json.RawMessage.
func Diff(got, pattern any) string {
	if d := diffGo(got, pattern); d != nil {
		return d.report(palette{})
	}
	return ""
}

// diffGo returns nil when got matches. It asks for the verdict first, which costs little.
func diffGo(got, pattern any) *differences {
	if matches(got, pattern) {
		return nil
	}
	return explain(func(d *differences) bool { return matchGo(d, got, pattern) })
}

// explain gathers the differences of what did not match.
func explain(match func(*differences) bool) *differences {
	d := gathering()
	if match(d); len(d.found) == 0 {
		d.note(func() string { return "it did not match, and does now: something changed meanwhile" })
	}
	return d
}

// mistake is the only difference when there is nothing to compare.
func mistake(text string) *differences {
	return explain(func(d *differences) bool { return d.note(func() string { return text }) })
}

func diffJSON(got any, pattern string, o options) *differences {
	text, err := jsonText(got)
	if err != nil {
		return mistake(err.Error())
	}
	return diffText(text, pattern, o)
}

func diffText(got, pattern string, o options) *differences {
	if matchJSON(&differences{}, got, pattern, o.binds) {
		return nil
	}
	return explain(func(d *differences) bool { return matchJSON(d, got, pattern, o.binds) })
}

// jsonText takes a value as JSON: text as it is, anything else as encoding/json writes it.
func jsonText(got any) (string, error) {
	switch got := got.(type) {
	case string:
		return got, nil
	case []byte:
		return string(got), nil
	case json.RawMessage:
		return string(got), nil
	case io.Reader:
		text, err := io.ReadAll(got)
		if err != nil {
			return "", fmt.Errorf("got cannot be read: %w", err)
		}
		return string(text), nil
	}
	text, err := json.Marshal(got)
	if err != nil {
		return "", fmt.Errorf("got %T has no JSON: %w", got, err)
	}
	return string(text), nil
}

func diffResponse(resp *http.Response, status int, pattern string, o options) *differences {
	if resp == nil {
		return mistake("got no response but nil")
	}
	var body []byte
	if resp.Body != nil {
		var err error
		body, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close() // the body was read: there is nothing left to lose
		resp.Body = io.NopCloser(bytes.NewReader(body))
		if err != nil {
			return mistake("the body cannot be read: " + err.Error())
		}
	}
	switch {
	case resp.StatusCode != status:
		return mistake(statusText(resp.StatusCode, status, body))
	case pattern == "" && len(body) == 0:
		return nil
	case pattern == "":
		return mistake("got the body " + cut(strconv.Quote(string(body))) + ", want none")
	}
	return diffText(string(body), pattern, o)
}

// statusText shows more of the body than a difference does: it says why the status is another one.
func statusText(got, want int, body []byte) string {
	return fmt.Sprintf("got status %d, want %d; the body is %.*q", got, want, 4*shownText, body)
}
