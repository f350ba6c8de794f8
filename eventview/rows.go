package eventview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// row is one field of a payload on the page.
type row struct {
	Parent      string // "department.", "tags[]."
	Name        string
	Type        string
	Required    bool
	Constraints []string
	Description string
}

// maxRowDepth bounds what the page lists of a deeply nested payload; the schema below the table has it all.
const maxRowDepth = 8

// rows lists the fields of a payload, nested ones by their path.
func rows(root *jsonschema.Schema) []row {
	t := &table{root: root}
	if root.Properties == nil {
		t.rows = append(t.rows, row{Name: "(message)", Type: t.typeOf(root), Required: true, Constraints: constraints(root)})
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
	for _, name := range s.PropertyOrder {
		property := s.Properties[name]
		if property == nil {
			continue
		}
		t.rows = append(t.rows, row{
			Parent:      path,
			Name:        name,
			Type:        t.typeOf(property),
			Required:    slices.Contains(s.Required, name),
			Constraints: constraints(property),
			Description: property.Description,
		})
		t.descend(property, path+name+".", depth+1)
	}
	below := strings.TrimSuffix(path, ".")
	t.descend(s.Items, below+"[].", depth+1)
	t.descend(s.AdditionalProperties, below+".*.", depth+1)
	for _, choice := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		t.descend(choice, path, depth+1)
	}
	if s == t.root {
		t.definitions()
	}
}

// definitions lists the fields of types that contain themselves.
func (t *table) definitions() {
	for _, definitions := range []map[string]*jsonschema.Schema{t.root.Definitions, t.root.Defs} {
		for _, name := range sortedNames(definitions) {
			t.descend(definitions[name], name+".", 1)
		}
	}
}

// typeOf says a type in words: "array of string (date)", "integer or null".
func (t *table) typeOf(s *jsonschema.Schema) string {
	types := slices.Clone(s.Types)
	if s.Type != "" {
		types = []string{s.Type}
	}
	for i, name := range types {
		switch {
		case name == "array" && s.Items != nil:
			types[i] = "array of " + t.typeOf(s.Items)
		case name == "object" && s.AdditionalProperties != nil && len(s.Properties) == 0 && !isFalse(s.AdditionalProperties):
			types[i] = "map of " + t.typeOf(s.AdditionalProperties)
		case name == "string" && s.Format != "":
			types[i] = "string (" + s.Format + ")"
		case name == "string" && s.ContentEncoding != "":
			types[i] = "string (" + s.ContentEncoding + ")"
		}
	}
	for _, choice := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		types = append(types, t.typeOf(choice))
	}
	switch {
	case len(types) > 0:
		return strings.Join(types, " or ")
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

func isFalse(s *jsonschema.Schema) bool {
	text, err := json.Marshal(s)
	return err == nil && string(text) == "false"
}

// constraints says in words what else a value must be.
func constraints(s *jsonschema.Schema) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if s.Const != nil {
		add("always %s", compact(*s.Const))
	}
	if len(s.Enum) > 0 {
		var values []string
		for _, value := range s.Enum {
			values = append(values, compact(value))
		}
		add("one of %s", strings.Join(values, ", "))
	}
	for _, limit := range []struct {
		text string
		n    *float64
	}{{"at least", s.Minimum}, {"more than", s.ExclusiveMinimum}, {"at most", s.Maximum}, {"less than", s.ExclusiveMaximum}, {"a multiple of", s.MultipleOf}} {
		if limit.n != nil {
			add("%s %s", limit.text, strconv.FormatFloat(*limit.n, 'f', -1, 64))
		}
	}
	for _, limit := range []struct {
		text string
		n    *int
	}{
		{"at least %d characters", s.MinLength}, {"at most %d characters", s.MaxLength},
		{"at least %d items", s.MinItems}, {"at most %d items", s.MaxItems},
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
	if s.Default != nil {
		add("default %s", s.Default)
	}
	return all
}

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

func indent(schema json.RawMessage) string {
	var buf bytes.Buffer
	if json.Indent(&buf, schema, "", "  ") != nil {
		return string(schema)
	}
	return buf.String()
}

func sortedNames(definitions map[string]*jsonschema.Schema) []string {
	names := make([]string, 0, len(definitions))
	for name := range definitions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
