package match

import (
	"fmt"
	"reflect"
	"time"
)

// An equalMethod is how a type compares its values itself: a method Equal that takes another value and returns a bool, or,
// as the numbers of math/big have it, Cmp that returns an int, 0 for equal.
type equalMethod struct {
	name            string
	index           int
	receiver, param bool // is a pointer to the type
}

// findEqual returns nil for a type that has no such method, be it on the value or on a pointer to it.
func findEqual(t reflect.Type) *equalMethod {
	if t.Kind() == reflect.Interface || t == timeType { // byEqual knows times
		return nil
	}
	for _, name := range []string{"Equal", "Cmp"} {
		for _, receiver := range []bool{false, true} {
			on := t
			if receiver {
				on = reflect.PointerTo(t)
			}
			m, ok := on.MethodByName(name)
			if !ok || m.Type.NumIn() != 2 || m.Type.IsVariadic() || m.Type.NumOut() != 1 {
				continue
			}
			e := equalMethod{name: name, index: m.Index, receiver: receiver}
			if in := m.Type.In(1); !t.AssignableTo(in) {
				if !receiver || !on.AssignableTo(in) {
					continue
				}
				e.param = true
			}
			if result := m.Type.Out(0).Kind(); name == "Equal" && result == reflect.Bool || name == "Cmp" && result == reflect.Int {
				return &e
			}
		}
	}
	return nil
}

func (e *equalMethod) holds(got, want reflect.Value) bool {
	if e.receiver {
		got = addressable(got).Addr()
	}
	if e.param {
		want = addressable(want).Addr()
	}
	result := got.Method(e.index).Call([]reflect.Value{want})[0]
	if e.name == "Cmp" {
		return result.Int() == 0
	}
	return result.Bool()
}

// byEqual asks the method of two values of one type that compares them, when they have one.
func (m *goMatch) byEqual(got, want reflect.Value) (verdict, known bool) {
	t := got.Type()
	if t != want.Type() || isNil(got) || isNil(want) {
		return false, false
	}
	if t == timeType {
		return m.scalar(got.Interface().(time.Time).Equal(want.Interface().(time.Time)), got, want), true
	}
	equal := planOf(t).equal
	if equal == nil {
		return false, false
	}
	defer func() {
		if r := recover(); r != nil {
			verdict, known = m.note(func() string { return fmt.Sprintf("the method %s of %v panicked: %v", equal.name, t, r) }), true
		}
	}()
	return m.scalar(equal.holds(got, want), got, want), true
}

// namesOf returns the fields of a struct that a pattern may name, as in reflect.StructField.Index.
func namesOf(t reflect.Type) map[string][]int {
	names := make(map[string][]int)
	for _, f := range reflect.VisibleFields(t) {
		if visible, ok := t.FieldByName(f.Name); ok && f.Name != "_" {
			names[f.Name] = visible.Index
		}
	}
	return names
}
