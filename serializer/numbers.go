package serializer

import (
	"bytes"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

type number interface {
	int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

// numberCodec shows and accepts numbers of one Go type.
type numberCodec[N number] struct {
	valueRules
	min, max *N // what was declared
	floating bool
	bits     int
	unsigned bool
}

func (c *compiler) number(s *spec, t reflect.Type, common valueRules) codec {
	switch t.Kind() {
	case reflect.Int:
		return newNumber[int](c, s, t, common)
	case reflect.Int8:
		return newNumber[int8](c, s, t, common)
	case reflect.Int16:
		return newNumber[int16](c, s, t, common)
	case reflect.Int32:
		return newNumber[int32](c, s, t, common)
	case reflect.Int64:
		return newNumber[int64](c, s, t, common)
	case reflect.Uint:
		return newNumber[uint](c, s, t, common)
	case reflect.Uint8:
		return newNumber[uint8](c, s, t, common)
	case reflect.Uint16:
		return newNumber[uint16](c, s, t, common)
	case reflect.Uint32:
		return newNumber[uint32](c, s, t, common)
	case reflect.Uint64:
		return newNumber[uint64](c, s, t, common)
	case reflect.Float32:
		return newNumber[float32](c, s, t, common)
	case reflect.Float64:
		return newNumber[float64](c, s, t, common)
	}
	return nil
}

func newNumber[N number](c *compiler, s *spec, t reflect.Type, common valueRules) codec {
	c.accepts(s, "Min", "Max", "Unique", "Choices")
	limit := func(v any) *N {
		if v == nil {
			return nil
		}
		n := reflect.ValueOf(v).Convert(reflect.TypeFor[N]()).Interface().(N)
		if f := float64(n); math.IsNaN(f) || math.IsInf(f, 0) {
			c.fail("Min, Max and Default were given %v, which is no number that JSON can hold; give a finite one", n)
		}
		return &n
	}
	n := &numberCodec[N]{valueRules: common, min: limit(s.rules.min), max: limit(s.rules.max), bits: t.Bits()}
	n.floating = t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64
	n.unsigned = t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64
	if n.min != nil && n.max != nil && !(*n.min <= *n.max) {
		c.fail("Min(%v) is beyond Max(%v), so nothing would be accepted", *n.min, *n.max)
	}
	if s.rules.hasDefault && s.rules.choices == nil {
		if v := limit(s.rules.defaultValue); v != nil && (n.min != nil && *v < *n.min || n.max != nil && *v > *n.max) {
			c.fail("the default %v is outside of Min and Max; take another one", *v)
		}
	}
	return n
}

func (c *numberCodec[N]) encode(e *encoder, dst []byte, a addr) []byte {
	v := *at[N](a)
	switch {
	case c.floating:
		return e.float(dst, float64(v), c.bits)
	case c.unsigned:
		return appendUint(dst, uint64(v))
	}
	return appendInt(dst, int64(v))
}

func (e *encoder) float(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		e.fail("%v is no number that JSON can hold", f)
		return dst
	}
	return appendPyFloat(dst, f, bits)
}

// text is a limit as it stands in messages. Whole ones have no point, as they are written in a declaration.
func (c *numberCodec[N]) text(v N) string {
	switch {
	case c.floating:
		return strings.TrimSuffix(string(appendPyFloat(nil, float64(v), c.bits)), ".0")
	case c.unsigned:
		return strconv.FormatUint(uint64(v), 10)
	}
	return strconv.FormatInt(int64(v), 10)
}

func (c *numberCodec[N]) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	if !c.floating {
		from := d.pos
		if v, ok := d.shortInt(); ok {
			if n := N(v); int64(n) == v && (n < 0) == (v < 0) {
				*at[N](a) = n
				c.limits(d, a, had)
				return true
			}
			d.pos = from
		}
	}
	text, whole, isText, ok := d.numberText()
	if !ok {
		return false
	}
	switch {
	case text == nil:
		d.fail(c.invalid())
		return true
	case isText && len(text) > maxNumberText && utf8.RuneCount(text) > maxNumberText:
		d.fail(msgLongNumber)
		return true
	}
	if problem := c.parse(text, whole, isText, at[N](a)); problem.Text != "" {
		d.fail(problem)
		return true
	}
	c.limits(d, a, had)
	return true
}

// shortInt reads an integer of at most 18 digits; ok is false for everything else, which it leaves alone.
func (d *decoder) shortInt() (v int64, ok bool) {
	s := d.data[d.pos:]
	i := 0
	if len(s) > 0 && s[0] == '-' {
		i = 1
	}
	first := i
	for ; i < len(s) && isDigit(s[i]) && i < 19; i++ {
		v = v*10 + int64(s[i]-'0')
	}
	if i == first || i == 19 || i-first > 1 && s[first] == '0' || i < len(s) && (s[i] == '.' || s[i]|' ' == 'e') {
		return 0, false
	}
	if d.pos += i; first == 1 {
		return -v, true
	}
	return v, true
}

// limits checks the value at a.
func (c *numberCodec[N]) limits(d *decoder, a addr, had int) {
	d.check(c.checks, a)
	v := *at[N](a)
	if c.max != nil && v > *c.max {
		d.fail(msgMax(c.text(*c.max)))
	}
	if c.min != nil && v < *c.min {
		d.fail(msgMin(c.text(*c.min)))
	}
	c.ask(d, a, had)
}

const maxNumberText = 1000 // characters of a number in a string: converting more would only cost time

