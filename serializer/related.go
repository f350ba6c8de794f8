package serializer

import (
	"context"
	"fmt"
	"reflect"
)

// relation is what the fields that hold keys of V have in common.
type relation[K comparable, V any] struct {
	plan      *plan
	lookup    func(context.Context, []K) (map[K]V, error)
	key       keyKind
	keySchema members
	checks    []func(addr) error
	unique    *holders
	loaded    source // of a *V
	hasLoaded bool
}

func (r *relation[K, V]) gathers() bool { return true }

// pins: the object is put in its place when the lookup has found it.
func (r *relation[K, V]) pins() bool { return r.hasLoaded }

// fetched holds the objects of one relation while something is shown.
type fetched interface {
	of() any
	// ask begins a level: what is wanted now is asked for, false when that is nothing.
	ask() bool
	// fetch looks up what is asked for and wants what those objects refer to in turn.
	fetch(e *encoder) error
	// forget drops what was found when there is more of it than is worth keeping.
	forget(most int)
}

type fetchedObjects[K comparable, V any] struct {
	relation *relation[K, V]
	wanted   []K
	asked    []K
	objects  map[K]*V // nil for a key that is wanted or has no object
}

func (f *fetchedObjects[K, V]) of() any { return f.relation }

func (r *relation[K, V]) fetched(e *encoder) *fetchedObjects[K, V] {
	for _, f := range e.found {
		if f.of() == any(r) {
			return f.(*fetchedObjects[K, V])
		}
	}
	f := &fetchedObjects[K, V]{relation: r, objects: map[K]*V{}}
	e.found = append(e.found, f)
	return f
}

func (f *fetchedObjects[K, V]) forget(most int) {
	if len(f.objects) > most {
		clear(f.objects)
	}
}

// want notes the key at a, unless the object is at hand.
func (r *relation[K, V]) want(e *encoder, a addr) {
	if object := r.atHand(e); object != nil {
		if r.plan.gathers {
			e.want(r.plan, addrOf(object))
		}
		return
	}
	f, key := r.fetched(e), *at[K](a)
	if _, known := f.objects[key]; !known {
		f.objects[key] = nil
		f.wanted = append(f.wanted, key)
	}
}

func (r *relation[K, V]) atHand(e *encoder) *V {
	if !e.tiny || !r.hasLoaded {
		return nil
	}
	if a, ok := r.loaded.read(e.base); ok {
		return *at[*V](a)
	}
	return nil
}

func (f *fetchedObjects[K, V]) ask() bool {
	f.asked, f.wanted = f.wanted, nil
	return len(f.asked) > 0
}

func (f *fetchedObjects[K, V]) fetch(e *encoder) error {
	if len(f.asked) == 0 {
		return nil
	}
	found, err := f.relation.lookup(e.ctx, f.asked)
	if err != nil {
		return fmt.Errorf("serializer: looking up %s: %w", f.relation.plan.schemaName(), err)
	}
	objects := make([]V, 0, len(found))
	for _, key := range f.asked {
		object, ok := found[key]
		if !ok {
			continue
		}
		objects = append(objects, object)
		last := &objects[len(objects)-1]
		f.objects[key] = last
		if f.relation.plan.gathers {
			e.want(f.relation.plan, addrOf(last))
		}
	}
	return nil
}

// want notes what must be looked up before the object can be shown.
func (e *encoder) want(p *plan, base addr) {
	if p.recursive {
		if !e.deeper() {
			return
		}
		defer func() { e.depth-- }()
	}
	outer := e.base
	for i := range p.steps {
		f := p.steps[i].field
		g, ok := f.codec.(gatherer)
		if !ok || !needsGather(g) {
			continue
		}
		e.base = base
		if a, ok := f.source.read(base); ok {
			g.gather(e, a)
		}
	}
	e.base = outer
}

// needsGather is false for nested objects that refer to nothing.
func needsGather(g gatherer) bool { return g.(interface{ gathers() bool }).gathers() }

// fetch looks up until nothing is wanted any more: one lookup for each relation on each level.
func (e *encoder) fetch() error {
	for range maxDepth {
		again := false
		for _, f := range e.found {
			again = f.ask() || again
		}
		if !again {
			return nil
		}
		for _, f := range e.found {
			if err := f.fetch(e); err != nil {
				return err
			}
		}
		if e.err != nil {
			break
		}
	}
	e.fail("related objects refer to others more than %d levels deep", maxDepth)
	return fmt.Errorf("serializer: %w", e.err)
}

