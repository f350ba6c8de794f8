package serializer

import "reflect"

// listCodec is a slice of plain values.
type listCodec struct {
	valueRules
	typ    reflect.Type  // of the slice
	none   reflect.Value // an empty one
	extend func(list addr, n int) addr
	elem   codec
	nils
	length length
}

// nils is the null of kinds that have nil for it.
type nils struct {
	allowNull bool
	of        reflect.Type
}

func (n nils) null(_ *decoder, a addr) bool {
	if n.allowNull {
		a.pointerTo(n.of).Elem().SetZero()
	}
	return n.allowNull
}

// nullable is the schema of a kind, with null where it is allowed.
func (n nils) nullable(m members) members {
	if n.allowNull {
		return nullable(m)
	}
	return m
}

func (c *compiler) list(s *spec, elem codec) codec {
	c.accepts(s, "Null", "NotEmpty", "MinLength", "MaxLength")
	t := reflect.SliceOf(s.elemType())
	return &listCodec{
		valueRules: valueRules{checks: s.rules.checks}, typ: t, elem: elem,
		nils: nils{s.rules.null, t}, length: c.length(s), extend: extendOf(t), none: reflect.MakeSlice(t, 0, 0),
	}
}

// elemType is the type of the elements, of a slice or of a pointer to one.
func (s *spec) elemType() reflect.Type {
	t := s.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Elem()
}

func (c *listCodec) encode(e *encoder, dst []byte, a addr) []byte {
	if c.allowNull && a.isNilSlice() {
		return append(dst, "null"...)
	}
	return e.list(dst, a, c.elem, c.typ.Elem().Size())
}

// list appends the slice at a, whose elements have that size.
func (e *encoder) list(dst []byte, a addr, elem codec, size uintptr) []byte {
	first, n := a.slice()
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst = elem.encode(e, dst, first.add(uintptr(i)*size)); e.err != nil {
			return dst
		}
	}
	return append(dst, ']')
}

func (c *listCodec) decode(d *decoder, a, _ addr) bool {
	if d.peek() != '[' {
		d.fail(msgNotList(d.pyType()))
		return d.skip()
	}
	a.pointerTo(c.typ).Elem().Set(c.none)
	had, n := d.faults(), 0
	d.push(frame{kind: valuesContainer})
	empty, ok := d.open(']')
	for again := !empty; ok && again; n++ {
		if d.full() {
			d.drop()
			ok = d.skip()
		} else {
			d.top().key = n
			ok = d.value(c.elem, c.extend(a, n), addr{})
		}
		if !ok {
			return false
		}
		again, ok = d.more(']')
	}
	if !ok {
		return false
	}
	if !empty {
		d.depth--
	}
	d.pop()
	if d.faults() > had {
		return true
	}
	c.finish(d, a, had)
	c.length.check(n, d.fail)
	return true
}

// extendOf makes the function that makes the slice one longer, from n elements on, and returns the address of the new one.
func extendOf(t reflect.Type) func(addr, int) addr {
	switch t.Elem().Kind() { // slices of types with the same underlying type have the same layout
	case reflect.String:
		return extend[string]
	case reflect.Int:
		return extend[int]
	case reflect.Int32:
		return extend[int32]
	case reflect.Int64:
		return extend[int64]
	case reflect.Float64:
		return extend[float64]
	}
	return func(a addr, n int) addr {
		list := a.pointerTo(t).Elem()
		if n == list.Cap() {
			list.Grow(1)
		}
		list.SetLen(n + 1)
		element := addrOfValue(list.Index(n).Addr())
		return element
	}
}

func extend[E any](a addr, n int) addr {
	list := *at[[]E](a)
	var zero E
	if cap(list) == 0 {
		list = make([]E, 0, 64/reflect.TypeFor[E]().Size()) // one allocation for most
	}
	list = append(list[:n], zero)
	*at[[]E](a) = list
	return addrOf(&list[n])
}

// length bounds the number of elements; -1: none.
type length struct {
	notEmpty    bool
	least, most int
}

func (c *compiler) length(s *spec) length {
	r := s.rules
	switch {
	case r.maxLen >= 0 && r.minLen > r.maxLen:
		c.fail("MinLength(%d) is beyond MaxLength(%d), so nothing would be accepted", r.minLen, r.maxLen)
	case r.notEmpty && r.maxLen == 0:
		c.fail("NotEmpty stands beside MaxLength(0), so nothing would be accepted; take one of them out")
	}
	return length{r.notEmpty, r.minLen, r.maxLen}
}

// check is what lists of all sorts say about their length.
func (l length) check(n int, fail func(Message)) {
	if n == 0 && l.notEmpty {
		fail(msgEmpty)
		return
	}
	if l.most >= 0 && n > l.most {
		fail(msgMaxItems(l.most))
	}
	if l.least >= 0 && n < l.least {
		fail(msgMinItems(l.least))
	}
}

// wrong tells whether check has something to say.
func (l length) wrong(n int) (wrong bool) {
	l.check(n, func(Message) { wrong = true })
	return wrong
}

func (l length) schema(u use) (m members) {
	least := l.least
	if l.notEmpty {
		least = max(least, 1)
	}
	if u.input && least > 0 {
		m = append(m, member{"minItems", least})
	}
	if u.input && l.most >= 0 {
		m = append(m, member{"maxItems", l.most})
	}
	return m
}

func (c *listCodec) schema(u use) members {
	return c.nullable(append(members{{"type", "array"}, {"items", c.elem.schema(u)}}, c.length.schema(u)...))
}
