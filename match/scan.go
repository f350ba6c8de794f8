package match

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// number moves past a number of the JSON grammar.
func (p *parser) number() error {
	from := p.pos
	p.take('-')
	if !p.take('0') && !p.digits() {
		return p.fail("%s, want a digit", p.here())
	}
	if p.take('.') && !p.digits() {
		return p.fail("%s after a decimal point, want a digit", p.here())
	}
	if p.take('e') || p.take('E') {
		if !p.take('+') {
			p.take('-')
		}
		if !p.digits() {
			return p.fail("%s in an exponent, want a digit", p.here())
		}
	}
	if p.pos < len(p.src) && p.src[p.pos] >= '0' && p.src[p.pos] <= '9' {
		p.pos = from
		return p.fail("a number that starts with a zero")
	}
	return nil
}

func (p *parser) digits() bool {
	from := p.pos
	for p.pos < len(p.src) && p.src[p.pos] >= '0' && p.src[p.pos] <= '9' {
		p.pos++
	}
	return p.pos > from
}

func (p *parser) placeholder() error {
	p.pos++
	if p.pos == len(p.src) || p.src[p.pos] == '0' || !p.digits() {
		return p.fail("%s after $, want the number of a Bind: $1 for the first", p.here())
	}
	return nil
}

// str reads a string, the position being at its opening quote. One without escapes is a part of the source.
func (p *parser) str() (string, error) {
	p.pos++
	from := p.pos
	for p.pos < len(p.src) {
		switch c := p.src[p.pos]; {
		case c == '"':
			p.pos++
			return p.src[from : p.pos-1], nil
		case c == '\\':
			return p.escaped(from)
		case c >= ' ' && c < utf8.RuneSelf:
			p.pos++
		default:
			if err := p.wide(); err != nil {
				return "", err
			}
		}
	}
	return "", p.fail("end of text in a string")
}

// wide moves past a character of more than one byte and refuses control characters.
func (p *parser) wide() error {
	if p.src[p.pos] < ' ' {
		return p.fail("the control character %#02x in a string, want it escaped", p.src[p.pos])
	}
	r, size := utf8.DecodeRuneInString(p.src[p.pos:])
	if r == utf8.RuneError && size == 1 {
		return p.fail("text that is not UTF-8")
	}
	p.pos += size
	return nil
}

// escaped reads the rest of a string from its first escape.
func (p *parser) escaped(from int) (string, error) {
	buf := append(make([]byte, 0, p.pos-from+16), p.src[from:p.pos]...)
	for p.pos < len(p.src) {
		start := p.pos
		switch c := p.src[p.pos]; {
		case c == '"':
			p.pos++
			return string(buf), nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			buf = appendRune(buf, r)
			continue
		case c >= ' ' && c < utf8.RuneSelf:
			p.pos++
		default:
			if err := p.wide(); err != nil {
				return "", err
			}
		}
		buf = append(buf, p.src[start:p.pos]...)
	}
	return "", p.fail("end of text in a string")
}

// appendRune keeps half a surrogate pair as it is. UTF-8 has no form for it, and a replacement character would make
// different strings equal.
func appendRune(buf []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(buf, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(buf, r)
}

func (p *parser) escape() (rune, error) {
	p.pos++
	if p.pos == len(p.src) {
		return 0, p.fail("end of text in a string")
	}
	c := p.src[p.pos]
	p.pos++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, ok := p.hex()
		if !ok {
			return 0, p.fail("four hexadecimal digits are wanted after \\u")
		}
		if utf16.IsSurrogate(r) && p.pos+1 < len(p.src) && p.src[p.pos] == '\\' && p.src[p.pos+1] == 'u' {
			half := p.pos
			p.pos += 2
			low, ok := p.hex()
			if both := utf16.DecodeRune(r, low); ok && both != utf8.RuneError {
				return both, nil
			}
			p.pos = half
		}
		return r, nil
	}
	p.pos -= 2
	return 0, p.fail("an escape that JSON does not have: \\%c", c)
}

func (p *parser) hex() (rune, bool) {
	if p.pos+4 > len(p.src) {
		return 0, false
	}
	n, err := strconv.ParseUint(p.src[p.pos:p.pos+4], 16, 16)
	if err != nil {
		return 0, false
	}
	p.pos += 4
	return rune(n), true
}
