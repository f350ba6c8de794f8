package jsonschema

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// describer is a type that describes its JSON by itself, without references.
type describer interface{ JSONSchema() json.RawMessage }

var (
	describerType     = reflect.TypeFor[describer]()
	jsonMarshalerType = reflect.TypeFor[json.Marshaler]()
	textMarshalerType = reflect.TypeFor[encoding.TextMarshaler]()
	isZeroerType      = reflect.TypeFor[interface{ IsZero() bool }]()
	timeType          = reflect.TypeFor[time.Time]()
	numberType        = reflect.TypeFor[json.Number]()
	rawType           = reflect.TypeFor[json.RawMessage]()
)

// special describes types that write JSON of their own, and those that list their values.
func (w *walk) special(t reflect.Type) (s *Schema, known bool, err error) {
	if t.Kind() == reflect.Interface || t.Kind() == reflect.Pointer {
		return nil, false, nil
	}
	if w.inMap && !t.Implements(jsonMarshalerType) && !t.Implements(textMarshalerType) &&
		(implements(t, jsonMarshalerType) || implements(t, textMarshalerType)) {
		return nil, true, fmt.Errorf("values of a map have no address, so encoding/json does not call the methods of *%s there: use pointers as values", t)
	}
	if s, met := w.own[t]; met {
		return s, s != nil, nil
	}
	if s, err = special(t); err != nil {
		return nil, true, err
	}
	w.own[t] = s
	return s, s != nil, nil
}

func special(t reflect.Type) (*Schema, error) {
	switch t {
	case timeType:
		return &Schema{Types: String, Format: "date-time"}, nil
	case numberType:
		return &Schema{Types: Number}, nil
	case rawType:
		return &Schema{}, nil
	}
	switch {
	case implements(t, describerType) && !isLent(t):
		return ownDescription(t)
	case listsValues(t):
		return constants(t)
	case implements(t, jsonMarshalerType):
		return sampled(t)
	case implements(t, textMarshalerType):
		if s, err := sampled(t); err == nil {
			return s, nil
		}
		return textSchema(t, ""), nil // it is a text, whatever its zero value is
	}
	return nil, nil
}

// ownDescription is what a type says of itself.
func ownDescription(t reflect.Type) (*Schema, error) {
	text, err := descriptionOf(t)
	if err != nil {
		return nil, err
	}
	s, err := Parse(text)
	if err == nil {
		err = s.Understood()
	}
	if err == nil && s.Refers() {
		err = errors.New("a schema that stands within others cannot have references")
	}
	if err != nil {
		return nil, fmt.Errorf("JSONSchema of %s: %w", t, err)
	}
	return s, nil
}

// descriptionOf asks the zero value of a type.
func descriptionOf(t reflect.Type) (text json.RawMessage, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("JSONSchema of %s, which is asked of a zero value: panic: %v", t, v)
		}
	}()
	return reflect.New(t).Interface().(describer).JSONSchema(), nil
}

// isLent tells whether a struct has JSONSchema from an embedded struct alone: encoding/json writes the other fields, too.
func isLent(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || implements(t, jsonMarshalerType) || implements(t, textMarshalerType) {
		return false
	}
	for f := range t.Fields() {
		embedded, isPointer := f.Type, f.Type.Kind() == reflect.Pointer
		if isPointer {
			embedded = embedded.Elem()
		}
		if !f.Anonymous || embedded.Kind() != reflect.Struct || !implements(embedded, describerType) {
			continue
		}
		lent, err := descriptionOf(embedded)
		whole, wholeErr := descriptionOf(t) // nobody is there to be asked where a pointer is nil
		if err == nil && (bytes.Equal(lent, whole) || isPointer && wholeErr != nil) {
			return true
		}
	}
	return false
}

// implements also counts methods of the pointer: payloads are written from an addressable value.
func implements(t, method reflect.Type) bool {
	return t.Implements(method) || reflect.PointerTo(t).Implements(method)
}

// listsValues tells whether a type has a method Values that lists all its constants: func (Role) Values() []Role, or
// []string as some generators write it.
func listsValues(t reflect.Type) bool {
	k := t.Kind()
	if k != reflect.String && (k < reflect.Bool || k > reflect.Float64) {
		return false
	}
	m, ok := t.MethodByName("Values")
	return ok && m.Type.NumIn() == 1 && m.Type.NumOut() == 1 && m.Type.Out(0).Kind() == reflect.Slice &&
		(m.Type.Out(0).Elem() == t || k == reflect.String && m.Type.Out(0).Elem().Kind() == reflect.String)
}

// constants describes a type by the values that it lists.
func constants(t reflect.Type) (s *Schema, err error) {
	defer func() {
		if v := recover(); v != nil {
			s, err = nil, fmt.Errorf("method Values of %s: panic: %v", t, v)
		}
	}()
	listed := reflect.Zero(t).MethodByName("Values").Call(nil)[0]
	if listed.Len() == 0 {
		return nil, fmt.Errorf("method Values of %s lists nothing", t)
	}
	s = &Schema{Enum: []json.RawMessage{}}
	for i := range listed.Len() {
		value := reflect.New(t) // with an address, as a payload has
		value.Elem().Set(listed.Index(i).Convert(t))
		text, err := json.Marshal(value.Interface())
		if err != nil {
			return nil, fmt.Errorf("method Values of %s: %w", t, err)
		}
		s.Enum = append(s.Enum, text)
		s.Types |= TypeOf(text)
	}
	return s, nil
}

// TypeOf is the type of a JSON text.
func TypeOf(text json.RawMessage) Types {
	switch c := first(text); {
	case c == '{':
		return Object
	case c == '[':
		return Array
	case c == '"':
		return String
	case c == 't' || c == 'f':
		return Boolean
	case c == 'n':
		return Null
	case isWhole(json.Number(text)):
		return Integer
	}
	return Number
}

// textSchema takes the text of the zero value for an example, which whoever reads the type can read.
func textSchema(t reflect.Type, zero string) *Schema {
	s := &Schema{Types: String}
	switch strings.ToLower(t.Name()) {
	case "uuid":
		s.Format = "uuid"
	case "decimal":
		s.Format = "decimal"
	}
	if zero != "" {
		s.Examples = []json.RawMessage{AppendString(nil, zero)}
	}
	return s
}

// sampled asks a type that writes JSON of its own what kind of JSON that is: decimals and the like always write the
// same kind. Objects, lists and null tell too little.
func sampled(t reflect.Type) (s *Schema, err error) {
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
	switch kind := TypeOf(text); kind {
	case String:
		return textSchema(t, unquote(text)), nil
	case Boolean:
		return &Schema{Types: Boolean}, nil
	case Integer, Number:
		return &Schema{Types: Number}, nil
	}
	return nil, unknown
}
