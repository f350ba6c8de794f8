package match

import (
	"encoding/json"
	"reflect"
	"time"
)

// A quick gives the verdict alone, without reflection, on what encoding/json decodes into and on patterns over it. It keeps
// to the rules of goMatch, to which it hands whatever it does not know.
type quick struct {
	visits   int      // references met
	thorough *goMatch // made when it is wanted: without it, nothing is allocated
}

// freeVisits references are compared without a note that they were. Cycles, and values that lead to one place on many
// ways, go beyond it, and from there on what was met is not compared again.
const freeVisits = 1 << 14

func (q *quick) mayVisit() bool {
	q.visits++
	return q.visits < freeVisits
}

func (q *quick) match(got, want any) bool {
	switch want := want.(type) {
	case string:
		if got, ok := got.(string); ok {
			return got == want
		}
	case float64:
		if got, ok := got.(float64); ok {
			return sameFloat(got, want)
		}
	case int:
		switch got := got.(type) {
		case int:
			return got == want
		case float64:
			return intIsFloat(int64(want), got)
		}
	case bool:
		if got, ok := got.(bool); ok {
			return got == want
		}
	case time.Time:
		if got, ok := got.(time.Time); ok {
			return got.Equal(want)
		}
	case json.Number:
		if got == any(want) {
			return true
		}
	case nil:
		if got == nil {
			return true
		}
	case ellipsis:
		return true
	case map[string]any:
		if got, ok := got.(map[string]any); ok && q.mayVisit() {
			return q.object(got, want)
		}
	case Has:
		if got, ok := got.(map[string]any); ok && q.mayVisit() {
			if verdict, known := q.has(got, want); known {
				return verdict
			}
		}
	case Map:
		if got, ok := got.(map[string]any); ok && q.mayVisit() {
			if verdict, known := q.closed(got, want); known {
				return verdict
			}
		}
	case []any:
		if got, ok := got.([]any); ok && q.mayVisit() {
			if verdict, known := q.array(got, want); known {
				return verdict
			}
		}
	case List:
		if got, ok := got.([]any); ok && q.mayVisit() {
			if verdict, known := q.array(got, want); known {
				return verdict
			}
		}
	}
	return q.other(reflect.ValueOf(got), reflect.ValueOf(want))
}

// other compares references of one type by its plan.
func (q *quick) other(got, want reflect.Value) bool {
	if got.IsValid() && want.IsValid() && got.Type() == want.Type() {
		switch p := planOf(got.Type()); {
		case p.op == pointerOp:
			return q.pointers(p, got.UnsafePointer(), want.UnsafePointer())
		case p.op == sliceOp && got.Len() > 0 && q.mayVisit():
			return got.Len() == want.Len() && q.run(p.elem, got.UnsafePointer(), want.UnsafePointer(), got.Len())
		}
	}
	return q.ask(got, want)
}

// ask hands a question on.
func (q *quick) ask(got, want reflect.Value) bool {
	if q.thorough == nil {
		q.thorough = &goMatch{differences: &differences{}}
		q.thorough.quick.thorough = q.thorough
	}
	return q.thorough.match(got, want)
}

func (q *quick) object(got, want map[string]any) bool {
	if len(got) != len(want) || (got == nil) != (want == nil) {
		return false
	}
	for key, w := range want {
		if g, ok := got[key]; !ok || !q.match(g, w) {
			return false
		}
	}
	return true
}

// has knows patterns whose keys are plain strings.
func (q *quick) has(got map[string]any, want Has) (verdict, known bool) {
	for k, w := range want {
		key, ok := k.(string)
		if !ok {
			return false, false
		}
		if g, ok := got[key]; !ok || !q.match(g, w) {
			return false, true
		}
	}
	return true, true
}

// closed is has for a Map: no key of got is left over.
func (q *quick) closed(got map[string]any, want Map) (verdict, known bool) {
	if len(want) == 0 {
		return len(got) == 0 && (got == nil) == (want == nil), true
	}
	verdict, known = q.has(got, Has(want))
	return verdict && len(got) == len(want), known
}

// array knows lists without an ellipsis before the last item.
func (q *quick) array(got, want []any) (verdict, known bool) {
	if len(want) == 0 {
		return len(got) == 0 && (got == nil) == (want == nil), true
	}
	for i, w := range want {
		if _, rest := w.(ellipsis); rest {
			return true, i == len(want)-1
		}
		if i == len(got) || !q.match(got[i], w) {
			return false, true
		}
	}
	return len(got) == len(want), true
}
