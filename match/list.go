package match

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
	all() bool             // every difference is wanted, not the verdict alone
	item(w, g int) bool    // item g has to match pattern w
	holds(w, g int) bool   // the same as a question: no differences are noted
	missing(w, g int)      // there is no item g for pattern w
	extra(g int)           // there is no pattern for item g
	tooShort(least int)    // there are fewer items than patterns
	nowhere(s span, g int) // no items from g on match the span
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
		l.nowhere(s, at)
	}
	return ok
}

func matchClosed(l lister, want, got int) bool {
	if want != got && !l.all() {
		return false
	}
	ok := want == got
	for i := range max(want, got) {
		switch {
		case i >= got:
			l.missing(i, i)
		case i >= want:
			l.extra(i)
		default:
			ok = l.item(i, i) && ok
		}
		if !ok && !l.all() {
			return false
		}
	}
	return ok
}

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
