package contract

import (
	"encoding/json"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// limits compares what restricts a value within its type.
func (c *comparison) limits(older, newer *jsonschema.Schema, field string) {
	c.text("format", older.Format, newer.Format, field)
	c.text("pattern", older.Pattern, newer.Pattern, field)
	c.text("contentEncoding", older.ContentEncoding, newer.ContentEncoding, field)
	c.text("contentMediaType", older.ContentMediaType, newer.ContentMediaType, field)
	c.count("minLength", older.MinLength, newer.MinLength, +1, field)
	c.count("maxLength", older.MaxLength, newer.MaxLength, -1, field)
	c.count("minItems", older.MinItems, newer.MinItems, +1, field)
	c.count("maxItems", older.MaxItems, newer.MaxItems, -1, field)
	c.count("minProperties", older.MinProperties, newer.MinProperties, +1, field)
	c.count("maxProperties", older.MaxProperties, newer.MaxProperties, -1, field)
	c.bound("the least value", lowest(older), lowest(newer), +1, field)
	c.bound("the greatest value", highest(older), highest(newer), -1, field)
	c.multiple(older.MultipleOf, newer.MultipleOf, field)
	switch {
	case newer.UniqueItems && !older.UniqueItems:
		c.note("constraint-added", field, "may not hold an item twice")
	case older.UniqueItems && !newer.UniqueItems:
		c.note("constraint-relaxed", field, "may hold an item twice")
	}
}

func (c *comparison) text(keyword, older, newer, field string) {
	switch {
	case older == newer:
	case older == "":
		c.note("constraint-added", field, "%s is new: %s", keyword, newer)
	case newer == "":
		c.note("constraint-relaxed", field, "%s is gone: %s", keyword, older)
	default:
		c.note("constraint-changed", field, "%s was %s, is %s", keyword, older, newer)
	}
}

// count compares a limit; sign is +1 where a greater one is stricter.
func (c *comparison) count(keyword string, older, newer *int, sign int, field string) {
	switch {
	case older == nil && newer == nil:
	case older == nil:
		c.note("constraint-added", field, "%s is new: %d", keyword, *newer)
	case newer == nil:
		c.note("constraint-relaxed", field, "%s is gone: %d", keyword, *older)
	case (*newer-*older)*sign > 0:
		c.note("constraint-added", field, "%s was %d, is %d", keyword, *older, *newer)
	case *newer != *older:
		c.note("constraint-relaxed", field, "%s was %d, is %d", keyword, *older, *newer)
	}
}

// limit is a bound of numbers; "" is none.
type limit struct {
	at        json.Number
	exclusive bool
}

func (l limit) String() string {
	if l.exclusive {
		return string(l.at) + ", exclusive"
	}
	return string(l.at)
}

func lowest(s *jsonschema.Schema) limit { return stricter(s.Minimum, s.ExclusiveMinimum, +1) }

func highest(s *jsonschema.Schema) limit { return stricter(s.Maximum, s.ExclusiveMaximum, -1) }

// stricter is the one of two bounds that matters.
func stricter(inclusive, exclusive json.Number, sign int) limit {
	if exclusive == "" || inclusive != "" && jsonschema.Compare(inclusive, exclusive)*sign > 0 {
		return limit{inclusive, false}
	}
	return limit{exclusive, true}
}

func (c *comparison) bound(name string, older, newer limit, sign int, field string) {
	switch {
	case older.at == "" && newer.at == "":
		return
	case older.at == "":
		c.note("constraint-added", field, "%s is new: %s", name, newer)
		return
	case newer.at == "":
		c.note("constraint-relaxed", field, "%s is gone: %s", name, older)
		return
	}
	order := jsonschema.Compare(newer.at, older.at) * sign
	switch {
	case order > 0, order == 0 && newer.exclusive && !older.exclusive:
		c.note("constraint-added", field, "%s was %s, is %s", name, older, newer)
	case order < 0, order == 0 && older.exclusive && !newer.exclusive:
		c.note("constraint-relaxed", field, "%s was %s, is %s", name, older, newer)
	}
}

func (c *comparison) multiple(older, newer json.Number, field string) {
	switch {
	case older == "" && newer == "":
	case older == "":
		c.note("constraint-added", field, "has to be a multiple of %s", newer)
	case newer == "":
		c.note("constraint-relaxed", field, "need not be a multiple of %s any more", older)
	case jsonschema.Compare(older, newer) == 0:
	case jsonschema.IsMultiple(newer, older):
		c.note("constraint-added", field, "has to be a multiple of %s, not only of %s", newer, older)
	case jsonschema.IsMultiple(older, newer):
		c.note("constraint-relaxed", field, "has to be a multiple of %s, not of %s", newer, older)
	default:
		c.note("constraint-changed", field, "has to be a multiple of %s, not of %s", newer, older)
	}
}
