package openapi_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/match"
	"gitlab.com/pik-pro/backend/toolset/openapi/openapitest"
)

// Whatever a client sends, the answer is a 4xx in the error shape that says what is wrong and where, and the document
// knows it.
func TestBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	api := openapitest.Strict(t, service(t))
	const whole = `{"name": "Ann", "email": "ann@example.com", "salary": "1200.50"}`
	for name, tt := range map[string]struct {
		contentType, body string
		status            int
		detail            string
	}{
		"as it should be":   {"application/json", whole, 201, ""},
		"charset":           {"application/json; charset=UTF-8", whole, 201, ""},
		"a key twice":       {"application/json", `{"name": 5, ` + whole[1:], 201, ""}, // the last wins
		"empty":             {"application/json", ``, 400, `{"name": ["This field is required."], "email": ["This field is required."], "salary": ["This field is required."]}`},
		"null":              {"application/json", `null`, 400, `{"non_field_errors": ["No data provided"]}`},
		"a list":            {"application/json", `[]`, 400, `{"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}`},
		"a text":            {"application/json", `"x"`, 400, `{"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}`},
		"not JSON":          {"application/json", `name=Ann`, 400, `{"detail": "JSON parse error - Expecting value: line 1 column 1 (char 0)"}`},
		"cut off":           {"application/json", whole[:20], 400, `{"detail": "JSON parse error - Unterminated string starting at: line 1 column 17 (char 16)"}`},
		"trailing text":     {"application/json", whole + "\n x", 400, `{"detail": "JSON parse error - Extra data: line 2 column 2 (char 66)"}`},
		"two objects":       {"application/json", whole + whole, 400, `{"detail": "JSON parse error - Extra data: line 1 column 65 (char 64)"}`},
		"single quotes":     {"application/json", `{'name': 1}`, 400, `{"detail": "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"}`},
		"NaN":               {"application/json", `{"name": NaN}`, 400, `{"detail": "JSON parse error - Out of range float values are not JSON compliant: 'NaN'"}`},
		"bad UTF-8":         {"application/json", "{\"name\": \"\xff\"}", 400, `{"detail": "JSON parse error - 'utf-8' codec can't decode byte 0xff in position 10: invalid start byte"}`},
		"UTF-16":            {"application/json", "\xff\xfe{\x00}\x00", 400, `{"detail": "JSON parse error - 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"}`},
		"control character": {"application/json", "{\"name\": \"a\nb\"}", 400, `{"detail": "JSON parse error - Invalid control character at: line 1 column 12 (char 11)"}`},
		"too deep":          {"application/json", strings.Repeat(`[`, 100_000), 400, `{"detail": ...}`},
		"too deep inside":   {"application/json", `{"tags": ` + strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000) + `}`, 400, `{"detail": ...}`},
		"no content type":   {"", whole, 415, `{"detail": "Unsupported media type \"\" in request."}`},
		"form":              {"application/x-www-form-urlencoded", `name=Ann`, 415, `{"detail": "Unsupported media type \"application/x-www-form-urlencoded\" in request."}`},
		"other type":        {"text/plain", whole, 415, `{"detail": "Unsupported media type \"text/plain\" in request."}`},
		"other charset":     {"application/json; charset=windows-1251", whole, 415, `{"detail": "Unsupported media type \"application/json; charset=windows-1251\" in request."}`},
		"broken type":       {"application/json; charset", whole, 415, `{"detail": "Unsupported media type \"application/json; charset\" in request."}`},
		"too large":         {"application/json", `{"name": "` + strings.Repeat("x", 20<<20) + `"}`, 413, `{"detail": "Request body is larger than 10485760 bytes."}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("POST", "/api/v1/people/", strings.NewReader(tt.body))
			if tt.contentType != "" {
				r.Header.Set("Content-Type", tt.contentType)
			}
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Fatalf("%d %s, want %d", w.Code, w.Body, tt.status)
			}
			if tt.detail != "" {
				match.JSON(t, w.Body.Bytes(), `{"code": ..., "detail": `+tt.detail+`, "error_code": "HRM/DEFAULT_EXCEPTION"}`)
			}
		})
	}
}
