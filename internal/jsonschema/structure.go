package jsonschema

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// plain describes a value by its kind alone. What it returns is shared: change a copy.
func plain(k reflect.Kind) *Schema { return plainSchemas[k] }

var plainSchemas = [...]*Schema{
	reflect.Bool: {Types: Boolean}, reflect.String: {Types: String},
	reflect.Int: anInteger, reflect.Int8: anInteger, reflect.Int16: anInteger, reflect.Int32: anInteger, reflect.Int64: anInteger,
	reflect.Uint: aCount, reflect.Uint8: aCount, reflect.Uint16: aCount, reflect.Uint32: aCount, reflect.Uint64: aCount, reflect.Uintptr: aCount,
	reflect.Float32: {Types: Number}, reflect.Float64: {Types: Number},
	reflect.UnsafePointer: nil, // the last kind
}

var (
	anInteger = &Schema{Types: Integer}
	aCount    = &Schema{Types: Integer, Minimum: "0"}
)

// structure describes a type by its kind.
func (w *walk) structure(t reflect.Type) (*Schema, error) {
	if s := plain(t.Kind()); s != nil {
		return s, nil
	}
	switch t.Kind() {
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return &Schema{}, nil
		}
	case reflect.Pointer:
		s, err := w.addressable(t.Elem())
		return nullable(s), err
	case reflect.Slice:
		if bytesAsText(t) {
			return &Schema{Types: String | Null, ContentEncoding: "base64"}, nil
		}
		items, err := w.addressable(t.Elem())
		return &Schema{Types: Array | Null, Items: items}, err
	case reflect.Array:
		items, err := w.describe(t.Elem())
		return &Schema{Types: Array, Items: items, MinItems: new(t.Len()), MaxItems: new(t.Len())}, err
	case reflect.Map:
		return w.mapping(t)
	case reflect.Struct:
		return w.object(t)
	}
	return nil, fmt.Errorf("type %s has no JSON: leave it out with `json:\"-\"`, or give the event a codec", t)
}

// bytesAsText tells whether encoding/json writes a slice as base64.
func bytesAsText(t reflect.Type) bool {
	item := t.Elem()
	return item.Kind() == reflect.Uint8 &&
		!reflect.PointerTo(item).Implements(jsonMarshalerType) && !reflect.PointerTo(item).Implements(textMarshalerType)
}

// addressable describes what a pointer or a slice leads to, which has an address even in a map.
func (w *walk) addressable(t reflect.Type) (*Schema, error) {
	defer func(before bool) { w.inMap = before }(w.inMap)
	w.inMap = false
	return w.describe(t)
}

func (w *walk) mapping(t reflect.Type) (*Schema, error) {
	defer func(before bool) { w.inMap = before }(w.inMap)
	w.inMap = true
	values, err := w.describe(t.Elem())
	if err != nil {
		return nil, err
	}
	s := &Schema{Types: Object | Null, AdditionalProperties: values}
	switch key := t.Key(); {
	case key.Kind() == reflect.String || key.Implements(textMarshalerType):
	case key.Kind() >= reflect.Int && key.Kind() <= reflect.Int64:
		s.PropertyNames = &Schema{Pattern: "^-?[0-9]+$"}
	case key.Kind() >= reflect.Uint && key.Kind() <= reflect.Uintptr:
		s.PropertyNames = &Schema{Pattern: "^[0-9]+$"}
	default:
		return nil, fmt.Errorf("type %s has no JSON: keys of a map are strings, integers, or have MarshalText", t)
	}
	return s, nil
}

func (w *walk) object(t reflect.Type) (*Schema, error) {
	fields := fieldsOf(t)
	s := &Schema{Types: Object, Properties: make([]Property, 0, len(fields))}
	for i := range fields {
		f := &fields[i]
		property, err := w.member(f)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.of, err)
		}
		s.Properties = append(s.Properties, Property{f.name, property})
		if !f.optional {
			s.Required = append(s.Required, f.name)
		}
	}
	return s, nil
}

func (w *walk) member(f *field) (*Schema, error) {
	t := f.typ
	if f.notNil && t.Kind() == reflect.Pointer {
		t = t.Elem() // nil is not written at all
	}
	s, err := w.describe(t)
	if err != nil {
		return nil, err
	}
	// A pointer that is not nil may lead to a nil slice or map, which is written as null.
	if k := f.typ.Kind(); f.notNil && (k == reflect.Slice || k == reflect.Map) {
		s = notNull(s)
	}
	if f.quoted {
		s = quoted(s, f.typ)
	}
	if f.doc != "" {
		s = described(s, f.doc)
	}
	return s, nil
}

// quoted describes a value that is written as JSON within a string, where encoding/json heeds ",string".
func quoted(s *Schema, t reflect.Type) *Schema {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		t = t.Elem()
	}
	if implements(t, jsonMarshalerType) || implements(t, textMarshalerType) {
		return s
	}
	out := &Schema{Types: String | s.Types&Null}
	switch k := t.Kind(); {
	case k == reflect.Bool:
		out.Pattern = "^(true|false)$"
	case k >= reflect.Int && k <= reflect.Int64:
		out.Pattern = "^-?[0-9]+$"
	case k >= reflect.Uint && k <= reflect.Uintptr:
		out.Pattern = "^[0-9]+$"
	case k == reflect.Float32, k == reflect.Float64, t == numberType:
		out.Pattern = "^-?[0-9.]+([eE][+-]?[0-9]+)?$"
	case k == reflect.String:
		out.Pattern = "^\".*\"$"
	default:
		return s
	}
	return out
}

// copy is for changes: a schema may be shared.
func (s *Schema) copy() *Schema {
	c := *s
	return &c
}

// nullable returns a schema that also allows null.
func nullable(s *Schema) *Schema {
	switch {
	case s == nil: // there was an error
		return nil
	case s.Never || s.Ref != "" || s.AnyOf != nil || s.OneOf != nil || s.AllOf != nil || s.Not != nil || s.If != nil || s.Const != nil:
		return &Schema{AnyOf: []*Schema{s, {Types: Null}}}
	case s.Allows(nil):
		return s
	}
	s = s.copy()
	if s.Types != 0 {
		s.Types |= Null
	}
	if s.Enum != nil {
		s.Enum = append(slices.Clip(s.Enum), json.RawMessage("null"))
	}
	return s
}

// notNull takes back what is nullable about a slice or a map.
func notNull(s *Schema) *Schema {
	if s.Types&^Null == 0 || !s.Types.Has(Null) {
		return s
	}
	s = s.copy()
	s.Types &^= Null
	return s
}

// described adds a description. Beside a reference draft-07 would not see it.
func described(s *Schema, text string) *Schema {
	if s.Ref != "" {
		return &Schema{Description: text, AllOf: []*Schema{s}}
	}
	s = s.copy()
	s.Description = text
	return s
}
