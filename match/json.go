package match

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// A jsonMatch compares a document with a pattern.
type jsonMatch struct {
	*differences
	got, want document
	binds     []any   // pointers
	bound     []int32 // for each of them, the node of got that it takes
}

// matchJSON compares two JSON texts, noting differences under the path of d.
func matchJSON(d *differences, got, pattern string, binds []any) bool {
	want, err := parse(pattern, true)
	if err != nil {
		return d.note(func() string { return "mistake in the pattern: " + err.Error() })
	}
	if want.nodes[0].kind == rest {
		return d.note(func() string { return `the pattern is "..." alone and would match everything: write {...} or [...]` })
	}
	m := jsonMatch{differences: d, want: want, binds: binds, bound: make([]int32, len(binds))}
	if err := m.checkBinds(); err != nil {
		return d.note(err.Error)
	}
	if m.got, err = parse(got, false); err != nil {
		return d.note(func() string { return unreadable(got, err) })
	}
	if !m.match(0, 0) {
		return false
	}
	for i, target := range binds {
		if err := m.decode(m.bound[i], target); err != nil {
			return d.note(err.Error)
		}
	}
	return true
}

// unreadable is the text of got that is not JSON, with a part of it around the mistake.
func unreadable(got string, err error) string {
	from := 0
	if e, ok := errors.AsType[*syntaxError](err); ok {
		from = max(0, e.pos-shownText/2)
	}
	return fmt.Sprintf("got cannot be read as JSON: %v: %s", err, cut(quoteFrom(got, from)))
}

func (m *jsonMatch) checkBinds() error {
	used := make([]bool, len(m.binds))
	for _, n := range m.want.nodes {
		if n.kind != bind {
			continue
		}
		i, err := strconv.Atoi(n.text[1:])
		if err != nil || i > len(used) {
			return fmt.Errorf("the pattern has %s, and the call has %d of match.Bind", n.text, len(used))
		}
		if used[i-1] {
			return fmt.Errorf("the pattern has %s twice: use a Bind for each", n.text)
		}
		used[i-1] = true
	}
	for i, target := range m.binds {
		if v := reflect.ValueOf(target); v.Kind() != reflect.Pointer || v.IsNil() {
			return fmt.Errorf("match.Bind takes a pointer that is not nil; number %d is %T", i+1, target)
		}
		if !used[i] {
			return fmt.Errorf("the pattern has no $%d for match.Bind number %d", i+1, i+1)
		}
	}
	return nil
}

// decode is json.Unmarshal, but null goes only into what can be nil: elsewhere it would leave the target as it was.
func (m *jsonMatch) decode(g int32, target any) error {
	text := m.got.source(g)
	if m.got.nodes[g].kind == null {
		switch v := reflect.ValueOf(target).Elem(); v.Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		default:
			return fmt.Errorf("got null, want a value for %s", v.Type())
		}
	}
	if err := json.Unmarshal([]byte(text), target); err != nil {
		if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return fmt.Errorf("got %s, want a value for %s", cut(text), e.Type)
		}
		return fmt.Errorf("got %s, which does not decode: %w", cut(text), err)
	}
	return nil
}

// match compares the values at two nodes.
func (m *jsonMatch) match(w, g int32) bool {
	want, got := &m.want.nodes[w], &m.got.nodes[g]
	switch want.kind {
	case rest:
		return true // and nothing to show
	case bind:
		return m.bind(want, g)
	}
	if want.kind != got.kind {
		return m.differ(w, g)
	}
	switch want.kind {
	case object:
		return m.object(w, g)
	case array:
		return m.array(w, g)
	case number:
		if !sameNumber(got.text, want.text) {
			return m.differ(w, g)
		}
	case null:
	default:
		if got.text != want.text {
			return m.differ(w, g)
		}
	}
	return m.keep(func() string { return m.got.show(g) })
}

func (m *jsonMatch) bind(want *node, g int32) bool {
	i, _ := strconv.Atoi(want.text[1:])
	trial := reflect.New(reflect.TypeOf(m.binds[i-1]).Elem()).Interface()
	if err := m.decode(g, trial); err != nil {
		return m.note(err.Error)
	}
	m.bound[i-1] = g
	if k := m.got.nodes[g].kind; k == object || k == array {
		return true
	}
	return m.keep(func() string { return m.got.show(g) })
}

func (m *jsonMatch) differ(w, g int32) bool {
	return m.add(func() difference {
		if got, want := &m.got.nodes[g], &m.want.nodes[w]; got.kind == text && want.kind == text {
			return gotWantStrings(got.text, want.text)
		}
		return gotWant(m.got.show(g), m.want.show(w))
	})
}

// object compares members by key; the usual case of one order on both sides finds each at once.
func (m *jsonMatch) object(w, g int32) bool {
	want, got := m.want.nodes, m.got.nodes
	end := got[g].end
	others := int32(-1) // the "..." member
	m.within(form{open: "{", end: "}", keys: quotedKeys})
	ok, met, next := true, 0, g+1
	var index map[string]int32
	for i := w + 1; i < want[w].end; i = want[i].end {
		if want[i].key == restKey {
			others = i
			continue
		}
		at := next
		if at >= end || got[at].key != want[i].key {
			at = m.member(g, want[i].key, &index)
		}
		m.enter(keyStep(want[i].key))
		if at < 0 {
			ok = m.add(func() difference { return missing("missing", m.want.show(i)) })
		} else {
			met++
			next = got[at].end
			ok = m.match(i, at) && ok
		}
		m.leave()
		if !ok && !m.gather {
			return false
		}
	}
	if others >= 0 && want[others].kind == rest {
		m.elide()
		return ok
	}
	return m.others(w, g, others, met) && ok
}

