package jsonschema

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Reflector describes what encoding/json writes for Go types. It remembers types that it has met, so that one for many
// types is faster than many. It is not safe for concurrent use; the zero value is ready.
type Reflector struct {
	own map[reflect.Type]*Schema // types that write JSON of their own; nil for those that do not
	met map[reflect.Type]*Schema // types that are described without references, so alike wherever they stand
}

// Describe describes a type, linked. The error names the field whose type cannot be described.
func (r *Reflector) Describe(t reflect.Type) (*Schema, error) {
	if r.own == nil {
		r.own, r.met = map[reflect.Type]*Schema{}, map[reflect.Type]*Schema{}
	}
	w := &walk{Reflector: r, root: t}
	s, err := w.whole()
	if err == nil && s.exceeds(maxSpelt) {
		w = &walk{Reflector: &Reflector{own: r.own, met: map[reflect.Type]*Schema{}}, root: t, shares: true}
		if s, err = w.whole(); err == nil && s.exceeds(maxSchemas) {
			err = fmt.Errorf("it takes more than %d schemas to describe: give structs that are used more than once a name, or the event a codec with a schema", maxSchemas)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", t, err)
	}
	if len(w.names) == 0 && !w.recursive {
		return s, nil
	}
	return s, s.LinkSelf()
}

// A type that holds two of another one, which holds two of the next, doubles with each level where every type stands
// where it is used. From maxSpelt schemas on, named structs are definitions that are referred to; what is beyond
// maxSchemas even so cannot be described.
const (
	maxSpelt   = 5_000
	maxSchemas = 100_000
)

// exceeds tells whether a schema consists of more than a number of schemas when it is written. It looks at no more of
// them than that.
func (s *Schema) exceeds(most int) bool {
	var count func(*Schema) bool
	count = func(s *Schema) bool {
		if most--; most < 0 {
			return true
		}
		for child := range s.Children {
			if count(child) {
				return true
			}
		}
		return false
	}
	return count(s)
}

// whole describes the root, with the definitions that it refers to.
func (w *walk) whole() (*Schema, error) {
	s, err := w.describe(w.root)
	if err == nil && len(w.definitions) > 0 {
		s = s.copy()
		s.Definitions = w.definitions
	}
	return s, err
}

// walk describes one type. What contains itself becomes a definition, all others stand where they are used, unless
// that takes too much room.
type walk struct {
	*Reflector
	shares      bool // every named struct becomes a definition
	root        reflect.Type
	recursive   bool // the root contains itself
	onPath      []reflect.Type
	names       map[reflect.Type]string // of types that are definitions
	definitions []Property
	references  int                   // how many there are by now
	inMap       bool                  // a value of a map, which has no address: the methods of its pointer are out of reach
	inMaps      map[reflect.Type]bool // types that contain themselves and were looked at as such a value
}

// describe describes a type. What contains itself is replaced by a reference at the second meeting.
func (w *walk) describe(t reflect.Type) (*Schema, error) {
	if t == basicTypes[t.Kind()] {
		return plain(t.Kind()), nil
	}
	if s := w.met[t]; s != nil && !w.inMap {
		return s, nil
	}
	before := w.references
	s, err := w.composite(t)
	if err == nil && w.references == before && !w.inMap {
		w.met[t] = s
	}
	return s, err
}

func (w *walk) composite(t reflect.Type) (*Schema, error) {
	if s, known, err := w.special(t); known || err != nil {
		return s, err
	}
	if t.Name() == "" {
		return w.structure(t)
	}
	if name, ok := w.names[t]; ok && t != w.root {
		return w.definition(name), w.alikeInMap(t)
	}
	if slices.Contains(w.onPath, t) {
		if err := w.alikeInMap(t); err != nil {
			return nil, err
		}
		return w.again(t)
	}
	w.onPath = append(w.onPath, t)
	s, err := w.structure(t)
	w.onPath = w.onPath[:len(w.onPath)-1]
	if w.shares && t.Kind() == reflect.Struct && w.names[t] == "" && t != w.root {
		w.name(t)
	}
	if name, ok := w.names[t]; ok && err == nil && t != w.root {
		w.definitions = append(w.definitions, Property{name, s})
		s = w.definition(name)
	}
	return s, err
}

// alikeInMap refuses a type that is met again as a value of a map, where it is written in another way than elsewhere.
func (w *walk) alikeInMap(t reflect.Type) error {
	if !w.inMap || w.inMaps[t] {
		return nil
	}
	if w.inMaps == nil {
		w.inMaps = map[reflect.Type]bool{}
	}
	w.inMaps[t] = true
	_, err := (&walk{Reflector: w.Reflector, inMap: true, inMaps: w.inMaps}).describe(t)
	return err
}

func (w *walk) definition(name string) *Schema {
	w.references++
	return &Schema{Ref: "#/definitions/" + name}
}

func (w *walk) again(t reflect.Type) (*Schema, error) {
	if t.Kind() == reflect.Pointer {
		return nil, fmt.Errorf("type %s points to nothing but itself", t)
	}
	if t == w.root {
		w.recursive = true
		w.references++
		return &Schema{Ref: "#"}, nil
	}
	w.name(t)
	return w.definition(w.names[t]), nil
}

// name makes a type a definition.
func (w *walk) name(t reflect.Type) {
	if w.names == nil {
		w.names = map[reflect.Type]string{}
	}
	w.names[t] = w.freeName(t)
}

// freeName is a name for a definition: types of several packages may share one.
func (w *walk) freeName(t reflect.Type) string {
	clean := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_' // the name of a generic type holds brackets and import paths
	}, t.Name())
	name := clean
	for n := 2; slices.Contains(slices.Collect(maps.Values(w.names)), name); n++ {
		name = fmt.Sprintf("%s_%d", clean, n)
	}
	return name
}

// basicTypes are the predeclared types, which have no methods.
var basicTypes = [...]reflect.Type{
	reflect.Bool: reflect.TypeFor[bool](), reflect.String: reflect.TypeFor[string](),
	reflect.Int: reflect.TypeFor[int](), reflect.Int8: reflect.TypeFor[int8](), reflect.Int16: reflect.TypeFor[int16](),
	reflect.Int32: reflect.TypeFor[int32](), reflect.Int64: reflect.TypeFor[int64](),
	reflect.Uint: reflect.TypeFor[uint](), reflect.Uint8: reflect.TypeFor[uint8](), reflect.Uint16: reflect.TypeFor[uint16](),
	reflect.Uint32: reflect.TypeFor[uint32](), reflect.Uint64: reflect.TypeFor[uint64](), reflect.Uintptr: reflect.TypeFor[uintptr](),
	reflect.Float32: reflect.TypeFor[float32](), reflect.Float64: reflect.TypeFor[float64](),
	reflect.UnsafePointer: nil, // the last kind
}
