package match

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"time"
)

var (
	restType      = reflect.TypeFor[ellipsis]()
	hasType       = reflect.TypeFor[Has]()
	mapType       = reflect.TypeFor[Map]()
	listType      = reflect.TypeFor[List]()
	setType       = reflect.TypeFor[Set]()
	predicateType = reflect.TypeFor[Predicate]()
	bytesType     = reflect.TypeFor[[]byte]()
	rawType       = reflect.TypeFor[json.RawMessage]()
	numberType    = reflect.TypeFor[json.Number]()
	timeType      = reflect.TypeFor[time.Time]()
	objectType    = reflect.TypeFor[map[string]any]()
)

// A goMatch compares Go values with Go patterns. No value that it walks over is read-only to reflect: fieldAt sees to that.
type goMatch struct {
	*differences
	quick quick // for verdicts
	seen  map[visit]answer
	trail []visit // seen, in order
	depth int
}

// An answer is what is known of a visit.
type answer uint8

const (
	unmet   answer = iota
	met            // under comparison, or found equal if those under comparison are
	differs        // whatever turns out about those under comparison, but not noted in a report
	noted          // differs, and the report says how
)

// A visit is a pair of references under comparison. Meeting it again, on a cycle or on another way, adds nothing.
type visit struct {
	got, want         uintptr // only compared: the values keep what they point to alive
	gotLen, wantLen   int
	gotType, wantType reflect.Type
}

// matches gives the verdict alone.
func matches(got, want any) bool {
	var q quick
	return want != any(Rest) && q.match(got, want)
}

// matchGo notes the differences.
func matchGo(d *differences, got, want any) bool {
	if want == any(Rest) {
		return d.note(func() string { return "the pattern is match.Rest alone and would match everything" })
	}
	m := goMatch{differences: d}
	m.quick.thorough = &m
	return m.match(reflect.ValueOf(got), reflect.ValueOf(want))
}

// concrete takes a value out of its interfaces. The nil interface gives the invalid value.
func concrete(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// maxLevels is how deep values may be nested: a stack that overflows would end the process.
const maxLevels = 200_000

func (m *goMatch) match(got, want reflect.Value) bool {
	if m.depth == maxLevels {
		return m.note(func() string { return fmt.Sprintf("nested more than %d deep", maxLevels) })
	}
	m.depth++
	matches := m.compare(got, want)
	m.depth--
	return matches
}

func (m *goMatch) compare(got, want reflect.Value) bool {
	if !m.gather && got.Kind() == reflect.Interface && want.Kind() == reflect.Interface {
		return m.quick.match(got.Interface(), want.Interface())
	}
	got, want = concrete(got), concrete(want)
	if !want.IsValid() {
		if got.IsValid() && got.Type() == rawType && !got.IsNil() { // it may hold null
			return m.raw(got, want)
		}
		return m.scalar(isNil(got), got, want)
	}
	switch want.Type() {
	case restType:
		return true
	case predicateType:
		return m.predicate(got, want.Interface().(Predicate))
	case rawType:
		if want.Len() > 0 {
			return m.rawPattern(got, want)
		}
	}
	if !got.IsValid() {
		return m.differ(got, want)
	}
	switch got.Type() {
	case bytesType, rawType:
		if want.Kind() == reflect.String {
			return matchJSON(m.differences, string(got.Bytes()), want.String(), nil)
		}
		if got.Type() == rawType && want.Type() != rawType && want.Type() != bytesType {
			return m.raw(got, want)
		}
	}
	if verdict, known := m.byEqual(got, want); known {
		return verdict
	}
	if got.Kind() == reflect.Pointer {
		return m.pointer(got, want)
	}
	return m.byKind(got, want)
}

func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Chan, reflect.Func, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		return v.IsNil()
	}
	return false
}

// rawPattern compares with a JSON pattern: JSON text as it is, another value as encoding/json writes it.
func (m *goMatch) rawPattern(got, want reflect.Value) bool {
	var value any
	if got.IsValid() {
		value = got.Interface()
	}
	if _, ok := value.(io.Reader); ok { // there may be several looks at it
		return m.note(func() string {
			return fmt.Sprintf("got %T, which can be read only once: take match.JSON for it", value)
		})
	}
	text, err := jsonText(value)
	if err != nil {
		return m.note(err.Error)
	}
	return matchJSON(m.differences, text, string(want.Bytes()), nil)
}

// raw compares JSON text with a Go pattern.
func (m *goMatch) raw(got, want reflect.Value) bool {
	doc, err := parse(string(got.Bytes()), false)
	if err != nil {
		return m.note(func() string { return unreadable(string(got.Bytes()), err) })
	}
	return m.match(reflect.ValueOf(doc.value(0)), want)
}

// value builds the Go value of a node: map[string]any, []any, string, json.Number, bool or nil.
func (d *document) value(n int32) any {
	switch node := d.nodes[n]; node.kind {
	case object:
		members := make(map[string]any)
		for i := n + 1; i < node.end; i = d.nodes[i].end {
			members[d.nodes[i].key] = d.value(i)
		}
		return members
	case array:
		items := []any{}
		for i := n + 1; i < node.end; i = d.nodes[i].end {
			items = append(items, d.value(i))
		}
		return items
	case number:
		return json.Number(node.text)
	case boolean:
		return node.text == "true"
	case text:
		return node.text
	}
	return nil
}

