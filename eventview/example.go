package eventview

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// example makes a message that the schema allows, as compact JSON, nil if it cannot think of one.
func example(s *jsonschema.Schema) json.RawMessage {
	e := &exampler{open: []*jsonschema.Schema{s}}
	text, ok := e.append(make([]byte, 0, 64+32*len(s.Properties)), s)
	if !ok {
		return nil
	}
	if !e.doubtful {
		return text
	}
	if problems, err := s.CheckJSON(text); err != nil || len(problems) > 0 {
		return nil
	}
	return text
}

// exampler follows a schema; open holds the references it is in, so that a list of lists of lists ends. Its methods
// append an example, or return what they were given and false.
type exampler struct {
	open     []*jsonschema.Schema
	followed int  // references, so far
	doubtful bool // whether keywords were met that an example may miss
}

func (e *exampler) append(dst []byte, s *jsonschema.Schema) ([]byte, bool) {
	if s == nil || s.Never {
		return dst, false
	}
	e.doubtful = e.doubtful || !isCertain(s)
	switch {
	case len(s.Examples) > 0:
		return append(dst, s.Examples[0]...), true
	case s.Const != nil:
		return append(dst, s.Const...), true
	case s.Default != nil:
		return append(dst, s.Default...), true
	case len(s.Enum) > 0:
		return append(dst, s.Enum[0]...), true
	case s.Target != nil:
		return e.reference(dst, s.Target)
	}
	for _, choices := range [...][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, choice := range choices {
			if text, ok := e.append(dst, refined(s, choice)); ok {
				return text, true
			}
		}
	}
	types := s.Types
	if types == 0 && s.Properties != nil {
		types = jsonschema.Object
	}
	if types == 0 {
		return append(dst, "{}"...), true
	}
	for t := jsonschema.Object; t <= jsonschema.Null; t <<= 1 {
		if types.Has(t) {
			if text, ok := e.typed(dst, t, s); ok {
				return text, true
			}
		}
	}
	return dst, false
}

// refined is a choice that leaves type and members to the schema around it, together with these.
func refined(s, choice *jsonschema.Schema) *jsonschema.Schema {
	if choice.Never || choice.Types != 0 || choice.Target != nil {
		return choice
	}
	both := *choice
	both.Types = s.Types
	both.Properties = slices.Concat(s.Properties, choice.Properties)
	both.Required = slices.Concat(s.Required, choice.Required)
	return &both
}

// isCertain tells whether all that a schema says of a value is heeded in making one up. Everything else is tried.
func isCertain(s *jsonschema.Schema) bool {
	switch {
	case s.Ref != "", s.Enum != nil, s.Const != nil, s.Format != "" && s.Format != "date-time", s.Pattern != "", s.MinLength != nil, s.MaxLength != nil,
		s.Minimum != "" && s.Minimum != "0", s.ExclusiveMinimum != "", s.Maximum != "", s.ExclusiveMaximum != "", s.MultipleOf != "":
		return false
	case s.Contains != nil, s.MinItems != nil, s.MaxItems != nil, s.UniqueItems, s.PatternProperties != nil, s.PropertyNames != nil,
		s.MinProperties != nil, s.MaxProperties != nil, s.AllOf != nil, s.AnyOf != nil, s.OneOf != nil, s.Not != nil, s.If != nil,
		s.Unknown != nil, s.Examples != nil, s.Default != nil:
		return false
	}
	described := 0 // of the required members, in their order
	for i := range s.Properties {
		if described < len(s.Required) && s.Required[described] == s.Properties[i].Name {
			described++
		}
	}
	return described == len(s.Required)
}

// maxFollowed bounds the references that an example follows: a dozen types that contain each other lead along millions
// of ways, and nobody reads so long an example.
const maxFollowed = 50

func (e *exampler) reference(dst []byte, target *jsonschema.Schema) ([]byte, bool) {
	if slices.Contains(e.open, target) || e.followed >= maxFollowed {
		return dst, false
	}
	e.followed++
	e.open = append(e.open, target)
	defer func() { e.open = e.open[:len(e.open)-1] }()
	return e.append(dst, target)
}

