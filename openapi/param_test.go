package openapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/openapi"
)

type role string

func TestQuery(t *testing.T) {
	t.Parallel()
	ids := openapi.Query[[]int64]("id")
	page := openapi.Query[int]("page").Default(1)
	active := openapi.Query[*bool]("active")
	as := openapi.Query[role]("role")
	small := openapi.Query[uint8]("small")
	tags := openapi.Query[[]string]("tag").Default([]string{"new"})
	api, _ := newAPI(t)
	api.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) error {
		on := "unset"
		if p := active.Get(r); p != nil {
			on = fmt.Sprint(*p)
		}
		list := tags.Get(r)
		fmt.Fprintln(w, ids.Get(r), page.Get(r), on, as.Get(r), small.Get(r), list)
		list[0] = "spoiled" // the next request has a list of its own
		return nil
	}, ids, page, active, as, small, tags)

	for query, want := range map[string]string{
		"":                             `[] 1 unset  0 [new]`,
		"id=1&id=2":                    `[1 2] 1 unset  0 [new]`,
		"id=-9223372036854775808":      `[-9223372036854775808] 1 unset  0 [new]`,
		"page=3&page=4":                `[] 4 unset  0 [new]`, // the last counts
		"page=&active=&small=":         `[] 1 unset  0 [new]`, // empty is absent
		"active=false":                 `[] 1 false  0 [new]`,
		"role=head&tag=a&tag=b":        `[] 1 unset head 0 [a b]`,
		"role=%FF":                     "[] 1 unset \uFFFD 0 [new]",
		"id=":                          `400 {"id":{"0":["A valid integer is required."]}}`,
		"id=1&id=x&id=1.5":             `400 {"id":{"1":["A valid integer is required."],"2":["A valid integer is required."]}}`,
		"id=9223372036854775808":       `400 {"id":{"0":["Ensure this value is less than or equal to 9223372036854775807."]}}`,
		"id=-9223372036854775809":      `400 {"id":{"0":["Ensure this value is greater than or equal to -9223372036854775808."]}}`,
		"small=256":                    `400 {"small":["Ensure this value is less than or equal to 255."]}`,
		"small=-1&page=x&active=maybe": `400 {"page":["A valid integer is required."],"active":["Must be a valid boolean."],"small":["Ensure this value is greater than or equal to 0."]}`,
		"role=a%00b":                   `400 {"role":["Null characters are not allowed."]}`,
		"page=%zz":                     `400 {"detail":"Malformed query string."}`,
		"page=1;active=true":           `400 {"detail":"Malformed query string."}`,
	} {
		w := ask(api, "GET", "/?"+query)
		got := strings.TrimSuffix(w.Body.String(), "\n")
		if w.Code != http.StatusOK {
			var answer struct{ Detail json.RawMessage }
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			got = fmt.Sprintf("%d %s", w.Code, answer.Detail)
		}
		if got != want {
			t.Errorf("?%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	id := openapi.Path[int64]("id")
	api, _ := newAPI(t)
	api.HandleFunc("GET /people/{id}/notes/{note}/", func(w http.ResponseWriter, r *http.Request) error {
		fmt.Fprint(w, id.Get(r), r.PathValue("note"))
		return nil
	}, id)
	for target, want := range map[string]int{
		"/people/7/notes/a/":                    200,
		"/people/x/notes/a/":                    404,
		"/people/1.5/notes/a/":                  404,
		"/people/1.0/notes/a/":                  404,
		"/people/01/notes/a/":                   404,
		"/people/+1/notes/a/":                   404,
		"/people/%201/notes/a/":                 404,
		"/people/-1/notes/a/":                   200,
		"/people/1%2F2/notes/a/":                404,
		"/people/%00/notes/a/":                  404,
		"/people/1/notes/a/?x=%zz":              200, // the route has no query
		"/people/1/notes/a%2Fb/":                200,
		"/people/99999999999999999999/notes/a/": 404,
	} {
		w := ask(api, "GET", target)
		if w.Code != want {
			t.Errorf("%s: %d, want %d", target, w.Code, want)
		}
		if want == 404 && strings.TrimSpace(w.Body.String()) != `{"code":404,"detail":{"detail":"Not found."},"error_code":"HRM/DEFAULT_EXCEPTION"}` {
			t.Errorf("%s: %s", target, w.Body)
		}
	}
}

func TestRequired(t *testing.T) {
	t.Parallel()
	q := openapi.Query[string]("q").Required()
	ids := openapi.Query[[]int]("id").Required()
	api, _ := newAPI(t)
	api.HandleFunc("GET /", says("found"), q, ids)
	want := `{"code":400,"detail":{"q":["This field is required."],"id":["This field is required."]},"error_code":"HRM/DEFAULT_EXCEPTION"}`
	if w := ask(api, "GET", "/"); w.Code != 400 || strings.TrimSpace(w.Body.String()) != want {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(api, "GET", "/?q=&id=1"); w.Code != 200 {
		t.Errorf("an empty text is a text: %d %s", w.Code, w.Body)
	}
}

// A parameter that the route was not given must not read as "absent": a filter would silently not filter.
func TestGetOfUndeclaredParameter(t *testing.T) {
	t.Parallel()
	page := openapi.Query[int]("page")
	api, _ := newAPI(t)
	var text string
	read := func(w http.ResponseWriter, r *http.Request) error {
		text = mustPanic(t, func() { page.Get(r) })
		return nil
	}
	api.HandleFunc("GET /none", read)
	api.HandleFunc("GET /other-type", read, openapi.Query[string]("page"))
	for _, target := range []string{"/none", "/other-type"} {
		ask(api, "GET", target)
		if !strings.Contains(text, `"GET `+target+`"`) || !strings.Contains(text, `query parameter "page" of type int`) {
			t.Errorf("%s: %s", target, text)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "n=1&n=2", "f=1e9", "b=on", "d=2020-01-02T03:04", "s=%00", "n=%zz", "n=+5.000", "f=0x1p-2", "d=2020-1-2 3:4:5,5Z"} {
		f.Add(seed)
	}
	n, x, b, s := openapi.Query[[]int32]("n"), openapi.Query[float32]("f"), openapi.Query[bool]("b"), openapi.Query[string]("s")
	api, _ := newAPI(f)
	api.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) error {
		// What was accepted is a value of JSON: no nan, no broken text.
		text, err := json.Marshal([]any{n.Get(r), x.Get(r), b.Get(r), s.Get(r)})
		if err != nil {
			return err
		}
		_, err = w.Write(text)
		return err
	}, n, x, b, s)
	f.Fuzz(func(t *testing.T, query string) {
		r, err := http.NewRequest("GET", "http://hrm/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%q: %d %s", query, w.Code, w.Body)
		}
	})
}
