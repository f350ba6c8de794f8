package jsonschema

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
)

func typeOf(v any) reflect.Type { return reflect.TypeOf(v) }

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return reflect.DeepEqual(x, y)
}

type (
	A struct {
		X int
		Y int `json:"y"`
	}
	B struct {
		X int
		Y int
	}
	C struct {
		Z int `json:"X"`
	}
	unexported struct{ U int }
	letters    string
	Numeral    int
)

// TestFieldsAreThoseOfEncodingJSON asks encoding/json itself which members it writes.
func TestFieldsAreThoseOfEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		struct{ A }{},
		struct {
			A
			B
		}{}, // X is in doubt, y and Y are not
		struct {
			A
			C
		}{}, // the tag decides
		struct {
			A
			B
			X int
		}{},
		struct {
			*A
			Deep struct{ A }
		}{A: &A{}},
		struct {
			A `json:"a"`
			B `json:",omitempty"`
		}{},
		struct {
			unexported
			letters
			Numeral
			u int
		}{},
		struct{ *unexported }{&unexported{}},
		struct {
			unexported `json:"tagged"`
			letters    `json:"letters"`
		}{},
		struct {
			//lint:ignore SA5008 encoding/json takes no such name
			P int `json:"\"quoted\""`
			Q int `json:"with space"`
			R int `json:"a/b.c"`
			S int `json:",string"`
			E int `json:"☃"`
			Т int // Cyrillic
		}{},
		self{},
		person{Shadow: &Shadow{}},
		nullables{Omitted: new(int), Short: []int{1}, Zero: []int{}, When: base{}.Created.AddDate(1, 0, 0), Unquoted: []int{1}, Twice: new([]int), TwiceMap: new(map[string]int)},
		written{}, node{Children: []*node{nil}}, forest{Trees: []node{{}}, Loop: map[string]self{"": {}}},
	} {
		written, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(written, &members); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range fieldsOf(reflect.TypeOf(v)) {
			names = append(names, f.name)
		}
		slices.Sort(names)
		if want := slices.Sorted(maps.Keys(members)); !slices.Equal(names, want) {
			t.Errorf("%T: %q, encoding/json writes %q", v, names, want)
		}
	}
}
