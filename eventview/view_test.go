package eventview_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

type person struct {
	ID   int64    `json:"id"`
	Name string   `json:"name" doc:"in <full>"`
	Tags []string `json:"tags,omitempty"`
}

func ask(h http.Handler, method, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/v1/event-system-entities", nil)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func hrm() *eventview.View {
	x := eventbus.NewExchange("hrm")
	eventbus.Declare[person](x, "person.created", "A <person> was hired.")
	eventbus.Declare[[]int64](x, "people.counted", "")
	eventbus.Declare(x, "person.moved", "Elsewhere.", eventbus.WithCodec(codec{}))
	return eventview.New(x)
}

// codec describes its payload by itself.
type codec struct{ eventbus.Codec[person] }

func (codec) OutputSchema() json.RawMessage {
	return json.RawMessage(`{"type": "object", "required": ["z", "salary"], "properties": {
		"z": {"type": ["object", "null"], "properties": {"id": {"type": "integer", "maximum": 9223372036854775807}}},
		"salary": {"type": "string", "format": "decimal"},
		"role": {"type": "string", "enum": ["engineer", "head"], "default": "head"},
		"code": {"type": "string", "pattern": "^[A-Z]{4}$", "minLength": 4, "description": "of the <site>"}}}`)
}

func TestSchemas(t *testing.T) {
	t.Parallel()
	const want = `{"person.created":{"description":"A <person> was hired.","type":"object","properties":{"id":{"type":"integer"},` +
		`"name":{"description":"in <full>","type":"string"},"tags":{"type":"array","items":{"type":"string"}}},"required":["id","name"]},` +
		`"people.counted":{"type":["array","null"],"items":{"type":"integer"}},` +
		`"person.moved":{"description":"Elsewhere.","type":"object","properties":{` +
		`"z":{"type":["object","null"],"properties":{"id":{"type":"integer","maximum":9223372036854775807}}},` +
		`"salary":{"type":"string","format":"decimal"},"role":{"type":"string","enum":["engineer","head"],"default":"head"},` +
		`"code":{"description":"of the <site>","type":"string","pattern":"^[A-Z]{4}$","minLength":4}},"required":["z","salary"]}}`
	w := ask(hrm(), "GET", "")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || w.Body.String() != want {
		t.Errorf("%d %v\n got %s\nwant %s", w.Code, w.Header(), w.Body, want)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	w := ask(hrm(), "GET", browser)
	page := w.Body.String()
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	for _, want := range []string{
		"<title>Events of hrm</title>", `<section id="person.created">`, "A &lt;person&gt; was hired.", "in &lt;full&gt;",
		"array of string", "<small>optional</small>", "(message)", "array of integer or null", "object or null",
		"<span>z.</span>id", "string (decimal)", `one of "engineer", "head"; default "head"`, "of the &lt;site&gt;",
		`"salary": "10.50"`, "prefers-color-scheme: dark",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %s", want)
		}
	}
	if found := regexp.MustCompile(`(?i)<link|<img|\ssrc=|@import|url\(|https?://[^e&]`).FindString(page); found != "" {
		t.Errorf("the page brings %s", found)
	}
}

// The policy allows the page's own style and nothing else.
func TestPolicy(t *testing.T) {
	t.Parallel()
	w := ask(hrm(), "GET", browser)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(w.Body.String())
	if style == nil {
		t.Fatal("no style")
	}
	hash := sha256.Sum256([]byte(style[1]))
	want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, want) {
		t.Error(policy)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	view := hrm()
	schemas, page := ask(view, "GET", "").Header(), ask(view, "GET", browser).Header()
	if schemas.Get("ETag") == "" || schemas.Get("ETag") == page.Get("ETag") {
		t.Error("each answer has an ETag of its own")
	}
	if schemas.Get("Vary") != "Accept" || page.Get("Vary") != "Accept" {
		t.Error("caches must heed Accept")
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("If-None-Match", schemas.Get("ETag"))
	w := httptest.NewRecorder()
	view.ServeHTTP(w, r)
	if w.Code != http.StatusNotModified {
		t.Error(w.Code)
	}
	if w := ask(view, "HEAD", ""); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d", w.Code)
	}
	if w := ask(view, "POST", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
}

func TestNoEvents(t *testing.T) {
	t.Parallel()
	view := eventview.New(eventbus.NewExchange("hrm"))
	if got := ask(view, "GET", "").Body.String(); got != "{}" {
		t.Error(got)
	}
	if page := ask(view, "GET", "text/html").Body.String(); !strings.Contains(page, "No events are declared.") {
		t.Error(page)
	}
}

type badCodec struct{ codec }

func (badCodec) OutputSchema() json.RawMessage {
	return json.RawMessage(`{"$ref": "#/definitions/nothing"}`)
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	exchange := func(declare func(x *eventbus.Exchange)) *eventbus.Exchange {
		x := eventbus.NewExchange("hrm")
		declare(x)
		return x
	}
	twice := func(x *eventbus.Exchange) { eventbus.Declare[person](x, "person.created", "") }
	for name, c := range map[string]struct {
		exchanges []*eventbus.Exchange
		says      []string
	}{
		"none": {nil, []string{"was given no exchange"}},
		"nil":  {[]*eventbus.Exchange{nil}, []string{"exchange 1 is nil"}},
		"declared twice": {[]*eventbus.Exchange{exchange(func(x *eventbus.Exchange) { twice(x); twice(x) })},
			[]string{`exchange "hrm" has mistakes`, "person.created"}},
		"one name on two exchanges": {[]*eventbus.Exchange{exchange(twice), exchange(twice)},
			[]string{`both have an event "person.created"`, "a view of its own"}},
		"no JSON": {[]*eventbus.Exchange{exchange(func(x *eventbus.Exchange) { eventbus.Declare[struct{ F func() }](x, "f.called", "") })},
			[]string{`event "f.called" of exchange "hrm"`, "field F", "func() has no JSON"}},
		"reference to nothing": {[]*eventbus.Exchange{exchange(func(x *eventbus.Exchange) {
			eventbus.Declare(x, "person.moved", "", eventbus.WithCodec(badCodec{}))
		})}, []string{`event "person.moved"`, "the schema of its codec is not right", "leads nowhere"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var text string
			func() {
				defer func() { text = fmt.Sprint(recover()) }()
				eventview.New(c.exchanges...)
			}()
			for _, want := range c.says {
				if !strings.Contains(text, want) {
					t.Errorf("%s\ndoes not say %s", text, want)
				}
			}
		})
	}
}
