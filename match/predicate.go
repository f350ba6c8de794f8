package match

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"regexp"
	"time"
)

// A Predicate stands in a Go pattern for the values that it accepts. The zero value accepts none. Its makers do not
// panic: a mistake in their arguments makes a Predicate that accepts nothing and says why.
type Predicate struct {
	want  string
	holds func(got reflect.Value) bool
}

// That accepts the values of type T for which holds says yes; want describes them in reports.
func That[T any](want string, holds func(got T) bool) Predicate {
	return Predicate{want, func(got reflect.Value) bool {
		if !got.IsValid() {
			return false
		}
		v, ok := got.Interface().(T)
		return ok && holds(v)
	}}
}

// Len accepts strings (by bytes), slices, arrays, maps and channels of length n. A json.Number has no length.
func Len(n int) Predicate {
	return Predicate{fmt.Sprintf("length %d", n), func(got reflect.Value) bool {
		switch got.Kind() {
		case reflect.String, reflect.Slice, reflect.Array, reflect.Map, reflect.Chan:
			return got.Len() == n && class(got) != numberClass && got.Type() != rawType
		}
		return false
	}}
}

// Regexp accepts strings and []byte in which expr, a regular expression of package regexp, matches somewhere.
// A json.Number is no string.
func Regexp(expr string) Predicate {
	re, err := regexp.Compile(expr)
	if err != nil {
		return Predicate{want: err.Error()}
	}
	return Predicate{"a match of " + expr, func(got reflect.Value) bool {
		switch {
		case got.Kind() == reflect.String && class(got) != numberClass:
			return re.MatchString(got.String())
		case got.IsValid() && got.Type() == bytesType:
			return re.Match(got.Bytes())
		}
		return false
	}}
}

// Within accepts values no further than tolerance from want: numbers, with a number as tolerance, or times, with a
// time.Duration. The distance of integers is exact, that of other numbers is one of float64.
func Within(want, tolerance any) Predicate {
	text := fmt.Sprintf("%s within %v", show(reflect.ValueOf(want)), tolerance)
	if center, ok := want.(time.Time); ok {
		reach, ok := tolerance.(time.Duration)
		if !ok || reach < 0 {
			return Predicate{want: text + " (the tolerance of a time is a time.Duration of 0 or more)"}
		}
		return Predicate{text, func(got reflect.Value) bool {
			if !got.IsValid() || got.Type() != timeType {
				return false
			}
			return got.Interface().(time.Time).Sub(center).Abs() <= reach
		}}
	}
	center, ok := toFloat(reflect.ValueOf(want))
	reach, fine := toFloat(reflect.ValueOf(tolerance))
	if !ok || !fine || !(reach >= 0) {
		return Predicate{want: text + " (want two numbers, the tolerance 0 or more)"}
	}
	exact, whole := toInt(reflect.ValueOf(want))
	return Predicate{text, func(got reflect.Value) bool {
		if v, ok := toInt(got); ok && whole {
			off := new(big.Float).SetInt(v.Sub(v, exact))
			return off.Abs(off).Cmp(big.NewFloat(reach)) <= 0
		}
		v, ok := toFloat(got)
		return ok && math.Abs(v-center) <= reach
	}}
}

func (m *goMatch) predicate(got reflect.Value, p Predicate) bool {
	if p.holds != nil {
		v := got
		for range 100 { // a pointer may lead to itself
			if p.holds(v) {
				return m.scalar(true, got, v)
			}
			if v.IsValid() && v.Type() == rawType {
				doc, err := parse(string(v.Bytes()), false)
				if err != nil {
					break
				}
				v = reflect.ValueOf(doc.value(0))
				continue
			}
			if v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface || v.IsNil() {
				break
			}
			v = v.Elem()
		}
	}
	return m.add(func() difference { return gotWant(show(got), p.String()) })
}

// String describes what is accepted.
func (p Predicate) String() string {
	if p.want == "" {
		return "nothing: a match.Predicate is made by That, Len, Regexp or Within"
	}
	return p.want
}
