package match_test

import (
	"math"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/match"
)

// A key that is NaN or nil is named like any other: what is left over is found without it.
func TestKeysThatAreNoValue(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for name, c := range map[string]struct {
		got, want any
		same      bool
	}{
		"named beside the rest": {map[any]any{nan: 1, "x": 5}, match.Map{nan: 1, match.Rest: 5}, true},
		"behind the rest":       {map[any]any{nan: 1, -1.5: 5}, match.Map{nan: 1, match.Rest: 5}, true},
		"among numbers":         {map[float64]int{nan: 1, 2: 5}, match.Map{nan: 1, match.Rest: 5}, true},
		"nil":                   {map[any]any{nil: 1, "x": 5}, match.Map{nil: 1, match.Rest: 5}, true},
		"an item of another":    {map[any]any{nil: 1, nan: 2}, match.Map{nan: 1, match.Rest: 1}, false},
		"the rest":              {map[any]any{nan: 1, "x": 5}, match.Map{"x": 5, match.Rest: 1}, true},
		"another rest":          {map[any]any{nan: 1, "x": 5}, match.Map{"x": 5, match.Rest: 2}, false},
		"more than one":         {map[float64]int{nan: 1, math.Float64frombits(math.Float64bits(nan) + 1): 1}, match.Map{nan: 1}, false},
	} {
		if diff := match.Diff(c.got, c.want); (diff == "") != c.same {
			t.Errorf("%s: %q", name, diff)
		} else if c.same {
			match.Assert(t, c.got, c.want) // the verdict alone
		}
	}
}
