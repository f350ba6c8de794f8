package serializer

import (
	"bytes"
	"errors"
	"reflect"
	"strconv"
	"strings"
)

// Numbers of math/big, and what is made from them, take time with the square of their digits to be read, and a short exponent can stand for a
// million of these. So their text is bounded before their own methods get it, as the text of other numbers is.

// holdsBig tells whether values of the type have numbers of math/big inside.
func holdsBig(t reflect.Type) bool {
	seen := map[reflect.Type]struct{}{}
	var holds func(reflect.Type) bool
	holds = func(t reflect.Type) bool {
		if _, again := seen[t]; again {
			return false
		}
		seen[t] = struct{}{}
		if t.PkgPath() == "math/big" {
			return true
		}
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			return holds(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				if holds(t.Field(i).Type) {
					return true
				}
			}
		}
		return false
	}
	return holds(t)
}

// isLongNumber tells whether a number has a text, or an exponent, beyond maxNumberText.
func isLongNumber(text []byte) bool {
	if len(text) > maxNumberText {
		return true
	}
	marks := "eEpP"
	if bytes.ContainsAny(text, "xX") { // e is a digit then
		marks = "pP"
	}
	at := bytes.LastIndexAny(text, marks)
	if at < 0 {
		return false
	}
	n, err := strconv.Atoi(string(bytes.ReplaceAll(text[at+1:], []byte{'_'}, nil)))
	return errors.Is(err, strconv.ErrRange) || err == nil && (n > maxNumberText || n < -maxNumberText)
}

// hasLongNumber tells whether JSON has such a number inside, as it is or in a string.
func hasLongNumber(text []byte) bool {
	const letters = "0123456789abcdefABCDEFxXpP_.+-"
	between := func(r rune) bool { return strings.ContainsRune(" \t\r\n\"[]{}:,", r) }
	for token := range bytes.FieldsFuncSeq(text, between) {
		if len(bytes.Trim(token, letters)) == 0 && isLongNumber(token) {
			return true
		}
	}
	return false
}
