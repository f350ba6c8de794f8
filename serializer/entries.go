package serializer

import (
	"reflect"
	"sync"
)

// Item declares the elements of a List: serializer.List(&p.Tags, serializer.Item[string]().MaxLength(3)).
func Item[E any]() *FieldOf[E] {
	return &FieldOf[E]{newSpec("Item", addr{}, reflect.TypeFor[E](), nil)}
}

// List declares a list of values with rules for each of them. MinLength and MaxLength of the result count elements.
// A slice whose elements need no rules of their own can be declared with Field.
func List[S ~[]E, E any](p *S, item *FieldOf[E]) *FieldOf[S] {
	f := &FieldOf[S]{newSpec("List", addrOf(p), reflect.TypeFor[S](), p)}
	f.s.build = func(c *compiler, s *spec) codec {
		return c.list(s, c.item(s, item.declared()))
	}
	return f
}

// item is the codec of the elements of a List, Dict or Selection.
func (c *compiler) item(s, i *spec) codec {
	switch {
	case i == nil:
		c.fail("%s was given no item; use Field(&p.X) for elements without rules", s.label)
	case i.label != "Item":
		c.fail("%s was given a %s as its item; make it with serializer.Item[%s]()", s.label, i.label, i.typ)
	case i.readOnly || i.writeOnly || i.optional || i.blankSet != nil || i.name != "" || i.rules.unique != nil || i.messages != nil:
		c.fail("an Item has rules for its value only; As, ReadOnly, WriteOnly, Optional, Default, Message and Unique belong to the %s", s.label)
	}
	i.mistakesTo(s)
	return c.codecOf(i, i.typ)
}

func (s *spec) mistakesTo(other *spec) { other.wrong = append(other.wrong, s.wrong...) }

// Computed declares a read-only field whose value a function works out from the object. It is called once each time the object is shown,
// possibly from several goroutines at once. The result is shown as a Field of its type would be.
func Computed[T, V any](name string, value func(*T) V) Spec {
	s := newSpec("Computed", addr{}, reflect.TypeFor[V](), nil)
	s.name, s.readOnly, s.owner = name, true, reflect.TypeFor[T]()
	s.build = func(c *compiler, s *spec) codec {
		if value == nil {
			c.fail("Computed was given no function")
		}
		return &computed[T, V]{value: value, codec: c.codecOf(s, s.typ)}
	}
	return entry{s}
}

// Check declares a check across fields. It runs when every field of the object is right, on the object as it would be after the update; the
// text of its error stands under "non_field_errors". At puts it at a field, Invalid gives it a code, errors.Join reports several.
// It must not change the object.
func Check[T any](check func(*T) error) Spec {
	s := newSpec("Check", addr{}, nil, nil)
	s.owner = reflect.TypeFor[T]()
	s.check = func(a addr) error { return check(at[T](a)) }
	if check == nil {
		s.mistake("Check was given no function")
	}
	return entry{s}
}

type entry struct{ s *spec }

func (e entry) declared() *spec { return e.s }

// computed shows what a function returns. The value is kept in a pool, since its address goes to the codec and would be allocated each time.
type computed[T, V any] struct {
	readOnlyCodec
	value func(*T) V
	codec codec
	pool  sync.Pool
}

func (c *computed[T, V]) encode(e *encoder, dst []byte, base addr) []byte {
	v, _ := c.pool.Get().(*V)
	if v == nil {
		v = new(V)
	}
	*v = c.value(at[T](base))
	dst = c.codec.encode(e, dst, addrOf(v))
	var zero V
	*v = zero
	c.pool.Put(v)
	return dst
}

func (c *computed[T, V]) schema(use use) members { return c.codec.schema(use) }

// readOnlyCodec is for values that are only shown.
type readOnlyCodec struct{ notNull }

func (readOnlyCodec) decode(d *decoder, _, _ addr) bool { return d.skip() }
