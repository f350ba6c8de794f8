package serializer

import (
	"context"
	"reflect"
)

// Shape is what stands for the objects of a field: an *Of[T], a *View[T], or Self[T]() for the serializer that is being declared.
type Shape[T any] interface {
	shape(*T) *plan
	view() bool // only shows
}

// NestedOf is a declared field that holds objects. Its methods return the same field, so that they chain.
type NestedOf[T any] struct{ s *spec }

func (f *NestedOf[T]) declared() *spec {
	if f == nil {
		return nil
	}
	return f.s
}

// Nested declares a field that holds one object, as a struct or as a pointer to one. With a View it is read-only. A pointer accepts null and shows nil as null.
// Patch changes the object that is there: what is absent inside stays. Where there was none, all its required fields must come.
func Nested[P interface{ *T | **T }, T any](p P, shape Shape[T]) *NestedOf[T] {
	typ := reflect.TypeFor[P]().Elem()
	s := newSpec("Nested", addrOfValue(reflect.ValueOf(p)), typ, p)
	s.build = func(c *compiler, s *spec) codec {
		c.accepts(s)
		inner := planOf(c, shape)
		if typ.Kind() == reflect.Pointer && typ.Elem() == reflect.TypeFor[T]() {
			return &nestedPointer[T]{plan: inner}
		}
		return &nestedStruct[T]{plan: inner}
	}
	s.readOnly = shape != nil && shape.view() // there is no way in
	return &NestedOf[T]{s}
}

// Many declares a field that holds a list of objects. With a View it is read-only. Patch replaces the list as a whole.
func Many[S ~[]T, T any](p *S, shape Shape[T]) *NestedOf[T] {
	s := newSpec("Many", addrOf(p), reflect.TypeFor[S](), p)
	s.build = func(c *compiler, s *spec) codec {
		c.accepts(s, "Null", "NotEmpty", "MinLength", "MaxLength")
		inner := planOf(c, shape)
		return &manyCodec[T]{plan: inner, nils: nils{s.rules.null, reflect.TypeFor[[]T]()}, length: c.length(s)}
	}
	s.readOnly = shape != nil && shape.view() // there is no way in
	return &NestedOf[T]{s}
}

// As names the field; the json tag of the Go field is not used then.
func (f *NestedOf[T]) As(name string) *NestedOf[T] { f.s.as(name); return f }

// ReadOnly shows the field and ignores it in the input.
func (f *NestedOf[T]) ReadOnly() *NestedOf[T] { f.s.readOnly = true; return f }

// WriteOnly accepts the field and never shows it.
func (f *NestedOf[T]) WriteOnly() *NestedOf[T] { f.s.writeOnly = true; return f }

// Optional allows the field to be absent.
func (f *NestedOf[T]) Optional() *NestedOf[T] { f.s.optional = true; return f }

// Null allows null for a list, which becomes nil, and shows nil as null.
func (f *NestedOf[T]) Null() *NestedOf[T] { f.s.rule("Null").null = true; return f }

// Message replaces the text of a message about the field itself, found by its code.
func (f *NestedOf[T]) Message(code, text string) *NestedOf[T] { f.s.message(code, text); return f }

// NotEmpty refuses an empty list.
func (f *NestedOf[T]) NotEmpty() *NestedOf[T] { f.s.rule("NotEmpty").notEmpty = true; return f }

// MinLength asks for at least n objects in a list.
func (f *NestedOf[T]) MinLength(n int) *NestedOf[T] { f.s.minLength(n); return f }

// MaxLength allows at most n objects in a list.
func (f *NestedOf[T]) MaxLength(n int) *NestedOf[T] { f.s.maxLength(n); return f }

// RelatedOf is a declared field that holds keys of other objects. Its methods return the same field, so that they chain.
type RelatedOf[K comparable, V any] struct {
	s      *spec
	object **V
	by     string
}

func (f *RelatedOf[K, V]) declared() *spec {
	if f == nil {
		return nil
	}
	return f.s
}