// others compares the members of got that the pattern does not name: with that of "...: value", or there must be none.
func (m *jsonMatch) others(w, g, others int32, met int) bool {
	want, got := m.want.nodes, m.got.nodes
	size := 0
	for i := g + 1; i < got[g].end; i = got[i].end {
		size++
	}
	if others < 0 && size == met {
		return true
	}
	if !m.gather && others < 0 {
		return false
	}
	named := make(map[string]bool)
	for i := w + 1; i < want[w].end; i = want[i].end {
		named[want[i].key] = true
	}
	var left []int32
	for i := g + 1; i < got[g].end; i = got[i].end {
		if !named[got[i].key] {
			left = append(left, i)
		}
	}
	if others >= 0 && len(left) != 1 {
		return m.add(func() difference { return moreKeys(len(left), m.want.show(others)) })
	}
	ok := true
	for _, i := range left {
		m.enter(keyStep(got[i].key))
		if others >= 0 {
			ok = m.match(others, i)
		} else {
			ok = m.add(func() difference { return unexpected(m.got.show(i)) })
		}
		m.leave()
	}
	return ok
}

func moreKeys(left int, value string) difference {
	return difference{text: fmt.Sprintf("got %d other keys, want exactly one more, with %s", left, cut(value)), want: "...: " + value}
}

// member finds the value of a key in the object at g, -1 when it has none. When it would look at many, it makes an index.
func (m *jsonMatch) member(g int32, key string, index *map[string]int32) int32 {
	if *index != nil {
		if at, ok := (*index)[key]; ok {
			return at
		}
		return -1
	}
	n := 0
	for i := g + 1; i < m.got.nodes[g].end; i = m.got.nodes[i].end {
		if m.got.nodes[i].key == key {
			return i
		}
		if n++; n > 32 {
			*index = make(map[string]int32)
			for i := g + 1; i < m.got.nodes[g].end; i = m.got.nodes[i].end {
				(*index)[m.got.nodes[i].key] = i
			}
			return m.member(g, key, index)
		}
	}
	return -1
}

func (m *jsonMatch) array(w, g int32) bool {
	want := m.want.nodes
	if !m.gather {
		open := w + 1 // where the first ellipsis is
		for open < want[w].end && want[open].kind != rest {
			open = want[open].end
		}
		if open == want[w].end || want[open].end == want[w].end {
			return m.straight(w, g, open)
		}
	}
	l := jsonList{m, m.want.children(w), m.got.children(g)}
	m.within(form{open: "[", end: "]", size: max(len(l.g), len(l.w))})
	return matchList(&l, split(len(l.w), func(i int) bool { return want[l.w[i]].kind == rest }), len(l.g))
}

// straight matches, one by one, the items of an array that has no ellipsis, or only one at its end, at the node open.
func (m *jsonMatch) straight(w, g, open int32) bool {
	want, got := m.want.nodes, m.got.nodes
	i, k := w+1, g+1
	for ; i < open; i, k = want[i].end, got[k].end {
		if k == got[g].end || !m.match(i, k) {
			return false
		}
	}
	return open < want[w].end || k == got[g].end
}

// A jsonList is the lister of two arrays, given as their items' nodes.
type jsonList struct {
	*jsonMatch
	w, g []int32
}

func (l *jsonList) all() bool { return l.gather }

func (l *jsonList) item(w, g int) bool {
	l.enter(itemStep(g))
	defer l.leave()
	return l.match(l.w[w], l.g[g])
}

func (l *jsonList) holds(w, g int) bool {
	gather := l.gather
	l.gather = false
	defer func() { l.gather = gather }()
	return l.match(l.w[w], l.g[g])
}

func (l *jsonList) missing(w, g int) {
	l.enter(itemStep(g))
	defer l.leave()
	l.add(func() difference { return missing("missing", l.want.show(l.w[w])) })
}

func (l *jsonList) extra(g int) {
	l.enter(itemStep(g))
	defer l.leave()
	l.add(func() difference { return unexpected(l.got.show(l.g[g])) })
}

func (l *jsonList) tooShort(least int) {
	l.note(func() string { return fmt.Sprintf("got %d items, want at least %d", len(l.g), least) })
}

func (l *jsonList) nowhere(s span, g, end int) {
	l.add(func() difference { return noRun(l, l.brief, s, g, end, l.run(l.w[s.from:s.to])) })
}

func (l *jsonList) compare(w, g int) *differences {
	m := *l.jsonMatch
	m.differences = gathering()
	m.brief = true
	m.match(l.w[w], l.g[g])
	return m.differences
}

func (l *jsonList) run(nodes []int32) string {
	texts := make([]string, len(nodes))
	for i, n := range nodes {
		texts[i] = l.want.show(n)
	}
	return strings.Join(texts, ", ")
}
