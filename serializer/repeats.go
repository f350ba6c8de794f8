package serializer

import "slices"

// Of a key that comes twice the last value counts: what the earlier one noted is void. It is dropped, and not only marked, so that a body that
// repeats one key a million times costs no more memory than what counts of it, and time in proportion to its length: what is void goes when it
// is as much as the rest.

// noted is how much a decoder has noted.
type noted struct{ problems, waiting, closing, places, objects, dropped int }

func (d *decoder) noted() noted {
	return noted{len(d.problems), len(d.waiting), len(d.closing), len(d.places), d.objects, d.dropped}
}

// mark is what the value of a key noted, in case that the key comes again.
type mark struct {
	key      int
	from, to noted
}

// repeats is what is known about the keys of the object or map at hand. What matters only when one comes again is worked out then.
type repeats struct {
	marks int   // in decoder.marks, where those of this object start
	dead  int   // decoder.dead at the start
	had   noted // before the key at hand
	notes int   // decoder.notes then

	byKey  map[int]int // where the mark of a key is
	from   noted       // the first that a mark has
	places int         // so many places are too many
}

func (d *decoder) repeats() repeats {
	return repeats{marks: len(d.marks), dead: d.dead, had: d.noted(), notes: d.notes}
}

// now starts the next key.
func (r *repeats) now(d *decoder) { r.had, r.notes = d.noted(), d.notes }

// mark remembers what the value of a key noted.
func (d *decoder) mark(r *repeats, key int) {
	m := mark{key, r.had, d.noted()}
	r.now(d)
	if i, again := r.byKey[key]; again {
		d.marks[i] = m
		return
	}
	if r.byKey != nil {
		r.byKey[key] = len(d.marks)
	}
	d.marks = append(d.marks, m)
}

// forget makes void what the earlier value of the key noted.
func (d *decoder) forget(r *repeats, key int) {
	if len(d.marks) == r.marks {
		return
	}
	if r.byKey == nil {
		d.index(r)
	}
	i, known := r.byKey[key]
	if !known {
		return
	}
	m := &d.marks[i]
	d.void(m.from, m.to)
	m.to = m.from
	size := len(d.problems) - r.from.problems + len(d.waiting) - r.from.waiting + len(d.closing) - r.from.closing + d.objects - r.from.objects
	if dead := d.dead - r.dead; dead > 0 && 2*dead >= size || len(d.places) >= r.places {
		d.compact(r)
	}
}

// void makes void what was noted between there.
func (d *decoder) void(from, to noted) {
	problems := kill(d.problems[from.problems:to.problems], func(p *problem) *bool { return &p.dead })
	d.live -= problems
	d.dead += problems
	d.dead += kill(d.waiting[from.waiting:to.waiting], func(w *waiting) *bool { return &w.dead })
	d.dead += kill(d.closing[from.closing:to.closing], func(c *closing) *bool { return &c.dead })
	d.dead += to.objects - from.objects
	d.objects -= to.objects - from.objects
	d.dropped -= to.dropped - from.dropped
}

// index prepares for forgetting.
func (d *decoder) index(r *repeats) {
	r.from, r.byKey = d.marks[r.marks].from, map[int]int{}
	for i := r.marks; i < len(d.marks); i++ {
		r.byKey[d.marks[i].key] = i
	}
	r.from.places = d.place() + 1 // those of what is inside come after that of the object itself
	r.places = 2*len(d.places) - r.from.places + 1
}

// kill marks all as dead and counts those that were not.
func kill[N any](notes []N, dead func(*N) *bool) (n int) {
	for i := range notes {
		if d := dead(&notes[i]); !*d {
			*d = true
			n++
		}
	}
	return n
}

