package match

import (
	"math"
	"math/big"
	"reflect"
	"strconv"
)

// compatible tells whether values of two types can be equal at all: of one type, or one of them has no name of its own, as
// an untyped constant or a literal has none. Two different named types are never equal.
func compatible(a, b reflect.Type) bool {
	return a == b || a.PkgPath() == "" || b.PkgPath() == ""
}

// sameScalar compares booleans, numbers and strings.
func sameScalar(got, want reflect.Value) bool {
	if !compatible(got.Type(), want.Type()) && got.Type() != numberType && want.Type() != numberType {
		return false
	}
	g, w := class(got), class(want)
	if g != w {
		return min(g, w) >= intClass && sameMixed(got, want)
	}
	switch g {
	case boolClass:
		return got.Bool() == want.Bool()
	case stringClass:
		return got.String() == want.String()
	case intClass:
		return got.Int() == want.Int()
	case uintClass:
		return got.Uint() == want.Uint()
	case floatClass:
		if got.Kind() != want.Kind() {
			return sameMixed(got, want)
		}
		return sameFloat(got.Float(), want.Float())
	case complexClass:
		g, w := got.Complex(), want.Complex()
		return sameFloat(real(g), real(w)) && sameFloat(imag(g), imag(w))
	case numberClass:
		return sameNumber(got.String(), want.String())
	}
	return false
}

// sameFloat takes NaN for equal to itself.
func sameFloat(a, b float64) bool { return a == b || a != a && b != b }

// intIsFloat compares without rounding.
func intIsFloat(i int64, f float64) bool {
	return f >= math.MinInt64 && f < -math.MinInt64 && float64(int64(f)) == f && int64(f) == i
}

const (
	noClass = iota
	boolClass
	stringClass
	complexClass
	intClass // from here on: numbers that compare with each other
	uintClass
	floatClass
	numberClass
)

func class(v reflect.Value) int {
	switch v.Kind() {
	case reflect.Bool:
		return boolClass
	case reflect.String:
		if v.Type() == numberType && isNumber(v.String()) {
			return numberClass
		}
		return stringClass
	case reflect.Complex64, reflect.Complex128:
		return complexClass
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return intClass
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return uintClass
	case reflect.Float32, reflect.Float64:
		return floatClass
	}
	return noClass
}

// sameMixed compares numbers of different classes or sizes, without rounding either.
func sameMixed(a, b reflect.Value) bool {
	if class(a) > class(b) {
		a, b = b, a
	}
	switch class(b) {
	case uintClass: // and an int
		return a.Int() >= 0 && uint64(a.Int()) == b.Uint()
	case floatClass:
		return sameAsFloat(a, b)
	}
	switch class(a) {
	case intClass:
		return sameNumber(strconv.FormatInt(a.Int(), 10), b.String())
	case uintClass:
		return sameNumber(strconv.FormatUint(a.Uint(), 10), b.String())
	}
	f := a.Float()
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return false
	}
	return sameNumber(shortest(a), b.String()) || f == math.Trunc(f) && sameNumber(strconv.FormatFloat(f, 'f', 0, 64), b.String())
}

// sameAsFloat compares an integer, or a float of the other size, with a float. Floats of two sizes are equal also when
// only their shortest texts are, so that 0.1 is 0.1.
func sameAsFloat(a, b reflect.Value) bool {
	f := b.Float()
	switch class(a) {
	case intClass:
		return intIsFloat(a.Int(), f)
	case uintClass:
		return f >= 0 && f < -2*math.MinInt64 && float64(uint64(f)) == f && uint64(f) == a.Uint()
	}
	g := a.Float()
	return sameFloat(g, f) || shortest(a) == shortest(b)
}

// shortest is the shortest text that reads back as the float.
func shortest(v reflect.Value) string {
	return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
}

func isNumber(s string) bool {
	p := parser{document: document{src: s}}
	return p.number() == nil && p.pos == len(s)
}

// toInt takes the integers, also those of json.Number that are written as such.
func toInt(v reflect.Value) (*big.Int, bool) {
	switch class(v) {
	case intClass:
		return big.NewInt(v.Int()), true
	case uintClass:
		return new(big.Int).SetUint64(v.Uint()), true
	case numberClass:
		return new(big.Int).SetString(v.String(), 10)
	}
	return nil, false
}

// toFloat rounds any number to a float64.
func toFloat(v reflect.Value) (float64, bool) {
	switch class(v) {
	case intClass:
		return float64(v.Int()), true
	case uintClass:
		return float64(v.Uint()), true
	case floatClass:
		return v.Float(), true
	case numberClass:
		f, err := strconv.ParseFloat(v.String(), 64)
		return f, err == nil
	}
	return 0, false
}
