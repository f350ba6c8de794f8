package serializer

import (
	"cmp"
	"context"
	"slices"
	"strconv"
)

// place is an object or list that something is wrong in, or that something waits for. Places form a tree.
type place struct {
	kind   container
	plan   *plan
	parent int            // -1 for the root
	key    int            // in the parent
	from   int            // where a map starts in the input
	n      int            // objects in a list of objects
	names  map[int]string // of the keys of a map in which something is wrong
	wrong  bool
	// unknown are the keys that no field has, as far as they are told of.
	unknown map[string]struct{}
}

// mostUnknown bounds the unknown keys that are reported for one object.
const mostUnknown = 100

const wholeKey = -1 // the key of problems with an object or list as a whole

// problem is one message at a key of a place.
type problem struct {
	place, key int
	name       string // of a key that no field has
	early      bool   // of a check of the user's, which comes before those of the kind
	dead       bool
	Message
}

// waiting is a value that a lookup will decide on.
type waiting struct {
	place, key int
	dead       bool
}

// batch collects the values that one lookup decides on.
type batch interface {
	owner() any // the rule that it collects for
	resolve(ctx context.Context, d *decoder) error
	// compact drops what waits from there on and is void: before[i] is how many of the first i of these are left.
	compact(from int, before []int)
}

// batchOf finds the collector of a rule, or makes it.
func batchOf[B batch](d *decoder, owner any, fresh func() B) B {
	for _, b := range d.batches {
		if b.owner() == owner {
			return b.(B)
		}
	}
	b := fresh()
	d.batches = append(d.batches, b)
	return b
}

// wait notes that a lookup will decide on the value at hand.
func (d *decoder) wait() int {
	place := d.place()
	d.notes++
	d.waiting = append(d.waiting, waiting{place: place, key: d.top().key})
	return len(d.waiting) - 1
}

// place is the place of the frame at hand; frames get theirs only when something refers to them.
func (d *decoder) place() int {
	from := len(d.stack)
	for from > 0 && d.stack[from-1].place < 0 {
		from--
	}
	for ; from < len(d.stack); from++ {
		f := &d.stack[from]
		p := place{kind: f.kind, plan: f.plan, from: f.from, parent: -1}
		if from > 0 {
			p.parent, p.key = d.stack[from-1].place, d.stack[from-1].key
			d.nameKey(&d.stack[from-1])
		}
		f.place = len(d.places)
		d.places = append(d.places, p)
	}
	return d.top().place
}

// nameKey remembers the name of the key at hand of a map.
func (d *decoder) nameKey(f *frame) {
	if f.kind != namesContainer {
		return
	}
	p := &d.places[f.place]
	if p.names == nil {
		p.names = map[int]string{}
	}
	p.names[f.key] = f.name
}

// here is where the value at hand is.
func (d *decoder) here() (place, key int) {
	place = d.place()
	d.nameKey(d.top())
	return place, d.top().key
}

// fail notes a problem with the value at hand.
func (d *decoder) fail(m Message) {
	place, key := d.here()
	d.failAt(place, key, m)
}

// failWhole notes a problem with the object or list at hand.
func (d *decoder) failWhole(m Message) { d.failAt(d.place(), wholeKey, m) }

// failUnknown notes an unknown key, once for each name. They stand behind the fields, in the order of the input.
func (d *decoder) failUnknown(name string) {
	place, behind := d.place(), len(d.top().plan.fields)
	p := &d.places[place]
	if _, twice := p.unknown[name]; twice || len(p.unknown) == mostUnknown {
		return
	}
	if p.unknown == nil {
		p.unknown = map[string]struct{}{}
	}
	p.unknown[name] = struct{}{}
	d.add(problem{place: place, key: behind + d.pos, name: name, Message: msgUnknown})
}

func (d *decoder) failAt(place, key int, m Message) {
	d.add(problem{place: place, key: key, Message: m})
}

// mostProblems bounds the messages of one answer, since three bytes of input can cost as many messages as an object has fields.
const mostProblems = 10_000

// faults counts what is wrong so far, less what a repeated key has made void. It has grown since when something is.
func (d *decoder) faults() int { return d.live + d.dropped }

// full tells that there are messages enough: what comes is only read, and no longer validated.
func (d *decoder) full() bool { return d.live >= mostProblems }

// drop notes that something was not looked into, or not told of.
func (d *decoder) drop() {
	d.dropped++
	d.notes++
}

// count counts an object of a list or behind a pointer.
func (d *decoder) count() {
	d.objects++
	d.notes++
}

func (d *decoder) add(p problem) {
	if d.full() {
		d.drop()
		return
	}
	d.live++
	d.notes++
	d.problems = append(d.problems, p)
}

// check runs the checks of the value at hand.
func (d *decoder) check(checks []func(addr) error, a addr) {
	for _, check := range checks {
		if err := check(a); err != nil {
			place, key := d.here()
			d.failChecks(place, key, err)
		}
	}
}