// numberText reads a number, or a string that may hold one. text is nil for values of other types.
func (d *decoder) numberText() (text []byte, whole, isText, ok bool) {
	switch c := d.peek(); {
	case c == '-' || isDigit(c):
		text, whole, ok = d.number()
		return text, whole, false, ok
	case c == '"':
		text, ok = d.str()
		if text == nil {
			text = []byte{}
		}
		return text, false, true, ok
	}
	return nil, false, false, d.skip()
}

func (c *numberCodec[N]) invalid() Message {
	if c.floating {
		return msgNumber
	}
	return msgInteger
}

func (c *numberCodec[N]) parse(text []byte, whole, isText bool, to *N) Message {
	if c.floating {
		f, ok := parseFloat(text, isText, c.bits)
		if !ok {
			return msgNumber
		}
		*to = N(f)
		return Message{}
	}
	if !whole || isText {
		if text = wholeText(text, isText); text == nil {
			return msgInteger
		}
	}
	return c.parseWhole(text, to)
}

// parseWhole parses an optional sign and digits. A number beyond the Go type is beyond a limit like any other.
func (c *numberCodec[N]) parseWhole(text []byte, to *N) Message {
	negative := text[0] == '-'
	digits := text
	if negative || text[0] == '+' {
		digits = text[1:]
	}
	if digits = bytes.TrimLeft(digits, "0"); len(digits) == 0 {
		*to = 0
		return Message{}
	}
	n, err := strconv.ParseUint(string(digits), 10, 64)
	low := uint64(0) // how far below zero the type goes
	high := uint64(math.MaxUint64) >> (64 - c.bits)
	if !c.unsigned {
		high >>= 1
		low = high + 1
	}
	switch {
	case negative && (err != nil || n > low):
		if c.min != nil {
			return msgMin(c.text(*c.min))
		}
		if c.unsigned {
			return msgMin("0")
		}
		return msgMin("-" + strconv.FormatUint(low, 10))
	case !negative && (err != nil || n > high):
		if c.max != nil {
			return msgMax(c.text(*c.max))
		}
		return msgMax(strconv.FormatUint(high, 10))
	case negative:
		*to = N(-int64(n)) // n is at most 1<<63, whose negative is itself
	default:
		*to = N(n)
	}
	return Message{}
}

// wholeText is the integer that int() would make of the number or string, in ASCII; nil when it is none. Zeros behind a point do no harm.
func wholeText(text []byte, isText bool) []byte {
	if !isText { // a float: Python prints it first, and an exponent is no integer then
		text = appendPyNumber(nil, text, false)
	}
	if dot := bytes.IndexByte(text, '.'); dot >= 0 {
		if len(pyTrim(bytes.TrimLeft(text[dot+1:], "0"))) > 0 {
			return nil
		}
		text = text[:dot]
	}
	return integerText(pyTrimNumber(text))
}

// integerText is the text of an integer in ASCII, with its sign; nil when it is none.
func integerText(text []byte) []byte {
	text = pyDigits(text)
	digits := text
	if len(digits) > 0 && (digits[0] == '-' || digits[0] == '+') {
		digits = digits[1:]
	}
	for _, c := range digits {
		if !isDigit(c) {
			return nil
		}
	}
	if len(digits) == 0 {
		return nil
	}
	return text
}

// parseFloat is float(), without the numbers that JSON does not have and those that are too large for a type of so many bits.
func parseFloat(text []byte, isText bool, bits int) (float64, bool) {
	if isText {
		text = pyDigits(pyTrimNumber(text))
		for _, c := range text { // no hexadecimal, infinity or nan, which ParseFloat would take
			if !isDigit(c) && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
				return 0, false
			}
		}
	}
	f, err := strconv.ParseFloat(textView(text), bits)
	return f, err == nil
}

func (c *numberCodec[N]) schema(u use) members {
	m := members{{"type", "integer"}}
	if c.floating {
		m = members{{"type", "number"}}
	}
	if !u.input {
		return m
	}
	if c.min != nil {
		m = append(m, member{"minimum", jsonNumber(c.text(*c.min))})
	} else if c.unsigned {
		m = append(m, member{"minimum", 0})
	}
	if c.max != nil {
		m = append(m, member{"maximum", jsonNumber(c.text(*c.max))})
	}
	return m
}

// boolCodec shows and accepts bool, with the words and numbers that people send for it.
type boolCodec struct{ valueRules }

func (c *boolCodec) encode(_ *encoder, dst []byte, a addr) []byte {
	return strconv.AppendBool(dst, *at[bool](a))
}

func (c *boolCodec) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	value, known := false, true
	switch b := d.peek(); {
	case b == 't' && d.literal("true"):
		value = true
	case b == 'f' && d.literal("false"):
	case b == '"':
		s, ok := d.str()
		if !ok {
			return false
		}
		switch string(s) {
		case "t", "T", "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "1":
			value = true
		case "f", "F", "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", "0":
		default:
			known = false
		}
	case b == '-' || isDigit(b):
		text, _, ok := d.number()
		if !ok {
			return false
		}
		f, _ := strconv.ParseFloat(string(text), 64)
		value, known = f == 1, f == 0 || f == 1
	default:
		known = false
		if !d.skip() {
			return false
		}
	}
	if !known {
		d.fail(msgBool)
		return true
	}
	*at[bool](a) = value
	c.finish(d, a, had)
	return true
}

func (c *boolCodec) nullText(s []byte) bool {
	switch string(s) {
	case "", "null", "Null", "NULL":
		return true
	}
	return false
}

func (c *boolCodec) schema(use) members { return members{{"type", "boolean"}} }
