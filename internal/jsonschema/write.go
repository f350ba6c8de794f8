package jsonschema

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// MarshalJSON writes the schema.
func (s *Schema) MarshalJSON() ([]byte, error) { return s.Append(nil, "#"), nil }

// Append appends the schema as compact JSON. References to the schema's own root "#" begin with base instead, for a
// schema that stands within another document.
func (s *Schema) Append(dst []byte, base string) []byte {
	if s.Never {
		return append(dst, "false"...)
	}
	start := len(dst)
	w := writer{append(dst, '{'), base}
	w.text("$ref", w.moved(s.Ref))
	w.text("title", s.Title)
	w.text("description", s.Description)
	w.types(s.Types)
	w.values("enum", s.Enum)
	w.raw("const", s.Const)
	w.text("format", s.Format)
	w.text("contentEncoding", s.ContentEncoding)
	w.text("contentMediaType", s.ContentMediaType)
	w.text("pattern", s.Pattern)
	w.count("minLength", s.MinLength)
	w.count("maxLength", s.MaxLength)
	w.raw("minimum", json.RawMessage(s.Minimum))
	w.raw("exclusiveMinimum", json.RawMessage(s.ExclusiveMinimum))
	w.raw("maximum", json.RawMessage(s.Maximum))
	w.raw("exclusiveMaximum", json.RawMessage(s.ExclusiveMaximum))
	w.raw("multipleOf", json.RawMessage(s.MultipleOf))
	w.schema("items", s.Items)
	w.schema("contains", s.Contains)
	w.count("minItems", s.MinItems)
	w.count("maxItems", s.MaxItems)
	w.truth("uniqueItems", s.UniqueItems)
	w.properties("properties", s.Properties)
	w.properties("patternProperties", s.PatternProperties)
	w.schema("additionalProperties", s.AdditionalProperties)
	w.schema("propertyNames", s.PropertyNames)
	w.names("required", s.Required)
	w.count("minProperties", s.MinProperties)
	w.count("maxProperties", s.MaxProperties)
	w.schemas("allOf", s.AllOf)
	w.schemas("anyOf", s.AnyOf)
	w.schemas("oneOf", s.OneOf)
	w.schema("not", s.Not)
	w.schema("if", s.If)
	w.schema("then", s.Then)
	w.schema("else", s.Else)
	for _, k := range s.Unknown {
		w.raw(k.Name, k.Value)
	}
	w.raw("default", s.Default)
	w.values("examples", s.Examples)
	w.truth("deprecated", s.Deprecated)
	for _, k := range s.Notes {
		w.raw(k.Name, k.Value)
	}
	w.properties("definitions", s.Definitions)
	w.properties("$defs", s.Defs)
	if len(w.dst) == start+1 {
		return append(w.dst[:start], "true"...)
	}
	return append(w.dst, '}')
}

// writer appends the keywords that are there.
type writer struct {
	dst  []byte
	base string
}

func (w *writer) key(name string) {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
	w.dst = append(AppendString(w.dst, name), ':')
}

func (w *writer) moved(ref string) string {
	if ref == "" || ref[0] != '#' {
		return ref
	}
	return w.base + ref[1:]
}

func (w *writer) text(name, value string) {
	if value != "" {
		w.key(name)
		w.dst = AppendString(w.dst, value)
	}
}

func (w *writer) raw(name string, value json.RawMessage) {
	if len(value) > 0 {
		w.key(name)
		w.dst = append(w.dst, value...)
	}
}

func (w *writer) count(name string, value *int) {
	if value != nil {
		w.key(name)
		w.dst = strconv.AppendInt(w.dst, int64(*value), 10)
	}
}

func (w *writer) truth(name string, value bool) {
	if value {
		w.key(name)
		w.dst = append(w.dst, "true"...)
	}
}

func (w *writer) types(t Types) {
	if t == 0 {
		return
	}
	w.key("type")
	if t&(t-1) == 0 { // a single one
		w.dst = AppendString(w.dst, t.String())
		return
	}
	open := byte('[')
	for i, name := range typeNames {
		if t.Has(1 << i) {
			w.dst = AppendString(append(w.dst, open), name)
			open = ','
		}
	}
	w.dst = append(w.dst, ']')
}

func (w *writer) names(name string, values []string) {
	if len(values) == 0 {
		return
	}
	w.key(name)
	w.dst = append(w.dst, '[')
	for i, value := range values {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = AppendString(w.dst, value)
	}
	w.dst = append(w.dst, ']')
}

func (w *writer) values(name string, values []json.RawMessage) {
	if values == nil {
		return
	}
	w.key(name)
	w.dst = append(w.dst, '[')
	for i, value := range values {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = append(w.dst, value...)
	}
	w.dst = append(w.dst, ']')
}

func (w *writer) schema(name string, s *Schema) {
	if s != nil {
		w.key(name)
		w.dst = s.Append(w.dst, w.base)
	}
}

func (w *writer) schemas(name string, list []*Schema) {
	if len(list) == 0 {
		return
	}
	w.key(name)
	w.dst = append(w.dst, '[')
	for i, s := range list {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = s.Append(w.dst, w.base)
	}
	w.dst = append(w.dst, ']')
}

func (w *writer) properties(name string, list []Property) {
	if list == nil {
		return
	}
	w.key(name)
	w.dst = append(w.dst, '{')
	for _, p := range list {
		w.key(p.Name)
		w.dst = p.Schema.Append(w.dst, w.base)
	}
	w.dst = append(w.dst, '}')
}

// AppendString appends a JSON string. <, > and & stay as they are.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), `\ufffd`...)
				start = i + 1
			}
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}
