package serializer

import (
	"encoding"
	"fmt"
	"math/big"
	"reflect"
	"strings"
)

// textCodec shows and accepts types with MarshalText and UnmarshalText.
type textCodec struct {
	valueRules
	typ     reflect.Type
	rules   rules
	decimal *decimalRules
	big     bool // as of holdsBig
}

func (c *compiler) text(s *spec, t reflect.Type, common valueRules) codec {
	c.accepts(s, "UUID", "Decimal", "Min", "Max", "Unique", "Choices")
	out := &textCodec{valueRules: common, typ: t, rules: s.rules, big: holdsBig(t)}
	if s.rules.format == decimalFormat {
		rules := c.decimalRules(s.rules)
		out.decimal = &rules
	} else if s.rules.min != nil || s.rules.max != nil {
		c.fail("Min and Max are for numbers; declare %s as one with Decimal, or use Check", t)
	}
	return out
}

func (c *textCodec) encode(e *encoder, dst []byte, a addr) []byte {
	value := a.pointerTo(c.typ).Interface()
	var text []byte
	var err error
	if appender, ok := value.(encoding.TextAppender); ok {
		text, err = appender.AppendText(e.scratch[:0])
		e.scratch = text
	} else {
		text, err = value.(encoding.TextMarshaler).MarshalText() // which may be kept by the value: it is no scratch
	}
	switch {
	case err != nil:
		e.fail("%w", err)
		return dst
	case c.decimal != nil:
		return c.decimal.show(e, dst, textView(text))
	}
	return appendString(dst, textView(text))
}

func (c *textCodec) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	var text []byte
	var ok bool
	switch {
	case c.decimal != nil:
		text, ok = c.decimal.read(d)
	case c.rules.format == uuidFormat:
		text, ok = d.uuid()
	case d.peek() != '"':
		d.fail(msgValue)
		ok = d.skip()
	default:
		if text, ok = d.str(); ok && c.big && isLongNumber(text) {
			d.fail(msgLongNumber)
		}
	}
	if !ok || d.faults() > had {
		return ok
	}
	if a.fresh(c.typ).(encoding.TextUnmarshaler).UnmarshalText(text[:len(text):len(text)]) != nil {
		d.fail(c.invalid())
		return true
	}
	d.check(c.checks, a)
	if c.decimal != nil {
		c.decimal.limits(d, text)
	}
	c.ask(d, a, had)
	return true
}

func (c *textCodec) invalid() Message {
	switch c.rules.format {
	case uuidFormat:
		return msgUUID
	case decimalFormat:
		return msgNumber
	}
	return msgValue
}

func (c *textCodec) nullText(s []byte) bool { return c.decimal != nil && len(pyTrim(s)) == 0 }

func (c *textCodec) schema(use) members {
	switch c.rules.format {
	case uuidFormat:
		return uuidSchema()
	case decimalFormat:
		return c.decimal.schema()
	}
	return members{{"type", "string"}}
}

// uuidCodec is a UUID in a string.
type uuidCodec struct {
	valueRules
	unset bool // as of stringCodec
}

func (c *uuidCodec) encode(_ *encoder, dst []byte, a addr) []byte {
	return appendString(dst, *at[string](a))
}

func (c *uuidCodec) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	text, ok := d.uuid()
	if ok && text != nil {
		*at[string](a) = d.keep(text)
		c.finish(d, a, had)
	}
	return ok
}

func (c *uuidCodec) schema(u use) members {
	return orBlank(c.unset && !u.input, members{{"format", "uuid"}})
}

func uuidSchema() members { return members{{"type", "string"}, {"format", "uuid"}} }

// uuid reads a UUID in any spelling, or an integer of up to 128 bits, in its canonical spelling. A nil text with ok is noted as wrong.
func (d *decoder) uuid() (text []byte, ok bool) {
	raw, whole, isText, ok := d.numberText()
	if !ok {
		return nil, false
	}
	if text = parseUUID(raw, whole, isText); text == nil {
		d.fail(msgUUID)
	}
	return text, true
}

// parseUUID is the canonical spelling of what numberText read; nil when it is no UUID.
func parseUUID(raw []byte, whole, isText bool) []byte {
	digits := ""
	switch {
	case isText:
		digits = strings.NewReplacer("urn:", "", "uuid:", "").Replace(string(raw))
		digits = strings.ToLower(strings.ReplaceAll(strings.Trim(digits, "{}"), "-", ""))
	case raw != nil && whole && len(raw) <= 39: // the digits of 1<<128
		if n, fine := new(big.Int).SetString(string(raw), 10); fine && n.Sign() >= 0 && n.BitLen() <= 128 {
			digits = fmt.Sprintf("%032x", n)
		}
	}
	if len(digits) != 32 || strings.Trim(digits, "0123456789abcdef") != "" {
		return nil
	}
	return []byte(digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:])
}
