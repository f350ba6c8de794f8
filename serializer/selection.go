package serializer

import "reflect"

// Selection declares a list of some of the choices, each of them once. A choice that comes twice counts once; the order of the input is kept.
func Selection[S ~[]E, E comparable](p *S, choices ...E) *FieldOf[S] {
	f := &FieldOf[S]{newSpec("Selection", addrOf(p), reflect.TypeFor[S](), p)}
	item := Item[E]().Choices(choices...)
	f.s.build = func(c *compiler, s *spec) codec {
		elem := c.item(s, item.declared())
		c.accepts(s, "Null", "NotEmpty")
		return &selectionCodec[E]{
			valueRules: valueRules{checks: s.rules.checks}, elem: elem, nils: nils{s.rules.null, reflect.TypeFor[[]E]()}, notEmpty: s.rules.notEmpty,
		}
	}
	return f
}

type selectionCodec[E comparable] struct {
	valueRules
	elem codec
	nils
	notEmpty bool
}

func (c *selectionCodec[E]) encode(e *encoder, dst []byte, a addr) []byte {
	if c.allowNull && a.isNilSlice() {
		return append(dst, "null"...)
	}
	return e.list(dst, a, c.elem, reflect.TypeFor[E]().Size())
}

// decode stops validating at the first value that is no choice, whose message is that of the field.
func (c *selectionCodec[E]) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	if d.peek() != '[' {
		d.fail(msgNotList(d.pyType()))
		return d.skip()
	}
	list := make([]E, 0, 4)
	seen := make(map[E]struct{}, 4)
	empty, ok := d.open(']')
	for again := !empty; ok && again; {
		var v E
		switch {
		case d.faults() > had || d.full():
			ok = d.skip()
		case d.peek() == 'n' && d.literal("null"):
			d.fail(msgChoice("None"))
		default:
			ok = c.elem.decode(d, addrOf(&v), addr{})
		}
		if !ok {
			return false
		}
		if _, twice := seen[v]; !twice && d.faults() == had {
			seen[v] = struct{}{}
			list = append(list, v)
		}
		again, ok = d.more(']')
	}
	if !ok {
		return false
	}
	if !empty {
		d.depth--
	}
	switch {
	case d.faults() > had:
		return true
	case empty && c.notEmpty:
		d.fail(msgNoChoice)
		return true
	}
	*at[[]E](a) = list
	c.finish(d, a, had)
	return true
}

func (c *selectionCodec[E]) schema(u use) members {
	m := members{{"type", "array"}, {"items", c.elem.schema(u)}}
	if u.input && c.notEmpty {
		m = append(m, member{"minItems", 1})
	}
	return c.nullable(m)
}
