package serializer

import (
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// stringCodec shows and accepts strings and types made from string.
type stringCodec struct {
	valueRules
	rules rules
	unset bool // may be blank where it is shown, though it is not accepted
}

func (c *compiler) stringKind(s *spec, common valueRules) codec {
	r := s.rules
	switch {
	case r.format == decimalFormat:
		c.accepts(s, "Decimal", "Min", "Max", "Unique", "Choices")
		return c.decimal(s, common)
	case r.format == uuidFormat:
		c.accepts(s, "UUID", "Unique", "Choices")
		return &uuidCodec{valueRules: common, unset: isUnset(s)}
	case r.format == ipFormat || r.format == ipv4Format || r.format == ipv6Format:
		c.accepts(s, "IP", "IPv4", "IPv6", "Blank", "Unique", "Choices")
		ip := newIP(common, r.format, false)
		ip.blank, ip.unset = r.blank, isUnset(s)
		return ip
	case r.min != nil || r.max != nil:
		c.fail("Min and Max are for numbers; use MinLength and MaxLength, or declare the string as a number with Decimal")
	}
	c.accepts(s, "Blank", "KeepSpace", "MinLength", "MaxLength", "Email", "URL", "Slug", "UnicodeSlug", "IP", "IPv4", "IPv6", "UUID", "Regexp", "Decimal", "Unique", "Choices")
	if r.minLen >= 0 && r.maxLen >= 0 && r.minLen > r.maxLen {
		c.fail("MinLength(%d) is beyond MaxLength(%d), so nothing would be accepted", r.minLen, r.maxLen)
	}
	if r.maxLen == 0 && !r.blank {
		c.fail("MaxLength(0) without Blank accepts nothing; give a number from 1 on, or add Blank")
	}
	return &stringCodec{valueRules: common, rules: r, unset: isUnset(s)}
}

func (c *stringCodec) encode(_ *encoder, dst []byte, a addr) []byte {
	return appendString(dst, *at[string](a))
}

func (c *stringCodec) decode(d *decoder, a, _ addr) bool {
	var text []byte
	had := d.faults()
	d.surrogate = 0
	switch b := d.peek(); {
	case b == '"':
		s, ok := d.str()
		if !ok {
			return false
		}
		text = s
	case b == '-' || isDigit(b):
		number, whole, ok := d.number()
		if !ok {
			return false
		}
		d.text = appendPyNumber(d.text[:0], number, whole)
		text = d.text
	default:
		d.fail(c.invalid())
		return d.skip()
	}
	if !c.rules.keepSpace {
		text = pyTrim(text)
	}
	if len(text) == 0 {
		*at[string](a) = ""
		if !c.rules.blank {
			d.fail(msgBlank)
		}
		return true
	}
	value := at[string](a)
	*value = d.keep(text)
	d.check(c.checks, a)
	c.validate(d, *value)
	c.ask(d, a, had)
	return true
}

// invalid is what is said about a value of another type: formats have their own words for it.
func (c *stringCodec) invalid() Message {
	switch c.rules.format {
	case emailFormat:
		return msgEmail
	case urlFormat:
		return msgURL
	case slugFormat, unicodeSlugFormat: // of another type than string; what is no slug has its own words for the latter
		return msgSlug
	case regexpFormat:
		return msgPattern
	}
	return msgString
}

func (c *stringCodec) validate(d *decoder, s string) {
	if c.rules.maxLen >= 0 && len(s) > c.rules.maxLen && utf8.RuneCountInString(s) > c.rules.maxLen {
		d.fail(msgMaxLength(c.rules.maxLen))
	}
	if c.rules.minLen > 0 && utf8.RuneCountInString(s) < c.rules.minLen {
		d.fail(msgMinLength(c.rules.minLen))
	}
	d.noSpecials(s)
	ok := true
	switch c.rules.format {
	case emailFormat:
		ok = isEmail(s)
	case urlFormat:
		ok = isURL(s)
	case slugFormat:
		ok = isSlug(s)
	case unicodeSlugFormat:
		if !isUnicodeSlug(s) {
			d.fail(msgUniSlug)
		}
	case regexpFormat:
		ok = c.rules.pattern.MatchString(s)
	}
	if !ok {
		d.fail(c.invalid())
	}
}

// noSpecials refuses what databases do not store. Escapes are the only way for it to come in.
func (d *decoder) noSpecials(s string) {
	if d.escaped && strings.IndexByte(s, 0) >= 0 {
		d.fail(msgNullChar)
	}
	if d.surrogate != 0 {
		d.fail(msgSurrogate(d.surrogate))
	}
}

func isSlug(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlnum(c) && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}

// isUnicodeSlug accepts what \w finds in Python: letters, digits and numerals of all scripts.
func isUnicodeSlug(s string) bool {
	for _, r := range s {
		if r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsNumber(r) {
			return false
		}
	}
	return s != ""
}

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func (c *stringCodec) schema(u use) members {
	rules := members{}
	switch c.rules.format {
	case emailFormat:
		rules = append(rules, member{"format", "email"})
	case urlFormat:
		rules = append(rules, member{"format", "uri"})
	}
	if !u.input {
		return orBlank(c.rules.blank || c.unset, rules)
	}
	switch {
	case c.rules.minLen > 0:
		rules = append(rules, member{"minLength", c.rules.minLen})
	case !c.rules.blank:
		rules = append(rules, member{"minLength", 1})
	}
	if c.rules.maxLen >= 0 {
		rules = append(rules, member{"maxLength", c.rules.maxLen})
	}
	switch c.rules.format {
	case slugFormat:
		rules = append(rules, member{"pattern", "^[-a-zA-Z0-9_]+$"})
	case regexpFormat:
		rules = append(rules, member{"pattern", c.rules.pattern.String()})
	}
	return orBlank(c.rules.blank, rules)
}

// orBlank is the schema of a string that keeps to the rules. One that may be blank keeps to none of them then.
func orBlank(blank bool, rules members) members {
	m := members{{"type", "string"}}
	if !blank || len(rules) == 0 || len(rules) == 1 && rules[0].key == "maxLength" {
		return append(m, rules...)
	}
	return append(m, member{"anyOf", []any{rules, members{{"maxLength", 0}}}})
}

// isUnset tells whether the zero value, which breaks every rule, is left where the field is absent.
func isUnset(s *spec) bool { return s.optional && s.typ.Kind() == reflect.String }
