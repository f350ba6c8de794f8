package serializer_test

import (
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// A dict in a message has each key once, at its first place and with its last value, as Python reads it.
func TestRepeatedKeysInMessages(t *testing.T) {
	t.Parallel()
	s := serializer.New(func(o *one[string]) serializer.Fields {
		return serializer.Fields{serializer.Field(&o.F).Choices("x")}
	})
	for input, want := range map[string]string{
		`{}`:                                `{}`,
		`{"a":1}`:                           `{'a': 1}`,
		`{"b":1,"a":2}`:                     `{'b': 1, 'a': 2}`,
		`{"a":1,"a":2}`:                     `{'a': 2}`,
		`{"b":1,"a":2,"b":3,"a":4,"b":5}`:   `{'b': 5, 'a': 4}`,
		`{"a":{"x":1,"x":[{"y":1,"y":2}]}}`: `{'a': {'x': [{'y': 2}]}}`,
		`{"c":0,"a":[1,2],"b":", ","a":{"c":1},"z":9}`: `{'c': 0, 'a': {'c': 1}, 'b': ', ', 'z': 9}`,
		`{"a":1,"\u0061":2}`:                           `{'a': 2}`,
		`[{"a":1,"a":2},{"a":3}]`:                      `[{'a': 2}, {'a': 3}]`,
	} {
		_, err := s.Decode(t.Context(), []byte(`{"f":`+input+`}`))
		if got := said(err); got != `invalid input: f: "`+want+`" is not a valid choice.` {
			t.Errorf("%s: %s", input, got)
		}
	}
}
