package eventview

import (
	"fmt"
	"reflect"

	"github.com/google/jsonschema-go/jsonschema"
)

// structure describes a type by its kind.
func (r *reflector) structure(t reflect.Type) (*jsonschema.Schema, error) {
	switch t.Kind() {
	case reflect.Bool:
		return &jsonschema.Schema{Type: "boolean"}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &jsonschema.Schema{Type: "integer"}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return &jsonschema.Schema{Type: "integer", Minimum: new(float64)}, nil
	case reflect.Float32, reflect.Float64:
		return &jsonschema.Schema{Type: "number"}, nil
	case reflect.String:
		return &jsonschema.Schema{Type: "string"}, nil
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return &jsonschema.Schema{}, nil
		}
	case reflect.Pointer:
		s, err := r.describe(t.Elem())
		return nullable(s), err
	case reflect.Slice:
		if bytesAsText(t) {
			return nullable(&jsonschema.Schema{Type: "string", ContentEncoding: "base64"}), nil
		}
		items, err := r.describe(t.Elem())
		return nullable(&jsonschema.Schema{Type: "array", Items: items}), err
	case reflect.Array:
		items, err := r.describe(t.Elem())
		return &jsonschema.Schema{Type: "array", Items: items, MinItems: new(t.Len()), MaxItems: new(t.Len())}, err
	case reflect.Map:
		return r.mapping(t)
	case reflect.Struct:
		return r.object(t)
	}
	return nil, fmt.Errorf("type %s has no JSON: leave it out with `json:\"-\"`, or give the event a codec", t)
}

// bytesAsText tells whether encoding/json writes a slice as base64.
func bytesAsText(t reflect.Type) bool {
	item := t.Elem()
	return item.Kind() == reflect.Uint8 &&
		!reflect.PointerTo(item).Implements(jsonMarshalerType) && !reflect.PointerTo(item).Implements(textMarshalerType)
}

func (r *reflector) mapping(t reflect.Type) (*jsonschema.Schema, error) {
	values, err := r.describe(t.Elem())
	if err != nil {
		return nil, err
	}
	s := &jsonschema.Schema{Type: "object", AdditionalProperties: values}
	switch key := t.Key(); {
	case key.Kind() == reflect.String || key.Implements(textMarshalerType):
	case key.Kind() >= reflect.Int && key.Kind() <= reflect.Int64:
		s.PropertyNames = &jsonschema.Schema{Pattern: "^-?[0-9]+$"}
	case key.Kind() >= reflect.Uint && key.Kind() <= reflect.Uintptr:
		s.PropertyNames = &jsonschema.Schema{Pattern: "^[0-9]+$"}
	default:
		return nil, fmt.Errorf("type %s has no JSON: keys of a map are strings, integers, or have MarshalText", t)
	}
	return nullable(s), nil
}

func (r *reflector) object(t reflect.Type) (*jsonschema.Schema, error) {
	s := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}}
	for _, f := range fieldsOf(t) {
		property, err := r.member(f)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		s.Properties[f.name] = property
		s.PropertyOrder = append(s.PropertyOrder, f.name)
		if !f.optional {
			s.Required = append(s.Required, f.name)
		}
	}
	return s, nil
}

func (r *reflector) member(f field) (*jsonschema.Schema, error) {
	t := f.Type
	if f.notNil && t.Kind() == reflect.Pointer {
		t = t.Elem() // nil is not written at all
	}
	s, err := r.describe(t)
	if err != nil {
		return nil, err
	}
	if f.notNil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
		s = notNull(s)
	}
	if f.quoted && isQuotable(f.Type) {
		s = quoted(s, f.Type)
	}
	if text := f.Tag.Get("doc"); text != "" {
		s = described(s, text)
	}
	return s, nil
}

// isQuotable tells whether encoding/json heeds ",string" for a type.
func isQuotable(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch k := t.Kind(); {
	case implements(t, jsonMarshalerType) || implements(t, textMarshalerType):
		return false
	default:
		return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String
	}
}

// quoted describes a value that is written as JSON within a string.
func quoted(s *jsonschema.Schema, t reflect.Type) *jsonschema.Schema {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	out := &jsonschema.Schema{Type: "string", Pattern: "^-?[0-9]+$"}
	switch k := t.Kind(); {
	case k == reflect.Bool:
		out.Pattern = "^(true|false)$"
	case k == reflect.Float32 || k == reflect.Float64:
		out.Pattern = "^-?[0-9.]+([eE][+-]?[0-9]+)?$"
	case k == reflect.String:
		out.Pattern = "^\".*\"$"
	}
	if s.Types != nil { // of a pointer
		return nullable(out)
	}
	return out
}

// nullable returns a schema that also allows null.
func nullable(s *jsonschema.Schema) *jsonschema.Schema {
	switch {
	case s == nil: // there was an error
		return nil
	case s.Ref != "" || s.AnyOf != nil || s.OneOf != nil || s.AllOf != nil || s.Const != nil:
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{s, {Type: "null"}}}
	case s.Type != "" && s.Type != "null":
		s.Type, s.Types = "", []string{s.Type, "null"}
		if s.Enum != nil {
			s.Enum = append(s.Enum, nil)
		}
	}
	return s
}

// notNull takes back what nullable did for a slice or a map.
func notNull(s *jsonschema.Schema) *jsonschema.Schema {
	if len(s.Types) == 2 && s.Types[1] == "null" {
		s.Type, s.Types = s.Types[0], nil
	}
	return s
}

// described adds a description. Beside a reference draft-07 would not see it.
func described(s *jsonschema.Schema, text string) *jsonschema.Schema {
	if s.Ref != "" {
		s = &jsonschema.Schema{AllOf: []*jsonschema.Schema{s}}
	}
	s.Description = text
	return s
}
