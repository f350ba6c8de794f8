package serializer

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// The scanner reads JSON as Python's decoder does, so that its complaints name the same place in the same words.

// space skips white space.
func (d *decoder) space() {
	if d.pos < len(d.data) && d.data[d.pos] <= ' ' {
		d.spaces()
	}
}

func (d *decoder) spaces() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return
		}
	}
}

// peek is the next byte, 0 at the end. A zero byte in the input starts no value, so it needs no telling apart.
func (d *decoder) peek() byte {
	if d.pos < len(d.data) {
		return d.data[d.pos]
	}
	return 0
}

func (d *decoder) literal(word string) bool {
	end := d.pos + len(word)
	if end <= len(d.data) && string(d.data[d.pos:end]) == word {
		d.pos = end
		return true
	}
	return false
}

// key reads an object's key with its colon and the white space around them.
func (d *decoder) key() ([]byte, bool) {
	if d.peek() != '"' {
		return nil, d.syntax("Expecting property name enclosed in double quotes", d.pos)
	}
	name, ok := d.str()
	if !ok {
		return nil, false
	}
	d.space()
	if d.peek() != ':' {
		return nil, d.syntax("Expecting ':' delimiter", d.pos)
	}
	d.pos++
	d.space()
	return name, true
}

// more reads what follows an element: true for a comma, with the white space behind it.
func (d *decoder) more(closing byte) (again, ok bool) {
	d.space()
	switch d.peek() {
	case closing:
		d.pos++
		return false, true
	case ',':
		d.pos++
		d.space()
		return true, true
	}
	return false, d.syntax("Expecting ',' delimiter", d.pos)
}

// open enters an object or list; empty tells that it ended at once.
func (d *decoder) open(closing byte) (empty, ok bool) {
	if d.depth++; d.depth > maxDepth {
		return false, d.tooDeep()
	}
	d.pos++
	d.space()
	if d.peek() == closing {
		d.pos++
		d.depth--
		return true, true
	}
	return false, true
}

// str reads a string and returns its text, which is good until the next one is read.
func (d *decoder) str() ([]byte, bool) {
	start := d.pos + 1
	end := start + plainText(d.data[start:])
	if end < len(d.data) && d.data[end] == '"' {
		d.pos = end + 1
		d.escaped = false
		return d.data[start:end], true
	}
	return d.strEscaped(start, end)
}

// strEscaped is str from the first character on that does not stand for itself.
func (d *decoder) strEscaped(start, i int) ([]byte, bool) {
	out := append(d.text[:0], d.data[start:i]...)
	for i < len(d.data) {
		c := d.data[i]
		switch {
		case c == '"':
			d.pos = i + 1
			d.text = out
			d.escaped = true
			return out, true
		case c < ' ':
			return nil, d.syntax("Invalid control character at", i)
		case c != '\\':
			run := i + plainText(d.data[i:])
			out = append(out, d.data[i:run]...)
			i = run
			continue
		}
		i++
		if i >= len(d.data) {
			break
		}
		if d.data[i] == 'u' {
			r, size, ok := d.unicodeEscape(i)
			if !ok {
				return nil, false
			}
			out = utf8.AppendRune(out, r)
			i += size
			continue
		}
		at := bytes.IndexByte([]byte(`"\/bfnrt`), d.data[i])
		if at < 0 {
			return nil, d.syntax(`Invalid \escape`, i-1)
		}
		out = append(out, "\"\\/\b\f\n\r\t"[at])
		i++
	}
	return nil, d.syntax("Unterminated string starting at", start-1)
}

// unicodeEscape reads \uXXXX, or two of them that make one character, where the u is at i. Half of such a pair is no character: it becomes
// U+FFFD, and is remembered for those who must refuse it.
func (d *decoder) unicodeEscape(i int) (r rune, size int, ok bool) {
	r, ok = d.hex4(i + 1)
	if !ok {
		return 0, 0, d.syntax(`Invalid \uXXXX escape`, i)
	}
	if !utf16.IsSurrogate(r) {
		return r, 5, true
	}
	if i+6 < len(d.data) && d.data[i+5] == '\\' && d.data[i+6] == 'u' {
		low, ok := d.hex4(i + 7)
		if !ok {
			if r < 0xdc00 {
				return 0, 0, d.syntax(`Invalid \uXXXX escape`, i+6)
			}
		} else if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 11, true
		}
	}
	if d.surrogate == 0 {
		d.surrogate = r
	}
	return utf8.RuneError, 5, true
}

func (d *decoder) hex4(i int) (rune, bool) {
	if i+4 >= len(d.data) {
		return 0, false
	}
	var r rune
	for _, c := range d.data[i : i+4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// number reads a number; whole tells that it has neither fraction nor exponent. It must start with a digit or a minus.
func (d *decoder) number() (text []byte, whole, ok bool) {
	start, i := d.pos, d.pos
	if d.data[i] == '-' {
		i++
	}
	digits := func() bool {
		from := i
		for i < len(d.data) && '0' <= d.data[i] && d.data[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(d.data) && d.data[i] == '0' {
		i++
	} else if !digits() {
		return nil, false, d.noValue()
	}
	whole = true
	if i+1 < len(d.data) && d.data[i] == '.' && isDigit(d.data[i+1]) {
		i++
		digits()
		whole = false
	}
	if i < len(d.data) && (d.data[i] == 'e' || d.data[i] == 'E') {
		before := i
		i++
		if i < len(d.data) && (d.data[i] == '+' || d.data[i] == '-') {
			i++
		}
		if digits() {
			whole = false
		} else {
			i = before
		}
	}
	d.pos = i
	return d.data[start:i], whole, true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// skip reads any value and forgets it.
func (d *decoder) skip() bool {
	switch c := d.peek(); {
	case c == '"':
		_, ok := d.str()
		return ok
	case c == '-' || isDigit(c):
		_, _, ok := d.number()
		return ok
	case c == '{' || c == '[':
		return d.skipContainer(c + 2) // the closing bracket is two characters on, for both
	case c == 't' && d.literal("true"), c == 'f' && d.literal("false"), c == 'n' && d.literal("null"):
		return true
	}
	return d.noValue()
}

func (d *decoder) skipContainer(closing byte) bool {
	again, ok := d.open(closing)
	if again || !ok {
		return ok
	}
	for again = true; again; {
		if closing == '}' {
			if _, ok = d.key(); !ok {
				return false
			}
		}
		if !d.skip() {
			return false
		}
		if again, ok = d.more(closing); !ok {
			return false
		}
	}
	d.depth--
	return true
}
