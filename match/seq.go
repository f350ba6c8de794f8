package match

import (
	"fmt"
	"reflect"
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
	l.add(func() string { return "missing, want " + cut(show(l.want.Index(w))) })
}

func (l *goList) extra(g int) {
	l.enter(itemStep(g))
	defer l.leave()
	l.add(func() string { return "unexpected, got " + cut(show(l.got.Index(g))) })
}

func (l *goList) tooShort(least int) {
	l.add(func() string { return fmt.Sprintf("got %d items, want at least %d", l.got.Len(), least) })
}

func (l *goList) nowhere(s span, g int) {
	l.add(func() string {
		var texts []string
		for w := s.from; w < s.to; w++ {
			texts = append(texts, show(l.want.Index(w)))
		}
		return noRun(g, l.got.Len(), strings.Join(texts, ", "))
	})
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
	ok = true
	taken := make([]bool, len(items))
	for w, g := range item {
		if g >= 0 {
			taken[g] = true
			continue
		}
		ok = m.add(func() string { return "no item for " + cut(show(patterns[w])) })
	}
	for g := range items {
		if taken[g] || open {
			continue
		}
		if got.Kind() != reflect.Map {
			m.enter(itemStep(g))
		}
		ok = m.add(func() string { return "unexpected, got " + cut(show(items[g])) })
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
