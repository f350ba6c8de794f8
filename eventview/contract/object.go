package contract

import (
	"slices"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// object compares fields.
func (c *comparison) object(older, newer *jsonschema.Schema, field string) {
	before := byName(older.Properties)
	after := byName(newer.Properties)
	for _, p := range newer.Properties {
		if was, there := before[p.Name]; there {
			c.schema(was, p.Schema, below(field, p.Name))
			continue
		}
		if around := (surroundings{older, &c.around}); c.action == received && around.describes(p.Name) {
			c.note("unclear", below(field, p.Name), "is described in another place")
			continue
		}
		c.note("field-added", below(field, p.Name), "is new")
		if older.AdditionalProperties != nil { // fields of its name were described, too
			c.schema(older.AdditionalProperties, p.Schema, below(field, p.Name))
		}
	}
	for _, p := range older.Properties {
		if _, there := after[p.Name]; there {
			continue
		}
		c.note("field-removed", below(field, p.Name), "is gone")
		if newer.AdditionalProperties != nil {
			c.schema(p.Schema, newer.AdditionalProperties, below(field, p.Name))
		}
	}
	c.schema(older.AdditionalProperties, newer.AdditionalProperties, below(field, "*"))
	for _, name := range newer.Required {
		if !slices.Contains(older.Required, name) {
			c.note("required-added", below(field, name), "%s", c.action.either("is always there", "has to be there"))
		}
	}
	for _, name := range older.Required {
		if !slices.Contains(newer.Required, name) {
			c.note("required-dropped", below(field, name), "%s", c.action.either("may be missing", "need not be there"))
		}
	}
}

// speaksOf tells whether a schema, or another one for the same object within it, describes or requires a member, or
// describes members of any name.
func speaksOf(s *jsonschema.Schema, name string, seen map[*jsonschema.Schema]bool) bool {
	if s == nil || seen[s] {
		return false
	}
	seen[s] = true
	if _, found := s.Property(name); found || slices.Contains(s.Required, name) || s.PatternProperties != nil {
		return true
	}
	if more := s.AdditionalProperties; more != nil && !more.Never && len(seen) > 1 {
		return true // those of the first schema are compared by themselves
	}
	for _, list := range [...][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf, {s.Then, s.Else, s.Target}} {
		for _, other := range list {
			if speaksOf(other, name, seen) {
				return true
			}
		}
	}
	return false
}

// patterned tells whether names that match a pattern are described alike. Where there are patterns, a field that comes
// or goes may match one.
func (c *comparison) patterned(older, newer *jsonschema.Schema) bool {
	if older.PatternProperties == nil && newer.PatternProperties == nil {
		return true
	}
	if !c.properties(older.PatternProperties, newer.PatternProperties) || len(older.Properties) != len(newer.Properties) {
		return false
	}
	after := byName(newer.Properties)
	for _, p := range older.Properties {
		if after[p.Name] == nil {
			return false
		}
	}
	return true
}

func byName(properties []jsonschema.Property) map[string]*jsonschema.Schema {
	m := make(map[string]*jsonschema.Schema, len(properties))
	for _, p := range properties {
		m[p.Name] = p.Schema
	}
	return m
}

func below(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}
