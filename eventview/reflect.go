package eventview

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// Describer is implemented by payload types that write JSON of their own: JSONSchema describes what they write, in
// keywords that draft-07 and 2020-12 share and without references. It is called on a zero value.
type Describer interface {
	JSONSchema() json.RawMessage
}

var (
	describerType     = reflect.TypeFor[Describer]()
	jsonMarshalerType = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	timeType          = reflect.TypeFor[time.Time]()
	numberType        = reflect.TypeFor[json.Number]()
	rawType           = reflect.TypeFor[json.RawMessage]()
)

// reflector describes what encoding/json writes for a Go type. Types that contain themselves become definitions, all
// others stand where they are used.
type reflector struct {
	root        reflect.Type
	onPath      map[reflect.Type]bool
	names       map[reflect.Type]string // of types that contain themselves
	definitions map[string]*jsonschema.Schema
}

// reflectSchema describes a payload type. The error names the field whose type cannot be described.
func reflectSchema(t reflect.Type) (*jsonschema.Schema, error) {
	r := &reflector{
		root:        t,
		onPath:      map[reflect.Type]bool{},
		names:       map[reflect.Type]string{},
		definitions: map[string]*jsonschema.Schema{},
	}
	s, err := r.describe(t)
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", t, err)
	}
	if len(r.definitions) > 0 {
		s.Definitions = r.definitions
	}
	return s, nil
}

// describe describes a type. What contains itself is replaced by a reference at the second meeting.
func (r *reflector) describe(t reflect.Type) (*jsonschema.Schema, error) {
	if s, known, err := r.special(t); known || err != nil {
		return s, err
	}
	if t.Name() == "" {
		return r.structure(t)
	}
	if name, ok := r.names[t]; ok && t != r.root {
		return &jsonschema.Schema{Ref: "#/definitions/" + name}, nil
	}
	if r.onPath[t] {
		return r.again(t)
	}
	r.onPath[t] = true
	s, err := r.structure(t)
	delete(r.onPath, t)
	if name, ok := r.names[t]; ok && err == nil && t != r.root {
		r.definitions[name] = s
		s = &jsonschema.Schema{Ref: "#/definitions/" + name}
	}
	return s, err
}

func (r *reflector) again(t reflect.Type) (*jsonschema.Schema, error) {
	if t.Kind() == reflect.Pointer {
		return nil, fmt.Errorf("type %s points to nothing but itself", t)
	}
	if t == r.root {
		return &jsonschema.Schema{Ref: "#"}, nil
	}
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_' // the name of a generic type holds brackets and import paths
	}, t.Name())
	for _, taken := range r.names {
		if taken == name {
			name = fmt.Sprintf("%s%d", name, len(r.names)+1)
		}
	}
	r.names[t] = name
	return &jsonschema.Schema{Ref: "#/definitions/" + name}, nil
}

// special describes types that write JSON of their own.
func (r *reflector) special(t reflect.Type) (s *jsonschema.Schema, known bool, err error) {
	switch t {
	case timeType:
		return &jsonschema.Schema{Type: "string", Format: "date-time"}, true, nil
	case numberType:
		return &jsonschema.Schema{Type: "number"}, true, nil
	case rawType:
		return &jsonschema.Schema{}, true, nil
	}
	switch {
	case t.Kind() == reflect.Interface || t.Kind() == reflect.Pointer:
		return nil, false, nil
	case implements(t, describerType):
		s, err := parseSchema(reflect.New(t).Interface().(Describer).JSONSchema())
		if err == nil && refers(s) {
			err = errors.New("a schema that stands within others cannot have references")
		}
		if err != nil {
			return nil, true, fmt.Errorf("JSONSchema of %s: %w", t, err)
		}
		return s, true, nil
	case implements(t, jsonMarshalerType):
		s, err := sampled(t)
		return s, true, err
	case implements(t, textMarshalerType):
		if s, err := sampled(t); err == nil {
			return s, true, nil
		}
		return textSchema(t, ""), true, nil // it is a text, whatever its zero value is
	}
	return nil, false, nil
}

// implements also counts methods of the pointer: payloads are written from an addressable value.
func implements(t, method reflect.Type) bool {
	return t.Implements(method) || reflect.PointerTo(t).Implements(method)
}

// textSchema takes the text of the zero value for an example, which whoever reads the type can read.
func textSchema(t reflect.Type, zero string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	if strings.EqualFold(t.Name(), "uuid") {
		s.Format = "uuid"
	}
	if zero != "" {
		s.Examples = []any{zero}
	}
	return s
}

// sampled asks a type that writes JSON of its own what kind of JSON that is: decimals and the like always write the
// same kind. Objects, lists and null tell too little.
func sampled(t reflect.Type) (s *jsonschema.Schema, err error) {
	unknown := fmt.Errorf("type %s writes JSON of its own: give it a method JSONSchema() json.RawMessage, or the event a codec", t)
	defer func() {
		if recover() != nil { // a zero value that its own method cannot bear
			s, err = nil, unknown
		}
	}()
	text, err := json.Marshal(reflect.New(t).Interface())
	if err != nil || len(text) == 0 {
		return nil, unknown
	}
	switch c := text[0]; {
	case c == '"':
		var zero string
		if err := json.Unmarshal(text, &zero); err != nil {
			return nil, unknown
		}
		return textSchema(t, zero), nil
	case c == 't' || c == 'f':
		return &jsonschema.Schema{Type: "boolean"}, nil
	case c == '-' || c >= '0' && c <= '9':
		return &jsonschema.Schema{Type: "number"}, nil
	}
	return nil, unknown
}
