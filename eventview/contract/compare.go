package contract

import (
	"encoding/json"
	"fmt"
	"slices"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// Compare lists what changed from the older document to the newer one: events in the order of the newer document,
// removed ones last.
func Compare(older, newer *Document) []Change {
	var all []Change
	for _, m := range newer.messages {
		c := newComparison(m.key)
		if before := older.byKey[m.key]; before != nil {
			c.message(before, m)
		} else {
			c.note("event-added", "", "is new")
		}
		all = append(all, c.changes...)
	}
	for _, m := range older.messages {
		if newer.byKey[m.key] == nil {
			c := &comparison{key: m.key}
			c.note("event-removed", "", "is gone")
			all = append(all, c.changes...)
		}
	}
	return append(all, bindings(older, newer)...)
}

// bindings compares what queues are bound to, where both documents have the queue.
func bindings(older, newer *Document) []Change {
	var all []Change
	tell := func(rule, text string, from, other *Document) {
		for _, queue := range from.queues {
			before, there := other.bound[queue]
			if !there {
				continue // its events tell
			}
			for _, b := range from.bound[queue] {
				if !slices.Contains(before, b) {
					c := &comparison{key: key{action: received, channel: queue, name: b.RoutingKey}}
					c.note(rule, "", text, b.Exchange)
					all = append(all, c.changes...)
				}
			}
		}
	}
	tell("binding-added", "exchange %s is bound by this key", newer, older)
	tell("binding-removed", "exchange %s is not bound by this key any more", older, newer)
	return all
}

// IsBreaking tells whether one of the changes breaks somebody.
func IsBreaking(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Breaking })
}

// comparison is that of one message.
type comparison struct {
	key
	*flattener
	*sameness

	around   context
	contexts []*context
	left     int // schemas that may still be compared
	depth    int
	gaveUp   bool
	seen     *visited
	changes  []Change
}

// context is what the choice that is looked at stands in: the older schema with the choice, and the context of that one.
type context struct {
	schema *jsonschema.Schema
	outer  *context
}

// describes tells whether what is sent may have a member of a name because another part of the schema speaks of it.
func (x context) describes(name string) bool {
	if x.schema == nil {
		return false
	}
	return speaksOf(x.schema, name, map[*jsonschema.Schema]bool{}) || x.outer != nil && x.outer.describes(name)
}

