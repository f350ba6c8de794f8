package contract

import (
	"encoding/json"
	"slices"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

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
	added, gone := without(after, values(older)), without(before, values(newer))
	switch {
	case added == nil:
	case len(gone) == len(before): // nothing is left to be "also" to
		c.note("enum-widened", field, "may be %s", list(added))
	default:
		c.note("enum-widened", field, "may also be %s", list(added))
	}
	if gone != nil {
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
