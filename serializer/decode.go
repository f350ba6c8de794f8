package serializer

import (
	"context"
	"fmt"
	"sync"
)

// decoder is the state of one decoding. It scans the input once and writes into the objects as it goes; what is wrong is noted with its place.
type decoder struct {
	data        []byte
	pos         int
	depth       int
	text        []byte // of a string with escapes
	chunk       []byte // of strings that are kept; full up to its length
	live        int    // problems that are not dead
	dropped     int    // problems that were not noted any more, and lists that were not looked into
	dead        int    // what is noted still and void
	notes       int    // how often something was noted
	escaped     bool   // the string at hand had escapes
	surrogate   rune   // the first half of a pair without the other half, in the string at hand
	err         error  // the input is no JSON: the decoding stops
	partial     bool
	strict      bool // unknown keys are wrong
	objects     int  // in lists and behind pointers
	mostObjects int
	spare       int // bytes behind the ends of lists of objects

	stack    []frame
	places   []place
	problems []problem
	waiting  []waiting
	closing  []closing
	marks    []mark
	moves    []int // scratch of compact
	late     []lateValue
	counts   []listCount // of what lies from countedFrom up to counted

	countedFrom, counted int
	batches              []batch
}

// frame is an object or list that is being decoded.
type frame struct {
	kind   container
	key    int    // the field or index at hand
	item   int    // the place of the object at hand in an itemsContainer, which can have other things between
	name   string // of the key at hand, in a namesContainer
	from   int    // where a namesContainer starts
	place  int    // in decoder.places, -1 as long as nothing refers to it
	base   addr   // the object
	before addr   // the object before the update, or nil
	plan   *plan
}

type container uint8

const (
	objectContainer container = iota
	itemsContainer            // a list of objects
	valuesContainer           // a list of plain values
	namesContainer            // a map of plain values
)

