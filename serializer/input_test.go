package serializer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// The words and places of Python's decoder, beyond the recorded ones.
func TestSyntaxErrorsNameThePlace(t *testing.T) {
	t.Parallel()
	for input, say := range map[string]string{
		"":                       "Expecting value: line 1 column 1 (char 0)",
		"  \n ":                  "Expecting value: line 2 column 2 (char 4)",
		"{":                      "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
		"{a: 1}":                 "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
		`{"я": tru}`:             "Expecting value: line 1 column 7 (char 6)",
		"{\"a\"\n\n 1}":          "Expecting ':' delimiter: line 3 column 2 (char 7)",
		`{"a": 1 "b": 2}`:        "Expecting ',' delimiter: line 1 column 9 (char 8)",
		`{"a": 01}`:              "Expecting ',' delimiter: line 1 column 8 (char 7)",
		`{"a": 1.}`:              "Expecting ',' delimiter: line 1 column 8 (char 7)",
		`{"a": -}`:               "Expecting value: line 1 column 7 (char 6)",
		`{"a": +1}`:              "Expecting value: line 1 column 7 (char 6)",
		`{"a": [1,]}`:            "Expecting value: line 1 column 10 (char 9)",
		`{"a": "\x"}`:            `Invalid \escape: line 1 column 8 (char 7)`,
		`{"a": "\u12g4"}`:        `Invalid \uXXXX escape: line 1 column 9 (char 8)`,
		`{"a": "\u12`:            `Invalid \uXXXX escape: line 1 column 9 (char 8)`,
		`{"a": "\`:               "Unterminated string starting at: line 1 column 7 (char 6)",
		`{"a": -Infinity}`:       "Out of range float values are not JSON compliant: '-Infinity'",
		`{"a": [Infinity]}`:      "Out of range float values are not JSON compliant: 'Infinity'",
		"{}\x00":                 "Extra data: line 1 column 3 (char 2)",
		"{\"a\": \"\xd0\"}":      "'utf-8' codec can't decode byte 0xd0 in position 7: invalid continuation byte",
		"{\"a\": \"\xe2\x82\"}":  "'utf-8' codec can't decode bytes in position 7-8: invalid continuation byte",
		"{\"a\": \"\xf0\x9f\x98": "'utf-8' codec can't decode bytes in position 7-9: unexpected end of data",
		"{\"a\": \"\xed\xa0\x80": "'utf-8' codec can't decode byte 0xed in position 7: invalid continuation byte",
		strings.Repeat("[", 600): "Nested deeper than 500 levels: byte 500",
	} {
		_, err := echoes.Decode(t.Context(), []byte(input))
		if !errors.Is(err, serializer.ErrSyntax) || err.Error() != "JSON parse error - "+say {
			t.Errorf("%.40q: %v, want %s", input, err, say)
		}
	}
}

func TestDepthIsBounded(t *testing.T) {
	t.Parallel()
	nested := func(n int) []byte { return []byte(`{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}") }
	if _, err := echoes.Decode(t.Context(), nested(499)); err != nil {
		t.Error(err)
	}
	if _, err := echoes.Decode(t.Context(), nested(500)); !errors.Is(err, serializer.ErrSyntax) {
		t.Error(err)
	}
}

func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	input := `{"name":"a","x":[1,{"name":5}],"y":null,"x":2}`
	if r, err := rows.Decode(t.Context(), []byte(input)); err != nil || r.Name != "a" {
		t.Errorf("%+v %v", r, err)
	}
	strict := rows.With(serializer.Config{RefuseUnknown: true})
	_, err := strict.Decode(t.Context(), []byte(input))
	if want := `{"x":["Unknown field."],"y":["Unknown field."]}`; err == nil || encoded(t, err) != want {
		t.Errorf("%v, want %s", err, want)
	}
	if r, err := strict.Decode(t.Context(), []byte(`{"id":7,"name":"a"}`)); err != nil || r.ID != 0 {
		t.Errorf("a read-only key is known: %+v %v", r, err)
	}
	var many strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&many, `"k%d":1,`, i)
	}
	_, err = strict.Decode(t.Context(), []byte("{"+many.String()+`"name":""}`))
	var errs *serializer.Errors
	if !errors.As(err, &errs) || len(errs.Fields) > 200 || errs.Field("name") == nil {
		t.Errorf("%.100v", err)
	}
}

// Every key comes a hundred thousand times: the last one counts, and the time stays linear.
func TestKeysThatComeAgain(t *testing.T) {
	t.Parallel()
	again := strings.Repeat(`"name":"too long","home":{"city":"too long"},"old":[{"city":1}],`, 20_000)
	input := "{" + again + `"name":"ok","nick":null,"home":{"city":"a","zip":"b"},"work":null,"old":[]}`
	x, err := things.Decode(t.Context(), []byte(input))
	if err != nil || x.Name != "ok" || x.Home != (spot{"a", "b"}) || len(x.Old) != 0 {
		t.Errorf("%+v %.200v", x, err)
	}
}