// show appends the object whose key is at a; ok is false when there is none.
func (r *relation[K, V]) show(e *encoder, dst []byte, a addr) (out []byte, ok bool) {
	object := r.atHand(e)
	if object == nil {
		object = r.fetched(e).objects[*at[K](a)]
	}
	if object == nil {
		return dst, false
	}
	return e.object(dst, r.plan, addrOf(object)), true
}

func (r *relation[K, V]) showOne(e *encoder, dst []byte, a addr) []byte {
	dst, ok := r.show(e, dst, a)
	if !ok {
		dst = append(dst, "null"...)
	}
	return dst
}

// relatedOne is a key.
type relatedOne[K comparable, V any] struct {
	*relation[K, V]
	notNull
}

func (c *relatedOne[K, V]) encode(e *encoder, dst []byte, a addr) []byte { return c.showOne(e, dst, a) }

func (c *relatedOne[K, V]) gather(e *encoder, a addr) { c.want(e, a) }

func (c *relatedOne[K, V]) decode(d *decoder, a, _ addr) bool {
	_, ok := c.read(d, at[K](a), false)
	return ok
}

// An object that has gone is shown as null, even where the key may not be null.
func (c *relatedOne[K, V]) schema(u use) members {
	if u.input {
		return c.keySchema
	}
	return nullable(c.plan.nestedSchema(u))
}

// relatedNullable is a key or nil.
type relatedNullable[K comparable, V any] struct{ *relation[K, V] }

func (c *relatedNullable[K, V]) encode(e *encoder, dst []byte, a addr) []byte {
	if a = a.pointee(); a.isNil() {
		return append(dst, "null"...)
	}
	return c.showOne(e, dst, a)
}

func (c *relatedNullable[K, V]) gather(e *encoder, a addr) {
	if a = a.pointee(); !a.isNil() {
		c.want(e, a)
	}
}

func (c *relatedNullable[K, V]) decode(d *decoder, a, _ addr) bool {
	fresh := new(K)
	isNull, ok := c.read(d, fresh, true)
	if isNull {
		return c.null(d, a)
	}
	*at[*K](a) = fresh
	return ok
}

func (c *relatedNullable[K, V]) null(d *decoder, a addr) bool {
	*at[*K](a) = nil
	if c.hasLoaded {
		*at[*V](d.target(&c.loaded)) = nil
	}
	return true
}

func (c *relatedNullable[K, V]) schema(u use) members {
	if u.input {
		return nullable(c.keySchema)
	}
	return nullable(c.plan.nestedSchema(u))
}

// relatedMany is a list of keys.
type relatedMany[K comparable, V any] struct {
	*relation[K, V]
	notNull
	length length
}

func (c *relatedMany[K, V]) encode(e *encoder, dst []byte, a addr) []byte {
	keys := *at[[]K](a)
	dst = append(dst, '[')
	start := len(dst)
	for i := range keys {
		comma := len(dst)
		if comma > start {
			dst = append(dst, ',')
		}
		var ok bool
		if dst, ok = c.show(e, dst, addrOf(&keys[i])); !ok {
			dst = dst[:comma]
		}
		if e.err != nil {
			return dst
		}
	}
	return append(dst, ']')
}

func (c *relatedMany[K, V]) gather(e *encoder, a addr) {
	keys := *at[[]K](a)
	for i := range keys {
		c.want(e, addrOf(&keys[i]))
	}
}

func (c *relatedMany[K, V]) schema(u use) members {
	items := c.keySchema
	if !u.input {
		items = c.plan.nestedSchema(u)
	}
	return append(members{{"type", "array"}, {"items", items}}, c.length.schema(u)...)
}

// newRelation compiles what Related declared.
func newRelation[K comparable, V any](c *compiler, f *RelatedOf[K, V], shape Shape[V], lookup func(context.Context, []K) (map[K]V, error)) *relation[K, V] {
	if lookup == nil {
		c.fail("Related was given no lookup; give a func(ctx, keys) that returns the objects by key")
	}
	r := &relation[K, V]{
		plan:   planOf(c, shape),
		lookup: lookup,
		checks: f.s.rules.checks,
		unique: c.unique(f.s.rules.unique),
	}
	r.key, r.keySchema = c.keyKind(reflect.TypeFor[K]())
	r.key.by = f.by
	if f.object != nil {
		r.loaded, r.hasLoaded = c.source(addrOf(f.object), reflect.TypeFor[*V]()), true
	}
	return r
}