// closing is an object with checks across fields, which run at the end.
type closing struct {
	plan  *plan
	base  addr
	place int
	dead  bool
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

func newDecoder(data []byte, partial bool) *decoder {
	d := decoders.Get().(*decoder)
	d.data, d.partial = data, partial
	return d
}

// release gives the decoder back without what it refers to.
func (d *decoder) release() {
	clear(d.stack[:cap(d.stack)]) // popped frames refer to objects too
	clear(d.places)
	clear(d.problems)
	clear(d.waiting)
	clear(d.closing)
	clear(d.batches)
	if cap(d.problems)+cap(d.waiting)+cap(d.closing)+cap(d.places)+cap(d.marks)+cap(d.moves)+cap(d.counts)+cap(d.late)+cap(d.text) > 1<<16 {
		return
	}
	*d = decoder{
		text: d.text[:0], stack: d.stack[:0], places: d.places[:0], problems: d.problems[:0],
		waiting: d.waiting[:0], closing: d.closing[:0], marks: d.marks[:0], moves: d.moves[:0], counts: d.counts[:0], late: d.late[:0], batches: d.batches[:0],
	}
	decoders.Put(d)
}

func (s *shows[T]) decode(ctx context.Context, data []byte, object, before addr, partial bool) error {
	d := newDecoder(data, partial)
	defer d.release()
	if err := d.start(s.plan); err != nil {
		return err
	}
	d.push(frame{kind: objectContainer, plan: s.plan, before: before})
	return d.finish(ctx, s.plan, func() bool { return d.object(s.plan, object) })
}

func decodeList[T any](ctx context.Context, p *plan, data []byte, list *[]T) error {
	d := newDecoder(data, false)
	defer d.release()
	if err := d.start(p); err != nil {
		return err
	}
	d.push(frame{kind: itemsContainer, plan: p})
	return d.finish(ctx, p, func() bool {
		var ok bool
		*list, _, ok = decodeItems[T](d, p, length{most: -1})
		return ok
	})
}

// start checks what concerns the input as a whole.
func (d *decoder) start(p *plan) error {
	if most := p.maxBody(); len(d.data) > most {
		return tooLarge(most)
	}
	d.strict, d.mostObjects = p.config.RefuseUnknown, p.maxItems()
	if d.checkText() {
		d.space()
	}
	return d.err
}

// finish decodes the one value of the input, then does what had to wait for it.
func (d *decoder) finish(ctx context.Context, p *plan, value func() bool) error {
	if d.peek() == 'n' && d.literal("null") {
		d.failWhole(msgNoData)
	} else if !value() {
		return d.err
	}
	if d.space(); d.pos < len(d.data) {
		d.syntax("Extra data", d.pos)
		return d.err
	}
	for _, b := range d.batches {
		if err := b.resolve(ctx, d); err != nil {
			return fmt.Errorf("serializer: looking up what %s refers to: %w", p.schemaName(), err)
		}
	}
	d.runChecks()
	return d.errors()
}

func (d *decoder) push(f frame) {
	f.place = -1
	d.stack = append(d.stack, f)
}

func (d *decoder) pop() { d.stack = d.stack[:len(d.stack)-1] }

func (d *decoder) top() *frame { return &d.stack[len(d.stack)-1] }

// object decodes into the object at base, in the frame that was pushed for it.
func (d *decoder) object(p *plan, base addr) bool {
	if d.peek() != '{' {
		d.failWhole(msgNotObject(d.pyType()))
		return d.skip()
	}
	d.top().base = base
	before := d.top().before
	var small [4]uint64 // seen fields, without an allocation for up to 256
	seen := small[:]
	if len(p.fields) > 256 {
		seen = make([]uint64, len(p.fields)/64+1)
	}
	r, late := d.repeats(), len(d.late)
	empty, ok := d.open('}')
	if !ok {
		return false
	}
	for again, next := !empty, 0; again; {
		i, ok := d.fieldKey(p, next)
		if !ok {
			return false
		}
		switch i {
		case readOnlyField, unknownField:
			if ok = d.skip(); d.notes != r.notes {
				r.now(d)
			}
			next++
		default:
			bit := uint64(1) << (i & 63)
			if seen[i>>6]&bit != 0 {
				d.forget(&r, i)
				r.now(d)
				p.fields[i].reset(base, before)
			}
			seen[i>>6] |= bit
			next = i + 1
			if f := p.fields[i]; f.late {
				d.putOff(late, i)
				ok = d.skip()
			} else {
				d.top().key = i
				if ok = d.field(f, base, before); d.notes != r.notes {
					d.mark(&r, i)
				}
			}
		}
		if !ok {
			return false
		}
		if again, ok = d.more('}'); !ok {
			return false
		}
	}
	d.marks = d.marks[:r.marks]
	if !d.rest(p, base, before, seen, late) {
		return false
	}
	if !empty {
		d.depth--
	}
	if len(p.checks) > 0 {
		d.notes++
		d.closing = append(d.closing, closing{plan: p, base: base, place: d.place()})
	}
	return true
}

// fieldKey reads a key and finds its field; most often that is the one at next.
func (d *decoder) fieldKey(p *plan, next int) (i int, ok bool) {
	if next < len(p.fields) {
		if f := p.fields[next]; d.literal(f.quoted) {
			if d.space(); f.readOnly {
				return readOnlyField, true
			}
			return next, true
		}
	}
	name, ok := d.key()
	if !ok {
		return 0, false
	}
	if i, known := p.names[string(name)]; known {
		return i, true
	}
	if d.strict || p.config.RefuseUnknown {
		d.failUnknown(string(name))
	}
	return unknownField, true
}

// rest reads what was put off, applies defaults and asks for what is required, in the order of the declaration.
func (d *decoder) rest(p *plan, base, before addr, seen []uint64, late int) bool {
	whole := !d.partial || before.isNil()
	if !whole && !p.late {
		return true
	}
	for i, f := range p.fields {
		switch came := seen[i>>6]&(1<<(i&63)) != 0; {
		case came && f.late:
			if !d.lateField(f, i, base, before, late) {
				return false
			}
		case came || !whole:
		case f.required:
			d.top().key = i
			d.fail(msgRequired)
		case f.setBlank != nil && !(f.readOnly && !before.isNil()):
			f.setBlank(f.source.write(base, before))
		}
	}
	d.late = d.late[:late]
	return true
}

// field decodes the value of one field.
func (d *decoder) field(f *field, base, before addr) bool {
	var a, old addr
	if f.source.hops == nil {
		a = base.add(f.source.offset)
		if !before.isNil() {
			old = before.add(f.source.offset)
		}
	} else {
		a = f.source.write(base, before)
		if !before.isNil() {
			if was, ok := f.source.read(before); ok {
				old = was
			}
		}
	}
	return d.value(f.codec, a, old)
}

// value decodes one value, null or not.
func (d *decoder) value(c codec, a, before addr) bool {
	if d.peek() == 'n' && d.literal("null") {
		if !c.null(d, a) {
			d.fail(msgNull)
		}
		return true
	}
	return c.decode(d, a, before)
}
