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
		c := &comparison{key: m.key, seen: map[pair]bool{}}
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
	return all
}

// IsBreaking tells whether one of the changes breaks somebody.
func IsBreaking(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Breaking })
}

// comparison is that of one message.
type comparison struct {
	key
	sameness

	seen    map[pair]bool // each pair is told of once
	changes []Change
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

var anything = new(jsonschema.Schema)

// schema compares two schemas, nil standing for anything.
func (c *comparison) schema(older, newer *jsonschema.Schema, field string) {
	if older == nil {
		older = anything
	}
	if newer == nil {
		newer = anything
	}
	older, newer = bare(older), bare(newer)
	p := pair{older, newer}
	if c.seen[p] || c.same(older, newer) {
		return
	}
	c.seen[p] = true
	before, after := alternatives(older), alternatives(newer)
	if len(before) > 1 || len(after) > 1 {
		c.alternatives(before, after, field)
		return
	}
	c.one(plain(before[0]), plain(after[0]), field)
}

// alternatives takes a schema apart that is nothing but a choice.
func alternatives(s *jsonschema.Schema) []*jsonschema.Schema {
	s = plain(s)
	if len(s.AnyOf) > 0 {
		rest := *s
		rest.AnyOf = nil
		if string(own(&rest)) == "true" && !nests(&rest) {
			return s.AnyOf
		}
	}
	return []*jsonschema.Schema{s}
}

// bare follows references that stand alone.
func bare(s *jsonschema.Schema) *jsonschema.Schema {
	for s.Target != nil {
		rest := *s
		rest.Ref, rest.Target = "", nil
		if string(own(&rest)) != "true" || nests(&rest) {
			return s
		}
		s = s.Target
	}
	return s
}

// plain is a schema without a reference: one with more beside it becomes a part of allOf, which means the same.
func plain(s *jsonschema.Schema) *jsonschema.Schema {
	s = bare(s)
	if s.Target == nil {
		return s
	}
	rest := *s
	rest.Ref, rest.Target = "", nil
	rest.AllOf = append(slices.Clone(s.AllOf), s.Target)
	return &rest
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

// alternatives compares choices: equal ones pair up, then those that are left in their order.
func (c *comparison) alternatives(older, newer []*jsonschema.Schema, field string) {
	older = slices.Clone(older)
	var added []*jsonschema.Schema
	for _, s := range newer {
		i := slices.IndexFunc(older, func(o *jsonschema.Schema) bool { return c.same(o, s) || c.same(plain(o), plain(s)) })
		if i < 0 {
			added = append(added, s)
			continue
		}
		older = slices.Delete(older, i, i+1)
	}
	for len(older) > 0 && len(added) > 0 {
		i := slices.IndexFunc(added, func(s *jsonschema.Schema) bool { return typesOf(s) == typesOf(older[0]) })
		if i < 0 {
			i = 0
		}
		c.schema(older[0], added[i], field)
		older, added = older[1:], slices.Delete(added, i, i+1)
	}
	for _, s := range added {
		c.note("type-widened", field, "may also be %s", typesOf(s))
	}
	for _, s := range older {
		c.note("type-narrowed", field, "may not be %s any more, in one of its forms", typesOf(s))
	}
}

func typesOf(s *jsonschema.Schema) jsonschema.Types {
	s = plain(s)
	if s.Types == 0 && len(s.AllOf) == 1 {
		return typesOf(s.AllOf[0])
	}
	return s.Types
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

const allTypes = jsonschema.Null<<1 - 1

// types returns false where the types have nothing in common, so that the rest tells nothing.
func (c *comparison) types(older, newer jsonschema.Types, field string) bool {
	if older == newer {
		return true
	}
	full := func(t jsonschema.Types) jsonschema.Types {
		if t == 0 {
			return allTypes
		}
		if t.Has(jsonschema.Number) {
			t |= jsonschema.Integer
		}
		return t
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
	before, after := values(older), values(newer)
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
	without := func(values, others []json.RawMessage) (left []json.RawMessage) {
		have := map[string]bool{}
		for _, v := range others {
			have[jsonschema.Canonical(v)] = true
		}
		for _, v := range values {
			if !have[jsonschema.Canonical(v)] {
				left = append(left, v)
			}
		}
		return left
	}
	if added := without(after, before); added != nil {
		c.note("enum-widened", field, "may also be %s", list(added))
	}
	if gone := without(before, after); gone != nil {
		c.note("enum-narrowed", field, "may not be %s any more", list(gone))
	}
}

// values are those of enum and const; nil is any.
func values(s *jsonschema.Schema) []json.RawMessage {
	switch {
	case s.Const == nil:
		return s.Enum
	case s.Enum == nil || slices.ContainsFunc(s.Enum, func(v json.RawMessage) bool { return jsonschema.Canonical(v) == jsonschema.Canonical(s.Const) }):
		return []json.RawMessage{s.Const}
	}
	return []json.RawMessage{} // nothing is both
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

// combined compares the keywords that hold whole schemas for the same value.
func (c *comparison) combined(older, newer *jsonschema.Schema, field string) {
	switch {
	case len(older.AllOf) == len(newer.AllOf):
		for i := range older.AllOf {
			c.schema(older.AllOf[i], newer.AllOf[i], field)
		}
	default:
		c.note("unclear", field, "allOf has changed")
	}
	switch {
	case older.AnyOf == nil && newer.AnyOf != nil:
		c.note("constraint-added", field, "has to match one of several schemas")
	case older.AnyOf != nil && newer.AnyOf == nil:
		c.note("constraint-relaxed", field, "need not match one of several schemas any more")
	default:
		c.alternatives(older.AnyOf, newer.AnyOf, field)
	}
	for _, k := range []struct {
		name string
		same bool
	}{
		{"oneOf", c.lists(older.OneOf, newer.OneOf)},
		{"not", c.sameness.same(older.Not, newer.Not)},
		{"if", c.sameness.same(older.If, newer.If)},
		{"then", c.sameness.same(older.Then, newer.Then)},
		{"else", c.sameness.same(older.Else, newer.Else)},
		{"contains", c.sameness.same(older.Contains, newer.Contains)},
		{"propertyNames", c.sameness.same(older.PropertyNames, newer.PropertyNames)},
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
