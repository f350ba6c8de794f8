package serializer

import (
	"reflect"
	"slices"
)

// dictCodec is a map from strings to plain values. It is shown in the order of its keys.
type dictCodec struct {
	valueRules
	typ  reflect.Type
	elem codec
	nils
	notEmpty bool
}

// Dict declares a map with rules for each of its values: Dict(&p.Prices, Item[int]().Min(0)). A map whose values need no rules of their own can
// be declared with Field. Keys are not checked.
func Dict[M ~map[K]E, K ~string, E any](p *M, item *FieldOf[E]) *FieldOf[M] {
	f := &FieldOf[M]{newSpec("Dict", addrOf(p), reflect.TypeFor[M](), p)}
	f.s.build = func(c *compiler, s *spec) codec {
		return c.dict(s, s.typ, c.item(s, item.declared()))
	}
	return f
}

func (c *compiler) dict(s *spec, t reflect.Type, elem codec) codec {
	c.accepts(s, "Null", "NotEmpty")
	return &dictCodec{
		valueRules: valueRules{checks: s.rules.checks}, typ: t, elem: elem, nils: nils{s.rules.null, t}, notEmpty: s.rules.notEmpty,
	}
}

func (c *dictCodec) encode(e *encoder, dst []byte, a addr) []byte {
	m := a.pointerTo(c.typ).Elem()
	if c.allowNull && m.IsNil() {
		return append(dst, "null"...)
	}
	type entry struct {
		key   string
		value reflect.Value
	}
	entries := make([]entry, 0, m.Len())
	for i := m.MapRange(); i.Next(); {
		value := reflect.New(c.typ.Elem())
		value.Elem().Set(i.Value())
		entries = append(entries, entry{i.Key().String(), value})
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if a.key < b.key {
			return -1
		}
		return 1
	})
	dst = append(dst, '{')
	for i, entry := range entries {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, entry.key), ':')
		if dst = c.elem.encode(e, dst, addrOfValue(entry.value)); e.err != nil {
			return dst
		}
	}
	return append(dst, '}')
}

func (c *dictCodec) decode(d *decoder, a, _ addr) bool {
	if d.peek() != '{' {
		d.fail(msgNotDict(d.pyType()))
		return d.skip()
	}
	had := d.faults()
	m := reflect.MakeMap(c.typ)
	d.push(frame{kind: namesContainer, from: d.pos})
	ok := c.entries(d, m)
	d.pop()
	switch {
	case !ok:
		return false
	case m.Len() == 0 && d.faults() == had && c.notEmpty:
		d.fail(msgNoEntries)
		return true
	case d.faults() > had:
		return true
	}
	a.pointerTo(c.typ).Elem().Set(m)
	c.finish(d, a, had)
	return true
}

// entries decodes into the map what comes next, in the frame that was pushed for it.
func (c *dictCodec) entries(d *decoder, m reflect.Value) bool {
	empty, ok := d.open('}')
	if !ok || empty {
		return ok
	}
	r, n := d.repeats(), 0
	noted := map[string]int{} // the names whose values noted something: of the others nothing has to be forgotten
	key, value := reflect.New(c.typ.Key()).Elem(), reflect.New(c.typ.Elem())
	for again := true; again; {
		text, ok := d.key()
		if !ok {
			return false
		}
		if d.full() {
			d.drop()
			r.now(d)
			ok = d.skip()
		} else {
			i, twice := noted[string(text)]
			if twice {
				d.forget(&r, i)
				r.now(d)
			} else {
				i = n
				n++
			}
			name := d.keep(text)
			d.top().key, d.top().name = i, name
			value.Elem().SetZero()
			if ok = d.value(c.elem, addrOfValue(value), addr{}); d.notes != r.notes {
				d.mark(&r, i)
				noted[name] = i
			}
			key.SetString(name)
			m.SetMapIndex(key, value.Elem())
		}
		if !ok {
			return false
		}
		if again, ok = d.more('}'); !ok {
			return false
		}
	}
	d.depth--
	d.marks = d.marks[:r.marks]
	return true
}

// inOrder gives what is wrong at the names of a map the order in which these came first, as Python keeps them.
func (d *decoder) inOrder(p *place, kids []kid) {
	left := make(map[string]*kid, len(kids))
	for i := range kids {
		kids[i].name = p.names[kids[i].key]
		left[kids[i].name] = &kids[i]
	}
	d.pos, d.depth = p.from, 0
	_, again := d.open('}')
	for n := 0; again && len(left) > 0; n++ {
		name, _ := d.key()
		if k, wrong := left[string(name)]; wrong {
			k.key = n
			delete(left, k.name)
		}
		d.skip()
		again, _ = d.more('}')
	}
}

func (c *dictCodec) schema(u use) members {
	m := members{{"type", "object"}, {"additionalProperties", c.elem.schema(u)}}
	if u.input && c.notEmpty {
		m = append(m, member{"minProperties", 1})
	}
	return c.nullable(m)
}
