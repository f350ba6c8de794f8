package contract

import (
	"slices"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// surroundings is what the choice that is looked at stands in: the older schema with the choice, and the surroundings of that one.
type surroundings struct {
	schema *jsonschema.Schema
	outer  *surroundings
}

// describes tells whether what is sent may have a member of a name because another part of the schema speaks of it.
func (x surroundings) describes(name string) bool {
	if x.schema == nil {
		return false
	}
	return speaksOf(x.schema, name, map[*jsonschema.Schema]bool{}) || x.outer != nil && x.outer.describes(name)
}

// describers counts the parts of a choice, and what stands beside it, that may speak of members. Where there is one at
// most, as for a type or null, no other one can speak of its members.
func describers(s *jsonschema.Schema) int {
	n := 0
	rest := *s
	rest.AnyOf = nil
	if rest.Required != nil || nests(&rest) {
		n++
	}
	for _, choice := range s.AnyOf {
		if t := choice.Resolved().Types; t == 0 || t.Has(jsonschema.Object) {
			n++
		}
	}
	return n
}

type place struct {
	pair
	around surroundings
}

// visited are the pairs that were looked at: each is told of once.
type visited struct {
	pairs map[place]bool
	order []place
}

// add returns false when the pair was there.
func (v *visited) add(p place) bool {
	if v.pairs[p] {
		return false
	}
	v.pairs[p] = true
	v.order = append(v.order, p)
	return true
}

// forget takes back all but the first n.
func (v *visited) forget(n int) {
	for _, p := range v.order[n:] {
		delete(v.pairs, p)
	}
	v.order = v.order[:n]
}

// alternatives takes a flat schema apart that is nothing but a choice.
func alternatives(s *jsonschema.Schema) []*jsonschema.Schema {
	if len(s.AnyOf) > 0 {
		rest := *s
		rest.AnyOf = nil
		if string(own(&rest)) == "true" && !nests(&rest) {
			return s.AnyOf
		}
	}
	return []*jsonschema.Schema{s}
}

// alternatives compares choices as sets: equal ones pair up, then those that fit each other. What is left of the writer's
// breaks nobody where the reader has another one for it; the others pair up by their types.
func (c *comparison) alternatives(within *jsonschema.Schema, older, newer []*jsonschema.Schema, field string) {
	if outer := c.around; c.action == received && describers(within) > 1 {
		defer func() { c.around = outer }()
		c.around = surroundings{schema: within}
		if outer.schema != nil {
			c.around.outer = c.known(outer)
		}
	}
	olderLeft, newerLeft := slices.Clone(older), slices.Clone(newer)
	pairUp := func(fit func(o, n *jsonschema.Schema) bool) {
		newerLeft = slices.DeleteFunc(newerLeft, func(n *jsonschema.Schema) bool {
			i := slices.IndexFunc(olderLeft, func(o *jsonschema.Schema) bool { return fit(o, n) })
			if i < 0 {
				return false
			}
			olderLeft = slices.Delete(olderLeft, i, i+1)
			return true
		})
	}
	pairUp(func(o, n *jsonschema.Schema) bool { return c.same(c.of(o), c.of(n)) })
	pairUp(func(o, n *jsonschema.Schema) bool { return c.fits(o, n, field) })
	noted, looked := len(c.changes), len(c.seen.order)
	if c.action == sent {
		newerLeft = slices.DeleteFunc(newerLeft, func(n *jsonschema.Schema) bool {
			return slices.ContainsFunc(older, func(o *jsonschema.Schema) bool { return c.fits(o, n, field) })
		})
	} else {
		olderLeft = slices.DeleteFunc(olderLeft, func(o *jsonschema.Schema) bool {
			return slices.ContainsFunc(newer, func(n *jsonschema.Schema) bool { return c.fits(o, n, field) })
		})
	}
	c.changes = c.changes[:noted] // a choice within another one is no change
	c.seen.forget(looked)
	pairUp(func(o, n *jsonschema.Schema) bool {
		if c.of(o).Types != c.of(n).Types {
			return false
		}
		c.choice(o, n, field)
		return true
	})
	pairUp(func(o, n *jsonschema.Schema) bool { c.choice(o, n, field); return true })
	for _, s := range newerLeft {
		c.note("type-widened", field, "may also be %s", formOf(c.of(s)))
	}
	for _, s := range olderLeft {
		c.note("type-narrowed", field, "may not be %s any more, in one of its forms", formOf(c.of(s)))
	}
}

// formOf says what one form of a choice is: its type, and the constants that tell it from others.
func formOf(s *jsonschema.Schema) string {
	text := s.Types.String()
	for _, p := range s.Properties {
		if all := constants(p.Schema.Resolved()); len(all) == 1 {
			text += ", with " + p.Name + " " + brief(string(all[0]))
		}
	}
	return text
}

// known returns one pointer for equal surroundings, so that places can be compared.
func (c *comparison) known(x surroundings) *surroundings {
	for _, one := range c.knowns {
		if *one == x {
			return one
		}
	}
	c.knowns = append(c.knowns, &x)
	return &x
}

// fits tells whether a change from the one schema to the other breaks nobody, and keeps what changed then.
func (c *comparison) fits(older, newer *jsonschema.Schema, field string) bool {
	if full(c.of(older).Types)&full(c.of(newer).Types) == 0 {
		return false // mostly
	}
	here := place{pair{c.of(older), c.of(newer)}, c.around}
	if c.unfit[here] {
		return false
	}
	looked, noted := len(c.seen.order), len(c.changes)
	c.choice(older, newer, field)
	if !IsBreaking(c.changes[noted:]) && !c.gaveUp {
		return true
	}
	c.unfit[here] = true
	c.seen.forget(looked)
	c.changes = c.changes[:noted]
	return false
}

// sets tells whether two lists have the same schemas, in any order.
func (c *comparison) sets(older, newer []*jsonschema.Schema) bool {
	if len(older) != len(newer) {
		return false
	}
	left := slices.Clone(older)
	for _, n := range newer {
		i := slices.IndexFunc(left, func(o *jsonschema.Schema) bool { return c.same(o, n) || c.same(c.of(o), c.of(n)) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}
