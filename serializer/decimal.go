package serializer

import (
	"bytes"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// decimal is a number as its digits and the power of ten of the last one, as Python's Decimal has it.
type decimal struct {
	negative bool
	digits   []byte // ASCII, no leading zeros; "0" for zero
	exponent int
}

const maxExponent = 1 << 20 // beyond it a number has more digits than any field allows

// parseDecimal reads what Decimal() reads, without NaN and the infinities.
func parseDecimal(text []byte) (decimal, bool) {
	if bytes.IndexByte(text, '_') >= 0 {
		text = bytes.ReplaceAll(text, []byte{'_'}, nil) // Decimal() overlooks all of them
	}
	text = pyDigits(text)
	var n decimal
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		n.negative = text[0] == '-'
		text = text[1:]
	}
	if at := bytes.IndexAny(text, "eE"); at >= 0 {
		exponent := integerText(text[at+1:])
		if exponent == nil {
			return n, false
		}
		e, err := strconv.Atoi(string(exponent))
		if err != nil || e > maxExponent || e < -maxExponent {
			e = maxExponent
			if exponent[0] == '-' {
				e = -maxExponent
			}
		}
		n.exponent, text = e, text[:at]
	}
	whole, fraction, _ := bytes.Cut(text, []byte{'.'})
	n.exponent -= len(fraction)
	n.digits = append(append(make([]byte, 0, len(text)+1), whole...), fraction...)
	if len(n.digits) == 0 {
		return n, false
	}
	for _, c := range n.digits {
		if !isDigit(c) {
			return n, false
		}
	}
	if n.digits = bytes.TrimLeft(n.digits, "0"); len(n.digits) == 0 {
		n.digits = []byte{'0'}
	}
	return n, true
}

// precision is what Django REST Framework counts: all digits, those before the point and those behind it.
func (n *decimal) precision() (total, whole, places int) {
	switch d := len(n.digits); {
	case n.exponent >= 0:
		return d + n.exponent, d + n.exponent, 0
	case d > -n.exponent:
		return d, d + n.exponent, -n.exponent
	default:
		return -n.exponent, 0, -n.exponent
	}
}

// fixed appends the number with exactly so many places, rounded half to even; with all it has for places < 0.
func (n *decimal) fixed(dst []byte, places int) []byte {
	digits, exponent := n.digits, n.exponent
	if places >= 0 && -exponent > places {
		digits = roundHalfEven(digits, -exponent-places)
		exponent = -places
	}
	if n.negative {
		dst = append(dst, '-')
	}
	whole := len(digits) + exponent // digits before the point
	if whole <= 0 {
		dst = append(dst, '0')
	}
	for i := range max(whole, 0) {
		if i < len(digits) {
			dst = append(dst, digits[i])
		} else if string(digits) != "0" || i == 0 {
			dst = append(dst, '0')
		}
	}
	if places < 0 {
		places = max(0, -exponent)
	}
	if places == 0 {
		return dst
	}
	dst = append(dst, '.')
	for i := whole; i < whole+places; i++ {
		if i >= 0 && i < len(digits) {
			dst = append(dst, digits[i])
		} else {
			dst = append(dst, '0')
		}
	}
	return dst
}

// roundHalfEven drops the last n digits.
func roundHalfEven(digits []byte, n int) []byte {
	if n > len(digits) {
		return []byte{'0'}
	}
	keep, rest := digits[:len(digits)-n], digits[len(digits)-n:]
	up := rest[0] > '5'
	if rest[0] == '5' {
		odd := len(keep) > 0 && (keep[len(keep)-1]-'0')%2 == 1
		up = odd || len(bytes.TrimRight(rest[1:], "0")) > 0
	}
	out := append(append(make([]byte, 0, len(keep)+1), '0'), keep...)
	for i := len(out) - 1; up; i-- {
		if up = out[i] == '9'; up {
			out[i] = '0'
		} else {
			out[i]++
		}
	}
	if out[0] == '0' && len(out) > 1 {
		out = out[1:]
	}
	return out
}

func (n *decimal) isZero() bool { return len(n.digits) == 1 && n.digits[0] == '0' }

// compare is -1, 0 or 1.
func (n *decimal) compare(m *decimal) int {
	sign := func(d *decimal) int {
		switch {
		case d.isZero():
			return 0
		case d.negative:
			return -1
		}
		return 1
	}
	a, b := sign(n), sign(m)
	switch {
	case a != b:
		return min(1, max(-1, a-b))
	case a == 0:
		return 0
	}
	if x, y := len(n.digits)+n.exponent, len(m.digits)+m.exponent; x != y {
		if x > y {
			return a
		}
		return -a
	}
	for i := range max(len(n.digits), len(m.digits)) {
		x, y := byte('0'), byte('0')
		if i < len(n.digits) {
			x = n.digits[i]
		}
		if i < len(m.digits) {
			y = m.digits[i]
		}
		if x != y {
			if x > y {
				return a
			}
			return -a
		}
	}
	return 0
}

// decimalRules are the limits of a decimal number.
type decimalRules struct {
	digits, places int
	min, max       *decimal
	minText        string
	maxText        string
}