type sizes struct {
	I8  int8    `json:"i8"`
	U8  uint8   `json:"u8"`
	I64 int64   `json:"i64"`
	U64 uint64  `json:"u64"`
	F32 float32 `json:"f32"`
}

func TestNumbersAtTheEdgeOfTheirTypes(t *testing.T) {
	t.Parallel()
	all := serializer.New(func(s *sizes) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&s.I8).Optional(), serializer.Field(&s.U8).Optional(), serializer.Field(&s.I64).Optional(),
			serializer.Field(&s.U64).Optional(), serializer.Field(&s.F32).Optional(),
		}
	})
	got, err := all.Decode(t.Context(), []byte(`{"i8":-128,"u8":"255","i64":-9223372036854775808,"u64":18446744073709551615,"f32":3.4e38}`))
	if want := (sizes{-128, 255, math.MinInt64, math.MaxUint64, 3.4e38}); err != nil || got != want {
		t.Errorf("%+v %v", got, err)
	}
	text, err := all.Append(t.Context(), nil, &got)
	if err != nil || string(text) != `{"i8":-128,"u8":255,"i64":-9223372036854775808,"u64":18446744073709551615,"f32":3.4e+38}` {
		t.Errorf("%s %v", text, err)
	}
	_, err = all.Decode(t.Context(), []byte(`{"i8":128,"u8":-1,"i64":-9223372036854775809,"u64":"99999999999999999999999x","f32":1e39}`))
	want := `{"i8":["Ensure this value is less than or equal to 127."],"u8":["Ensure this value is greater than or equal to 0."],` +
		`"i64":["Ensure this value is greater than or equal to -9223372036854775808."],"u64":["A valid integer is required."],"f32":["A valid number is required."]}`
	if err == nil || encoded(t, err) != want {
		t.Errorf("got %s\nwant %s", encoded(t, err), want)
	}
	if got, err = all.Decode(t.Context(), []byte(`{"i8":" -0 ","u8":-0.0,"i64":"1_000.00","u64":1e3,"f32":"٣.٥"}`)); err != nil || got != (sizes{0, 0, 1000, 1000, 3.5}) {
		t.Errorf("%+v %v", got, err)
	}
}

func TestSurrogatesAndNullCharacters(t *testing.T) {
	t.Parallel()
	_, err := rows.Decode(t.Context(), []byte(`{"name":"a\ud800b"}`))
	if err == nil || encoded(t, err) != `{"name":["Surrogate characters are not allowed: U+D800."]}` {
		t.Error(err)
	}
	_, err = rows.Decode(t.Context(), []byte(`{"name":"a\u0000b"}`))
	if err == nil || encoded(t, err) != `{"name":["Null characters are not allowed."]}` {
		t.Error(err)
	}
	r, err := rows.Decode(t.Context(), []byte(`{"name":"\ud83d\ude00 \" \\ \/ \b\f\n\r\t \u044f"}`))
	if err != nil || r.Name != "😀 \" \\ / \b\f\n\r\t я" {
		t.Errorf("%q %v", r.Name, err)
	}
}

type reservation struct {
	From int `json:"from"`
	To   int `json:"to"`
	Legs []struct {
		From int `json:"from"`
	} `json:"legs"`
}

// joinsNothing is an error that could hold others.
type joinsNothing struct{ errs []error }

func (joinsNothing) Error() string     { return "Nothing joined." }
func (j joinsNothing) Unwrap() []error { return j.errs }

func TestAnErrorThatJoinsNothingIsOne(t *testing.T) {
	t.Parallel()
	for _, err := range []error{joinsNothing{}, joinsNothing{[]error{nil}}, joinsNothing{[]error{joinsNothing{}}}} {
		ofField := serializer.New(func(r *reservation) serializer.Fields {
			return serializer.Fields{serializer.Field(&r.From).Check(func(int) error { return err })}
		})
		across := serializer.New(func(r *reservation) serializer.Fields {
			return serializer.Fields{serializer.Field(&r.From), serializer.Check(func(r *reservation) error { return serializer.At(&r.From, err) })}
		})
		for _, s := range []*serializer.Of[reservation]{ofField, across} {
			if _, err := s.Decode(t.Context(), []byte(`{"from":1}`)); said(err) != "invalid input: from: Nothing joined." {
				t.Error(err)
			}
		}
	}
}

