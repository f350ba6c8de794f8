package match

import (
	"reflect"
	"testing"
)

// A reply holds the thread that it is in, and a thread its first reply: each is a part of the other.
type (
	reply struct {
		In   *thread
		Text string
	}
	thread struct{ First reply }

	leaf struct {
		Trees []forest
		N     int
	}
	forest struct {
		Name string
		Pair [2]struct{ L leaf }
	}
)

// The plan of a type is whole wherever in a ring of types the first comparison starts.
func TestPlansOfRecursiveTypes(t *testing.T) {
	t.Parallel()
	in := func(text string) reply { return reply{In: &thread{First: reply{Text: text}}} }
	trees := func(n int) leaf {
		f := forest{}
		f.Pair[1].L.N = n
		return leaf{Trees: []forest{f}}
	}
	for name, tt := range map[string]struct{ got, same, other any }{
		"from the part":  {in("a"), in("a"), in("b")},
		"from the whole": {thread{in("a")}, thread{in("a")}, thread{in("b")}},
		"by a slice":     {trees(1), trees(1), trees(2)},
		"of a slice":     {trees(1).Trees, trees(1).Trees, trees(2).Trees},
	} {
		for range 2 { // the second time with what is known from the first
			if report := Diff(tt.got, tt.same); report != "" {
				t.Errorf("%s: %s", name, report)
			}
			if Diff(tt.got, tt.other) == "" {
				t.Errorf("%s: a difference is not seen", name)
			}
		}
	}
	for _, first := range []reflect.Type{reflect.TypeFor[reply](), reflect.TypeFor[thread](), reflect.TypeFor[leaf](), reflect.TypeFor[forest]()} {
		made := make(map[reflect.Type]*plan)
		makePlan(first, made)
		for typ, p := range made {
			if p.op == structOp && len(p.fields) == 0 || !p.whole {
				t.Errorf("from %v: the plan of %v is not whole", first, typ)
			}
		}
	}
}
