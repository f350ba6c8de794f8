package serializer

import (
	"encoding"
	"encoding/json"
	"reflect"
)

// copier returns a function that makes values equal to v that share nothing with each other, since objects may change what a value refers to, as
// with big.Int. A value that refers to something is copied by what it writes and reads itself. ok is false when that gives another value.
func copier[V any](v V) (fresh func() V, ok bool) {
	if !refers(reflect.ValueOf(&v).Elem()) {
		return func() V { return v }, true
	}
	text, read := written(&v)
	fresh = func() (out V) {
		if read != nil && read(&out, append([]byte(nil), text...)) != nil {
			var none V
			return none
		}
		return out
	}
	return fresh, read != nil && equal(v, fresh())
}

// refers tells whether there is something behind the value that a copy of it would share. Locations of times and handles of package unique,
// which netip.Addr has, never change.
func refers(v reflect.Value) bool {
	switch t := v.Type(); v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return !v.IsNil()
	case reflect.Array:
		for i := range v.Len() {
			if refers(v.Index(i)) {
				return true
			}
		}
	case reflect.Struct:
		if t == timeType || t.PkgPath() == "unique" {
			return false
		}
		for i := range v.NumField() {
			if refers(v.Field(i)) {
				return true
			}
		}
	}
	return false
}

// written is what a value writes, with the way to read it again; nil when there is none.
func written[V any](v *V) (text []byte, read func(*V, []byte) error) {
	var err error
	switch m := any(v).(type) {
	case interface {
		encoding.TextMarshaler
		encoding.TextUnmarshaler
	}:
		text, err = m.MarshalText()
		read = func(to *V, text []byte) error { return any(to).(encoding.TextUnmarshaler).UnmarshalText(text) }
	case interface {
		json.Marshaler
		json.Unmarshaler
	}:
		text, err = m.MarshalJSON()
		read = func(to *V, text []byte) error { return any(to).(json.Unmarshaler).UnmarshalJSON(text) }
	}
	if err != nil {
		return nil, nil
	}
	return text, read
}

// equal asks the value's own method where it has one: a decimal number can be equal with other digits inside.
func equal[V any](a, b V) bool {
	if e, ok := any(&a).(interface{ Equal(V) bool }); ok {
		return e.Equal(b)
	}
	return reflect.DeepEqual(a, b)
}