func TestChecksAcrossFields(t *testing.T) {
	t.Parallel()
	legs := serializer.New(func(l *struct {
		From int `json:"from"`
	},
	) serializer.Fields {
		return serializer.Fields{serializer.Field(&l.From), serializer.Check(func(l *struct {
			From int `json:"from"`
		},
		) error {
			if l.From < 0 {
				return serializer.At(&l.From, serializer.Invalid("below", "Below ground."))
			}
			return nil
		})}
	})
	ran := 0
	all := serializer.New(func(r *reservation) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&r.From), serializer.Field(&r.To).Message("invalid", "not that of a check"), serializer.Many(&r.Legs, legs).Optional(),
			serializer.Check(func(r *reservation) error {
				ran++
				if r.From > r.To {
					return errors.Join(errors.New("Backwards."), serializer.At(&r.To, errors.New("Too early.")))
				}
				return nil
			}),
		}
	})
	_, err := all.Decode(t.Context(), []byte(`{"from":2,"to":1}`))
	if err == nil || encoded(t, err) != `{"non_field_errors":["Backwards."],"to":["Too early."]}` {
		t.Error(err)
	}
	ran = 0
	list := make([]string, 100)
	for i := range list {
		list[i] = fmt.Sprintf(`{"from":%d}`, 50-i)
	}
	_, err = all.Decode(t.Context(), []byte(`{"from":2,"to":1,"legs":[`+strings.Join(list, ",")+`]}`))
	var errs *serializer.Errors
	if !errors.As(err, &errs) || ran != 0 || errs.Field("legs", "50") != nil || string(errs.Field("legs", "51").Codes()) != `{"from":["below"]}` {
		t.Errorf("%v, %d outer checks", err, ran)
	}
}

func TestRawMessages(t *testing.T) {
	t.Parallel()
	e, err := echoes.Decode(t.Context(), []byte(`{"a": { "b" : [ 1 , "x \" y" , null ] } }`))
	if err != nil || string(e.A) != `{ "b" : [ 1 , "x \" y" , null ] }` {
		t.Fatalf("%s %v", e.A, err)
	}
	text, err := echoes.Append(t.Context(), nil, &e)
	if err != nil || string(text) != `{"a":{"b":[1,"x \" y",null]}}` || !json.Valid(text) {
		t.Errorf("%s %v", text, err)
	}
}

// Three bytes of input must not cost many times as much in messages. Input is wrong even where the message is not kept.
func TestMessagesAreBounded(t *testing.T) {
	t.Parallel()
	list := func(n int, last string) string { return "[" + strings.Repeat("{},", n) + last + "]" }
	_, err := things.DecodeList(t.Context(), []byte(list(200_000, "{}")))
	var errs *serializer.Errors
	if !errors.As(err, &errs) || len(errs.Items) != 200_001 || len(encoded(t, errs)) > 2<<20 {
		t.Errorf("%.200v", err)
	}
	if _, err = things.DecodeList(t.Context(), []byte(list(200_000, "{"))); !errors.Is(err, serializer.ErrSyntax) {
		t.Errorf("%.200v", err)
	}
	good := `"name":"ok","nick":null,"home":{"city":"a","zip":"b"},"work":null`
	_, err = things.Decode(t.Context(), []byte(`{`+good+`,"old":`+list(20_000, "{}")+`,"old":[]}`))
	if err != nil {
		t.Errorf("the last value counts, but: %.200v", err)
	}
	_, err = things.Decode(t.Context(), []byte(`{`+good+`,"old":`+list(20_000, "{}")+`,"tags":["not looked at"],"old":[]}`))
	if !errors.Is(err, serializer.ErrInvalid) || encoded(t, err) != `{"non_field_errors":["There are too many errors to list."]}` {
		t.Errorf("%.200v", err)
	}
	_, err = echoed.Decode(t.Context(), []byte(`{"f":`+strings.ReplaceAll(list(20_000, "{}"), "{}", "true")+`}`))
	if !errors.As(err, &errs) || len(errs.Field("f").Fields) != 10_000 {
		t.Errorf("%.200v", err)
	}
}

var echoed = serializer.New(func(o *one[[]string]) serializer.Fields { return serializer.Fields{serializer.Field(&o.F)} })

// Elements that are no objects take no room from those that are, also where the room was counted before.
func TestListsOfObjectsAndOthers(t *testing.T) {
	t.Parallel()
	checked := serializer.New(func(r *row) serializer.Fields {
		return serializer.Fields{serializer.Field(&r.Name), serializer.Check(func(*row) error { return nil })}
	})
	_, err := checked.DecodeList(t.Context(), []byte(`[5,{"name":"a"},null,{}]`))
	want := `[{"non_field_errors":["Invalid data. Expected a dictionary, but got int."]},{},["This field may not be null."],{"name":["This field is required."]}]`
	if err == nil || encoded(t, err) != want {
		t.Error(err)
	}
}
