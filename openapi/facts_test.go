package openapi_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/openapi"
)

// differences from the recorded answers, with their reasons.
var differences = map[string]string{
	"int__arabic":       "an address holds ASCII digits only",
	"int__string_1000":  "it does not fit into an int64",
	"float__nan":        "the contract: \"nan\" is no number",
	"float__huge":       "infinity is no number either",
	"float__underscore": "an underscore is Python's spelling",
}

// TestScalarsAnswerAsRecorded reads recorded field values as query parameters: same verdict, same words, same value.
func TestScalarsAnswerAsRecorded(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/scalars.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]struct {
		Serializer string
		Input      map[string]string
		Valid      bool
		Errors     map[string][]string
		Value      string `json:"validated_repr"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 60 {
		t.Fatalf("only %d recorded cases", len(cases))
	}
	var got any
	api, _ := newAPI(t)
	add := func(pattern string, p openapi.Option, get func(*http.Request) any) {
		api.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) error { got = get(r); return nil }, p)
	}
	i := openapi.Query[int64]("f").Required()
	f := openapi.Query[float64]("f").Required()
	b := openapi.Query[bool]("f").Required()
	d := openapi.Query[time.Time]("f").Required()
	u := openapi.Query[UUID]("f").Required()
	add("GET /IntegerField", i, func(r *http.Request) any { return i.Get(r) })
	add("GET /FloatField", f, func(r *http.Request) any { return f.Get(r) })
	add("GET /BooleanField", b, func(r *http.Request) any { return b.Get(r) })
	add("GET /DateTimeField", d, func(r *http.Request) any { return d.Get(r) })
	add("GET /UUIDField", u, func(r *http.Request) any { return u.Get(r) })

	for name, c := range cases {
		if differences[name] != "" {
			continue
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(c.Serializer, "f = "), "(")
		got = nil
		w := ask(api, "GET", "/"+kind+"?f="+url.QueryEscape(c.Input["f"]))
		if c.Valid {
			if repr := fmt.Sprintf("{'f': %s}", python(got)); w.Code != http.StatusOK || repr != c.Value {
				t.Errorf("%s: %q gives %d %s, recorded %s", name, c.Input["f"], w.Code, repr, c.Value)
			}
			continue
		}
		want, _ := json.Marshal(map[string]any{"code": 400, "detail": c.Errors, "error_code": "HRM/DEFAULT_EXCEPTION"})
		if w.Code != http.StatusBadRequest || strings.TrimSpace(w.Body.String()) != string(want) {
			t.Errorf("%s: %q gives %d %s, recorded %s", name, c.Input["f"], w.Code, w.Body, want)
		}
	}
}

// python spells a value as Python's repr.
func python(v any) string {
	switch v := v.(type) {
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case float64:
		if v == math.Trunc(v) {
			return strconv.FormatFloat(v, 'f', 1, 64)
		}
		return fmt.Sprint(v)
	case time.Time:
		v = v.UTC()
		repr := fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d", v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute())
		micro := v.Nanosecond() / 1000
		if v.Second() != 0 || micro != 0 {
			repr += fmt.Sprintf(", %d", v.Second())
		}
		if micro != 0 {
			repr += fmt.Sprintf(", %d", micro)
		}
		return repr + ", tzinfo=<UTC>)"
	case UUID:
		h := hex.EncodeToString(v[:])
		return fmt.Sprintf("UUID('%s-%s-%s-%s-%s')", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
	}
	return fmt.Sprint(v)
}

// UUID reads as Python's does.
type UUID [16]byte

func (u *UUID) UnmarshalText(text []byte) error {
	digits, err := hex.DecodeString(strings.NewReplacer("-", "", "{", "", "}", "").Replace(string(text)))
	if err != nil || len(digits) != len(u) {
		return errors.New("no UUID")
	}
	copy(u[:], digits)
	return nil
}
