package apierror_test

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

func TestFieldsAreATree(t *testing.T) {
	t.Parallel()
	var f apierror.Fields
	f.Add("email", "Enter a valid email address.")
	f.Add("email", "Second.")
	f.Object("address").Add("zip", "This field is required.")
	f.Object("tags").Add("2", "This field may not be blank.")
	f.Object("silent")
	f.List("items", 3)[1].Add("sku", "<Bad>.")
	f.List("fine", 2)
	f.Add(apierror.NonField, "Names and emails do not match.")
	rec := httptest.NewRecorder()
	apierror.NewCatalog("hrm").Write(rec, nil, f.Err())
	want := `{"code":400,"detail":{"email":["Enter a valid email address.","Second."],"address":{"zip":["This field is required."]},` +
		`"tags":{"2":["This field may not be blank."]},"items":[{},{"sku":["<Bad>."]},{}],` +
		`"non_field_errors":["Names and emails do not match."]},"error_code":"HRM/DEFAULT_EXCEPTION"}`
	if rec.Code != 400 || rec.Body.String() != want {
		t.Errorf("%d\ngot  %s\nwant %s", rec.Code, rec.Body, want)
	}
}

func TestNoMessageIsNoError(t *testing.T) {
	t.Parallel()
	var f apierror.Fields
	f.Object("address").Object("street")
	f.List("items", 2)
	if !f.Empty() || f.Err() != nil {
		t.Errorf("got %v", f.Err())
	}
	raw, err := json.Marshal(&f)
	if err != nil || string(raw) != "{}" {
		t.Errorf("%s %v", raw, err)
	}
}

func TestAListOfInputs(t *testing.T) {
	t.Parallel()
	inputs := []*apierror.Fields{{}, {}}
	inputs[1].Add("name", "This field is required.")
	rec := httptest.NewRecorder()
	apierror.NewCatalog("hrm").Write(rec, nil, apierror.Invalid(inputs))
	sameJSON(t, rec.Body.String(), `{"code": 400, "detail": [{}, {"name": ["This field is required."]}], "error_code": "HRM/DEFAULT_EXCEPTION"}`)
}

// Given by value, the messages are there all the same.
func TestFieldsByValue(t *testing.T) {
	t.Parallel()
	var f apierror.Fields
	f.Add("email", "Enter a valid email address.")
	text, err := json.Marshal(map[string]any{"detail": f})
	if want := `{"detail":{"email":["Enter a valid email address."]}}`; err != nil || string(text) != want {
		t.Errorf("%s (%v), want %s", text, err, want)
	}
}
