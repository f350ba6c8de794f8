package serializer

import (
	"reflect"
	"slices"
)

// nestedStruct is an object in a field of struct type.
type nestedStruct[T any] struct {
	notNull
	plan *plan
}

func (c *nestedStruct[T]) encode(e *encoder, dst []byte, a addr) []byte {
	return e.object(dst, c.plan, a)
}

func (c *nestedStruct[T]) gather(e *encoder, a addr) { e.want(c.plan, a) }

func (c *nestedStruct[T]) gathers() bool { return c.plan.gathers }

func (c *nestedStruct[T]) pins() bool { return c.plan.pinned }

func (c *nestedStruct[T]) decode(d *decoder, a, before addr) bool {
	if before.isNil() { // a key that comes twice starts anew
		*at[T](a) = *new(T)
	} else {
		*at[T](a) = *at[T](before)
	}
	d.push(frame{kind: objectContainer, plan: c.plan, before: before})
	ok := d.object(c.plan, a)
	d.pop()
	return ok
}

func (c *nestedStruct[T]) schema(u use) members { return c.plan.nestedSchema(u) }

// nestedPointer is an object, or none, behind a pointer.
type nestedPointer[T any] struct{ plan *plan }

func (c *nestedPointer[T]) encode(e *encoder, dst []byte, a addr) []byte {
	if a = a.pointee(); a.isNil() {
		return append(dst, "null"...)
	}
	return e.object(dst, c.plan, a)
}

func (c *nestedPointer[T]) gather(e *encoder, a addr) {
	if a = a.pointee(); !a.isNil() {
		e.want(c.plan, a)
	}
}

func (c *nestedPointer[T]) gathers() bool { return c.plan.gathers }

// decode makes a new object, so that the one before the update stays as it is until all is known to be right.
func (c *nestedPointer[T]) decode(d *decoder, a, before addr) bool {
	if d.peek() == '{' {
		if d.objects >= d.mostObjects {
			d.fail(msgMaxObjects(d.mostObjects))
			return d.skip()
		}
		d.count()
	}
	fresh := new(T)
	if !before.isNil() {
		if before = before.pointee(); !before.isNil() {
			*fresh = *at[T](before)
		}
	}
	*at[*T](a) = fresh
	d.push(frame{kind: objectContainer, plan: c.plan, before: before})
	ok := d.object(c.plan, addrOf(fresh))
	d.pop()
	return ok
}

func (c *nestedPointer[T]) null(_ *decoder, a addr) bool {
	*at[*T](a) = nil
	return true
}

func (c *nestedPointer[T]) schema(u use) members { return nullable(c.plan.nestedSchema(u)) }

// manyCodec is a slice of objects.
type manyCodec[T any] struct {
	plan *plan
	nils
	length length
}

func (c *manyCodec[T]) encode(e *encoder, dst []byte, a addr) []byte {
	list := *at[[]T](a)
	if c.allowNull && list == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst = e.object(dst, c.plan, addrOf(&list[i])); e.err != nil {
			return dst
		}
	}
	return append(dst, ']')
}

func (c *manyCodec[T]) gather(e *encoder, a addr) {
	list := *at[[]T](a)
	for i := range list {
		e.want(c.plan, addrOf(&list[i]))
	}
}

func (c *manyCodec[T]) gathers() bool { return c.plan.gathers }

func (c *manyCodec[T]) decode(d *decoder, a, before addr) bool {
	isList, from, dead := d.peek() == '[', d.noted(), d.dead
	d.push(frame{kind: itemsContainer, plan: c.plan, base: a, before: before})
	list, n, ok := decodeItems[T](d, c.plan, c.length)
	if ok && isList && c.length.wrong(n) { // what is inside does not matter then, and does not count
		list = nil
		d.cut(from, dead)
		c.length.check(n, d.failWhole)
	}
	d.pop()
	*at[[]T](a) = list
	return ok
}

func (c *manyCodec[T]) schema(u use) members {
	u.partial = false
	return c.nullable(append(members{{"type", "array"}, {"items", c.plan.nestedSchema(u)}}, c.length.schema(u)...))
}

// decodeItems decodes a list of objects, in the frame that was pushed for it, and counts its elements. What is beyond the length, or beyond
// what the whole input may have, is only read.
func decodeItems[T any](d *decoder, p *plan, length length) (list []T, n int, ok bool) {
	if d.peek() != '[' {
		d.failWhole(msgNotList(d.pyType()))
		return nil, 0, d.skip()
	}
	most, tooMany := d.mostObjects-d.objects, false
	if length.most >= 0 {
		most = min(most, length.most)
	}
	start := d.pos
	list = make([]T, 0)
	empty, ok := d.open(']')
	for again := !empty; ok && again; n++ {
		d.top().key = n
		switch {
		case d.full():
			d.drop()
			ok = d.skip()
		case length.most >= 0 && len(list) == length.most: // noted by the caller
			ok = d.skip()
		case len(list) == most || d.objects >= d.mostObjects:
			tooMany = true
			ok = d.skip()
		case d.peek() == '{':
			d.count()
			switch {
			case len(list) < cap(list):
			case p.pinned && len(list) == 0: // there is room for all then
				list = make([]T, 0, min(d.countObjects(start), most))
			case n > 0:
				list = slices.Grow(list, min(d.likely(start, n), most-len(list)))
			}
			d.top().item = len(list)
			list = append(list, *new(T))
			d.push(frame{kind: objectContainer, plan: p})
			ok = d.object(p, addrOf(&list[len(list)-1]))
			d.pop()
		case d.peek() == 'n' && d.literal("null"):
			d.fail(msgNull)
		default:
			d.push(frame{kind: objectContainer, plan: p})
			d.failWhole(msgNotObject(d.pyType()))
			ok = d.skip()
			d.pop()
		}
		if !ok {
			return nil, 0, false
		}
		again, ok = d.more(']')
	}
	if !ok {
		return nil, 0, false
	}
	if !empty {
		d.depth--
	}
	if at := d.top().place; at >= 0 {
		d.places[at].n = n
	}
	d.spare += (cap(list) - len(list)) * int(reflect.TypeFor[T]().Size())
	if tooMany {
		d.failWhole(msgMaxObjects(d.mostObjects))
	}
	return list, n, true
}

// mostSpare is how many bytes behind their ends the lists of one input may have together until they grow with more care.
const mostSpare = 256 << 10

// likely is how many elements a list that started at start has beyond the n that were read, if they go on like that. It is at most 15 times n,
// so that a list that starts with small ones takes no more memory than it is worth, and n where many lists took more than they had use for.
func (d *decoder) likely(start, n int) int {
	each, most := (d.pos-start)/n+1, 15*n
	if d.spare > mostSpare {
		most = n
	}
	return min((len(d.data)-d.pos)/each+1, most)
}
