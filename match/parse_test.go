package match

import (
	"bytes"
	"encoding/json"
	"io"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a": [1, 2.50, -0e+1], "b": {"c": null, "d": "x\u0041\n\ud83d\ude00"}}`, `[[], {}, "", true, false]`, `{"a":1,"a":2}`,
		`"\ud800"`, "\"\xff\"", `1 2`, `01`, `{"a":1,}`, `[`, strings.Repeat("[", 20) + strings.Repeat("]", 20), `"é…"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		doc, err := parse(src, false)
		if err == nil && !json.Valid([]byte(src)) {
			t.Fatalf("%q is read as JSON", src)
		}
		if err != nil {
			if json.Valid([]byte(src)) && utf8.ValidString(src) && !keyTwice(src) {
				t.Fatalf("%q: %v", src, err)
			}
			return
		}
		if strings.Contains(strings.ToLower(src), `\ud`) { // encoding/json replaces half a surrogate pair
			return
		}
		d := json.NewDecoder(strings.NewReader(src))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if got := doc.value(0); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %#v, want %#v", src, got, want)
		}
		if report := diff(src, src); report != "" {
			t.Fatalf("%q does not match itself: %s", src, report)
		}
		if report := Diff(doc.value(0), want); report != "" {
			t.Fatalf("%q does not match its value: %s", src, report)
		}
	})
}

// keyTwice tells whether an object of valid JSON has a key twice.
func keyTwice(src string) bool {
	d := json.NewDecoder(strings.NewReader(src))
	var open []map[string]bool // nil for a list
	isKey := false
	for {
		token, err := d.Token()
		if err == io.EOF {
			return false
		}
		if err != nil {
			return false
		}
		key, isString := token.(string)
		switch {
		case token == json.Delim('{'):
			open = append(open, map[string]bool{})
			isKey = true
			continue
		case token == json.Delim('['):
			open = append(open, nil)
			isKey = false
			continue
		case token == json.Delim('}'), token == json.Delim(']'):
			open = open[:len(open)-1]
		case isKey && isString:
			if open[len(open)-1][key] {
				return true
			}
			open[len(open)-1][key] = true
			isKey = false
			continue
		}
		isKey = len(open) > 0 && open[len(open)-1] != nil
	}
}

func FuzzPatternNeverPanics(f *testing.F) {
	f.Add(`{"a": [1, 2]}`, `{"a": [..., $1], ...}`)
	f.Add(`[1, [2], {"b": 3}]`, `[..., {...: 3}]`)
	f.Add(`1`, `$2`)
	f.Fuzz(func(t *testing.T, got, pattern string) {
		var v any
		if d := diffJSON(got, pattern, options{binds: []any{&v}}); d == nil && !json.Valid([]byte(got)) {
			t.Fatalf("%q matches %q", got, pattern)
		}
		Diff([]byte(got), pattern)
		Diff(json.RawMessage(got), Has{"a": List{Rest, 2}})
	})
}

func FuzzSameNumber(f *testing.F) {
	f.Add("1", "1.0")
	f.Add("-0.0120e+3", "-12")
	f.Add("9007199254740993", "9007199254740992")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !isNumber(a) || !isNumber(b) || len(a) > 40 || len(b) > 40 || hugeExponent(a) || hugeExponent(b) {
			return
		}
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		if got, want := sameNumber(a, b), x.Cmp(y) == 0; got != want {
			t.Fatalf("%s and %s: %v, want %v", a, b, got, want)
		}
	})
}

func hugeExponent(s string) bool {
	i := strings.IndexAny(s, "eE")
	return i >= 0 && len(bytes.TrimLeft([]byte(s[i+1:]), "+-0")) > 3
}
