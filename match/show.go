package match

import (
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// show writes a Go value for a report: close to how it would stand in source, on one line, and cut off when it is long.
func show(v reflect.Value) string {
	p := printer{limit: 4 * shownText}
	p.value(v, 0)
	return string(p.buf)
}

type printer struct {
	buf   []byte
	limit int
}

func (p *printer) full() bool { return len(p.buf) > p.limit }

func (p *printer) write(s string) { p.buf = append(p.buf, s...) }

func (p *printer) value(v reflect.Value, depth int) {
	v = concrete(v)
	switch {
	case !v.IsValid():
		p.write("nil")
		return
	case p.full(), depth > 20:
		p.write("…")
		return
	case p.special(v):
		return
	}
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		p.write(strconv.Quote(s[:min(len(s), p.limit)]))
	case reflect.Slice, reflect.Array:
		p.list(v, depth)
	case reflect.Map:
		p.entries(v, depth)
	case reflect.Struct:
		p.fields(v, depth)
	case reflect.Pointer:
		if v.IsNil() {
			p.write("nil")
			return
		}
		p.write("&")
		p.value(v.Elem(), depth+1)
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		if v.IsNil() {
			p.write("nil")
			return
		}
		p.write(v.Type().String())
	case reflect.Float32, reflect.Float64:
		p.write(shortest(v))
	default: // booleans and the other numbers
		p.write(fmt.Sprint(v))
	}
}

// special writes the types that have a form of their own.
func (p *printer) special(v reflect.Value) bool {
	switch v.Type() {
	case restType:
		p.write("...")
	case timeType:
		p.write(v.Interface().(time.Time).Format(time.RFC3339Nano))
	case predicateType:
		p.write(v.Interface().(Predicate).String())
	case numberType:
		p.write(v.String())
	case bytesType, rawType:
		if v.IsNil() {
			p.write("nil")
			break
		}
		b := v.Bytes()
		b = b[:min(len(b), p.limit)]
		if v.Type() == rawType {
			p.write(string(b))
		} else {
			p.write("[]byte(" + strconv.Quote(string(b)) + ")")
		}
	default:
		if v.Kind() == reflect.Int64 && v.Type() == reflect.TypeFor[time.Duration]() {
			p.write(time.Duration(v.Int()).String())
			break
		}
		return false
	}
	return true
}

func (p *printer) list(v reflect.Value, depth int) {
	if isNil(v) {
		p.write("nil")
		return
	}
	if v.Type() == setType {
		p.write("Set")
	}
	p.write("[")
	for i := range v.Len() {
		if i > 0 {
			p.write(", ")
		}
		if p.value(v.Index(i), depth+1); p.full() {
			break
		}
	}
	p.write("]")
}

func (p *printer) entries(v reflect.Value, depth int) {
	if isNil(v) {
		p.write("nil")
		return
	}
	if v.Type() == hasType {
		p.write("Has")
	}
	p.write("{")
	first := true
	for k, member := range sortedEntries(v) {
		if !first {
			p.write(", ")
		}
		first = false
		p.value(k, depth+1)
		p.write(": ")
		if p.value(member, depth+1); p.full() {
			break
		}
	}
	p.write("}")
}

func (p *printer) fields(v reflect.Value, depth int) {
	v = addressable(v)
	p.write(v.Type().Name() + "{")
	for i := range v.NumField() {
		if i > 0 {
			p.write(", ")
		}
		p.write(v.Type().Field(i).Name + ": ")
		if p.value(fieldAt(v, i), depth+1); p.full() {
			break
		}
	}
	p.write("}")
}
