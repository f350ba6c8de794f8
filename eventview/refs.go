package eventview

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// deref follows a reference into the schema itself, nil if there is nothing.
func deref(ref string, root *jsonschema.Schema) *jsonschema.Schema {
	if ref == "#" {
		return root
	}
	if name, ok := strings.CutPrefix(ref, "#/definitions/"); ok {
		return root.Definitions[name]
	}
	if name, ok := strings.CutPrefix(ref, "#/$defs/"); ok {
		return root.Defs[name]
	}
	return nil
}

// checkReferences refuses references that lead out of the schema, to nowhere, or back to themselves with no value in
// between: following those, a validator would never end.
func checkReferences(s, root *jsonschema.Schema) error {
	if s == nil {
		return nil
	}
	if s.DynamicRef != "" {
		return fmt.Errorf("$dynamicRef %q: draft-07 does not know it, use $ref", s.DynamicRef)
	}
	if s.Ref != "" && deref(s.Ref, root) == nil {
		return fmt.Errorf("$ref %q leads nowhere: use \"#\" or \"#/definitions/NAME\"", s.Ref)
	}
	if circular(s, root, nil) {
		return fmt.Errorf("$ref %q leads back to itself", s.Ref)
	}
	for _, child := range children(s) {
		if err := checkReferences(child, root); err != nil {
			return err
		}
	}
	return nil
}

// circular follows what applies to the same value as s does.
func circular(s, root *jsonschema.Schema, open []*jsonschema.Schema) bool {
	if s == nil {
		return false
	}
	if slices.Contains(open, s) {
		return true
	}
	open = append(open, s)
	same := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, []*jsonschema.Schema{s.Not, s.If, s.Then, s.Else})
	if s.Ref != "" {
		same = append(same, deref(s.Ref, root))
	}
	for _, other := range s.DependentSchemas {
		same = append(same, other)
	}
	for _, other := range s.DependencySchemas {
		same = append(same, other)
	}
	return slices.ContainsFunc(same, func(other *jsonschema.Schema) bool { return circular(other, root, open) })
}

// refers tells whether there is a reference anywhere in a schema.
func refers(s *jsonschema.Schema) bool {
	return s != nil && (s.Ref != "" || s.DynamicRef != "" || slices.ContainsFunc(children(s), refers))
}

// children are the schemas within a schema, of whatever keyword.
func children(s *jsonschema.Schema) []*jsonschema.Schema {
	var all []*jsonschema.Schema
	for field, value := range reflect.ValueOf(s).Elem().Fields() {
		if !field.IsExported() {
			continue
		}
		switch value := value.Interface().(type) {
		case *jsonschema.Schema:
			if value != nil {
				all = append(all, value)
			}
		case []*jsonschema.Schema:
			all = append(all, value...)
		case map[string]*jsonschema.Schema:
			for _, child := range value {
				all = append(all, child)
			}
		}
	}
	return all
}