// Related declares a field that holds the key of another object (or nil, with a pointer, or many, with a slice): the input carries the key,
// the output the object. The lookup finds objects by key, in one call for all keys of a request, for a whole list and everything nested in
// it; keys that it leaves out do not exist. It is asked for distinct keys, at least one. Its error ends the call that needed it.
//
//	serializer.Related(&p.DepartmentID, departments, db.departmentsByID).As("department")
//
// A key whose object has gone is shown as null, or left out of a list.
func Related[P interface{ *K | **K | *[]K }, K comparable, V any](p P, shape Shape[V], lookup func(ctx context.Context, keys []K) (map[K]V, error)) *RelatedOf[K, V] {
	typ := reflect.TypeFor[P]().Elem()
	f := &RelatedOf[K, V]{s: newSpec("Related", addrOfValue(reflect.ValueOf(p)), typ, p)}
	f.s.build = func(c *compiler, s *spec) codec {
		if typ.Kind() == reflect.Slice {
			c.accepts(s, "NotEmpty", "MinLength", "MaxLength")
			if f.object != nil || len(s.rules.checks) > 0 {
				c.fail("Loaded and Check are for one key, not for a list; take them out")
			}
			return &relatedMany[K, V]{relation: newRelation(c, f, shape, lookup), length: c.length(s)}
		}
		c.accepts(s, "Unique")
		if typ == reflect.TypeFor[K]() {
			return &relatedOne[K, V]{relation: newRelation(c, f, shape, lookup)}
		}
		return &relatedNullable[K, V]{relation: newRelation(c, f, shape, lookup)}
	}
	return f
}

// As names the field; the json tag of the Go field is not used then.
func (f *RelatedOf[K, V]) As(name string) *RelatedOf[K, V] { f.s.as(name); return f }

// ReadOnly shows the object and ignores the field in the input.
func (f *RelatedOf[K, V]) ReadOnly() *RelatedOf[K, V] { f.s.readOnly = true; return f }

// WriteOnly accepts the key and shows nothing.
func (f *RelatedOf[K, V]) WriteOnly() *RelatedOf[K, V] { f.s.writeOnly = true; return f }

// Optional allows the field to be absent.
func (f *RelatedOf[K, V]) Optional() *RelatedOf[K, V] { f.s.optional = true; return f }

// NotEmpty refuses an empty list.
func (f *RelatedOf[K, V]) NotEmpty() *RelatedOf[K, V] { f.s.rule("NotEmpty").notEmpty = true; return f }

// MinLength asks for at least n keys in a list.
func (f *RelatedOf[K, V]) MinLength(n int) *RelatedOf[K, V] { f.s.minLength(n); return f }

// MaxLength allows at most n keys in a list.
func (f *RelatedOf[K, V]) MaxLength(n int) *RelatedOf[K, V] { f.s.maxLength(n); return f }

// By says that the keys are not primary keys but values of the field with this name, and words its messages so. It is for strings.
func (f *RelatedOf[K, V]) By(name string) *RelatedOf[K, V] {
	if name == "" {
		f.s.mistake("By was given no name; give that of the field that the keys are values of")
	}
	if reflect.TypeFor[K]().Kind() != reflect.String {
		f.s.mistake("By is for keys that are strings, not for %s; take it out", reflect.TypeFor[K]())
	}
	f.by = name
	return f
}

// Message replaces the text of a message of the field, found by its code: Message("does_not_exist", "There is no such department.").
func (f *RelatedOf[K, V]) Message(code, text string) *RelatedOf[K, V] {
	f.s.message(code, text)
	return f
}

// Default is the key of a field that is absent when an object is decoded. It is not looked up. Patch never uses it.
func (f *RelatedOf[K, V]) Default(key K) *RelatedOf[K, V] {
	switch f.s.typ {
	case reflect.TypeFor[K]():
		f.s.blankSet = func(a addr) { *at[K](a) = key }
	case reflect.TypeFor[*K]():
		f.s.blankSet = func(a addr) { own := key; *at[*K](a) = &own }
	default:
		f.s.mistake("Default is for one key, not for a list; use Optional")
	}
	return f
}

// Check adds a check of the key, called once the object is known to exist.
func (f *RelatedOf[K, V]) Check(check func(K) error) *RelatedOf[K, V] {
	addCheck(f.s, check)
	return f
}

// Unique refuses a key that another object holds already, as a one-to-one relation does. See Holders.
func (f *RelatedOf[K, V]) Unique(by HoldersOf[K]) *RelatedOf[K, V] {
	f.s.uniqueBy(by.h)
	return f
}

// Loaded says where the object itself lies when the program has it at hand. Decoding puts the object that the lookup found there, and a Tiny
// view shows it from there, without a lookup. A full serializer looks the key up all the same: it shows what is stored now.
func (f *RelatedOf[K, V]) Loaded(object **V) *RelatedOf[K, V] {
	if object == nil {
		f.s.mistake("Loaded was given nil; give the address of the field with the object, &p.X")
		return f
	}
	f.object = object
	f.s.loaded, f.s.loadedType = addrOf(object), reflect.TypeFor[*V]()
	return f
}
