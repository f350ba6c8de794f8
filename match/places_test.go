package match

import "testing"

// places has room for patterns in fields of many types.
type places struct {
	L  []any
	P  *[]any
	LL [][]any
	A  [3]any
	M  map[string][]any
	N  anys
	I  inPlaces
	X  any
}

type (
	anys     []any
	inPlaces struct{ l []any }
)

// An ellipsis is one wherever there is room for it, not only in lists that stand in an interface.
func TestEllipsisInTypedPlaces(t *testing.T) {
	t.Parallel()
	items, tail, middle := []any{1, 5, 2}, []any{Rest, 2}, []any{Rest, 3, Rest}
	for name, tt := range map[string]struct{ got, matches, differs any }{
		"field":             {places{L: items}, places{L: tail}, places{L: middle}},
		"start":             {places{L: items}, places{L: []any{1, Rest}}, places{L: []any{2, Rest}}},
		"of one length":     {places{L: items}, places{L: []any{Rest, 2, Rest}}, places{L: middle}},
		"none":              {places{L: items}, places{L: []any{1, Rest, 5, 2}}, places{L: []any{1, Rest, 2, 5}}},
		"pointer":           {places{P: &items}, places{P: &tail}, places{P: &middle}},
		"slice of slices":   {[][]any{items, items}, [][]any{tail, tail}, [][]any{tail, middle}},
		"field of slices":   {places{LL: [][]any{items}}, places{LL: [][]any{tail}}, places{LL: [][]any{middle}}},
		"array":             {places{A: [3]any{1, 5, 2}}, places{A: [3]any{Rest, 2, Rest}}, places{A: [3]any{Rest, 3, Rest}}},
		"map":               {places{M: map[string][]any{"a": items}}, places{M: map[string][]any{"a": tail}}, places{M: map[string][]any{"a": middle}}},
		"named":             {places{N: items}, places{N: tail}, places{N: middle}},
		"named alone":       {anys(items), anys(tail), anys(middle)},
		"alone":             {items, tail, middle},
		"unexported, below": {places{I: inPlaces{items}}, places{I: inPlaces{tail}}, places{I: inPlaces{middle}}},
		"interface":         {places{X: items}, places{X: tail}, places{X: middle}},
		"nil":               {places{}, places{L: []any{Rest}, A: [3]any{Rest, Rest, nil}}, places{L: []any{}}},
		"no pattern":        {places{L: items}, places{L: []any{1, 5, 2}}, places{L: []any{1, 5}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if report := Diff(tt.got, tt.matches); report != "" {
				t.Error(report)
			}
			if Diff(tt.got, tt.differs) == "" {
				t.Error("a difference is not seen")
			}
			agree(t, tt.got, tt.matches)
			agree(t, tt.got, tt.differs)
		})
	}
}
