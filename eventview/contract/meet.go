package contract

import (
	"encoding/json"
	"slices"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// meet changes whole to what it allows together with other, or leaves it alone and returns false where no single schema
// says that. Schemas within it are joined later, when they are looked at.
func meet(whole, other *jsonschema.Schema) bool {
	s := *whole
	switch {
	case s.Never || other.Never:
		*whole = jsonschema.Schema{Never: true}
		return true
	case s.Unknown != nil || other.Unknown != nil || s.PatternProperties != nil || other.PatternProperties != nil:
		return false
	}
	if full(s.Types)&full(other.Types) == 0 {
		*whole = jsonschema.Schema{Never: true}
		return true
	}
	s.Types = common(s.Types, other.Types)
	meetValues(&s, other)
	ok := meetText(&s.Format, other.Format) && meetText(&s.Pattern, other.Pattern) &&
		meetText(&s.ContentEncoding, other.ContentEncoding) && meetText(&s.ContentMediaType, other.ContentMediaType) &&
		meetStep(&s.MultipleOf, other.MultipleOf) &&
		meetSchema(&s.Contains, other.Contains) && meetSchema(&s.PropertyNames, other.PropertyNames) && meetSchema(&s.Not, other.Not) &&
		meetChoice(&s.AnyOf, other.AnyOf) && meetChoice(&s.OneOf, other.OneOf)
	if !ok || s.If != nil && other.If != nil {
		return false
	}
	if other.If != nil {
		s.If, s.Then, s.Else = other.If, other.Then, other.Else
	}
	meetLimits(&s, other)
	meetMembers(&s, other)
	s.Items = both(s.Items, other.Items)
	s.UniqueItems = s.UniqueItems || other.UniqueItems
	*whole = s
	return true
}

const allTypes = jsonschema.Null<<1 - 1

// full spells out what a set of types stands for.
func full(t jsonschema.Types) jsonschema.Types {
	if t == 0 {
		return allTypes
	}
	if t.Has(jsonschema.Number) {
		t |= jsonschema.Integer
	}
	return t
}

// common are the types that both sets allow, of which there are some.
func common(a, b jsonschema.Types) jsonschema.Types {
	switch {
	case a == 0:
		return b
	case b == 0:
		return a
	}
	t := full(a) & full(b)
	if t.Has(jsonschema.Number) {
		t &^= jsonschema.Integer
	}
	return t
}

func meetValues(s, other *jsonschema.Schema) {
	if other.Enum == nil && other.Const == nil {
		return
	}
	if s.Enum == nil && s.Const == nil {
		s.Enum, s.Const = other.Enum, other.Const
		return
	}
	allowed := values(other)
	left := []json.RawMessage{}
	for _, v := range slices.Concat(s.Enum, []json.RawMessage{s.Const}) {
		if text := jsonschema.Canonical(v); v != nil && slices.Contains(values(s), text) && slices.Contains(allowed, text) {
			left = append(left, v)
		}
	}
	s.Enum, s.Const = left, nil
}

func meetText(text *string, other string) bool {
	if *text == "" {
		*text = other
	}
	return other == "" || other == *text
}

func meetStep(step *json.Number, other json.Number) bool {
	switch {
	case other == "":
	case *step == "" || jsonschema.IsMultiple(other, *step):
		*step = other
	default:
		return jsonschema.IsMultiple(*step, other)
	}
	return true
}

func meetSchema(s **jsonschema.Schema, other *jsonschema.Schema) bool {
	if *s == nil {
		*s = other
	}
	return other == nil || other == *s
}

func meetChoice(list *[]*jsonschema.Schema, other []*jsonschema.Schema) bool {
	if *list == nil {
		*list = other
		return true
	}
	return other == nil || slices.Equal(*list, other)
}

func meetLimits(s, other *jsonschema.Schema) {
	for _, least := range [...]struct{ a, b **int }{{&s.MinLength, &other.MinLength}, {&s.MinItems, &other.MinItems}, {&s.MinProperties, &other.MinProperties}} {
		if *least.a == nil || *least.b != nil && **least.b > **least.a {
			*least.a = *least.b
		}
	}
	for _, most := range [...]struct{ a, b **int }{{&s.MaxLength, &other.MaxLength}, {&s.MaxItems, &other.MaxItems}, {&s.MaxProperties, &other.MaxProperties}} {
		if *most.a == nil || *most.b != nil && **most.b < **most.a {
			*most.a = *most.b
		}
	}
	for _, bound := range [...]struct {
		a, b *json.Number
		sign int
	}{
		{&s.Minimum, &other.Minimum, +1}, {&s.ExclusiveMinimum, &other.ExclusiveMinimum, +1},
		{&s.Maximum, &other.Maximum, -1}, {&s.ExclusiveMaximum, &other.ExclusiveMaximum, -1},
	} {
		if *bound.a == "" || *bound.b != "" && jsonschema.Compare(*bound.b, *bound.a)*bound.sign > 0 {
			*bound.a = *bound.b
		}
	}
}

// meetMembers joins the members. One that only one side describes is an additional one to the other side.
func meetMembers(s, other *jsonschema.Schema) {
	properties := make([]jsonschema.Property, 0, len(s.Properties)+len(other.Properties))
	for _, p := range s.Properties {
		there, found := other.Property(p.Name)
		if !found {
			there = other.AdditionalProperties
		}
		properties = append(properties, jsonschema.Property{Name: p.Name, Schema: both(p.Schema, there)})
	}
	for _, p := range other.Properties {
		if _, found := s.Property(p.Name); !found {
			properties = append(properties, jsonschema.Property{Name: p.Name, Schema: both(p.Schema, s.AdditionalProperties)})
		}
	}
	if len(properties) > 0 {
		s.Properties = properties
	}
	s.AdditionalProperties = both(s.AdditionalProperties, other.AdditionalProperties)
	for _, name := range other.Required {
		if !slices.Contains(s.Required, name) {
			s.Required = append(slices.Clip(s.Required), name)
		}
	}
}

// both is what two schemas allow, nil standing for anything.
func both(a, b *jsonschema.Schema) *jsonschema.Schema {
	switch {
	case a == nil || a == b:
		return b
	case b == nil:
		return a
	}
	return &jsonschema.Schema{AllOf: []*jsonschema.Schema{a, b}}
}
