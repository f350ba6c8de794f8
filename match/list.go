package match

import (
	"fmt"
	"slices"
)

// A span is a part of a list pattern without an ellipsis in it: the items from..to-1.
type span struct{ from, to int }

func (s span) len() int { return s.to - s.from }

// split cuts a list pattern at its ellipses. One span means that there is none; else the first span starts the list and
// the last ends it, and both may be empty.
func split(n int, isRest func(int) bool) []span {
	spans := make([]span, 0, 3)
	from := 0
	for i := range n {
		if isRest(i) {
			spans = append(spans, span{from, i})
			from = i + 1
		}
	}
	return append(spans, span{from, n})
}

// A lister compares the items of a list with those of its pattern.
type lister interface {
	all() bool                     // every difference is wanted, not the verdict alone
	item(w, g int) bool            // item g has to match pattern w
	holds(w, g int) bool           // the same as a question: no differences are noted
	missing(w, g int)              // there is no item g for pattern w
	extra(g int)                   // there is no pattern for item g
	tooShort(least int)            // there are fewer items than patterns
	nowhere(s span, g, end int)    // no items g..end-1 match the span
	compare(w, g int) *differences // how item g differs from pattern w
}

// matchList matches got items with the spans. A span between two ellipses takes the first place where it matches: that
// leaves the most for those after it, so no other place has to be tried. Each pair of pattern and item is compared at most once.
func matchList(l lister, spans []span, got int) bool {
	first, last := spans[0], spans[len(spans)-1]
	if len(spans) == 1 {
		return matchClosed(l, first.to, got)
	}
	least := 0
	for _, s := range spans {
		least += s.len()
	}
	if got < least {
		if l.all() {
			l.tooShort(least)
		}
		return false
	}
	ok := true
	for w := range first.to {
		if ok = l.item(w, w) && ok; !ok && !l.all() {
			return false
		}
	}
	end := got - last.len()
	for k := range last.len() {
		if ok = l.item(last.from+k, end+k) && ok; !ok && !l.all() {
			return false
		}
	}
	at := first.to
	for _, s := range spans[1 : len(spans)-1] {
		place := find(l, s, at, end)
		if place >= 0 {
			at = place + s.len()
			continue
		}
		ok = false
		if !l.all() {
			return false
		}
		l.nowhere(s, at, end)
	}
	return ok
}

func matchClosed(l lister, want, got int) bool {
	if want != got {
		if l.all() {
			explainLengths(l, want, got)
		}
		return false
	}
	ok := true
	for i := range want {
		if ok = l.item(i, i) && ok; !ok && !l.all() {
			return false
		}
	}
	return ok
}

// explainLengths takes what matches at both ends out of the way, so that one item too many or too few is one difference.
func explainLengths(l lister, want, got int) {
	least := min(want, got)
	head, tail := 0, 0
	for head < least && l.holds(head, head) {
		l.item(head, head)
		head++
	}
	for head+tail < least && l.holds(want-1-tail, got-1-tail) {
		tail++
	}
	for i := head; i < max(want, got)-tail; i++ {
		switch {
		case i >= got-tail:
			l.missing(i, i)
		case i >= want-tail:
			l.extra(i)
		default:
			l.item(i, i)
		}
	}
	for i := range tail {
		l.item(want-tail+i, got-tail+i)
	}
}

// closest tells, in the words of a report, which of the items from..to-1 is most like a pattern. It is empty when none has
// as much in common with it as it has differences.
func closest(from, to int, compare func(g int) *differences) string {
	var best *differences
	at := 0
	for g := from; g < min(to, from+comparedItems); g++ {
		d := compare(g)
		if d == nil {
			continue
		}
		whole := slices.ContainsFunc(d.found, func(one *difference) bool { return len(one.path) == 0 })
		if n := len(d.found); n > 0 && n <= d.alike && !whole && (best == nil || n < len(best.found)) {
			best, at = d, g
		}
	}
	if best == nil {
		return ""
	}
	best.sort()
	text := "; closest: " + itemStep(at).String() + pathText(best.found[0].path) + ": " + best.found[0].text
	if n := len(best.found) - 1; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// comparedItems bounds the search for the closest item.
const comparedItems = 1000

// find returns the first place from at where the span matches and ends before end, -1 when there is none.
func find(l lister, s span, at, end int) int {
next:
	for ; at+s.len() <= end; at++ {
		for k := range s.len() {
			if !l.holds(s.from+k, at+k) {
				continue next
			}
		}
		return at
	}
	return -1
}

func noRun(l lister, brief bool, s span, from, end int, run string) difference {
	d := difference{from: from, want: "..., " + cutAt(run, shownInDiff) + ", ..."}
	if from == end {
		d.text = fmt.Sprintf("no items after the first %d, want [..., %s, ...] there", from, cut(run))
		return d
	}
	d.text = fmt.Sprintf("items %d to %d do not have [..., %s, ...]", from, end-1, cut(run))
	if s.len() == 1 && !brief {
		d.text += closest(from, end, func(g int) *differences { return l.compare(s.from, g) })
	}
	return d
}