// pointer compares what got points to; want is a pointer too or what is wanted there.
func (m *goMatch) pointer(got, want reflect.Value) bool {
	if want.Kind() == reflect.Pointer {
		switch {
		case got.Pointer() == want.Pointer() && got.Type() == want.Type():
			return true
		case got.IsNil() || want.IsNil():
			return m.differ(got, want)
		}
		return m.once(got, want, func() bool { return m.match(got.Elem(), want.Elem()) })
	}
	at := got
	for range 100 { // a pointer may lead to itself
		if at = concrete(at); at.Kind() != reflect.Pointer {
			return m.match(at, want)
		}
		if at.IsNil() {
			break
		}
		at = at.Elem()
	}
	return m.differ(got, want)
}

// once compares what two references lead to by walk, unless this pair was met before.
func (m *goMatch) once(got, want reflect.Value, walk func() bool) bool {
	if !m.gather && m.quick.mayVisit() {
		return walk()
	}
	v := visit{got: got.Pointer(), want: want.Pointer(), gotType: got.Type(), wantType: want.Type()}
	if got.Kind() == reflect.Slice {
		v.gotLen = got.Len()
	}
	if want.Kind() == reflect.Slice {
		v.wantLen = want.Len()
	}
	switch known := m.seen[v]; {
	case known == met:
		return true
	case known == noted, known == differs && !m.gather:
		return false
	}
	if m.seen == nil {
		m.seen = make(map[visit]answer)
	}
	m.seen[v] = met
	m.trail = append(m.trail, v)
	if walk() {
		return true
	}
	m.seen[v] = differs
	if m.gather {
		m.seen[v] = noted
	}
	return false
}

// holds is match as a question. What was found equal on the way to a no is forgotten: that it is may have been taken from
// what then was not. A no needs no such care, because it was found while everything under comparison was taken for equal.
func (m *goMatch) holds(got, want reflect.Value) bool {
	gather, before := m.gather, len(m.trail)
	m.gather = false
	ok := m.match(got, want)
	m.gather = gather
	if !ok {
		for _, v := range m.trail[before:] {
			if m.seen[v] == met {
				delete(m.seen, v)
			}
		}
		m.trail = m.trail[:before]
	}
	return ok
}

func (m *goMatch) byKind(got, want reflect.Value) bool {
	switch want.Kind() {
	case reflect.Slice, reflect.Array:
		if want.Type() == setType {
			if got.Kind() == reflect.Slice && got.Len() > 0 {
				return m.once(got, want, func() bool { return m.set(got, want) })
			}
			return m.set(got, want)
		}
		return m.list(got, want)
	case reflect.Map:
		return m.mapping(got, want)
	case reflect.Struct:
		return m.structs(got, want)
	case reflect.Func:
		switch {
		case got.Kind() != reflect.Func || got.Type() != want.Type():
		case got.IsNil() && want.IsNil():
			return true
		default:
			return m.note(func() string { return "functions match only when both are nil" })
		}
	case reflect.Chan, reflect.UnsafePointer:
		if got.Type() == want.Type() && got.Pointer() == want.Pointer() {
			return true
		}
	case reflect.Pointer: // and got is none
	default:
		return m.scalar(sameScalar(got, want), got, want)
	}
	return m.differ(got, want)
}

// scalar takes the verdict on values without parts.
func (m *goMatch) scalar(same bool, got, want reflect.Value) bool {
	if !same {
		return m.differ(got, want)
	}
	return m.keep(func() string { return show(got) })
}

func (m *goMatch) differ(got, want reflect.Value) bool {
	return m.add(func() difference {
		if got.Kind() == reflect.String && want.Kind() == reflect.String && got.String() != want.String() {
			return gotWantStrings(got.String(), want.String())
		}
		g, w := show(got), show(want)
		if g == w {
			g, w = typeName(got)+g, typeName(want)+w
		}
		return gotWant(g, w)
	})
}

func typeName(v reflect.Value) string {
	if !v.IsValid() {
		return "(nil) "
	}
	return "(" + v.Type().String() + ") "
}

// list compares items one by one; an ellipsis among the wanted ones makes it a pattern with runs.
func (m *goMatch) list(got, want reflect.Value) bool {
	if k := got.Kind(); k != reflect.Slice && k != reflect.Array || want.Type() != listType && !compatible(got.Type(), want.Type()) {
		return m.differ(got, want)
	}
	if isNil(want) != isNil(got) && want.Len() == 0 {
		return m.differ(got, want)
	}
	if got.Type() == bytesType && want.Type() == bytesType {
		return m.scalar(bytes.Equal(got.Bytes(), want.Bytes()), got, want)
	}
	if got.Kind() == reflect.Slice && want.Kind() == reflect.Slice && got.Len() > 0 {
		return m.once(got, want, func() bool { return m.items(got, want) })
	}
	return m.items(got, want)
}

func (m *goMatch) items(got, want reflect.Value) bool {
	m.within(form{open: "[", end: "]", size: max(got.Len(), want.Len())})
	l := goList{m, got, want}
	return matchList(&l, split(want.Len(), l.isRest), got.Len())
}
