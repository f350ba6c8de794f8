package contract

import (
	"bytes"
	"slices"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

type pair struct{ older, newer *jsonschema.Schema }

// sameness tells which schemas allow the same by saying the same. Pairs that are being looked at count as the same, so
// that types which contain themselves end.
type sameness struct {
	known   map[pair]bool
	assumed []pair // in the order of asking; they fall with the answer that they were part of
}

func (s *sameness) same(older, newer *jsonschema.Schema) bool {
	if older == nil || newer == nil || older == newer {
		return older == newer
	}
	p := pair{older, newer}
	if answer, asked := s.known[p]; asked {
		return answer
	}
	if s.known == nil {
		s.known = map[pair]bool{}
	}
	s.known[p] = true
	mark := len(s.assumed)
	s.assumed = append(s.assumed, p)
	if s.look(older, newer) {
		return true
	}
	for _, q := range s.assumed[mark:] {
		delete(s.known, q)
	}
	s.assumed = s.assumed[:mark]
	s.known[p] = false
	return false
}

func (s *sameness) look(older, newer *jsonschema.Schema) bool {
	return bytes.Equal(own(older), own(newer)) && s.same(older.Target, newer.Target) &&
		s.same(older.Items, newer.Items) && s.same(older.Contains, newer.Contains) &&
		s.same(older.AdditionalProperties, newer.AdditionalProperties) && s.same(older.PropertyNames, newer.PropertyNames) &&
		s.same(older.Not, newer.Not) && s.same(older.If, newer.If) && s.same(older.Then, newer.Then) && s.same(older.Else, newer.Else) &&
		s.lists(older.AllOf, newer.AllOf) && s.lists(older.AnyOf, newer.AnyOf) && s.lists(older.OneOf, newer.OneOf) &&
		s.properties(older.Properties, newer.Properties) && s.properties(older.PatternProperties, newer.PatternProperties)
}

// lists compares what stands in any order.
func (s *sameness) lists(older, newer []*jsonschema.Schema) bool {
	if len(older) != len(newer) {
		return false
	}
	left := slices.Clone(older)
	for _, n := range newer {
		i := slices.IndexFunc(left, func(o *jsonschema.Schema) bool { return s.same(o, n) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

func (s *sameness) properties(older, newer []jsonschema.Property) bool {
	if len(older) != len(newer) {
		return false
	}
	named := make(map[string]*jsonschema.Schema, len(older))
	for _, p := range older {
		named[p.Name] = p.Schema
	}
	for _, p := range newer {
		if !s.same(named[p.Name], p.Schema) {
			return false
		}
	}
	return true
}

// own is what a schema says by itself, without notes for people and without the schemas in it.
func own(s *jsonschema.Schema) []byte {
	c := jsonschema.Schema{
		Never: s.Never, Types: s.Types, Enum: s.Enum, Const: s.Const, Format: s.Format, Pattern: s.Pattern,
		ContentEncoding: s.ContentEncoding, ContentMediaType: s.ContentMediaType, MinLength: s.MinLength, MaxLength: s.MaxLength,
		Minimum: s.Minimum, ExclusiveMinimum: s.ExclusiveMinimum, Maximum: s.Maximum, ExclusiveMaximum: s.ExclusiveMaximum,
		MultipleOf: s.MultipleOf, MinItems: s.MinItems, MaxItems: s.MaxItems, UniqueItems: s.UniqueItems, Required: s.Required,
		MinProperties: s.MinProperties, MaxProperties: s.MaxProperties, Unknown: s.Unknown,
	}
	return c.Append(nil, "#")
}
