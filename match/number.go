package match

import "strings"

// A decimal is a number in a form that is the same for all its spellings: digits neither start nor end with a zero, and
// the value is 0.digits times ten to the power of exp. Zero has no digits.
type decimal struct {
	neg    bool
	digits string
	exp    int64
}

// sameNumber compares two JSON numbers exactly: 1, 1.0 and 10e-1 are one number, and no digit is lost.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, ok := newDecimal(a)
	if !ok {
		return false
	}
	y, ok := newDecimal(b)
	return ok && x == y
}

// newDecimal reads what has the grammar of a JSON number (a plus in the exponent is part of it). An exponent of more than
// 15 digits is not read: such a number equals only its own spelling.
func newDecimal(s string) (d decimal, ok bool) {
	s, d.neg = strings.CutPrefix(s, "-")
	mantissa, exponent := s, ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent = s[:i], s[i+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	d.digits = whole + fraction
	d.exp = int64(len(whole))
	trimmed := strings.TrimLeft(d.digits, "0")
	d.exp -= int64(len(d.digits) - len(trimmed))
	d.digits = strings.TrimRight(trimmed, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	exponent, negative := strings.CutPrefix(exponent, "-")
	exponent = strings.TrimLeft(strings.TrimPrefix(exponent, "+"), "0")
	if len(exponent) > 15 {
		return d, false
	}
	var e int64
	for _, c := range []byte(exponent) {
		e = e*10 + int64(c-'0')
	}
	if negative {
		e = -e
	}
	d.exp += e
	return d, true
}
