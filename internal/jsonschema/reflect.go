package jsonschema

import (
	"fmt"
	"reflect"
	"strings"
)

// Reflector describes what encoding/json writes for Go types. It remembers types that it has met, so that one for many
// types is faster than many. It is not safe for concurrent use; the zero value is ready.
type Reflector struct {
	own map[reflect.Type]*Schema // types that write JSON of their own; nil for those that do not
}

// Describe describes a type, linked. The error names the field whose type cannot be described.
func (r *Reflector) Describe(t reflect.Type) (*Schema, error) {
	if r.own == nil {
		r.own = map[reflect.Type]*Schema{}
	}
	w := &walk{Reflector: r, root: t}
	s, err := w.describe(t)
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", t, err)
	}
	if len(w.names) == 0 && !w.recursive {
		return s, nil
	}
	if len(w.definitions) > 0 {
		s = s.copy()
		s.Definitions = w.definitions
	}
	return s, s.LinkSelf()
}

// walk describes one type. What contains itself becomes a definition, all others stand where they are used.
type walk struct {
	*Reflector
	root        reflect.Type
	recursive   bool // the root contains itself
	onPath      []reflect.Type
	names       map[reflect.Type]string // of types that contain themselves
	definitions []Property
}

// describe describes a type. What contains itself is replaced by a reference at the second meeting.
func (w *walk) describe(t reflect.Type) (*Schema, error) {
	if t == basicTypes[t.Kind()] {
		return plain(t.Kind()), nil
	}
	if s, known, err := w.special(t); known || err != nil {
		return s, err
	}
	if t.Name() == "" {
		return w.structure(t)
	}
	if name, ok := w.names[t]; ok && t != w.root {
		return definition(name), nil
	}
	for _, above := range w.onPath {
		if above == t {
			return w.again(t)
		}
	}
	w.onPath = append(w.onPath, t)
	s, err := w.structure(t)
	w.onPath = w.onPath[:len(w.onPath)-1]
	if name, ok := w.names[t]; ok && err == nil && t != w.root {
		w.definitions = append(w.definitions, Property{name, s})
		s = definition(name)
	}
	return s, err
}

func definition(name string) *Schema { return &Schema{Ref: "#/definitions/" + name} }

func (w *walk) again(t reflect.Type) (*Schema, error) {
	if t.Kind() == reflect.Pointer {
		return nil, fmt.Errorf("type %s points to nothing but itself", t)
	}
	if t == w.root {
		w.recursive = true
		return &Schema{Ref: "#"}, nil
	}
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_' // the name of a generic type holds brackets and import paths
	}, t.Name())
	for _, taken := range w.names {
		if taken == name {
			name = fmt.Sprintf("%s%d", name, len(w.names)+1)
		}
	}
	if w.names == nil {
		w.names = map[reflect.Type]string{}
	}
	w.names[t] = name
	return definition(name), nil
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
