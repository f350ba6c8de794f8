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
	w.text(`"$ref":`, w.moved(s.Ref))
	w.text(`"title":`, s.Title)
	w.text(`"description":`, s.Description)
	w.types(s.Types)
	w.values(`"enum":`, s.Enum)
	w.raw(`"const":`, s.Const)
	w.text(`"format":`, s.Format)
	w.text(`"contentEncoding":`, s.ContentEncoding)
	w.text(`"contentMediaType":`, s.ContentMediaType)
	w.text(`"pattern":`, s.Pattern)
	w.count(`"minLength":`, s.MinLength)
	w.count(`"maxLength":`, s.MaxLength)
	w.number(`"minimum":`, s.Minimum)
	w.number(`"exclusiveMinimum":`, s.ExclusiveMinimum)
	w.number(`"maximum":`, s.Maximum)
	w.number(`"exclusiveMaximum":`, s.ExclusiveMaximum)
	w.number(`"multipleOf":`, s.MultipleOf)
	w.schema(`"items":`, s.Items)
	w.schema(`"contains":`, s.Contains)
	w.count(`"minItems":`, s.MinItems)
	w.count(`"maxItems":`, s.MaxItems)
	w.truth(`"uniqueItems":`, s.UniqueItems)
	w.properties(`"properties":`, s.Properties)
	w.properties(`"patternProperties":`, s.PatternProperties)
	w.schema(`"additionalProperties":`, s.AdditionalProperties)
	w.schema(`"propertyNames":`, s.PropertyNames)
	w.names(`"required":`, s.Required)
	w.count(`"minProperties":`, s.MinProperties)
	w.count(`"maxProperties":`, s.MaxProperties)
	w.schemas(`"allOf":`, s.AllOf)
	w.schemas(`"anyOf":`, s.AnyOf)
	w.schemas(`"oneOf":`, s.OneOf)
	w.schema(`"not":`, s.Not)
	w.schema(`"if":`, s.If)
	w.schema(`"then":`, s.Then)
	w.schema(`"else":`, s.Else)
	w.latest(s.Latest)
	w.kept(s.Unknown)
	w.raw(`"default":`, s.Default)
	w.values(`"examples":`, s.Examples)
	w.truth(`"deprecated":`, s.Deprecated)
	w.kept(s.Notes)
	w.properties(`"definitions":`, s.Definitions)
	w.properties(`"$defs":`, s.Defs)
	if len(w.dst) == start+1 {
		return append(w.dst[:start], "true"...)
	}
	return append(w.dst, '}')
}

// writer appends the keywords that are there. Names of keywords come as they are written, with quotes and colon: they
// are most of what is written.
type writer struct {
	dst  []byte
	base string
}

func (w *writer) comma() {
	if w.dst[len(w.dst)-1] != '{' {
		w.dst = append(w.dst, ',')
	}
}

func (w *writer) keyword(name string) {
	w.comma()
	w.dst = append(w.dst, name...)
}

func (w *writer) key(name string) {
	w.comma()
	w.dst = append(AppendString(w.dst, name), ':')
}

func (w *writer) kept(keywords []Keyword) {
	for _, k := range keywords {
		w.key(k.Name)
		w.dst = append(w.dst, k.Value...)
	}
}

func (w *writer) moved(ref string) string {
	if ref == "" || ref[0] != '#' {
		return ref
	}
	return w.base + ref[1:]
}

func (w *writer) text(name, value string) {
	if value != "" {
		w.keyword(name)
		w.dst = AppendString(w.dst, value)
	}
}

func (w *writer) raw(name string, value json.RawMessage) {
	if len(value) > 0 {
		w.keyword(name)
		w.dst = append(w.dst, value...)
	}
}

func (w *writer) number(name string, value json.Number) {
	if value != "" {
		w.keyword(name)
		w.dst = append(w.dst, value...)
	}
}

func (w *writer) count(name string, value *int) {
	if value != nil {
		w.keyword(name)
		w.dst = strconv.AppendInt(w.dst, int64(*value), 10)
	}
}

func (w *writer) truth(name string, value bool) {
	if value {
		w.keyword(name)
		w.dst = append(w.dst, "true"...)
	}
}

func (w *writer) types(t Types) {
	if t != 0 {
		w.keyword(`"type":`)
		w.dst = append(w.dst, typeTexts[t&allTypes].json...)
	}
}

func (w *writer) names(name string, values []string) {
	if len(values) == 0 {
		return
	}
	w.keyword(name)
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
	w.keyword(name)
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
		w.keyword(name)
		w.dst = s.Append(w.dst, w.base)
	}
}

func (w *writer) schemas(name string, list []*Schema) {
	if len(list) == 0 {
		return
	}
	w.keyword(name)
	w.dst = append(w.dst, '[')
	for i, s := range list {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = s.Append(w.dst, w.base)
	}
	w.dst = append(w.dst, ']')
}

func (w *writer) latest(l *Latest) {
	if l == nil {
		return
	}
	w.schemas(`"prefixItems":`, l.PrefixItems)
	w.count(`"minContains":`, l.MinContains)
	w.count(`"maxContains":`, l.MaxContains)
	if l.DependentRequired != nil {
		w.keyword(`"dependentRequired":`)
		w.dst = append(w.dst, '{')
		for _, d := range l.DependentRequired {
			w.key(d.Name)
			w.dst = append(w.dst, '[')
			for i, name := range d.Required {
				if i > 0 {
					w.dst = append(w.dst, ',')
				}
				w.dst = AppendString(w.dst, name)
			}
			w.dst = append(w.dst, ']')
		}
		w.dst = append(w.dst, '}')
	}
	w.properties(`"dependentSchemas":`, l.DependentSchemas)
	w.schema(`"unevaluatedItems":`, l.UnevaluatedItems)
	w.schema(`"unevaluatedProperties":`, l.UnevaluatedProperties)
}

func (w *writer) properties(name string, list []Property) {
	if list == nil {
		return
	}
	w.keyword(name)
	w.dst = append(w.dst, '{')
	for _, p := range list {
		w.key(p.Name)
		w.dst = p.Schema.Append(w.dst, w.base)
	}
	w.dst = append(w.dst, '}')
}

// isVerbatim tells which bytes stand in a JSON string as they are.
var isVerbatim = func() (verbatim [256]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		verbatim[c] = c != '"' && c != '\\'
	}
	return verbatim
}()

// AppendString appends a JSON string. <, > and & stay as they are.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		if !isVerbatim[s[i]] {
			return appendEscaped(dst, s, i)
		}
	}
	return append(append(dst, s...), '"')
}

// appendEscaped appends a JSON string without its first quote; i is the first byte that needs a look.
func appendEscaped(dst []byte, s string, i int) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i < len(s) {
		c := s[i]
		if isVerbatim[c] {
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
