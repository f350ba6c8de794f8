package serializer

import (
	"encoding"
	"encoding/json"
	"reflect"
)

var (
	jsonMarshalerType   = reflect.TypeFor[json.Marshaler]()
	jsonUnmarshalerType = reflect.TypeFor[json.Unmarshaler]()
)

func hasJSON(t reflect.Type) bool { return reflect.PointerTo(t).Implements(jsonMarshalerType) }

// lastResort is the codec of types that marshal themselves, and are nothing else that the package knows.
func (c *compiler) lastResort(s *spec, t reflect.Type, common valueRules) codec {
	p := reflect.PointerTo(t)
	switch {
	case t.Kind() == reflect.Interface:
		return nil
	case hasJSON(t):
		c.accepts(s, "Null")
		if !s.readOnly && s.label != "Computed" && !p.Implements(jsonUnmarshalerType) {
			c.fail("%s has MarshalJSON but no UnmarshalJSON, so it can only be shown; make the field ReadOnly", t)
		}
		return &jsonCodec{valueRules: common, typ: t, allowNull: s.rules.null, big: holdsBig(t)}
	case p.Implements(marshalerType):
		c.accepts(s)
		if !s.readOnly && s.label != "Computed" {
			c.fail("%s has MarshalText but no UnmarshalText, so it can only be shown; make the field ReadOnly", t)
		}
		return &shownText{typ: t}
	}
	return nil
}

// jsonCodec shows and accepts a type as its own methods do.
type jsonCodec struct {
	valueRules
	typ       reflect.Type
	allowNull bool
	big       bool // as of holdsBig
}

func (c *jsonCodec) encode(e *encoder, dst []byte, a addr) []byte {
	text, err := a.pointerTo(c.typ).Interface().(json.Marshaler).MarshalJSON()
	if err != nil {
		e.fail("%w", err)
		return dst
	}
	out, ok := appendCompact(dst, text)
	if !ok {
		e.fail("MarshalJSON of %s made what is no JSON", c.typ)
	}
	return out
}

func (c *jsonCodec) decode(d *decoder, a, _ addr) bool {
	from, had := d.pos, d.faults()
	if !d.skip() {
		return false
	}
	text := d.data[from:d.pos:d.pos]
	if c.big && hasLongNumber(text) {
		d.fail(msgLongNumber)
		return true
	}
	c.read(d, a, text, had)
	return true
}

func (c *jsonCodec) read(d *decoder, a addr, text []byte, had int) {
	if a.fresh(c.typ).(json.Unmarshaler).UnmarshalJSON(text) != nil {
		d.fail(msgValue)
		return
	}
	c.finish(d, a, had)
}

func (c *jsonCodec) null(d *decoder, a addr) bool {
	if c.allowNull {
		c.read(d, a, []byte("null"), d.faults())
	}
	return c.allowNull
}

func (c *jsonCodec) schema(use) members { return members{} }

// shownText shows a type by MarshalText.
type shownText struct {
	readOnlyCodec
	typ reflect.Type
}

func (c *shownText) encode(e *encoder, dst []byte, a addr) []byte {
	text, err := a.pointerTo(c.typ).Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		e.fail("%w", err)
		return dst
	}
	return appendString(dst, textView(text))
}

func (c *shownText) schema(use) members { return members{{"type", "string"}} }
