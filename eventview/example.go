package eventview

import (
	"bytes"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/jsonschema-go/jsonschema"
)

// example makes a message that the schema allows, nil if it cannot think of one.
func example(s *jsonschema.Schema, resolved *jsonschema.Resolved) json.RawMessage {
	text, ok := (&exampler{root: s}).of(s)
	var value any
	if !ok || json.Unmarshal(text, &value) != nil || resolved.Validate(value) != nil {
		return nil
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, text, "", "  ") != nil {
		return nil
	}
	return pretty.Bytes()
}

// exampler follows a schema; open holds the references it is in, so that a list of lists of lists ends.
type exampler struct {
	root *jsonschema.Schema
	open []string
}

func (e *exampler) of(s *jsonschema.Schema) (json.RawMessage, bool) {
	switch {
	case s == nil:
		return nil, false
	case len(s.Examples) > 0:
		return marshal(s.Examples[0])
	case s.Const != nil:
		return marshal(*s.Const)
	case s.Default != nil:
		return s.Default, true
	case len(s.Enum) > 0:
		return marshal(s.Enum[0])
	case s.Ref != "":
		return e.reference(s.Ref)
	}
	for _, choices := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, choice := range choices {
			if text, ok := e.of(choice); ok {
				return text, true
			}
		}
	}
	types := s.Types
	if s.Type != "" {
		types = []string{s.Type}
	}
	if len(types) == 0 && s.Properties != nil {
		types = []string{"object"}
	}
	for _, t := range types {
		if text, ok := e.typed(t, s); ok {
			return text, true
		}
	}
	return json.RawMessage("{}"), len(types) == 0
}

func (e *exampler) reference(ref string) (json.RawMessage, bool) {
	if slices.Contains(e.open, ref) || ref == "#" {
		return nil, false
	}
	e.open = append(e.open, ref)
	defer func() { e.open = e.open[:len(e.open)-1] }()
	return e.of(deref(ref, e.root))
}

func (e *exampler) typed(t string, s *jsonschema.Schema) (json.RawMessage, bool) {
	switch t {
	case "null":
		return json.RawMessage("null"), true
	case "boolean":
		return json.RawMessage("true"), true
	case "integer":
		return marshal(int64(number(s, 1)))
	case "number":
		return marshal(number(s, 0.5))
	case "string":
		return text(s)
	case "array":
		return e.array(s)
	case "object":
		return e.object(s)
	}
	return nil, false
}

func (e *exampler) array(s *jsonschema.Schema) (json.RawMessage, bool) {
	least := 0
	if s.MinItems != nil {
		least = *s.MinItems
	}
	item, ok := e.of(s.Items)
	if !ok || s.MaxItems != nil && *s.MaxItems == 0 {
		return json.RawMessage("[]"), least == 0
	}
	return marshal(slices.Repeat([]json.RawMessage{item}, min(max(least, 1), 10)))
}

func (e *exampler) object(s *jsonschema.Schema) (json.RawMessage, bool) {
	var buf bytes.Buffer
	add := func(name string, value json.RawMessage) {
		if buf.Len() > 0 {
			buf.WriteByte(',')
		}
		key, _ := json.Marshal(name) // a string cannot fail
		buf.Write(key)
		buf.WriteByte(':')
		buf.Write(value)
	}
	for _, name := range s.PropertyOrder {
		value, ok := e.of(s.Properties[name])
		if !ok && slices.Contains(s.Required, name) {
			return nil, false
		}
		if ok {
			add(name, value)
		}
	}
	if buf.Len() == 0 && s.AdditionalProperties != nil {
		name := "key"
		if s.PropertyNames != nil && s.PropertyNames.Pattern != "" {
			name = "1"
		}
		if value, ok := e.of(s.AdditionalProperties); ok {
			add(name, value)
		}
	}
	return slices.Concat(json.RawMessage("{"), buf.Bytes(), json.RawMessage("}")), true
}

// number moves a value between the limits of the schema.
func number(s *jsonschema.Schema, n float64) float64 {
	switch {
	case s.Minimum != nil && n < *s.Minimum:
		n = math.Ceil(*s.Minimum)
	case s.ExclusiveMinimum != nil && n <= *s.ExclusiveMinimum:
		n = math.Floor(*s.ExclusiveMinimum) + 1
	case s.Maximum != nil && n > *s.Maximum:
		n = math.Floor(*s.Maximum)
	case s.ExclusiveMaximum != nil && n >= *s.ExclusiveMaximum:
		n = math.Ceil(*s.ExclusiveMaximum) - 1
	}
	if s.MultipleOf != nil && *s.MultipleOf > 0 {
		n = math.Ceil(n / *s.MultipleOf) * *s.MultipleOf
	}
	return n
}

// ofFormat is a text of a known format.
func ofFormat(format string) (string, bool) {
	switch format {
	case "date-time":
		return "2026-01-31T09:30:00Z", true
	case "date":
		return "2026-01-31", true
	case "time":
		return "09:30:00", true
	case "duration":
		return "PT1H", true
	case "email":
		return "ann@example.com", true
	case "hostname":
		return "example.com", true
	case "uri":
		return "https://example.com/", true
	case "uuid":
		return "6f1c3b52-8f0e-4c8a-9d53-0a4e2f6b7c11", true
	case "decimal":
		return "10.50", true
	case "ipv4":
		return "192.0.2.1", true
	case "ipv6":
		return "2001:db8::1", true
	}
	return "", false
}

// text is a string that the schema allows.
func text(s *jsonschema.Schema) (json.RawMessage, bool) {
	if known, ok := ofFormat(s.Format); ok {
		return marshal(known)
	}
	if s.ContentEncoding == "base64" {
		return marshal("aGVsbG8=")
	}
	if s.Pattern != "" {
		return matching(s.Pattern)
	}
	sample := "text"
	if s.MinLength != nil && *s.MinLength > len(sample) {
		sample = strings.Repeat(sample, min(*s.MinLength, 1000)/len(sample)+1)[:min(*s.MinLength, 1000)]
	}
	if s.MaxLength != nil && *s.MaxLength >= 0 && *s.MaxLength < utf8.RuneCountInString(sample) {
		sample = sample[:*s.MaxLength]
	}
	return marshal(sample)
}

// matching tries a few texts on a pattern: making one up for any pattern is another trade.
func matching(pattern string) (json.RawMessage, bool) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, false
	}
	for _, candidate := range []string{"text", "TEXT", "1", "12.50", "true", `"text"`, "a-1", "AB12", "+49301234567", "2026-01-31"} {
		if re.MatchString(candidate) {
			return marshal(candidate)
		}
	}
	return nil, false
}

func marshal(v any) (json.RawMessage, bool) {
	text, err := json.Marshal(v)
	return text, err == nil
}