// compact drops what is void of what was noted inside the object at hand. Nobody else refers to it: the objects around began before.
func (d *decoder) compact(r *repeats) {
	d.dead = r.dead
	d.moves = d.moves[:0]
	places := d.compactPlaces(r.from)
	moved := func(place *int) {
		if inside := *place - r.from.places; inside >= 0 {
			*place = places[inside]
		}
	}
	var problems, waits, closings []int
	d.problems, problems = left(d, d.problems, r.from.problems, func(p *problem) bool { moved(&p.place); return !p.dead })
	d.waiting, waits = left(d, d.waiting, r.from.waiting, func(w *waiting) bool { moved(&w.place); return !w.dead })
	d.closing, closings = left(d, d.closing, r.from.closing, func(c *closing) bool { moved(&c.place); return !c.dead })
	for _, b := range d.batches {
		b.compact(r.from.waiting, waits)
	}
	for i := r.marks; i < len(d.marks); i++ {
		for _, n := range []*noted{&d.marks[i].from, &d.marks[i].to} {
			n.problems = r.from.problems + problems[n.problems-r.from.problems]
			n.waiting = r.from.waiting + waits[n.waiting-r.from.waiting]
			n.closing = r.from.closing + closings[n.closing-r.from.closing]
		}
	}
	r.places = 2*len(d.places) - r.from.places + 1
}

// cut drops all that was noted since, when d.dead was dead, inside the list at hand. It is not only marked, since lists are no longer counted
// then: what is noted would keep their objects.
func (d *decoder) cut(from noted, dead int) {
	d.void(from, d.noted())
	d.dead = dead
	d.problems = cutTo(d.problems, from.problems)
	d.closing = cutTo(d.closing, from.closing)
	if n := len(d.waiting) - from.waiting; n > 0 {
		d.moves = d.moves[:0]
		none := d.numbers(n + 1)
		for _, b := range d.batches {
			b.compact(from.waiting, none)
		}
		d.waiting = cutTo(d.waiting, from.waiting)
	}
	if own := d.top().place; own >= 0 { // those of what is inside come after it
		d.places = cutTo(d.places, own+1)
	}
}

func cutTo[N any](notes []N, n int) []N {
	clear(notes[n:])
	return notes[:n]
}

// compactPlaces drops the places from there on that nothing refers to, and returns where each of them has gone.
func (d *decoder) compactPlaces(from noted) (moved []int) {
	const used = 1
	inside := d.places[from.places:]
	moved = d.numbers(len(inside))
	use := func(place int, dead bool) {
		for ; !dead && place >= from.places && moved[place-from.places] != used; place = d.places[place].parent {
			moved[place-from.places] = used
		}
	}
	for _, p := range d.problems[from.problems:] {
		use(p.place, p.dead)
	}
	for _, w := range d.waiting[from.waiting:] {
		use(w.place, w.dead)
	}
	for _, c := range d.closing[from.closing:] {
		use(c.place, c.dead)
	}
	n := 0
	for i := range inside {
		if moved[i] != used {
			continue
		}
		moved[i] = from.places + n
		if parent := inside[i].parent - from.places; parent >= 0 {
			inside[i].parent = moved[parent]
		}
		inside[n] = inside[i]
		n++
	}
	clear(inside[n:])
	d.places = d.places[:from.places+n]
	return moved
}

// left drops the notes from there on that are not alive. before[i] is how many of the first i of them are left.
func left[N any](d *decoder, notes []N, from int, alive func(*N) bool) (rest []N, before []int) {
	inside := notes[from:]
	before = d.numbers(len(inside) + 1)
	n := 0
	for i := range inside {
		if before[i] = n; alive(&inside[i]) {
			inside[n] = inside[i]
			n++
		}
	}
	before[len(inside)] = n
	clear(inside[n:])
	return notes[:from+n], before
}

// leftEntries is left for what a batch has collected, whose notes are waiting from there on.
func leftEntries[E any](entries []E, from int, before []int, note func(*E) *int) []E {
	n := len(entries)
	for n > 0 && *note(&entries[n-1]) >= from {
		n--
	}
	for i := n; i < len(entries); i++ {
		at := note(&entries[i])
		if old := *at - from; before[old+1] > before[old] {
			*at = from + before[old]
			entries[n] = entries[i]
			n++
		}
	}
	clear(entries[n:])
	return entries[:n]
}

// numbers makes room for n zeros, good until the next compaction.
func (d *decoder) numbers(n int) []int {
	from := len(d.moves)
	d.moves = slices.Grow(d.moves, n)[:from+n]
	out := d.moves[from : from+n : from+n]
	clear(out)
	return out
}
