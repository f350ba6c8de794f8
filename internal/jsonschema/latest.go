package jsonschema

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// Latest are the keywords of 2020-12 that draft-07 does not know. Only ParseLatest reads them: to Parse they are unknown.
type Latest struct {
	PrefixItems                             []*Schema
	MinContains, MaxContains                *int
	DependentRequired                       []Dependency
	DependentSchemas                        []Property
	UnevaluatedItems, UnevaluatedProperties *Schema
}

// Dependency lists what a member requires beside itself.
type Dependency struct {
	Name     string
	Required []string
}

// ParseLatest is Parse for schemas of 2020-12, as a document of OpenAPI 3.1 has them. Keywords may stand beside $ref.
// Unknown are then keywords of older drafts, and dynamic references.
func ParseLatest(raw json.RawMessage) (*Schema, error) { return parse(raw, &parser{latest: true}) }

// keywordOfLatest reads a keyword of 2020-12; known tells whether it is one.
func (p *parser) keywordOfLatest(s *Schema, name string, value json.RawMessage, depth int) (known bool, err error) {
	latest := s.Latest
	if latest == nil {
		latest = new(Latest)
	}
	switch name {
	case "prefixItems":
		latest.PrefixItems, err = p.schemas(value, depth)
	case "minContains":
		latest.MinContains, err = count(value)
	case "maxContains":
		latest.MaxContains, err = count(value)
	case "dependentRequired":
		latest.DependentRequired, err = dependencies(value)
	case "dependentSchemas":
		latest.DependentSchemas, err = p.properties(value, depth)
	case "unevaluatedItems":
		latest.UnevaluatedItems, err = p.schema(value, depth+1)
	case "unevaluatedProperties":
		latest.UnevaluatedProperties, err = p.schema(value, depth+1)
	case "contentSchema", "$id", "$anchor", "$dynamicAnchor": // restrict nothing; who resolves references knows nothing of them
		s.Notes = append(s.Notes, Keyword{name, value})
		return true, nil
	default:
		return false, nil
	}
	s.Latest = latest
	return true, err
}

func dependencies(value json.RawMessage) (all []Dependency, err error) {
	if first(value) != '{' {
		return nil, errors.New("it is an object of lists of names")
	}
	for name, raw := range Members(value) {
		required, err := texts(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, Dependency{name, required})
	}
	return all, nil
}

// children yields the schemas that stand in these keywords.
func (l *Latest) children(yield func(*Schema) bool) bool {
	if l == nil {
		return true
	}
	for _, one := range [...]*Schema{l.UnevaluatedItems, l.UnevaluatedProperties} {
		if one != nil && !yield(one) {
			return false
		}
	}
	for _, one := range l.PrefixItems {
		if !yield(one) {
			return false
		}
	}
	for _, one := range l.DependentSchemas {
		if !yield(one.Schema) {
			return false
		}
	}
	return true
}

// dependent judges an object by what its members require.
func (c *checker) dependent(l *Latest, object map[string]any, path string) bool {
	ok := true
	for _, d := range l.DependentRequired {
		if _, there := object[d.Name]; !there {
			continue
		}
		for _, name := range d.Required {
			if _, there := object[name]; !there {
				ok = c.fail(c.below(path, name), "is missing beside %s", d.Name)
			}
		}
	}
	for _, d := range l.DependentSchemas {
		if _, there := object[d.Name]; there {
			ok = c.check(d.Schema, object, path) && ok
		}
	}
	return ok
}

// unevaluated judges what no other keyword has looked at.
func (c *checker) unevaluated(s *Schema, value any, path string) bool {
	l, ok := s.Latest, true
	switch value := value.(type) {
	case map[string]any:
		if l.UnevaluatedProperties == nil {
			return true
		}
		for _, name := range slices.Sorted(keys(value)) {
			if !c.looksAt(s, value, name, true) {
				ok = c.check(l.UnevaluatedProperties, value[name], c.below(path, "*")) && ok
			}
		}
	case []any:
		if l.UnevaluatedItems == nil {
			return true
		}
		for i, item := range value {
			if !c.looksAtItem(s, value, i, true) {
				ok = c.check(l.UnevaluatedItems, item, c.at(path, i)) && ok
			}
		}
	}
	return ok
}

// looksAt tells whether a schema says anything of a member. Of the outermost one the unevaluated are asked for.
func (c *checker) looksAt(s *Schema, object map[string]any, name string, outermost bool) bool {
	if _, found := s.Property(name); found || s.AdditionalProperties != nil || !outermost && s.Latest != nil && s.Latest.UnevaluatedProperties != nil {
		return true
	}
	if slices.ContainsFunc(s.PatternProperties, func(p Property) bool { return compiled(p.Name).MatchString(name) }) {
		return true
	}
	return slices.ContainsFunc(c.applied(s, object), func(one *Schema) bool { return c.looksAt(one, object, name, false) })
}

// looksAtItem is looksAt for an item of a list.
func (c *checker) looksAtItem(s *Schema, items []any, i int, outermost bool) bool {
	if s.Items != nil || s.Latest != nil && (i < len(s.Latest.PrefixItems) || !outermost && s.Latest.UnevaluatedItems != nil) {
		return true
	}
	if s.Contains != nil && c.allows(s.Contains, items[i]) {
		return true
	}
	return slices.ContainsFunc(c.applied(s, items), func(one *Schema) bool { return c.looksAtItem(one, items, i, false) })
}

// applied are the schemas within a schema that the value matches.
func (c *checker) applied(s *Schema, value any) []*Schema {
	all := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	if s.Target != nil {
		all = append(all, s.Target)
	}
	if s.If != nil {
		then := s.Else
		if c.remembered(s.If, value) {
			all, then = append(all, s.If), s.Then
		}
		if then != nil {
			all = append(all, then)
		}
	}
	if object, ok := value.(map[string]any); ok && s.Latest != nil {
		for _, d := range s.Latest.DependentSchemas {
			if _, there := object[d.Name]; there {
				all = append(all, d.Schema)
			}
		}
	}
	return slices.DeleteFunc(all, func(one *Schema) bool { return !c.remembered(one, value) })
}

// memo are answers about objects and lists. The question what a schema has looked at comes up again for each member, and
// on each level of a deep value: without it that would take exponential time.
type memo struct{ answers map[question]bool }

type question struct {
	schema *Schema
	value  uintptr // of the object, or of the first item of the list
}

// remembered is allows for an object or a list that is not empty.
func (c *checker) remembered(s *Schema, value any) bool {
	q := question{s, reflect.ValueOf(value).Pointer()}
	answer, known := c.memo.answers[q]
	if !known {
		answer = c.allows(s, value)
		if c.memo.answers == nil {
			c.memo.answers = map[question]bool{}
		}
		c.memo.answers[q] = answer
	}
	return answer
}
