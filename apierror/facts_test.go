package apierror_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

type recorded struct {
	Request struct {
		Method, Path string
		Headers      map[string]string
	}
	Status  int
	Headers map[string]string
	Body    string
}

// differs lists the recorded cases that mean nothing in Go or are no business of this package, with the reason.
var differs = map[string]string{
	"custom_with_wait_attr":             "an attribute set on an exception object; occurrences have no attributes here",
	"custom_instance_status_attr":       "an attribute set on an exception object; the status belongs to the declaration here",
	"subclass_own_init":                 "a failing constructor (HTML page); declarations have none",
	"unhandled_value_error":             "HTML page; here 500 in the error shape, the cause is logged",
	"unhandled_django_validation_error": "HTML page; here 500 in the error shape, the cause is logged",
	"unhandled_integrity_error":         "HTML page; here 500 in the error shape, the cause is logged",
	"suspicious_operation":              "an exception of Django (HTML page); nothing alike here",
	"assertion":                         "HTML page; here 500 in the error shape, the cause is logged",
	"serializer_ok":                     "no error; input is read by package serializer",
	"json_empty_body":                   "no error; input is read by package serializer",
	"json_dup_keys":                     "no error; input is read by package serializer",
	"form_ok":                           "no error; forms are not read here",
	"method_options":                    "no error; OPTIONS describes nothing here",
	"throttle_first":                    "no error",
	"event_view":                        "no error; package eventview serves it",
}

// byDetail are the cases whose messages other packages word: here an error of another package brings the recorded detail.
var byDetail = []string{"serializer_", "many_", "json_"}

// foreign is an error as package serializer has them.
type foreign struct {
	status int
	detail any
}

func (f foreign) Error() string    { return "input refused" }
func (f foreign) HTTPStatus() int  { return f.status }
func (f foreign) ErrorDetail() any { return f.detail }

func replies() map[string]error {
	service := apierror.NewCatalog("test_service")
	some := service.Declare("SOME_ERROR", "You shall not pass!")
	other := service.Declare("OTHER_CODE", "")
	invalid := service.Declare("invalid", "")
	bg := apierror.NewCatalog("bg")
	return map[string]error{
		"simple_custom_instance":  some,
		"simple_custom_detail":    some.With("other detail"),
		"simple_custom_detail_kw": other.With("d"),
		"mapping":                 some.With(map[string]string{"detail1": "some detail", "detail2": "some other detail"}),
		"mapping_kw": some.With(map[string]any{"field": "x", "list": []string{"a", "b"},
			"nested": map[string]any{"k": "v", "deep": map[string][]string{"z": {"q"}}}}),
		"mapping_empty":                     some.With(map[string]string{}),
		"mapping_int_keys":                  some.With(map[string]string{"1": "a", "null": "b"}),
		"mapping_tuple":                     some.With(map[string][2]string{"a": {"x", "y"}}),
		"list_kw":                           some.With([]string{"a", "b"}),
		"list_empty":                        some.With([]string{}),
		"base_custom_default":               invalid,
		"base_custom_int":                   invalid.With(5),
		"base_custom_false":                 invalid.With(false),
		"empty_error_code":                  service.Declare("", "You shall not pass!"), // reported by Err, and sent
		"error_code_int":                    service.Declare("5", "You shall not pass!"),
		"unicode":                           some.With("Ошибка <b>&</b> 😀"),
		"lazy_detail":                       service.Declare("LAZY", ""),
		"none_default_detail":               service.Declare("NO_DETAIL", "", apierror.Detail(nil)),
		"tuple_detail":                      some.With([][2]string{{"a", "b"}}), // Go has no tuples: a list is sent as the list of messages
		"int_default_code":                  service.Declare("17", "int code"),
		"validation_error_inside_custom":    some.With(apierror.Invalid(map[string][]string{"a": {"b"}})),
		"exception_as_detail":               some.With(errors.New("boom")),
		"proxy_kw":                          apierror.NewProxy("BG/SECTION", "from bg"),
		"proxy_detail_str":                  apierror.NewProxy("BG/X", "text"),
		"proxy_base_default":                apierror.NewProxy("invalid", nil),
		"proxy_none_code":                   bg.Declare("SOME_ERROR", "You shall not pass from bg!"),
		"proxy_nested_proxy_body":           apierror.NewProxy("X/Y", json.RawMessage(`{"code": 422, "detail": {"a": ["b"]}, "error_code": "X/Y"}`)),
		"api_exception":                     apierror.New(500, "A server error occurred."),
		"api_exception_dict":                apierror.New(500, map[string]string{"a": "b"}),
		"api_exception_list":                apierror.New(500, []string{"a", "b"}),
		"api_exception_empty_str":           apierror.New(500, ""),
		"validation_str":                    apierror.Invalid("bad"),
		"validation_dict":                   apierror.Invalid(map[string]any{"f": "x", "g": []string{"y", "z"}, "h": map[string]string{"i": "j"}}),
		"validation_default":                apierror.Invalid(nil),
		"validation_tuple":                  apierror.Invalid([2]string{"a", "b"}),
		"validation_none_dict_value":        apierror.Invalid(map[string]any{"a": nil}),
		"not_found_detail":                  apierror.NotFound().With("no such user"),
		"http404":                           apierror.NotFound(),
		"http404_msg":                       apierror.NotFound().Wrap(errors.New("no row")),
		"authentication_failed":             apierror.Forbidden().With("Incorrect authentication credentials."),
		"parse_error_detail":                apierror.ParseError("oops"),
		"throttled":                         apierror.TooManyRequests(0),
		"throttled_wait_1":                  apierror.TooManyRequests(time.Second),
		"throttled_wait_30":                 apierror.TooManyRequests(30 * time.Second),
		"throttled_detail":                  apierror.TooManyRequests(30 * time.Second).With("slow down"),
		"throttled_wait_29_1":               apierror.TooManyRequests(29100 * time.Millisecond),
		"throttle_second":                   apierror.TooManyRequests(time.Hour),
		"method_not_allowed":                apierror.MethodNotAllowed("FOO"),
		"method_delete":                     apierror.MethodNotAllowed("DELETE"),
		"not_acceptable":                    apierror.NotAcceptable(),
		"unsupported_media_type_real":       apierror.UnsupportedMediaType("application/xml"),
		"auth_basic_none":                   apierror.Unauthorized(),
		"auth_basic_no_creds":               apierror.Unauthorized().With("Invalid basic header. No credentials provided."),
		"auth_basic_spaces":                 apierror.Unauthorized().With("Invalid basic header. Credentials string should not contain spaces."),
		"auth_session_first":                apierror.New(403, "Authentication credentials were not provided."),
		"basic_not_authenticated_raise":     apierror.Unauthorized(),
		"basic_authentication_failed_raise": apierror.Unauthorized().With("Incorrect authentication credentials."),
	}
}

