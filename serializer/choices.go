package serializer

import (
	"context"
	"encoding"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// choicesCodec accepts one of a few values, each by its text: a number as number or string, as Django REST Framework does.
type choicesCodec struct {
	codec  // shows the value
	byText map[string]int
	texts  []string
	choose func(addr, int)
	rules  valueRules
	blank  bool
}

func (c *compiler) choices(s *spec, inner codec) codec {
	for _, rule := range s.rules.given {
		switch rule {
		case "Choices", "Unique", "Blank":
		default:
			c.fail("%s beside Choices says nothing: only the choices are accepted; take it out", rule)
		}
	}
	c.mistakes(s) // such as choices that are pointers
	out := &choicesCodec{
		codec: inner, byText: map[string]int{}, choose: s.rules.choose, blank: s.rules.blank,
		rules: valueRules{checks: s.rules.checks, unique: c.unique(s.rules.unique)},
	}
	for i, v := range s.rules.choices {
		text := pyText(v)
		if _, twice := out.byText[text]; twice {
			c.fail("the choice %q is listed twice", text)
		}
		if !utf8.ValidString(text) {
			c.fail("the choice %q is no UTF-8, so no input can have it; take it out", text)
		}
		out.byText[text] = i
		out.texts = append(out.texts, c.shown(inner, v))
	}
	for i, text := range out.texts { // what is shown is accepted, too
		if _, known := out.byText[text]; !known {
			out.byText[text] = i
		}
	}
	if s.rules.hasDefault {
		text := pyText(s.rules.defaultValue)
		if _, known := out.byText[text]; !known && (text != "" || !out.blank) {
			c.fail("the default %q is none of the choices; add it to them or take another default", text)
		}
	}
	return out
}

// shown is the text of what a choice is shown as.
func (c *compiler) shown(inner codec, choice any) string {
	value := reflect.New(reflect.TypeOf(choice))
	value.Elem().Set(reflect.ValueOf(choice))
	e := newEncoder(context.Background(), false)
	defer e.release()
	shown := inner.encode(e, nil, addrOfValue(value))
	if e.err != nil {
		c.fail("the choice %v cannot be shown: %v; take it out", choice, e.err)
	}
	d := newDecoder(shown, false)
	defer d.release()
	text, _ := d.pyStr()
	return text
}

func (c *choicesCodec) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	if d.peek() == '"' { // as most come: without an allocation
		from := d.pos
		s, ok := d.str()
		if !ok {
			return false
		}
		if i, known := c.byText[string(s)]; known {
			c.choose(a, i)
			c.rules.finish(d, a, had)
			return true
		}
		d.pos = from
	}
	text, ok := d.pyStr()
	if !ok {
		return false
	}
	i, known := c.byText[text]
	switch {
	case known:
		c.choose(a, i)
	case text == "" && c.blank:
		*at[string](a) = "" // Blank is a rule of strings only
		return true
	default:
		d.fail(msgChoice(text))
		return true
	}
	c.rules.finish(d, a, had)
	return true
}

func (c *choicesCodec) schema(u use) members {
	m := members{}
	typ := ""
	values := make([]any, 0, len(c.texts))
	for _, inner := range c.codec.schema(use{}) {
		if inner.key == "type" {
			typ, _ = inner.value.(string)
			m = append(m, inner)
		}
	}
	if !u.input {
		return c.codec.schema(u) // what is stored is shown, whether it is a choice or not
	}
	if c.blank {
		values = append(values, "")
	}
	for _, text := range c.texts {
		switch typ {
		case "integer", "number":
			values = append(values, jsonNumber(text))
		case "boolean":
			values = append(values, text == "True")
		default:
			values = append(values, text)
		}
	}
	return append(m, member{"enum", values})
}

// pyText is str() of a Go value, as far as it can be a choice.
func pyText(v any) string {
	pointer := reflect.New(reflect.TypeOf(v)) // MarshalText may have a pointer receiver
	pointer.Elem().Set(reflect.ValueOf(v))
	if m, ok := pointer.Interface().(encoding.TextMarshaler); ok {
		if text, err := m.MarshalText(); err == nil {
			return string(text)
		}
	}
	switch r := pointer.Elem(); r.Kind() {
	case reflect.String:
		return r.String()
	case reflect.Bool:
		if r.Bool() {
			return "True"
		}
		return "False"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(r.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(r.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return string(appendPyFloat(nil, r.Float(), r.Type().Bits()))
	}
	return ""
}
