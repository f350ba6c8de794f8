package contract

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// flattener writes schemas in one way: references are followed, what allOf joins is one schema where that can be, and a
// choice of which only one can match is a plain choice. It changes no schema that it is given.
//
// A schema is flat when it is made of atoms: schemas of the document without references and allOf. Schemas of the same
// atoms have the same flat one, so that types which contain themselves end.
type flattener struct {
	flat    map[*jsonschema.Schema]*jsonschema.Schema
	atoms   map[*jsonschema.Schema]*jsonschema.Schema // a schema without its references, allOf and choices of one
	numbers map[*jsonschema.Schema]int                // of atoms
	joined  map[string]*jsonschema.Schema             // by the numbers of the atoms
	allowed map[*jsonschema.Schema]jsonschema.Types   // by choices
}

func newFlattener() *flattener {
	return &flattener{
		flat: map[*jsonschema.Schema]*jsonschema.Schema{}, atoms: map[*jsonschema.Schema]*jsonschema.Schema{},
		numbers: map[*jsonschema.Schema]int{}, joined: map[string]*jsonschema.Schema{}, allowed: map[*jsonschema.Schema]jsonschema.Types{},
	}
}

var anything = new(jsonschema.Schema)

// of returns the flat schema, nil standing for anything.
func (f *flattener) of(s *jsonschema.Schema) *jsonschema.Schema {
	if s == nil {
		return anything
	}
	if flat, known := f.flat[s]; known {
		return flat
	}
	flat := f.join(f.collect(nil, s, map[*jsonschema.Schema]bool{}))
	f.flat[s] = flat
	return flat
}

// collect appends the atoms of a schema. References come to an end: the document was linked.
func (f *flattener) collect(atoms []*jsonschema.Schema, s *jsonschema.Schema, seen map[*jsonschema.Schema]bool) []*jsonschema.Schema {
	if seen[s] {
		return atoms
	}
	seen[s] = true
	if s.Target != nil {
		atoms = f.collect(atoms, s.Target, seen)
	}
	for _, one := range s.AllOf {
		atoms = f.collect(atoms, one, seen)
	}
	for _, choices := range [...][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		if len(choices) == 1 {
			atoms = f.collect(atoms, choices[0], seen)
		}
	}
	if atom := f.atom(s); atom != nil && !slices.Contains(atoms, atom) {
		atoms = append(atoms, atom)
	}
	return atoms
}

// atom is what a schema says beside its references and allOf, nil if that is nothing.
func (f *flattener) atom(s *jsonschema.Schema) *jsonschema.Schema {
	if atom, known := f.atoms[s]; known {
		return atom
	}
	atom := s
	if s.Target != nil || s.Ref != "" || s.AllOf != nil || len(s.AnyOf) == 1 || len(s.OneOf) > 0 {
		rest := *s
		atom = &rest
		rest.Ref, rest.Target, rest.AllOf = "", nil, nil
		if len(rest.AnyOf) == 1 {
			rest.AnyOf = nil
		}
		switch {
		case len(rest.OneOf) == 1:
			rest.OneOf = nil
		case rest.AnyOf == nil && f.disjoint(rest.OneOf):
			rest.AnyOf, rest.OneOf = rest.OneOf, nil
		}
	}
	if string(own(atom)) == "true" && !nests(atom) {
		atom = nil
	}
	f.atoms[s] = atom
	if atom != nil {
		f.numbers[atom] = len(f.numbers)
	}
	return atom
}

// nests tells whether schemas within the schema restrict it.
func nests(s *jsonschema.Schema) bool {
	rest := *s
	rest.Definitions, rest.Defs = nil, nil
	for range rest.Children {
		return true
	}
	return false
}

// join makes one schema of atoms. Those that cannot be joined stay in its allOf.
func (f *flattener) join(atoms []*jsonschema.Schema) *jsonschema.Schema {
	switch len(atoms) {
	case 0:
		return anything
	case 1:
		return atoms[0]
	}
	slices.SortFunc(atoms, func(a, b *jsonschema.Schema) int { return cmp.Compare(f.numbers[a], f.numbers[b]) })
	var name strings.Builder
	for _, atom := range atoms {
		name.WriteString(strconv.Itoa(f.numbers[atom]))
		name.WriteByte(' ')
	}
	if known, ok := f.joined[name.String()]; ok {
		return known
	}
	// In an order that does not depend on where they stand, so that those which cannot be joined stay alike.
	slices.SortStableFunc(atoms, func(a, b *jsonschema.Schema) int { return bytes.Compare(own(a), own(b)) })
	whole := *atoms[0]
	var left []*jsonschema.Schema
	for _, atom := range atoms[1:] {
		if !meet(&whole, atom) {
			left = append(left, atom)
		}
	}
	whole.AllOf = left
	f.joined[name.String()] = &whole
	return &whole
}

// maxChoices bounds the choices that are compared each with each.
const maxChoices = 100

// disjoint tells whether no value can match two of the schemas, going by their types, their constants, and the constants
// of a member that one of them requires.
func (f *flattener) disjoint(list []*jsonschema.Schema) bool {
	if len(list) > maxChoices {
		return false
	}
	for i, a := range list {
		for _, b := range list[:i] {
			if !f.apart(f.of(a), f.of(b)) {
				return false
			}
		}
	}
	return len(list) > 0
}

func (f *flattener) apart(a, b *jsonschema.Schema) bool {
	if f.types(a)&f.types(b) == 0 || foreign(values(a), values(b)) {
		return true
	}
	if a.Types != jsonschema.Object || b.Types != jsonschema.Object {
		return false
	}
	return slices.ContainsFunc(slices.Concat(a.Required, b.Required), func(name string) bool {
		one, here := a.Property(name)
		two, there := b.Property(name)
		return here && there && foreign(values(one.Resolved()), values(two.Resolved()))
	})
}

// types are those that a flat schema allows, or its choices do.
func (f *flattener) types(s *jsonschema.Schema) jsonschema.Types {
	if s.Types != 0 || len(s.AnyOf) == 0 {
		return full(s.Types)
	}
	all, known := f.allowed[s]
	if known {
		return all
	}
	for _, choice := range s.AnyOf {
		all |= f.types(f.of(choice))
	}
	f.allowed[s] = all
	return all
}

// foreign tells whether two lists of values have none in common; nil is every value.
func foreign(a, b []string) bool {
	return a != nil && b != nil && !slices.ContainsFunc(a, func(v string) bool { return slices.Contains(b, v) })
}