func (e *exampler) typed(dst []byte, t jsonschema.Types, s *jsonschema.Schema) ([]byte, bool) {
	switch t {
	case jsonschema.Object:
		return e.object(dst, s)
	case jsonschema.Array:
		return e.array(dst, s)
	case jsonschema.String:
		text, ok := text(s)
		return jsonschema.AppendString(dst, text), ok
	case jsonschema.Integer:
		return strconv.AppendInt(dst, int64(number(s, 1)), 10), true
	case jsonschema.Number:
		return strconv.AppendFloat(dst, number(s, 0.5), 'f', -1, 64), true
	case jsonschema.Boolean:
		return append(dst, "true"...), true
	}
	return append(dst, "null"...), true
}

func (e *exampler) array(dst []byte, s *jsonschema.Schema) ([]byte, bool) {
	least := 0
	if s.MinItems != nil {
		least = *s.MinItems
	}
	start := len(dst)
	items := s.Items
	if items == nil {
		items = new(jsonschema.Schema)
	}
	dst, ok := e.append(append(dst, '['), items)
	if !ok || s.MaxItems != nil && *s.MaxItems == 0 {
		return append(dst[:start], "[]"...), least == 0
	}
	item := dst[start+1:]
	for range min(least, 10) - 1 {
		dst = append(append(dst, ','), item...)
	}
	return append(dst, ']'), true
}

func (e *exampler) object(dst []byte, s *jsonschema.Schema) ([]byte, bool) {
	start := len(dst)
	dst = append(dst, '{')
	member := func(name string, value *jsonschema.Schema) bool {
		before := len(dst)
		if before > start+1 {
			dst = append(dst, ',')
		}
		with, ok := e.append(append(jsonschema.AppendString(dst, name), ':'), value)
		if !ok {
			with = with[:before]
		}
		dst = with
		return ok
	}
	for _, p := range s.Properties {
		if !member(p.Name, p.Schema) && slices.Contains(s.Required, p.Name) {
			return dst[:start], false
		}
	}
	if len(dst) == start+1 && s.AdditionalProperties != nil {
		name := "key"
		if s.PropertyNames != nil && s.PropertyNames.Pattern != "" {
			name = "1"
		}
		member(name, s.AdditionalProperties)
	}
	return append(dst, '}'), true
}

// number moves a value between the limits of the schema.
func number(s *jsonschema.Schema, n float64) float64 {
	limit := func(text json.Number) float64 {
		f, _ := text.Float64() // out of range is an infinity, which the schema will refuse
		return f
	}
	switch {
	case s.Minimum != "" && n < limit(s.Minimum):
		n = math.Ceil(limit(s.Minimum))
	case s.ExclusiveMinimum != "" && n <= limit(s.ExclusiveMinimum):
		n = math.Floor(limit(s.ExclusiveMinimum)) + 1
	case s.Maximum != "" && n > limit(s.Maximum):
		n = math.Floor(limit(s.Maximum))
	case s.ExclusiveMaximum != "" && n >= limit(s.ExclusiveMaximum):
		n = math.Ceil(limit(s.ExclusiveMaximum)) - 1
	}
	if s.MultipleOf != "" {
		if step := limit(s.MultipleOf); step > 0 {
			n = math.Ceil(n/step) * step
		}
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
func text(s *jsonschema.Schema) (string, bool) {
	if known, ok := ofFormat(s.Format); ok {
		return known, true
	}
	if s.ContentEncoding == "base64" {
		return "aGVsbG8=", true
	}
	if s.Pattern != "" {
		return matching(s.Pattern)
	}
	sample := "text"
	if s.MinLength != nil && *s.MinLength > len(sample) {
		sample = strings.Repeat(sample, min(*s.MinLength, 1000)/len(sample)+1)[:min(*s.MinLength, 1000)]
	}
	if s.MaxLength != nil && *s.MaxLength < len(sample) {
		sample = sample[:*s.MaxLength]
	}
	return sample, true
}

// matching tries a few texts on a pattern: making one up for any pattern is another trade.
func matching(pattern string) (string, bool) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return "", false
	}
	for _, candidate := range []string{"text", "TEXT", "1", "12.50", "true", `"text"`, "a-1", "AB12", "+49301234567", "2026-01-31"} {
		if re.MatchString(candidate) {
			return candidate, true
		}
	}
	return "", false
}
