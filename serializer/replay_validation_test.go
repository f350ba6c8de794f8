package serializer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// recorded is one recorded answer of Django REST Framework.
type recorded struct {
	Serializer string
	Input      json.RawMessage
	Partial    bool
	Many       bool
	Valid      bool
	Errors     json.RawMessage
	Codes      json.RawMessage
	Repr       string `json:"validated_repr"`
}

// notYet are kinds that the package does not have, or that mean nothing in Go, by how their sketch starts.
var notYet = []string{
	"f = FileField", "make_tiny", "f = PrimaryKeyRelatedField(queryset=VRel.objects.all(), pk_field",
}

// differs are the cases that we answer otherwise on purpose, with our errors ("" for a value that we accept) and the reason.
var differs = map[string]struct{ errors, why string }{
	"common:FloatField()__true":      {`{"f":["A valid number is required."]}`, "true is no number"},
	"common:FloatField()__false":     {`{"f":["A valid number is required."]}`, "false is no number"},
	"float__true":                    {`{"f":["A valid number is required."]}`, "true is no number"},
	"float__nan":                     {`{"f":["A valid number is required."]}`, "NaN is no number"},
	"float__huge":                    {`{"f":["A valid number is required."]}`, "infinity is no number"},
	"multi__dict":                    {`{"f":["Expected a list of items but got type \"dict\"."]}`, "an object is no list"},
	"common:UUIDField()__false":      {`{"f":["Must be a valid UUID."]}`, "false is no UUID"},
	"uuid__bool":                     {`{"f":["Must be a valid UUID."]}`, "true is no UUID"},
	"int__big":                       {`{"f":["Ensure this value is less than or equal to 9223372036854775807."]}`, "the Go type is a limit"},
	"int__string_1000":               {`{"f":["Ensure this value is less than or equal to 9223372036854775807."]}`, "the Go type is a limit"},
	"pk_nested__float":               {`{"f":["Incorrect type. Expected pk value, received float."]}`, "1.5 is not key 1"},
	"pk_many__dict":                  {`{"f":["Expected a list of items but got type \"dict\"."]}`, "an object is no list of its keys"},
	"pk_nested_many__dict":           {`{"f":["Expected a list of items but got type \"dict\"."]}`, "an object is no list of its keys"},
	"common:" + pkMany + "__dict":    {`{"f":["Expected a list of items but got type \"dict\"."]}`, "an object is no list of its keys"},
	"common:" + pkNested + "__float": {`{"f":["Incorrect type. Expected pk value, received float."]}`, "1.5 is not key 1"},
}

const (
	pkMany   = "PrimaryKeyRelatedField(queryset=VRel.objects.all(), many=True)"
	pkNested = "PrimaryKeyRelatedNestedField(VRelSerializer, queryset=VRel.objects.all())"
)

func TestValidationAsRecorded(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/validation.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]recorded
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	sketches, replayed := sketches(), 0
	for name, c := range cases {
		if skipped(c) {
			continue
		}
		sketch, ok := sketches[c.Serializer]
		if !ok {
			t.Errorf("%s: no declaration for %s", name, c.Serializer)
			continue
		}
		replayed++
		t.Run(name, func(t *testing.T) { replay(t, name, c, sketch) })
	}
	if replayed < 500 {
		t.Errorf("only %d cases were replayed", replayed)
	}
}

func skipped(c recorded) bool {
	if c.Errors == nil && c.Repr == "" {
		return true // Python failed
	}
	if bytes.Contains(c.Input, []byte("$float")) || strings.Contains(c.Serializer, "JSONField") && c.Input[0] == '"' {
		return true // what JSON cannot carry
	}
	for _, start := range notYet {
		if strings.HasPrefix(c.Serializer, start) {
			return true
		}
	}
	return false
}

func replay(t *testing.T, name string, c recorded, sketch sketch) {
	t.Helper()
	repr, err := sketch.decode(context.Background(), c.Input, c.Partial, c.Many)
	wantErrors, wantCodes := c.Errors, c.Codes
	if d, ok := differs[name]; ok {
		wantErrors, wantCodes = json.RawMessage(d.errors), nil
		if d.errors != "" {
			c.Valid = false
		}
	}
	var got *serializer.Errors
	switch {
	case err == nil && !c.Valid:
		t.Fatalf("accepted as %s, want %s", repr, wantErrors)
	case err == nil:
		if repr != c.Repr && c.Repr != "{}" && !strings.Contains(c.Repr, "<V") { // model objects are no keys
			t.Errorf("got %s, want %s", repr, c.Repr)
		}
		return
	case !errors.As(err, &got):
		t.Fatal(err)
	case c.Valid:
		t.Fatalf("refused: %v", err)
	}
	text, _ := json.Marshal(got)
	if !sameJSON(t, text, wantErrors) {
		t.Errorf("errors are\n  %s, want\n  %s", text, wantErrors)
	}
	if wantCodes != nil && name != "root_many__null" && !sameJSON(t, got.Codes(), wantCodes) {
		t.Errorf("codes are\n  %s, want\n  %s", got.Codes(), wantCodes)
	}
	if status := got.HTTPStatus(); status != 400 {
		t.Errorf("the status is %d", status)
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	one, _ := json.Marshal(x)
	other, _ := json.Marshal(y)
	return bytes.Equal(one, other)
}
