package contract

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

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
			c.note("event-added", "", "is new%s", m.byAddress())
		}
		all = append(all, c.changes...)
	}
	for _, m := range older.messages {
		if newer.byKey[m.key] == nil {
			c := &comparison{key: m.key}
			c.note("event-removed", "", "is gone%s", m.byAddress())
			all = append(all, c.changes...)
		}
	}
	return append(all, bindings(older, newer)...)
}

// byAddress tells the routing key of a message that is not named after it.
func (k key) byAddress() string {
	if k.address == "" {
		return ""
	}
	return ", with the routing key " + k.address
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

	around  surroundings
	knowns  []*surroundings
	left    int // schemas that may still be compared
	depth   int
	gaveUp  bool // for the message as a whole
	unfit   map[place]bool
	seen    *visited
	changes []Change
}

// The work on one message is bounded: pairs of schemas that differ, and how deep they stand in each other. What people
// write stays far below; a document that is made to take for ever is unclear.
const (
	maxCompared = 20_000
	maxDepth    = 1000
)

func newComparison(k key) *comparison {
	return &comparison{key: k, flattener: newFlattener(), sameness: new(sameness), left: maxCompared, unfit: map[place]bool{}, seen: &visited{pairs: map[place]bool{}}}
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
		c.note("content-type", "", "was %s, is %s", cmp.Or(older.contentType, "not told"), cmp.Or(newer.contentType, "not told"))
	}
	c.parts(older.around, newer.around)
	c.schema(older.payload, newer.payload, "")
	c.headers(older.headers, newer.headers)
	if c.gaveUp {
		c.note("unclear", "", "is too involved to be compared")
	}
}

// schema compares two schemas, nil standing for anything.
func (c *comparison) schema(older, newer *jsonschema.Schema, field string) {
	defer func(around surroundings) { c.around = around }(c.around)
	c.around = surroundings{}
	c.choice(older, newer, field)
}

// choice compares two schemas that are parts of a choice.
func (c *comparison) choice(older, newer *jsonschema.Schema, field string) {
	older, newer = c.of(older), c.of(newer)
	if c.same(older, newer) || !c.seen.add(place{pair{older, newer}, c.around}) {
		return
	}
	if c.left--; c.left < 0 || c.depth > maxDepth {
		c.gaveUp = true
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

// unknown names the keywords that are not understood.
func unknown(schemas ...*jsonschema.Schema) string {
	var names []string
	for _, s := range schemas {
		for _, k := range s.Unknown {
			if !slices.Contains(names, k.Name) {
				names = append(names, k.Name)
			}
		}
	}
	return brief(strings.Join(names, ", "))
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
		{"a keyword that cannot be judged (" + unknown(older, newer) + ")", slices.EqualFunc(older.Unknown, newer.Unknown, func(a, b jsonschema.Keyword) bool {
			return a.Name == b.Name && string(a.Value) == string(b.Value)
		})},
	} {
		if !k.same {
			c.note("unclear", field, "%s has changed", k.name)
		}
	}
}
