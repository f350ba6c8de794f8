package match

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A goList is the lister of two slices or arrays.
type goList struct {
	*goMatch
	got, want reflect.Value
}

func (l *goList) isRest(w int) bool { return isRest(l.want.Index(w)) }

func (l *goList) all() bool { return l.gather }

func (l *goList) item(w, g int) bool {
	l.enter(itemStep(g))
	defer l.leave()
	return l.match(l.got.Index(g), l.want.Index(w))
}

func (l *goList) holds(w, g int) bool { return l.goMatch.holds(l.got.Index(g), l.want.Index(w)) }

func (l *goList) missing(w, g int) {
	l.enter(itemStep(g))
	defer l.leave()
	l.add(func() difference { return missing("missing", show(l.want.Index(w))) })
}

func (l *goList) extra(g int) {
	l.enter(itemStep(g))
	defer l.leave()
	l.add(func() difference { return unexpected(show(l.got.Index(g))) })
}

func (l *goList) tooShort(least int) {
	l.note(func() string { return fmt.Sprintf("got %d items, want at least %d", l.got.Len(), least) })
}

func (l *goList) nowhere(s span, g, end int) {
	l.add(func() difference {
		var texts []string
		for w := s.from; w < s.to; w++ {
			texts = append(texts, show(l.want.Index(w)))
		}
		return noRun(l, l.brief, s, g, end, strings.Join(texts, ", "))
	})
}

func (l *goList) compare(w, g int) *differences { return compare(l.got.Index(g), l.want.Index(w)) }

// compare says how an item differs that was not asked for alone.
func compare(got, want reflect.Value) *differences {
	m := goMatch{differences: gathering()}
	m.brief = true
	m.quick.thorough = &m
	m.match(got, want)
	return m.differences
}

// set compares items in any order.
func (m *goMatch) set(got, want reflect.Value) bool {
	items, ok := setItems(got)
	if !ok || isNil(got) && want.Len() == 0 && !isNil(want) {
		return m.differ(got, want)
	}
	var patterns []reflect.Value
	open := false
	for i := range want.Len() {
		if w := want.Index(i); isRest(w) {
			open = true
		} else {
			patterns = append(patterns, w)
		}
	}
	if !m.gather && (len(items) < len(patterns) || len(items) > len(patterns) && !open) {
		return false
	}
	item := assign(len(patterns), len(items), func(w, g int) bool { return m.holds(items[g], patterns[w]) })
	m.within(form{open: "Set[", end: "]", size: len(items)})
	if slices.ContainsFunc(item, func(g int) bool { return g >= 0 }) || open {
		m.elide()
	}
	ok = true
	taken := make([]bool, len(items))
	for _, g := range item {
		if g >= 0 {
			taken[g] = true
		}
	}
	for w, g := range item {
		if g >= 0 {
			continue
		}
		ok = m.add(func() difference {
			text := show(patterns[w])
			d := difference{text: "no item for " + cut(text), want: text}
			if !m.brief && got.Kind() != reflect.Map && len(m.found) < shownDifferences {
				d.text += closest(0, len(items), func(g int) *differences {
					if taken[g] {
						return nil
					}
					return compare(items[g], patterns[w])
				})
			}
			return d
		})
	}
	for g := range items {
		if taken[g] || open {
			continue
		}
		if got.Kind() != reflect.Map {
			m.enter(itemStep(g))
		}
		ok = m.add(func() difference { return unexpected(show(items[g])) })
		if got.Kind() != reflect.Map {
			m.leave()
		}
	}
	return ok
}

// setItems returns the items of a slice, an array, or a map that is used as a set.
func setItems(v reflect.Value) (items []reflect.Value, ok bool) {
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			items = append(items, v.Index(i))
		}
		return items, true
	case reflect.Map:
		elem := v.Type().Elem()
		boolean := elem.Kind() == reflect.Bool
		if !boolean && (elem.Kind() != reflect.Struct || elem.NumField() > 0) {
			return nil, false
		}
		for k, member := range sortedEntries(v) {
			if !boolean || member.Bool() {
				items = append(items, k)
			}
		}
		return items, true
	}
	return nil, false
}