func (c *compiler) decimalRules(r rules) decimalRules {
	out := decimalRules{digits: r.digits, places: r.places}
	limit := func(v any) (*decimal, string) {
		if v == nil {
			return nil, ""
		}
		text := pyText(v)
		n, ok := parseDecimal([]byte(text))
		if !ok {
			c.fail("%q is no decimal number; give Min and Max one", text)
		}
		return &n, text
	}
	out.min, out.minText = limit(r.min)
	out.max, out.maxText = limit(r.max)
	if out.min != nil && out.max != nil && out.min.compare(out.max) > 0 {
		c.fail("Min(%s) is beyond Max(%s), so nothing would be accepted", out.minText, out.maxText)
	}
	if r.digits < 0 {
		return out
	}
	most := decimal{digits: bytes.Repeat([]byte{'9'}, r.digits), exponent: -max(r.places, 0)}
	least := decimal{negative: true, digits: most.digits, exponent: most.exponent}
	if out.min != nil && out.min.compare(&most) > 0 {
		c.fail("Min(%s) is beyond all numbers of Decimal(%d, %d), so nothing would be accepted", out.minText, r.digits, r.places)
	}
	if out.max != nil && out.max.compare(&least) < 0 {
		c.fail("Max(%s) is beyond all numbers of Decimal(%d, %d), so nothing would be accepted", out.maxText, r.digits, r.places)
	}
	return out
}

// read parses a decimal number from JSON. With a nil text and ok the value is wrong, and noted.
func (r *decimalRules) read(d *decoder) (text []byte, ok bool) {
	raw, whole, isText, ok := d.numberText()
	if !ok {
		return nil, false
	}
	if raw == nil {
		d.fail(msgNumber)
		return nil, true
	}
	switch {
	case isText && r.fits(textView(raw)): // as most come: nothing to do
		return raw, true
	case isText:
		raw = pyTrim(raw)
	default:
		raw = appendPyNumber(nil, raw, whole)
	}
	if len(raw) > maxNumberText && utf8.RuneCount(raw) > maxNumberText {
		d.fail(msgLongNumber)
		return nil, true
	}
	n, isNumber := parseDecimal(raw)
	if !isNumber {
		d.fail(msgNumber)
		return nil, true
	}
	total, before, places := n.precision()
	switch {
	case r.digits >= 0 && total > r.digits:
		d.fail(msgMaxDigits(r.digits))
		return nil, true
	case r.places >= 0 && places > r.places:
		d.fail(msgMaxPlaces(r.places))
		return nil, true
	case r.digits >= 0 && r.places >= 0 && before > r.digits-r.places:
		d.fail(msgMaxWhole(r.digits - r.places))
		return nil, true
	case total > maxNumberText:
		d.fail(msgNumber)
		return nil, true
	}
	return n.fixed(nil, r.places), true
}

// fits tells at a glance that a number is spelled as it will be kept, and not too long.
func (r *decimalRules) fits(text string) bool {
	n := len(text)
	if r.places > 0 {
		n-- // the point
	}
	return n <= r.digits && isFixed(text, r.places)
}

// limits checks a number that was read.
func (r *decimalRules) limits(d *decoder, text []byte) {
	if r.min == nil && r.max == nil {
		return
	}
	n, _ := parseDecimal(text)
	if r.max != nil && n.compare(r.max) > 0 {
		d.fail(msgMax(r.maxText))
	}
	if r.min != nil && n.compare(r.min) < 0 {
		d.fail(msgMin(r.minText))
	}
}

// show appends the text of a number as a JSON string with the declared places.
func (r *decimalRules) show(e *encoder, dst []byte, text string) []byte {
	if isFixed(text, r.places) {
		return append(append(append(dst, '"'), text...), '"')
	}
	n, ok := parseDecimal(pyTrim([]byte(text)))
	if total, _, _ := n.precision(); !ok || total > math.MaxUint16 {
		e.fail("%q is no decimal number", text)
		return dst
	}
	return append(n.fixed(append(dst, '"'), r.places), '"')
}

// isFixed reports whether the text is a plain number with exactly so many places, as what was validated or comes from a database is.
func isFixed(text string, places int) bool {
	s := text
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	point := len(s)
	if places > 0 {
		if point = len(s) - places - 1; point < 0 || s[point] != '.' {
			return false
		}
	}
	if point < 1 || point > 1 && s[0] == '0' {
		return false
	}
	for i := range len(s) {
		if i != point && !isDigit(s[i]) {
			return false
		}
	}
	return places >= 0
}

func (r *decimalRules) schema() members {
	return members{{"type", "string"}, {"format", "decimal"}}
}

// decimalCodec is a decimal number in a string.
type decimalCodec struct {
	valueRules
	rules decimalRules
}

func (c *compiler) decimal(s *spec, common valueRules) codec {
	if s.optional && s.typ.Kind() == reflect.String {
		c.fail("an absent Decimal in a string would be \"\", which is no number; give it a Default or make it a pointer")
	}
	return &decimalCodec{valueRules: common, rules: c.decimalRules(s.rules)}
}

func (c *decimalCodec) encode(e *encoder, dst []byte, a addr) []byte {
	return c.rules.show(e, dst, *at[string](a))
}

func (c *decimalCodec) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	text, ok := c.rules.read(d)
	if !ok || text == nil {
		return ok
	}
	*at[string](a) = d.keep(text)
	d.check(c.checks, a)
	c.rules.limits(d, text)
	c.ask(d, a, had)
	return true
}

func (c *decimalCodec) nullText(s []byte) bool { return len(pyTrim(s)) == 0 }

func (c *decimalCodec) schema(use) members { return c.rules.schema() }