func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/errors_http.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]recorded
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	writer := newWriter(t, apierror.NewCatalog("test_service"), apierror.WriterConfig{Logger: slog.New(slog.DiscardHandler)})
	errs := replies()
	for name, want := range cases {
		if reason, ok := differs[name]; ok {
			if _, both := errs[name]; both || reason == "" {
				t.Errorf("%s is listed as different and replayed", name)
			}
			continue
		}
		fail, ok := errs[name]
		for _, prefix := range byDetail {
			if !ok && strings.HasPrefix(name, prefix) {
				fail, ok = foreign{want.Status, detailOf(t, want.Body)}, true
			}
		}
		if !ok {
			t.Errorf("the recorded case %s is neither replayed nor listed as different", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := httptest.NewRecorder()
			writer.Handler(func(http.ResponseWriter, *http.Request) error { return fail }).
				ServeHTTP(rec, httptest.NewRequest(want.Request.Method, want.Request.Path, nil))
			if rec.Code != want.Status {
				t.Errorf("status %d, want %d", rec.Code, want.Status)
			}
			for _, header := range []string{"Content-Type", "Retry-After"} {
				if got := rec.Header().Get(header); got != want.Headers[header] {
					t.Errorf("%s: %q, want %q", header, got, want.Headers[header])
				}
			}
			sameJSON(t, rec.Body.String(), want.Body)
		})
	}
}

func detailOf(t *testing.T, body string) json.RawMessage {
	t.Helper()
	var envelope struct{ Detail json.RawMessage }
	if err := json.Unmarshal([]byte(body), &envelope); err != nil {
		t.Fatal(err)
	}
	return envelope.Detail
}

func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("no JSON: %v in %q", err, got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(g, w) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func newWriter(t *testing.T, c *apierror.Catalog, config apierror.WriterConfig) *apierror.Writer {
	t.Helper()
	w, err := c.Writer(config)
	if err != nil {
		t.Fatal(err)
	}
	return w
}
