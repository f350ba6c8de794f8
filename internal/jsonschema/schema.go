// Package jsonschema reads, writes and judges with JSON Schemas, in the keywords that draft-07 and 2020-12 share, and
// describes Go types with them.
//
// A Schema that has been parsed or reflected is not changed any more, so it may be shared and used concurrently.
// Numbers stay as they are spelt, and properties keep their order.
package jsonschema

import (
	"encoding/json"
	"math/bits"
	"strings"
)

// Schema is one JSON Schema. The zero value allows everything.
type Schema struct {
	Never bool // the schema false, which allows nothing
	Types Types
	Ref   string

	// Target is what Ref leads to, once the schema is linked.
	Target *Schema

	Enum  []json.RawMessage // nil: any value
	Const json.RawMessage

	Format, Pattern, ContentEncoding, ContentMediaType string
	MinLength, MaxLength                               *int

	Minimum, ExclusiveMinimum, Maximum, ExclusiveMaximum, MultipleOf json.Number // "" is none

	Items, Contains    *Schema
	MinItems, MaxItems *int
	UniqueItems        bool

	Properties, PatternProperties       []Property
	AdditionalProperties, PropertyNames *Schema
	Required                            []string
	MinProperties, MaxProperties        *int

	AllOf, AnyOf, OneOf []*Schema
	Not, If, Then, Else *Schema
	Definitions, Defs   []Property
	Title, Description  string
	Default             json.RawMessage
	Examples            []json.RawMessage
	Deprecated          bool
	Unknown             []Keyword // which restrict in a way that is not understood
	Notes               []Keyword // which restrict nothing
	Latest              *Latest   // nil unless ParseLatest has met some of them
}

// Property is a schema with its name.
type Property struct {
	Name   string
	Schema *Schema
}

// Keyword is one that a schema keeps as it is.
type Keyword struct {
	Name  string
	Value json.RawMessage
}

// Property returns the schema of a declared property.
func (s *Schema) Property(name string) (*Schema, bool) { return find(s.Properties, name) }

func find(properties []Property, name string) (*Schema, bool) {
	for i := range properties {
		if properties[i].Name == name {
			return properties[i].Schema, true
		}
	}
	return nil, false
}

// Children yields the schemas within the schema, definitions included.
func (s *Schema) Children(yield func(*Schema) bool) {
	for _, one := range []*Schema{s.Items, s.Contains, s.AdditionalProperties, s.PropertyNames, s.Not, s.If, s.Then, s.Else} {
		if one != nil && !yield(one) {
			return
		}
	}
	for _, list := range [][]*Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, one := range list {
			if !yield(one) {
				return
			}
		}
	}
	for _, list := range [][]Property{s.Properties, s.PatternProperties, s.Definitions, s.Defs} {
		for _, one := range list {
			if !yield(one.Schema) {
				return
			}
		}
	}
	s.Latest.children(yield)
}

// Types is a set of JSON types; the empty one stands for all.
type Types uint8

// The JSON types, in the order in which a schema lists them. Integer is also a Number.
const (
	Object Types = 1 << iota
	Array
	String
	Integer
	Number
	Boolean
	Null
)

const allTypes = Null<<1 - 1

var typeNames = []string{"object", "array", "string", "integer", "number", "boolean", "null"}

// Has tells whether one of the types is named.
func (t Types) Has(types Types) bool { return t&types != 0 }

// Names are the types by name.
func (t Types) Names() []string {
	names := make([]string, 0, bits.OnesCount8(uint8(t)))
	for i, name := range typeNames {
		if t.Has(1 << i) {
			names = append(names, name)
		}
	}
	return names
}

// String is like "integer or null".
func (t Types) String() string { return typeTexts[t&allTypes].words }

// typeTexts are the spellings of each set of types.
var typeTexts = func() (all [allTypes + 1]struct{ words, json string }) {
	for t := range all {
		names := Types(t).Names()
		all[t].words, all[t].json = strings.Join(names, " or "), `["`+strings.Join(names, `","`)+`"]`
		if len(names) == 1 {
			all[t].json = `"` + names[0] + `"`
		}
	}
	all[0].words = "anything"
	return all
}()

func typeNamed(name string) Types {
	for i, known := range typeNames {
		if known == name {
			return 1 << i
		}
	}
	return 0
}
