package jsonschema

import (
	"fmt"
	"slices"
	"strings"
)

// Linker points references at their targets. It looks at every schema once, so one for all schemas of a document is
// faster than one for each.
type Linker struct {
	resolve func(string) (*Schema, error)
	seen    map[*Schema]bool
	refs    []*Schema
	visits  map[*Schema]visit
}

// NewLinker returns a linker. resolve finds the target of a reference; it need not be linked.
func NewLinker(resolve func(ref string) (*Schema, error)) *Linker {
	return &Linker{resolve: resolve, seen: map[*Schema]bool{}, visits: map[*Schema]visit{}}
}

// Link points the references of a schema, and of what they lead to, at their targets.
//
// The error names a reference that leads nowhere, and one that leads back to itself with no value in between: following
// that one, nobody would ever end. Such a schema must not be used.
func (l *Linker) Link(s *Schema) error {
	l.refs = l.refs[:0]
	if err := l.link(s, 0); err != nil {
		return err
	}
	for _, ref := range l.refs {
		if circular(ref, l.visits) {
			return fmt.Errorf("$ref %q leads back to itself", ref.Ref)
		}
	}
	return nil
}

// Link links one schema, see [Linker].
func (s *Schema) Link(resolve func(ref string) (*Schema, error)) error {
	return NewLinker(resolve).Link(s)
}

// LinkSelf links a schema that stands alone: its references are "#" or lead to its definitions.
func (s *Schema) LinkSelf() error {
	if !s.Refers() {
		return nil
	}
	return s.Link(func(ref string) (*Schema, error) {
		target := s.local(ref)
		if target == nil {
			return nil, fmt.Errorf("$ref %q leads nowhere: use \"#\" or \"#/definitions/NAME\"", ref)
		}
		return target, nil
	})
}

func (s *Schema) local(ref string) *Schema {
	if ref == "#" {
		return s
	}
	if name, ok := strings.CutPrefix(ref, "#/definitions/"); ok {
		target, _ := find(s.Definitions, Unescape(name))
		return target
	}
	if name, ok := strings.CutPrefix(ref, "#/$defs/"); ok {
		target, _ := find(s.Defs, Unescape(name))
		return target
	}
	return nil
}

// Refers tells whether the schema, or one within it, refers to another one.
func (s *Schema) Refers() bool {
	if s.Ref != "" {
		return true
	}
	for child := range s.Children {
		if child.Refers() {
			return true
		}
	}
	return false
}

// Resolved follows references to the schema that they lead to in the end.
func (s *Schema) Resolved() *Schema {
	for s.Target != nil {
		s = s.Target
	}
	return s
}

// maxLinked bounds how far one schema leads to the next: walks over them go as deep.
const maxLinked = 20_000

func (l *Linker) link(s *Schema, depth int) error {
	if l.seen[s] {
		return nil
	}
	if depth > maxLinked {
		return fmt.Errorf("its references lead through more than %d schemas", maxLinked)
	}
	l.seen[s] = true
	if s.Ref != "" {
		target, err := l.resolve(s.Ref)
		if err != nil {
			return err
		}
		if s.Target != target { // linked before, it may be in use
			s.Target = target
		}
		l.refs = append(l.refs, s)
		if err := l.link(target, depth+1); err != nil {
			return err
		}
	}
	for child := range s.Children {
		if err := l.link(child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

type visit int

const (
	open visit = iota + 1
	done
)

// circular follows what applies to the same value as s does.
func circular(s *Schema, visits map[*Schema]visit) bool {
	if s == nil || visits[s] == done {
		return false
	}
	if visits[s] == open {
		return true
	}
	visits[s] = open
	same := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, []*Schema{s.Not, s.If, s.Then, s.Else, s.Target})
	if s.Latest != nil {
		for _, d := range s.Latest.DependentSchemas {
			same = append(same, d.Schema)
		}
	}
	loops := slices.ContainsFunc(same, func(other *Schema) bool { return circular(other, visits) })
	visits[s] = done
	return loops
}