type place struct {
	pair
	around context
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

// maxCompared bounds the work on one message. A document of thousands of fields takes thousands; one that is made to
// take for ever does not.
const (
	maxCompared = 200_000
	maxDepth    = 10_000
)

// unclear gives up, and says so once.
func (c *comparison) unclear(field string) {
	if !c.gaveUp {
		c.gaveUp = true
		c.note("unclear", field, "is too involved to be compared")
	}
}

func newComparison(k key) *comparison {
	return &comparison{key: k, flattener: newFlattener(), sameness: new(sameness), left: maxCompared, seen: &visited{pairs: map[place]bool{}}}
}

func (c *comparison) note(rule, field, format string, args ...any) {
	c.changes = append(c.changes, Change{
		Rule: rule, Breaking: breaks(rule, c.action), Action: c.action.String(), Channel: c.channel, Event: c.name,
		Field: field, Text: fmt.Sprintf(format, args...),
	})
}

func (c *comparison) message(older, newer *message) {
	if newer.deprecated && !older.deprecated {
		c.note("event-deprecated", "", "is deprecated")
	}
	if older.contentType != newer.contentType {
		c.note("content-type", "", "was %s, is %s", older.contentType, newer.contentType)
	}
	c.schema(older.payload, newer.payload, "")
}

// schema compares two schemas, nil standing for anything.
func (c *comparison) schema(older, newer *jsonschema.Schema, field string) {
	defer func(around context) { c.around = around }(c.around)
	c.around = context{}
	c.choice(older, newer, field)
}

// choice compares two schemas that are parts of a choice.
func (c *comparison) choice(older, newer *jsonschema.Schema, field string) {
	older, newer = c.of(older), c.of(newer)
	if c.same(older, newer) || !c.seen.add(place{pair{older, newer}, c.around}) {
		return
	}
	if c.left--; c.left < 0 || c.depth > maxDepth {
		c.unclear(field)
		return
	}
	c.depth++
	defer func() { c.depth-- }()
	before, after := alternatives(older), alternatives(newer)
	if len(before) > 1 || len(after) > 1 {
		c.alternatives(older, before, after, field)
		return
	}
	c.one(older, newer, field)
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
	outer := c.around
	defer func() { c.around = outer }()
	c.around = context{schema: within}
	if outer.schema != nil {
		c.around.outer = c.known(outer)
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
		c.note("type-widened", field, "may also be %s", c.of(s).Types)
	}
	for _, s := range olderLeft {
		c.note("type-narrowed", field, "may not be %s any more, in one of its forms", c.of(s).Types)
	}
}

// known returns one pointer for equal contexts, so that places can be compared.
func (c *comparison) known(x context) *context {
	for _, one := range c.contexts {
		if *one == x {
			return one
		}
	}
	c.contexts = append(c.contexts, &x)
	return &x
}

// fits tells whether a change from the one schema to the other breaks nobody, and keeps what changed then.
func (c *comparison) fits(older, newer *jsonschema.Schema, field string) bool {
	if full(c.of(older).Types)&full(c.of(newer).Types) == 0 {
		return false // mostly
	}
	looked, noted := len(c.seen.order), len(c.changes)
	c.choice(older, newer, field)
	if !IsBreaking(c.changes[noted:]) {
		return true
	}
	c.seen.forget(looked)
	c.changes = c.changes[:noted]
	return false
}

// one compares two schemas keyword by keyword.
func (c *comparison) one(older, newer *jsonschema.Schema, field string) {
	switch {
	case older.Never && !newer.Never:
		c.note("type-widened", field, "was not allowed, and is")
		return
	case newer.Never && !older.Never:
		c.note("type-narrowed", field, "is not allowed any more")
		return
	}
	if !c.types(older.Types, newer.Types, field) {
		return
	}
	c.enum(older, newer, field)
	c.limits(older, newer, field)
	c.object(older, newer, field)
	c.schema(older.Items, newer.Items, field+"[]")
	c.combined(older, newer, field)
}

// types returns false where the types have nothing in common, so that the rest tells nothing.
func (c *comparison) types(older, newer jsonschema.Types, field string) bool {
	if older == newer {
		return true
	}
	before, after := full(older), full(newer)
	switch {
	case before == after:
		return true
	case before&after&^jsonschema.Null == 0 && before&^jsonschema.Null != 0 && after&^jsonschema.Null != 0, before&after == 0:
		c.note("type-changed", field, "was %s, is %s", older, newer)
		return false
	}
	if after&^before != 0 {
		c.note("type-widened", field, "was %s, may be %s", older, newer)
	}
	if before&^after != 0 {
		c.note("type-narrowed", field, "was %s, is only %s", older, newer)
	}
	return true
}

// enum compares the values that are allowed.
func (c *comparison) enum(older, newer *jsonschema.Schema, field string) {
	before, after := constants(older), constants(newer)
	switch {
	case before == nil && after == nil:
		return
	case before == nil:
		c.note("enum-narrowed", field, "may only be one of %s", list(after))
		return
	case after == nil:
		c.note("enum-widened", field, "may be any value, not only one of %s", list(before))
		return
	}
	without := func(constants []json.RawMessage, others []string) (left []json.RawMessage) {
		have := map[string]bool{}
		for _, v := range others {
			have[v] = true
		}
		for _, v := range constants {
			if !have[jsonschema.Canonical(v)] {
				left = append(left, v)
			}
		}
		return left
	}
	if added := without(after, values(older)); added != nil {
		c.note("enum-widened", field, "may also be %s", list(added))
	}
	if gone := without(before, values(newer)); gone != nil {
		c.note("enum-narrowed", field, "may not be %s any more", list(gone))
	}
}

// constants are those of enum and const; nil is any value.
func constants(s *jsonschema.Schema) []json.RawMessage {
	switch {
	case s.Const == nil:
		return s.Enum
	case s.Enum == nil || slices.ContainsFunc(s.Enum, func(v json.RawMessage) bool { return jsonschema.Canonical(v) == jsonschema.Canonical(s.Const) }):
		return []json.RawMessage{s.Const}
	}
	return []json.RawMessage{} // nothing is both
}

// values are the constants in one spelling.
func values(s *jsonschema.Schema) []string {
	all := constants(s)
	if all == nil {
		return nil
	}
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = jsonschema.Canonical(v)
	}
	return texts
}

func list(values []json.RawMessage) string {
	text := ""
	for i, v := range values {
		if i > 0 {
			text += ", "
		}
		text += string(v)
	}
	return text
}

// combined compares the keywords that hold whole schemas for the same value, and those that are compared as a whole.
func (c *comparison) combined(older, newer *jsonschema.Schema, field string) {
	switch {
	case older.AnyOf == nil && newer.AnyOf != nil:
		c.note("constraint-added", field, "has to match one of several schemas")
	case older.AnyOf != nil && newer.AnyOf == nil:
		c.note("constraint-relaxed", field, "need not match one of several schemas any more")
	default:
		c.alternatives(older, older.AnyOf, newer.AnyOf, field)
	}
	for _, k := range []struct {
		name string
		same bool
	}{
		{"allOf", c.sets(older.AllOf, newer.AllOf)},
		{"oneOf", c.sets(older.OneOf, newer.OneOf)},
		{"not", c.same(older.Not, newer.Not)},
		{"if", c.same(older.If, newer.If)},
		{"then", c.same(older.Then, newer.Then)},
		{"else", c.same(older.Else, newer.Else)},
		{"contains", c.same(older.Contains, newer.Contains)},
		{"propertyNames", c.same(older.PropertyNames, newer.PropertyNames)},
		{"patternProperties", c.patterned(older, newer)},
		{"a keyword that is not known", slices.EqualFunc(older.Unknown, newer.Unknown, func(a, b jsonschema.Keyword) bool {
			return a.Name == b.Name && string(a.Value) == string(b.Value)
		})},
	} {
		if !k.same {
			c.note("unclear", field, "%s has changed", k.name)
		}
	}
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
