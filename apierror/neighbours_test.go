package apierror_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http/httptest"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// lazy is a text that is made when it is sent.
type lazy struct{ n int }

func (l lazy) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d people", l.n), nil }

// failing is an error that brings a detail of its own.
type failing struct{}

func (failing) Error() string    { return "not for clients" }
func (failing) ErrorDetail() any { return map[string]any{"zip": []any{"Too long.", 5}} }

type tree []tree

type fieldErrors struct {
	Email string   `json:"email"`
	Tags  []string `json:"tags,omitempty"`
}

// What is near the recorded cases follows the same rules: only the values directly below a declared error's object are
// wrapped in lists, and every leaf becomes the text that Python's str gives.
func TestDetailsBesideTheRecordedOnes(t *testing.T) {
	t.Parallel()
	service := apierror.NewCatalog("test_service")
	declared := service.Declare("SOME_ERROR", "You shall not pass!")
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	cycle := map[string]any{}
	cycle["again"] = cycle
	const failed = `{"detail": "A server error occurred."}`
	for name, tt := range map[string]struct {
		err  error
		want string // detail
	}{
		"list of lists":         {declared.With([][]string{{"a"}, {}, {"b", "c"}}), `{"non_field_errors": [["a"], [], ["b", "c"]]}`},
		"list of objects":       {declared.With([]map[string]string{{"detail1": "some detail"}}), `{"non_field_errors": [{"detail1": "some detail"}]}`},
		"mixed list":            {declared.With([]any{"a", 1, 1.5, true, nil, map[string]any{"k": "v"}}), `{"non_field_errors": ["a", "1", "1.5", "True", "None", {"k": "v"}]}`},
		"nested twice":          {declared.With(map[string]any{"a": map[string]any{"b": map[string]any{"c": "d", "e": []string{"f"}}}}), `{"a": {"b": {"c": "d", "e": ["f"]}}}`},
		"mixed object":          {declared.With(map[string]any{"t": "x", "n": 0, "f": false, "z": nil, "l": []any{}, "o": map[string]any{}}), `{"t": ["x"], "n": ["0"], "f": ["False"], "z": ["None"], "l": [], "o": {}}`},
		"empty text":            {declared.With(""), `{"non_field_errors": [""]}`},
		"zero":                  {declared.With(0), `{"non_field_errors": ["0"]}`},
		"true":                  {declared.With(true), `{"non_field_errors": ["True"]}`},
		"struct":                {declared.With(fieldErrors{Email: "taken"}), `{"email": ["taken"]}`},
		"pointer to a struct":   {declared.With(&fieldErrors{"taken", []string{"a"}}), `{"email": ["taken"], "tags": ["a"]}`},
		"nil in a typed detail": {declared.With((*fieldErrors)(nil)), `{"non_field_errors": ["None"]}`},
		"integers as keys":      {declared.With(map[int]string{7: "x"}), `{"7": ["x"]}`},
		"lazy text":             {declared.With(lazy{3}), `{"non_field_errors": ["3 people"]}`},
		"lazy text below":       {declared.With(map[string]any{"a": lazy{3}, "b": []lazy{{4}}}), `{"a": ["3 people"], "b": ["4 people"]}`},
		"errors below":          {declared.With(map[string]any{"a": errors.New("boom"), "b": []error{errors.New("x"), nil}, "c": failing{}}), `{"a": ["boom"], "b": ["x", "None"], "c": {"zip": ["Too long.", "5"]}}`},
		"lists of errors below": {declared.With(map[string][]error{"a": {errors.New("x"), errors.New("y")}}), `{"a": ["x", "y"]}`},
		"list of errors":        {declared.With([]error{errors.New("x"), failing{}}), `{"non_field_errors": ["x", {"zip": ["Too long.", "5"]}]}`},
		"joined errors":         {declared.With(errors.Join(errors.New("x"), errors.New("y"))), `{"non_field_errors": ["x\ny"]}`},
		"an error of its own":   {declared.With(failing{}), `{"zip": ["Too long.", "5"]}`},
		"declared in declared":  {declared.With(declared), `{"non_field_errors": ["You shall not pass!"]}`},
		"numbers of Python":     {declared.With(raw(`[1, -5, 1.0, 1.50, 1e2, 1E16, 1.5e-7, 123456789012345678901234567890, -0.0, 1e999]`)), `{"non_field_errors": ["1", "-5", "1.0", "1.5", "100.0", "1e+16", "1.5e-07", "123456789012345678901234567890", "-0.0", "1e999"]}`},
		"raw text":              {declared.With(raw(`"\u041e\u0448"`)), `{"non_field_errors": ["Ош"]}`},
		"raw null":              {declared.With(raw(`null`)), `{"non_field_errors": ["None"]}`},
		"a key twice":           {declared.With(raw(`{"a": "x", "a": "y"}`)), `{"a": ["y"]}`},
		"no JSON":               {declared.With(raw(`{"a": `)), failed},
		"not a number":          {declared.With(math.NaN()), failed},
		"holds itself":          {declared.With(cycle), failed},
		"of its own type":       {declared.With(tree{nil, tree{}}), `{"non_field_errors": ["None", []]}`},
		"validation, nested":    {apierror.Invalid(map[string]any{"address": map[string]any{"zip": []string{"Too long."}}, "items": []any{map[string]any{}, map[string]any{"sku": []string{"No."}}}}), `{"address": {"zip": ["Too long."]}, "items": [{}, {"sku": ["No."]}]}`},
		"validation, numbers":   {apierror.Invalid([]any{1, nil, "x"}), `["1", "None", "x"]`},
		"validation, errors":    {apierror.Invalid(map[string]error{"a": errors.New("b")}), `{"a": "b"}`},
		"standard, object":      {apierror.NotFound().With(map[string]any{"id": 5}), `{"id": "5"}`},
		"standard, list":        {apierror.Forbidden().With([]string{"a"}), `["a"]`},
		"standard, number":      {apierror.Forbidden().With(5), `{"detail": "5"}`},
		"proxy, object":         {apierror.NewProxy("BG/X", map[string]any{"a": "b", "c": map[string]any{"d": 1}}), `{"a": ["b"], "c": {"d": "1"}}`},
		"proxy, list":           {apierror.NewProxy("BG/X", []any{"a", map[string]any{"b": nil}}), `{"non_field_errors": ["a", {"b": "None"}]}`},
		"proxy, error":          {apierror.NewProxy("BG/X", errors.New("boom")), `{"non_field_errors": ["boom"]}`},
		"proxy, field errors":   {apierror.NewProxy("BG/X", failing{}), `{"zip": ["Too long.", "5"]}`},
		"proxy, errors below":   {apierror.NewProxy("BG/X", map[string]error{"a": errors.New("b")}), `{"a": ["b"]}`},
		"proxy, number":         {apierror.NewProxy("BG/X", 5), `{"non_field_errors": ["5"]}`},
		"proxy, false":          {apierror.NewProxy("BG/X", false), `{"non_field_errors": ["False"]}`},
		"proxy, empty text":     {apierror.NewProxy("BG/X", ""), `{"non_field_errors": [""]}`},
		"proxy, no JSON":        {apierror.NewProxy("BG/X", make(chan int)), `{"non_field_errors": ["Invalid input."]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := httptest.NewRecorder()
			newWriter(t, service, apierror.WriterConfig{Logger: quiet()}).Write(rec, httptest.NewRequest("GET", "/", nil), tt.err)
			var got struct{ Detail json.RawMessage }
			if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
				t.Fatalf("%v in %s", err, rec.Body)
			}
			sameJSON(t, string(got.Detail), tt.want)
		})
	}
}

// Bodies as other services and gateways really send them.
func TestOddBodiesOfOtherServices(t *testing.T) {
	t.Parallel()
	service := apierror.NewCatalog("mailer")
	for body, want := range map[string]string{ // what is passed on; "" when it is not passed on but answered 500
		`{"code": 422, "detail": {"a": ["b"]}, "error_code": "BG/SECTION IS VERY BAD"}`:               `{"code": 422, "detail": {"a": ["b"]}, "error_code": "BG/SECTION IS VERY BAD"}`,
		`{"detail": "text", "error_code": "BG/X"}`:                                                    `{"code": 422, "detail": {"non_field_errors": ["text"]}, "error_code": "BG/X"}`,
		`{"error_code": "BG/X"}`:                                                                      `{"code": 422, "detail": {"non_field_errors": ["Invalid input."]}, "error_code": "BG/X"}`,
		`{"detail": 0, "error_code": "BG/X"}`:                                                         `{"code": 422, "detail": {"non_field_errors": ["0"]}, "error_code": "BG/X"}`,
		`{"detail": [], "error_code": "BG/X"}`:                                                        `{"code": 422, "detail": {"non_field_errors": []}, "error_code": "BG/X"}`,
		`{"detail": {}, "error_code": "BG/X"}`:                                                        `{"code": 422, "detail": {}, "error_code": "BG/X"}`,
		`{"detail": {"a": {"b": 1.0}, "c": 2}, "error_code": "plain"}`:                                `{"code": 422, "detail": {"a": {"b": "1.0"}, "c": ["2"]}, "error_code": "plain"}`,
		"  {\"error_code\": \"BG/X\", \"detail\": [\"a\"], \"traceback\": [{}], \"code\": \"odd\"}\n": `{"code": 422, "detail": {"non_field_errors": ["a"]}, "error_code": "BG/X"}`,
		"\xef\xbb\xbf" + `{"error_code": "BG/X"}`:                                                     `{"code": 422, "detail": {"non_field_errors": ["Invalid input."]}, "error_code": "BG/X"}`, // a BOM
		`{"error_code": {"a": "b"}}`:                                                                  "",
		`{"Error_Code": "BG/X"}`:                                                                      "",
		`[{"error_code": "BG/X"}]`:                                                                    "",
		`<html><h1>502 Bad Gateway</h1></html>`:                                                       "",
		`{"detail": "Not found."}`:                                                                    "", // DRF without the toolset
		"":                                                                                            "",
	} {
		if want == "" {
			want = serverErrorOf("MAILER")
		}
		rec := httptest.NewRecorder()
		newWriter(t, service, apierror.WriterConfig{Logger: quiet()}).
			Write(rec, httptest.NewRequest("GET", "/", nil), apierror.Decode(400, nil, []byte(body)))
		t.Run(body, func(t *testing.T) { sameJSON(t, rec.Body.String(), want) })
	}
}
