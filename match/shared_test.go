package match

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// What is remembered of pairs that are met again, in lists and in sets, changes no verdict: values and patterns are made of
// few parts, each of which stands in several places.
func TestSharedPartsAgainstReference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	matched := 0
	const rounds = 20_000
	for range rounds {
		got, want := sharedParts(random)
		expected := reference(got, want)
		if expected {
			matched++
		}
		for _, gather := range []bool{false, true} {
			d := &differences{}
			if gather {
				d = gathering()
			}
			m := goMatch{differences: d}
			m.quick = quick{thorough: &m, visits: freeVisits} // everything is remembered from the start
			if verdict := m.match(reflect.ValueOf(got), reflect.ValueOf(want)); verdict != expected || gather && verdict != (len(d.found) == 0) {
				t.Fatalf("%#v against %#v: %v with %d differences, want %v", got, want, verdict, len(d.found), expected)
			}
		}
	}
	if matched < rounds/10 || matched > rounds*9/10 {
		t.Errorf("%d of %d pairs matched: too one-sided to say much", matched, rounds)
	}
}

func sharedParts(random *rand.Rand) (got, want any) {
	gots, wants := []any{1, 2}, []any{1, 2}
	for range 6 {
		n := 1 + random.IntN(2)
		items, patterns := make([]any, n), make([]any, n)
		for i := range n {
			from := random.IntN(len(gots))
			items[i], patterns[i] = gots[from], wants[from]
			if random.IntN(20) == 0 {
				patterns[i] = wants[random.IntN(len(wants))]
			}
		}
		gots = append(gots, items)
		if random.IntN(3) > 0 {
			patterns[0], patterns[n-1] = patterns[n-1], patterns[0]
			wants = append(wants, Set(patterns))
		} else {
			wants = append(wants, List(patterns))
		}
	}
	return gots[len(gots)-1], wants[len(wants)-1]
}

// Sets that stand in sets, each twice, are asked about once for each pair, in verdicts and in reports.
func TestSharedSetsAreComparedOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	never := That("never", func(int) bool { asked++; return false })
	got, want := any([]any{1}), any(Set{never})
	for range 40 {
		got, want = []any{got, got}, Set{want, want}
	}
	if Diff(got, want) == "" {
		t.Error("the difference is not seen")
	}
	if most := 8 * freeVisits; asked > most {
		t.Errorf("the innermost pair was compared %d times, want at most %d", asked, most)
	}
}

// What was found equal only because a pair under comparison was taken for equal is asked anew when that pair is not.
func TestNothingIsBuiltOnWhatTurnsOutDifferent(t *testing.T) {
	t.Parallel()
	ring := func(end int) (whole, part []any) {
		whole = []any{nil, end}
		part = []any{whole}
		whole[0] = part
		return whole, part
	}
	gotWhole, gotPart := ring(1)
	wantWhole, wantPart := ring(2)
	m := goMatch{differences: &differences{}}
	m.quick = quick{thorough: &m, visits: freeVisits}
	if m.holds(reflect.ValueOf(gotWhole), reflect.ValueOf(wantWhole)) {
		t.Error("the rings differ")
	}
	if m.holds(reflect.ValueOf(gotPart), reflect.ValueOf(wantPart)) {
		t.Error("the parts lead to what differs")
	}
}
