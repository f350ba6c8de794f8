package eventview

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// row is one field of a payload on the page.
type row struct {
	parent      string // "department.", "tags[]."
	name        string
	kind        string
	required    bool
	constraints string
	description string
}

// maxRowDepth bounds what the page lists of a deeply nested payload; the schema below the table has it all.
const maxRowDepth = 8

// appendRows lists the fields of a payload, nested ones by their path.
func appendRows(dst []row, root *jsonschema.Schema) []row {
	t := &table{root: root, rows: dst}
	if root.Properties == nil {
		t.rows = append(t.rows, row{name: "(message)", kind: typeOf(root), required: true, constraints: constraints(root)})
	}
	t.descend(root, "", 0)
	return t.rows
}

type table struct {
	root *jsonschema.Schema
	rows []row
}

// descend adds the fields below a schema. What a reference leads to is listed where it is defined, not again.
func (t *table) descend(s *jsonschema.Schema, path string, depth int) {
	if s == nil || depth > maxRowDepth {
		return
	}
	left := s.Required // mostly in the order of the members
	for _, p := range s.Properties {
		required := len(left) > 0 && left[0] == p.Name
		if required {
			left = left[1:]
		} else if len(left) > 0 {
			required = slices.Contains(s.Required, p.Name)
		}
		t.rows = append(t.rows, row{
			parent:      path,
			name:        p.Name,
			kind:        typeOf(p.Schema),
			required:    required,
			constraints: constraints(p.Schema),
			description: p.Schema.Description,
		})
		if isNested(p.Schema) {
			t.descend(p.Schema, path+p.Name+".", depth+1)
		}
	}
	if s.Items != nil || s.AdditionalProperties != nil {
		below := strings.TrimSuffix(path, ".")
		t.descend(s.Items, below+"[].", depth+1)
		t.descend(s.AdditionalProperties, below+".*.", depth+1)
	}
	for _, choices := range [...][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, choice := range choices {
			t.descend(choice, path, depth+1)
		}
	}
	if s == t.root {
		for _, definitions := range [...][]jsonschema.Property{s.Definitions, s.Defs} {
			for _, d := range definitions { // types that contain themselves
				t.descend(d.Schema, d.Name+".", 1)
			}
		}
	}
}

// isNested tells whether there are fields below a schema.
func isNested(s *jsonschema.Schema) bool {
	return s.Properties != nil || s.Items != nil || s.AdditionalProperties != nil || s.AllOf != nil || s.AnyOf != nil || s.OneOf != nil
}

// typeOf says a type in words: "array of string (date)", "integer or null".
func typeOf(s *jsonschema.Schema) string {
	if s.Types != 0 && s.Items == nil && s.AdditionalProperties == nil && s.Format == "" && s.ContentEncoding == "" &&
		s.AllOf == nil && s.AnyOf == nil && s.OneOf == nil {
		return s.Types.String() // most are as simple as that
	}
	types := s.Types.Names()
	for i, name := range types {
		switch {
		case name == "array" && s.Items != nil:
			types[i] = "array of " + typeOf(s.Items)
		case name == "object" && s.AdditionalProperties != nil && len(s.Properties) == 0 && !s.AdditionalProperties.Never:
			types[i] = "map of " + typeOf(s.AdditionalProperties)
		case name == "string" && formatOf(s) != "":
			types[i] = "string (" + formatOf(s) + ")"
		case name == "string" && s.ContentEncoding != "":
			types[i] = "string (" + s.ContentEncoding + ")"
		}
	}
	for _, choice := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		if !refines(choice, s) {
			types = append(types, typeOf(choice))
		}
	}
	switch {
	case len(types) > 0:
		return strings.Join(types, " or ")
	case s.Never:
		return "nothing"
	case s.Ref == "#":
		return "this object again"
	case s.Ref != "":
		return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
	case s.Properties != nil:
		return "object"
	case s.Enum != nil || s.Const != nil:
		return "constant"
	}
	return "anything"
}

// refines tells whether a choice leaves the type to the schema around it.
func refines(choice, s *jsonschema.Schema) bool {
	return s.Types != 0 && choice.Types == 0 && choice.Ref == "" && !choice.Never && choice.AnyOf == nil && choice.OneOf == nil && choice.AllOf == nil
}

// formatOf is the format of a text, or those that it may have.
func formatOf(s *jsonschema.Schema) string {
	if s.Format != "" {
		return s.Format
	}
	var formats []string
	for _, choice := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		if choice.Format != "" && refines(choice, s) {
			formats = append(formats, choice.Format)
		}
	}
	return strings.Join(formats, " or ")
}

// constraints says in words what else a value must be.
func constraints(s *jsonschema.Schema) string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if s.Const != nil {
		add("always %s", s.Const)
	}
	if len(s.Enum) > 0 {
		var values []string
		for _, value := range s.Enum {
			values = append(values, string(value))
		}
		add("one of %s", strings.Join(values, ", "))
	}
	for _, limit := range [...]struct {
		text string
		n    json.Number
	}{{"at least", s.Minimum}, {"more than", s.ExclusiveMinimum}, {"at most", s.Maximum}, {"less than", s.ExclusiveMaximum}, {"a multiple of", s.MultipleOf}} {
		if limit.n != "" {
			add("%s %s", limit.text, limit.n)
		}
	}
	for _, limit := range [...]struct {
		text string
		n    *int
	}{
		{"at least %d characters", s.MinLength}, {"at most %d characters", s.MaxLength},
		{"at least %d items", s.MinItems}, {"at most %d items", s.MaxItems},
		{"at least %d members", s.MinProperties}, {"at most %d members", s.MaxProperties},
	} {
		if limit.n != nil {
			add(limit.text, *limit.n)
		}
	}
	if s.Pattern != "" {
		add("matches %s", s.Pattern)
	}
	if s.UniqueItems {
		add("no item twice")
	}
	for _, choice := range s.AllOf {
		if text := constraints(choice); text != "" && refines(choice, s) {
			add("%s", text)
		}
	}
	for _, choices := range [...][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		if text := either(s, choices); text != "" {
			add("%s", text)
		}
	}
	if s.Default != nil {
		add("default %s", s.Default)
	}
	if s.Deprecated {
		add("deprecated")
	}
	return strings.Join(all, "; ")
}

// either says what the choices that refine a schema add to it.
func either(s *jsonschema.Schema, choices []*jsonschema.Schema) string {
	var all []string
	for _, choice := range choices {
		switch text := constraints(choice); {
		case !refines(choice, s):
		case choice.MaxLength != nil && *choice.MaxLength == 0:
			all = append(all, "empty")
		case text != "":
			all = append(all, text)
		}
	}
	if len(all) == 1 && len(choices) > 1 {
		return "or " + all[0]
	}
	return strings.Join(all, ", or ")
}
