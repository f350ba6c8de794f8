package match

import (
	"bytes"
	"reflect"
	"sync"
	"time"
	"unsafe"
)

// A plan is what the comparison of two values of one type needs to know of it, found out once: where its parts lie, and
// which of its methods compares. It gives verdicts straight from memory.
//
// This is the one file with unsafe in it. The argument why it is right: addresses and types come from reflect, for values
// that reflect allows to be addressed or that are slices and pointers; offsets and sizes are those of the type; nothing is
// written; and what is read is read as the type that it has, or as an integer of its size where it has no pointers in it.
type plan struct {
	op     op
	typ    reflect.Type
	elem   *plan            // of pointers, slices and arrays
	len    int              // of arrays
	fields []fieldPlan      // of structs, those of nested ones among them
	names  map[string][]int // of structs: the fields that may be named, as in reflect.StructField.Index
	equal  *equalMethod
	whole  bool // all of this is there: false while a type that leads to itself is looked at
}

type fieldPlan struct {
	at uintptr
	*plan
}

type op uint8

const (
	askOp op = iota // whatever is not below
	word8Op
	word16Op
	word32Op
	word64Op
	float32Op
	float64Op
	stringOp
	numberOp // json.Number
	bytesOp
	timeOp
	anyOp
	objectOp // map[string]any
	pointerOp
	sliceOp
	anysOp // slices of any, in which an ellipsis may stand
	arrayOp
	structOp
)

// plans is a cache: a plan is a function of its type alone.
var plans sync.Map // reflect.Type to *plan

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	made := make(map[reflect.Type]*plan)
	p := makePlan(t, made)
	for t, p := range made {
		plans.LoadOrStore(t, p)
	}
	return p
}

// makePlan makes the plan of a type and those of its parts. A type that leads to itself finds its own in made.
func makePlan(t reflect.Type, made map[reflect.Type]*plan) *plan {
	if p, ok := made[t]; ok {
		return p
	}
	p := &plan{typ: t, equal: findEqual(t)}
	made[t] = p
	if t.Kind() == reflect.Struct {
		p.names = namesOf(t)
	}
	if p.op = opOf(t); p.equal != nil {
		p.op = askOp
	}
	switch p.op {
	case pointerOp, sliceOp:
		p.elem = makePlan(t.Elem(), made)
	case arrayOp:
		p.elem, p.len = makePlan(t.Elem(), made), t.Len()
	case structOp:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Name == "_" {
				continue
			}
			part := makePlan(f.Type, made)
			if part.op != structOp || !part.whole {
				p.fields = append(p.fields, fieldPlan{f.Offset, part})
				continue
			}
			for _, inner := range part.fields {
				p.fields = append(p.fields, fieldPlan{f.Offset + inner.at, inner.plan})
			}
		}
	}
	p.whole = true
	return p
}

func opOf(t reflect.Type) op {
	switch t {
	case restType, predicateType, hasType, mapType, listType, setType, rawType:
		return askOp
	case numberType:
		return numberOp
	case timeType:
		return timeOp
	case bytesType:
		return bytesOp
	case objectType:
		return objectOp
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return map[uintptr]op{1: word8Op, 2: word16Op, 4: word32Op, 8: word64Op}[t.Size()]
	case reflect.Float32:
		return float32Op
	case reflect.Float64:
		return float64Op
	case reflect.String:
		return stringOp
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return anyOp
		}
	case reflect.Pointer:
		return pointerOp
	case reflect.Slice:
		if roomForRest(t.Elem()) {
			return anysOp
		}
		return sliceOp
	case reflect.Array:
		if roomForRest(t.Elem()) {
			return askOp
		}
		return arrayOp
	case reflect.Struct:
		return structOp
	}
	return askOp
}

// roomForRest tells whether items of a type may be an ellipsis: then a list of them is not matched one by one.
func roomForRest(t reflect.Type) bool { return t.Kind() == reflect.Interface && t.NumMethod() == 0 }

// same compares the values of a type that lie at two addresses.
func (q *quick) same(p *plan, got, want unsafe.Pointer) bool {
	switch p.op {
	case word8Op:
		return *(*uint8)(got) == *(*uint8)(want)
	case word16Op:
		return *(*uint16)(got) == *(*uint16)(want)
	case word32Op:
		return *(*uint32)(got) == *(*uint32)(want)
	case word64Op:
		return *(*uint64)(got) == *(*uint64)(want)
	case float32Op:
		return sameFloat(float64(*(*float32)(got)), float64(*(*float32)(want)))
	case float64Op:
		return sameFloat(*(*float64)(got), *(*float64)(want))
	case stringOp:
		return *(*string)(got) == *(*string)(want)
	case numberOp:
		if *(*string)(got) == *(*string)(want) {
			return true
		}
	case bytesOp:
		g, w := *(*[]byte)(got), *(*[]byte)(want)
		return bytes.Equal(g, w) && (g == nil) == (w == nil)
	case timeOp:
		return (*time.Time)(got).Equal(*(*time.Time)(want))
	case anyOp:
		return q.match(*(*any)(got), *(*any)(want))
	case objectOp:
		if q.mayVisit() {
			return q.object(*(*map[string]any)(got), *(*map[string]any)(want))
		}
	case pointerOp:
		return q.pointers(p, *(*unsafe.Pointer)(got), *(*unsafe.Pointer)(want))
	case sliceOp:
		// The header of every slice has this form.
		g, w := *(*[]struct{})(got), *(*[]struct{})(want)
		if len(g) != len(w) || (g == nil) != (w == nil) {
			return false
		}
		if len(g) == 0 || q.mayVisit() {
			return q.run(p.elem, unsafe.Pointer(unsafe.SliceData(g)), unsafe.Pointer(unsafe.SliceData(w)), len(g))
		}
	case anysOp:
		if q.mayVisit() {
			if verdict, known := q.array(*(*[]any)(got), *(*[]any)(want)); known {
				return verdict
			}
		}
	case arrayOp:
		return q.run(p.elem, got, want, p.len)
	case structOp:
		for _, f := range p.fields {
			if !q.same(f.plan, unsafe.Add(got, f.at), unsafe.Add(want, f.at)) {
				return false
			}
		}
		return true
	}
	return q.ask(reflect.NewAt(p.typ, got).Elem(), reflect.NewAt(p.typ, want).Elem())
}

// structs compares two addressable structs of the type of p.
func (q *quick) structs(p *plan, got, want reflect.Value) bool {
	return q.same(p, unsafe.Pointer(got.UnsafeAddr()), unsafe.Pointer(want.UnsafeAddr()))
}

// pointers compares two pointers of the type of p.
func (q *quick) pointers(p *plan, got, want unsafe.Pointer) bool {
	if got == want {
		return true
	}
	if got == nil || want == nil {
		return false
	}
	if !q.mayVisit() {
		return q.ask(reflect.NewAt(p.elem.typ, got), reflect.NewAt(p.elem.typ, want))
	}
	return q.same(p.elem, got, want)
}

// run compares n values that lie one after another.
func (q *quick) run(p *plan, got, want unsafe.Pointer, n int) bool {
	size := p.typ.Size()
	for i := range uintptr(n) {
		if !q.same(p, unsafe.Add(got, i*size), unsafe.Add(want, i*size)) {
			return false
		}
	}
	return true
}

// fieldAt returns a field of an addressable struct, also an unexported one, in a way that methods may be called on it:
// times in unexported fields are compared by instant too.
func fieldAt(v reflect.Value, i int) reflect.Value {
	f := v.Field(i)
	if f.CanInterface() {
		return f
	}
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem()
}
