package match

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// reference says what matches in the plainest way, trying every place for a run and every order of a set.
func reference(got, want any) bool {
	switch want := want.(type) {
	case ellipsis:
		return true
	case List:
		got, ok := got.([]any)
		return ok && referenceList(got, want)
	case Set:
		got, ok := got.([]any)
		open := slices.Contains(want, any(Rest))
		patterns := slices.DeleteFunc(slices.Clone(want), func(w any) bool { return w == any(Rest) })
		return ok && referenceSet(got, patterns, open)
	case Has:
		got, ok := got.(map[string]any)
		return ok && referenceMap(got, Map(want), true)
	case Map:
		got, ok := got.(map[string]any)
		return ok && referenceMap(got, want, false)
	}
	switch got.(type) {
	case []any, map[string]any:
		return false
	}
	return got == want
}

func referenceList(got []any, want List) bool {
	if len(want) == 0 {
		return len(got) == 0
	}
	if want[0] != any(Rest) {
		return len(got) > 0 && reference(got[0], want[0]) && referenceList(got[1:], want[1:])
	}
	for i := range len(got) + 1 {
		if referenceList(got[i:], want[1:]) {
			return true
		}
	}
	return false
}

func referenceSet(got []any, want Set, open bool) bool {
	if len(want) == 0 {
		return open || len(got) == 0
	}
	for i := range got {
		if reference(got[i], want[0]) && referenceSet(slices.Delete(slices.Clone(got), i, i+1), want[1:], open) {
			return true
		}
	}
	return false
}

func referenceMap(got map[string]any, want Map, open bool) bool {
	left := len(got)
	for k, w := range want {
		if k == any(Rest) {
			open = open || w == any(Rest)
			continue
		}
		g, ok := got[k.(string)]
		if !ok || !reference(g, w) {
			return false
		}
		left--
	}
	other, one := want[Rest]
	if open || !one {
		return open || left == 0
	}
	for k, g := range got {
		if _, named := want[k]; !named && left == 1 {
			return reference(g, other)
		}
	}
	return false
}

// A maker makes small values and patterns out of a few bytes, from few parts so that they often match.
type maker struct {
	bytes []byte
	sets  bool
}

func (m *maker) pick(n int) int {
	if len(m.bytes) == 0 {
		return 0
	}
	b := m.bytes[0]
	m.bytes = m.bytes[1:]
	return int(b) % n
}

func (m *maker) got(depth int) any {
	switch n := m.pick(8); {
	case n < 3 && depth > 0:
		items := []any{}
		for range m.pick(5) {
			items = append(items, m.got(depth-1))
		}
		return items
	case n < 5 && depth > 0:
		members := map[string]any{}
		for _, k := range "abc"[:m.pick(4)] {
			members[string(k)] = m.got(depth - 1)
		}
		return members
	}
	return []any{1, 2, "1", true, nil}[m.pick(5)]
}

// want makes a pattern after got, most often one that is like it.
func (m *maker) want(got any, depth int) any {
	if m.pick(6) == 0 {
		got = m.got(1)
	}
	if depth < 2 && m.pick(5) == 0 {
		return Rest
	}
	switch got := got.(type) {
	case []any:
		return m.wantItems(got, depth)
	case map[string]any:
		members := map[any]any{}
		left := 0
		for _, k := range "abc" {
			if g, ok := got[string(k)]; ok && m.pick(4) > 0 {
				members[string(k)] = m.want(g, depth-1)
			} else if ok {
				left++
			}
		}
		switch n := m.pick(4); {
		case left == 0 && n > 0:
		case n == 0:
			return Has(members)
		case n == 1:
			members[Rest] = Rest
		case n == 2:
			members[Rest] = m.want(got["c"], depth-1)
		}
		return Map(members)
	}
	return got
}

func (m *maker) wantItems(got []any, depth int) any {
	items := []any{}
	for _, g := range got {
		if m.pick(3) == 0 {
			items = append(items, Rest)
		}
		if m.pick(4) > 0 {
			items = append(items, m.want(g, depth-1))
		}
	}
	if m.sets && m.pick(2) == 0 {
		if len(items) > 1 && m.pick(2) == 0 {
			slices.Reverse(items)
		}
		return Set(items)
	}
	return List(items)
}

// patternText writes a Go pattern as a JSON pattern.
func patternText(want any) string {
	var parts []string
	switch want := want.(type) {
	case ellipsis:
		return "..."
	case List:
		for _, item := range want {
			parts = append(parts, patternText(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Has:
		for k, v := range want {
			parts = append(parts, fmt.Sprintf("%q: %s", k, patternText(v)))
		}
		return "{" + strings.Join(append(parts, "..."), ",") + "}"
	case Map:
		for k, v := range want {
			if k == any(Rest) {
				parts = append(parts, "...: "+patternText(v))
			} else {
				parts = append(parts, fmt.Sprintf("%q: %s", k, patternText(v)))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	text, _ := json.Marshal(want)
	return string(text)
}

// checkAgainstReference tells whether the pair matched.
func checkAgainstReference(t *testing.T, choices []byte, sets bool) bool {
	t.Helper()
	m := maker{choices, sets}
	got := m.got(3)
	want := m.want(got, 3)
	if want == any(Rest) {
		return false
	}
	matches := reference(got, want)
	if report := Diff(got, want); (report == "") != matches {
		t.Errorf("%#v against %#v: matches: %v\n%s", got, want, matches, report)
	}
	agree(t, got, want)
	if !sets {
		text, _ := json.Marshal(got)
		if report := diff(string(text), patternText(want)); (report == "") != matches {
			t.Errorf("%s against %s: matches: %v\n%s", text, patternText(want), matches, report)
		}
	}
	return matches
}

// agree checks that the quick verdict is that of the thorough comparison.
func agree(t *testing.T, got, want any) {
	t.Helper()
	d := gathering()
	matchGo(d, got, want)
	if quick := matches(got, want); quick != (len(d.found) == 0) {
		t.Errorf("%#v against %#v: the quick verdict is %v, the thorough one\n%s", got, want, quick, d.report(palette{}))
	}
}

func TestAgainstReference(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	matched := 0
	const rounds = 4_000
	for i := range rounds {
		choices := make([]byte, 80)
		for k := range choices {
			choices[k] = byte(random.Uint32())
		}
		if checkAgainstReference(t, choices, i%2 == 0) {
			matched++
		}
	}
	if matched < rounds/5 || matched > rounds*4/5 {
		t.Errorf("%d of %d pairs matched: too one-sided to say much", matched, rounds)
	}
}

func FuzzAgainstReference(f *testing.F) {
	f.Add([]byte("a list of choices, long enough for a few levels"), true)
	f.Add([]byte{0, 4, 5, 1, 5, 0, 5, 1, 5, 3, 0, 1, 1, 1, 1}, false)
	f.Fuzz(func(t *testing.T, choices []byte, sets bool) {
		checkAgainstReference(t, choices[:min(len(choices), 200)], sets)
	})
}
