package serializer

import (
	"encoding"
	"encoding/json"
	"net/netip"
	"reflect"
	"time"
)

type format uint8

const (
	anyFormat format = iota
	emailFormat
	urlFormat
	slugFormat
	uuidFormat
	regexpFormat
	decimalFormat
	dateFormat
	timeOfDayFormat
	ipFormat
	ipv4Format
	ipv6Format
	unicodeSlugFormat
)

var (
	timeType        = reflect.TypeFor[time.Time]()
	durationType    = reflect.TypeFor[time.Duration]()
	ipType          = reflect.TypeFor[netip.Addr]()
	rawType         = reflect.TypeFor[json.RawMessage]()
	marshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	unmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// codecOf is the codec of a spec for values of type t.
func (c *compiler) codecOf(s *spec, t reflect.Type) codec {
	if s.build != nil && s.label != "Computed" {
		return s.build(c, s)
	}
	if s.build != nil {
		build := s.build
		s.build = nil // the codec of the result is found by its type
		return build(c, s)
	}
	if t.Kind() == reflect.Pointer && !isText(t) {
		elem := c.codecOf(s, t.Elem())
		texts, _ := elem.(nullTexts)
		return &pointerCodec{elem: elem, typ: t.Elem(), texts: texts}
	}
	inner := c.kind(s, t)
	if s.rules.choices != nil {
		return c.choices(s, inner)
	}
	return inner
}

// kind is the codec of a type without Choices.
func (c *compiler) kind(s *spec, t reflect.Type) codec {
	common := valueRules{checks: s.rules.checks, unique: c.unique(s.rules.unique)}
	switch {
	case t == timeType:
		return c.time(s, common)
	case t == durationType:
		return c.duration(s, common)
	case t == ipType:
		c.accepts(s, "IP", "IPv4", "IPv6", "Unique", "Choices")
		return newIP(common, s.rules.format, true)
	case t == rawType:
		c.accepts(s, "Null")
		return &rawCodec{valueRules: common, allowNull: s.rules.null}
	case isText(t):
		return c.text(s, t, common)
	}
	switch t.Kind() {
	case reflect.String:
		return c.stringKind(s, common)
	case reflect.Bool:
		c.accepts(s, "Unique", "Choices")
		return &boolCodec{valueRules: common}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 || hasJSON(t) {
			break
		}
		item := newSpec("Item", addr{}, t.Elem(), nil)
		return c.list(s, c.codecOf(item, t.Elem()))
	case reflect.Map:
		if t.Key().Kind() == reflect.String && !hasJSON(t) {
			item := newSpec("Item", addr{}, t.Elem(), nil)
			return c.dict(s, t, c.codecOf(item, t.Elem()))
		}
	}
	if number := c.number(s, t, common); number != nil {
		return number
	}
	if shown := c.lastResort(s, t, common); shown != nil {
		return shown
	}
	switch t.Kind() {
	case reflect.Struct:
		c.fail("is a struct; declare it with Nested(&p.X, serializerOfIt), or give %s MarshalText and UnmarshalText", t)
	}
	c.fail("%s cannot be shown as JSON; use a number, bool, string, time.Time, time.Duration, json.RawMessage, a slice of these, a map of them with string keys, or a type that marshals itself as text or JSON", t)
	return nil
}

// isText reports whether values of the type write and read themselves as text.
func isText(t reflect.Type) bool {
	return t != timeType && t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer &&
		reflect.PointerTo(t).Implements(marshalerType) && reflect.PointerTo(t).Implements(unmarshalerType)
}

// valueRules are what every kind of value can have.
type valueRules struct {
	notNull
	checks []func(addr) error
	unique *holders
}

// finish runs the checks of the value at a and asks who holds it.
func (v *valueRules) finish(d *decoder, a addr, had int) {
	d.check(v.checks, a)
	v.ask(d, a, had)
}

// ask asks who holds the value at a, unless it is wrong already: what is no valid value may be none for the database, too.
func (v *valueRules) ask(d *decoder, a addr, had int) {
	if v.unique != nil && d.faults() == had {
		uniqueOf(d, v.unique).add(d, a, d.wait())
	}
}

// pointerCodec shows nil as null and accepts null as nil.
type pointerCodec struct {
	elem  codec
	typ   reflect.Type
	texts nullTexts // nil for most
}

func (c *pointerCodec) encode(e *encoder, dst []byte, a addr) []byte {
	if a = a.pointee(); a.isNil() {
		return append(dst, "null"...)
	}
	return c.elem.encode(e, dst, a)
}

// nullTexts is a kind that takes some strings for null where null is allowed.
type nullTexts interface{ nullText(s []byte) bool }

func (c *pointerCodec) decode(d *decoder, a, before addr) bool {
	if c.texts != nil && d.peek() == '"' {
		at := d.pos
		s, ok := d.str()
		if !ok {
			return false
		}
		if c.texts.nullText(s) {
			return c.null(d, a)
		}
		d.pos = at
	}
	fresh := addrOfValue(reflect.New(c.typ))
	a.setPointer(fresh)
	if !before.isNil() {
		before = before.pointee()
	}
	return c.elem.decode(d, fresh, before)
}

func (c *pointerCodec) null(_ *decoder, a addr) bool {
	a.setPointer(addr{})
	return true
}

func (c *pointerCodec) schema(u use) members { return nullable(c.elem.schema(u)) }

// rawCodec keeps any JSON as it came.
type rawCodec struct {
	valueRules
	allowNull bool
}

func (c *rawCodec) encode(e *encoder, dst []byte, a addr) []byte {
	raw := *at[json.RawMessage](a)
	if raw == nil {
		return append(dst, "null"...)
	}
	out, ok := appendCompact(dst, raw)
	if !ok {
		e.fail("the json.RawMessage holds no valid JSON")
	}
	return out
}

func (c *rawCodec) decode(d *decoder, a, _ addr) bool {
	from, had := d.pos, d.faults()
	if !d.skip() {
		return false
	}
	*at[json.RawMessage](a) = append(json.RawMessage(nil), d.data[from:d.pos]...)
	c.finish(d, a, had)
	return true
}

func (c *rawCodec) null(_ *decoder, a addr) bool {
	if c.allowNull {
		*at[json.RawMessage](a) = nil
	}
	return c.allowNull
}

func (c *rawCodec) schema(use) members { return members{} }

// appendCompact appends JSON without its white space; ok is false when it is none.
func appendCompact(dst, raw []byte) (out []byte, ok bool) {
	d := newDecoder(raw, false)
	defer d.release()
	if !d.checkText() {
		return dst, false
	}
	if d.space(); !d.skip() {
		return dst, false
	}
	if d.space(); d.pos < len(d.data) {
		return dst, false
	}
	inString := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString && c == '\\':
			dst = append(dst, c)
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		dst = append(dst, raw[i])
	}
	return dst, true
}