func (d *decoder) checkAt(place, key int, checks []func(addr) error, a addr) {
	for _, check := range checks {
		if err := check(a); err != nil {
			d.failChecks(place, key, err)
		}
	}
}

func (d *decoder) failChecks(place, key int, err error) {
	eachMessage(err, addr{}, func(m Message, _ addr) {
		d.add(problem{place: place, key: key, early: true, Message: m})
	})
}

// runChecks runs the checks across fields, of inner objects first, where all fields are right.
func (d *decoder) runChecks() {
	if len(d.closing) == 0 || d.dropped > 0 { // an object may be wrong without a message then
		return
	}
	for _, p := range d.problems {
		if !p.dead {
			d.markWrong(p.place)
		}
	}
	for _, c := range d.closing {
		if c.dead || d.places[c.place].wrong {
			continue
		}
		for _, check := range c.plan.checks {
			err := check(c.base)
			if err == nil {
				continue
			}
			d.markWrong(c.place)
			eachMessage(err, addr{}, func(m Message, field addr) {
				d.add(problem{place: c.place, key: c.plan.keyOf(c.base, field), early: true, Message: m})
			})
		}
	}
}

func (d *decoder) markWrong(place int) {
	for ; place >= 0 && !d.places[place].wrong; place = d.places[place].parent {
		d.places[place].wrong = true
	}
}

// keyOf is the field of the object at base whose value is at a; the object as a whole for an a from elsewhere.
func (p *plan) keyOf(base, a addr) int {
	if a.isNil() {
		return wholeKey
	}
	for i, f := range p.fields {
		if at, ok := f.source.read(base); ok && at == a && !f.computed {
			return i
		}
	}
	return wholeKey
}

// errors makes the tree of what was noted; nil when all is right.
func (d *decoder) errors() error {
	d.problems = slices.DeleteFunc(d.problems, func(p problem) bool { return p.dead })
	if len(d.problems) == 0 && d.dropped > 0 { // those that were kept are forgotten, but not all were kept
		d.stack = d.stack[:1]
		d.live = 0
		d.failWhole(msgTooMany)
	}
	if len(d.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(d.problems, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.key, b.key), early(a)-early(b))
	})
	d.reword()
	trees := make([]*Errors, len(d.places))
	kids := make([][]kid, len(d.places))
	for from := 0; from < len(d.problems); {
		first, leaf := d.problems[from], &Errors{}
		for ; from < len(d.problems) && d.problems[from].place == first.place && d.problems[from].key == first.key; from++ {
			leaf.Messages = append(leaf.Messages, d.problems[from].Message)
		}
		kids[first.place] = append(kids[first.place], kid{first.key, first.name, leaf})
		for i := first.place; trees[i] == nil; i = d.places[i].parent {
			trees[i] = &Errors{}
			p := d.places[i]
			if p.parent < 0 {
				break
			}
			kids[p.parent] = append(kids[p.parent], kid{p.key, "", trees[i]})
		}
	}
	for i, tree := range trees {
		if tree != nil && d.places[i].kind == namesContainer {
			d.inOrder(&d.places[i], kids[i])
		}
		if tree != nil {
			d.places[i].fill(tree, kids[i])
		}
	}
	return trees[0]
}

// reword gives problems the texts of their own that the declaration has for them.
func (d *decoder) reword() {
	for i := range d.problems {
		p := &d.problems[i]
		place, key := p.place, p.key
		if key == wholeKey && d.places[place].parent >= 0 { // of an object or a list: what is said of it is said of the field that has it
			place, key = d.places[place].parent, d.places[place].key
		}
		at := &d.places[place]
		if at.kind == objectContainer && !p.early && key >= 0 && key < len(at.plan.fields) {
			if text, own := at.plan.fields[key].messages[p.Code]; own {
				p.Text = text
			}
		}
	}
}

// early is 0 for messages that come first among those of one value.
func early(p problem) int {
	if p.early {
		return 0
	}
	return 1
}

// kid is what is wrong at one key of a place.
type kid struct {
	key    int
	name   string
	errors *Errors
}

func (p *place) fill(e *Errors, kids []kid) {
	slices.SortStableFunc(kids, func(a, b kid) int { return cmp.Compare(a.key, b.key) })
	if p.kind == itemsContainer && kids[0].key != wholeKey {
		e.Items = make([]*Errors, p.n)
		for _, k := range kids {
			e.Items[k.key] = k.errors
		}
		return
	}
	if p.kind == itemsContainer { // what is wrong with the list as a whole comes before what is wrong inside
		kids = kids[:1]
	}
	for _, k := range kids {
		name := k.name
		switch {
		case k.key == wholeKey:
			name = NonField
		case p.kind == namesContainer: // the kid has it
		case p.kind == valuesContainer:
			name = strconv.Itoa(k.key)
		case name == "":
			name = p.plan.fields[k.key].name
		}
		e.Fields = append(e.Fields, FieldErrors{name, k.errors})
	}
}
