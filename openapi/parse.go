package openapi

import (
	"encoding"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// maxNumberLength is the length in bytes beyond which the text of a number is refused unread.
const maxNumberLength = 1000

const (
	notInteger  = "A valid integer is required."
	notNumber   = "A valid number is required."
	notBoolean  = "Must be a valid boolean."
	notDatetime = "Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."
	tooLong     = "String value too large."
	hasNull     = "Null characters are not allowed."
)

// scalar reads one value of a Go type from the text of a parameter.
type scalar struct {
	schema object
	// parse sets dst, or says in the words of the wire contract what is wrong with the text.
	parse func(text string, dst reflect.Value) (complaint string)
}

var (
	timeType        = reflect.TypeFor[time.Time]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// scalarOf chooses how values of type t are read. The error names a type that cannot be read from a text.
func scalarOf(t reflect.Type) (scalar, error) {
	switch {
	case t == timeType:
		return scalar{object{{"type", "string"}, {"format", "date-time"}}, parseTime}, nil
	case reflect.PointerTo(t).Implements(unmarshalerType):
		return textScalar(t), nil
	}
	switch t.Kind() {
	case reflect.String:
		return scalar{object{{"type", "string"}}, parseString}, nil
	case reflect.Bool:
		return scalar{object{{"type", "boolean"}}, parseBool}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return scalar{integerSchema(t), parseInt}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return scalar{append(integerSchema(t), member{"minimum", 0}), parseInt}, nil
	case reflect.Float32, reflect.Float64:
		return scalar{object{{"type", "number"}}, parseFloat}, nil
	}
	return scalar{}, fmt.Errorf("type %s cannot be read from a parameter; use a string, a bool, a number, time.Time, a type with UnmarshalText, a slice of these, or a pointer to one", t)
}

func integerSchema(t reflect.Type) object {
	schema := object{{"type", "integer"}}
	switch t.Bits() {
	case 32:
		schema.add("format", "int32")
	case 64:
		schema.add("format", "int64")
	}
	return schema
}

func textScalar(t reflect.Type) scalar {
	schema := object{{"type", "string"}}
	if strings.EqualFold(t.Name(), "uuid") {
		schema.add("format", "uuid")
	}
	complaint := fmt.Sprintf("Must be a valid %s.", t.Name())
	return scalar{schema, func(text string, dst reflect.Value) string {
		if err := dst.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
			return complaint
		}
		return ""
	}}
}

func parseString(text string, dst reflect.Value) string {
	if strings.ContainsRune(text, 0) {
		return hasNull
	}
	dst.SetString(strings.ToValidUTF8(text, "\uFFFD"))
	return ""
}

func parseBool(text string, dst reflect.Value) string {
	switch text {
	case "t", "T", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "1":
		dst.SetBool(true)
	case "f", "F", "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", "0":
		dst.SetBool(false)
	default:
		return notBoolean
	}
	return ""
}

// parseInt reads what the wire contract counts as an integer: a sign, digits, and zeros after a point.
func parseInt(text string, dst reflect.Value) string {
	if len(text) > maxNumberLength {
		return tooLong
	}
	text = strings.TrimSpace(text)
	if whole, fraction, found := strings.Cut(text, "."); found && strings.Trim(fraction, "0") == "" {
		text = whole
	}
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return notInteger
	}
	low, high := integerRange(dst.Type())
	switch {
	case n.Cmp(low) < 0:
		return fmt.Sprintf("Ensure this value is greater than or equal to %s.", low)
	case n.Cmp(high) > 0:
		return fmt.Sprintf("Ensure this value is less than or equal to %s.", high)
	}
	if dst.CanInt() {
		dst.SetInt(n.Int64())
	} else {
		dst.SetUint(n.Uint64())
	}
	return ""
}

func integerRange(t reflect.Type) (low, high *big.Int) {
	one, bits := big.NewInt(1), uint(t.Bits())
	switch t.Kind() {
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return new(big.Int), new(big.Int).Sub(new(big.Int).Lsh(one, bits), one)
	}
	half := new(big.Int).Lsh(one, bits-1)
	return new(big.Int).Neg(half), new(big.Int).Sub(half, one)
}

func parseFloat(text string, dst reflect.Value) string {
	if len(text) > maxNumberLength {
		return tooLong
	}
	text = strings.TrimSpace(text)
	// ParseFloat also reads "nan", "infinity" and hexadecimal digits, which are no numbers of the wire.
	if strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789+-.eE", r) }) {
		return notNumber
	}
	f, err := strconv.ParseFloat(text, dst.Type().Bits())
	if err != nil {
		return notNumber
	}
	dst.SetFloat(f)
	return ""
}

// parseTime reads the ISO 8601 forms of the wire contract; a time without an offset is in UTC.
func parseTime(text string, dst reflect.Value) string {
	for _, separator := range []string{"T", " "} {
		for _, clock := range []string{"15:4:5", "15:4"} {
			for _, offset := range []string{"Z07:00", "Z07", ""} {
				if t, err := time.Parse("2006-1-2"+separator+clock+offset, text); err == nil {
					dst.Set(reflect.ValueOf(t))
					return ""
				}
			}
		}
	}
	return notDatetime
}
