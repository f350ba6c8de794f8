package serializer_test

import (
	"encoding/json"
	"maps"
	"math/big"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// stored hands out the very bytes that it keeps.
type stored struct{ text []byte }

func (s *stored) MarshalText() ([]byte, error) { return s.text, nil }

// UnmarshalText keeps a copy and appends to what it was given, as it may.
func (s *stored) UnmarshalText(text []byte) error {
	s.text = append([]byte(nil), text...)
	_ = append(text, "!!!!"...)
	return nil
}

// counts reads into the map that is there, as encoding/json does.
type counts struct{ m map[string]int }

func (c *counts) MarshalJSON() ([]byte, error)    { return json.Marshal(c.m) }
func (c *counts) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &c.m) }

type foreign struct {
	Stored stored  `json:"stored"`
	Big    big.Int `json:"big"`
	Counts counts  `json:"counts"`
	Name   string  `json:"name"`
}

var foreigners = serializer.New(func(f *foreign) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&f.Stored), serializer.Field(&f.Big), serializer.Field(&f.Counts), serializer.Field(&f.Name).MaxLength(3),
	}
})

// What methods of the user's types return is theirs, and what they are given ends where it ends.
func TestBytesOfForeignTypesAreNotWrittenTo(t *testing.T) {
	t.Parallel()
	const input = `{"stored":"mine","big":"7","counts":{"a":1},"name":"x"}`
	body := []byte(input)
	f, err := foreigners.Decode(t.Context(), body)
	if err != nil || string(body) != input {
		t.Fatal(string(body), err)
	}
	for range 2 {
		text, err := foreigners.Append(t.Context(), nil, &f)
		if err != nil || string(text) != `{"stored":"mine","big":"7","counts":{"a":1},"name":"x"}` {
			t.Errorf("%s %v", text, err)
		}
	}
	if string(f.Stored.text) != "mine" {
		t.Errorf("the value became %s", f.Stored.text)
	}
}

// A value that refers to memory is read anew: the object before the update refers to it, too.
func TestFailedPatchLeavesForeignTypesAlone(t *testing.T) {
	t.Parallel()
	var f foreign
	f.Big.SetInt64(1234)
	f.Counts.m = map[string]int{"a": 1}
	for _, input := range []string{`{"big":"77","name":"long"}`, `{"counts":{"a":2,"b":3},"name":"long"}`} {
		if err := foreigners.Patch(t.Context(), []byte(input), &f); err == nil {
			t.Errorf("%s: accepted", input)
		}
		if f.Big.Int64() != 1234 || !maps.Equal(f.Counts.m, map[string]int{"a": 1}) {
			t.Errorf("%s: %v %v", input, f.Big.String(), f.Counts.m)
		}
	}
	if err := foreigners.Patch(t.Context(), []byte(`{"counts":{"x":1},"counts":{"b":3}}`), &f); err != nil || !maps.Equal(f.Counts.m, map[string]int{"b": 3}) {
		t.Error(f.Counts.m, err)
	}
}
