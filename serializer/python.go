package serializer

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What Python makes of a JSON value, as far as it shows in messages or decides what is accepted.

// pyType names the type of the value that comes next.
func (d *decoder) pyType() string {
	switch c := d.peek(); c {
	case '"':
		return "str"
	case '{':
		return "dict"
	case '[':
		return "list"
	case 't', 'f':
		return "bool"
	case 'n':
		return "NoneType"
	}
	at := d.pos
	defer func() { d.pos = at }()
	if c := d.peek(); c == '-' || isDigit(c) {
		if _, whole, ok := d.number(); ok && !whole {
			return "float"
		}
	}
	return "int"
}

// pyStr reads a value and returns str() of it.
func (d *decoder) pyStr() (string, bool) {
	if d.peek() == '"' {
		s, ok := d.str()
		return string(s), ok
	}
	return d.pyRepr()
}

// pyRepr reads a value and returns repr() of it.
func (d *decoder) pyRepr() (string, bool) {
	out, ok := d.appendRepr(nil)
	return string(out), ok
}

func (d *decoder) appendRepr(dst []byte) ([]byte, bool) {
	switch c := d.peek(); {
	case c == '"':
		s, ok := d.str()
		return appendPyString(dst, s), ok
	case c == '{' || c == '[':
		return d.appendReprContainer(dst, c+2)
	case c == '-' || isDigit(c):
		text, whole, ok := d.number()
		if !ok {
			return dst, false
		}
		return appendPyNumber(dst, text, whole), true
	case c == 't' && d.literal("true"):
		return append(dst, "True"...), true
	case c == 'f' && d.literal("false"):
		return append(dst, "False"...), true
	case c == 'n' && d.literal("null"):
		return append(dst, "None"...), true
	}
	return dst, d.noValue()
}

func (d *decoder) appendReprContainer(dst []byte, closing byte) ([]byte, bool) {
	dst = append(dst, closing-2)
	var members reprMembers
	members.from = len(dst)
	empty, ok := d.open(closing)
	if !ok {
		return dst, false
	}
	for again := !empty; again; {
		if closing == '}' {
			name, ok := d.key()
			if !ok {
				return dst, false
			}
			start := len(dst)
			dst = appendPyString(dst, name)
			members.members = append(members.members, reprMember{start, len(dst)})
			dst = append(dst, ": "...)
		}
		if dst, ok = d.appendRepr(dst); !ok {
			return dst, false
		}
		if again, ok = d.more(closing); !ok {
			return dst, false
		}
		if again {
			dst = append(dst, ", "...)
		}
	}
	if !empty {
		d.depth--
	}
	return append(members.once(dst), closing), true
}

// reprMembers is where the members of a dict stand in its text.
type reprMembers struct {
	from    int
	members []reprMember
}

type reprMember struct{ start, colon int }

// once writes the text anew when a key came twice: Python keeps its first place and its last value.
func (m *reprMembers) once(dst []byte) []byte {
	key := func(i int) []byte { return dst[m.members[i].start:m.members[i].colon] }
	order := make([]int, len(m.members))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return bytes.Compare(key(a), key(b)) })
	last := map[int]int{} // of a member whose key comes again: the one that counts, -1 for those between
	for from, i := 0, 1; i < len(order); i++ {
		if bytes.Equal(key(order[from]), key(order[i])) {
			last[order[i]], last[order[from]] = -1, order[i]
		} else {
			from = i
		}
	}
	if len(last) == 0 {
		return dst
	}
	text := append([]byte(nil), dst[m.from:]...)
	dst = dst[:m.from]
	for i := range m.members {
		if n, again := last[i]; n < 0 {
			continue
		} else if again {
			i = n
		}
		if len(dst) > m.from {
			dst = append(dst, ", "...)
		}
		end := len(text)
		if i+1 < len(m.members) {
			end = m.members[i+1].start - m.from - len(", ")
		}
		dst = append(dst, text[m.members[i].start-m.from:end]...)
	}
	return dst
}

// appendPyNumber appends what Python prints for a JSON number.
func appendPyNumber(dst, text []byte, whole bool) []byte {
	if !whole {
		f, _ := strconv.ParseFloat(string(text), 64) // out of range is infinity, as in Python
		return appendPyFloat(dst, f, 64)
	}
	if string(text) == "-0" {
		return append(dst, '0')
	}
	return append(dst, text...)
}

// appendPyFloat appends repr() of a float: the shortest digits, always with a point or an exponent.
func appendPyFloat(dst []byte, f float64, bits int) []byte {
	switch abs := math.Abs(f); {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 0):
		if f < 0 {
			dst = append(dst, '-')
		}
		return append(dst, "inf"...)
	case abs != 0 && (abs < 1e-4 || abs >= 1e16):
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
	if bytes.IndexByte(dst[from:], '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// appendPyString appends repr() of a string.
func appendPyString(dst, s []byte) []byte {
	quote := byte('\'')
	if bytes.IndexByte(s, '\'') >= 0 && bytes.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	dst = append(dst, quote)
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		s = s[size:]
		switch {
		case r == rune(quote) || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case unicode.IsPrint(r):
			dst = utf8.AppendRune(dst, r)
		default:
			dst = appendPyEscape(dst, r)
		}
	}
	return append(dst, quote)
}

func appendPyEscape(dst []byte, r rune) []byte {
	digits, letter := 8, byte('U')
	switch {
	case r < 0x100:
		digits, letter = 2, 'x'
	case r < 0x10000:
		digits, letter = 4, 'u'
	}
	hex := strconv.FormatInt(int64(r), 16)
	dst = append(dst, '\\', letter)
	return append(append(dst, strings.Repeat("0", digits-len(hex))...), hex...)
}

// isPySpace is what str.strip() cuts off.
func isPySpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

// pyTrim is s.strip().
func pyTrim(s []byte) []byte {
	if n := len(s); n > 0 && s[0] > ' ' && s[0] < utf8.RuneSelf && s[n-1] > ' ' && s[n-1] < utf8.RuneSelf {
		return s
	}
	return bytes.TrimFunc(s, isPySpace)
}

// pyTrimNumber is the white space that int() and float() overlook: of ASCII only what C knows.
func pyTrimNumber(s []byte) []byte {
	return bytes.TrimSpace(s)
}

// pyDigits turns the text of a number into ASCII without its sign: digits of any script count, and underscores may stand between digits, as
// for int() and Decimal(). What is neither comes back as it is, and is refused by the parsers behind.
func pyDigits(s []byte) []byte {
	ok := true
	for _, c := range s {
		ok = ok && c < utf8.RuneSelf && c != '_'
	}
	if ok {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		switch {
		case r == '_' && i > 0 && i+1 < len(s) && s[i+1] != '_' && endsInDigit(out) && startsDigit(s[i+1:]):
		case r >= utf8.RuneSelf && unicode.IsDigit(r):
			out = append(out, '0'+digitValue(r))
		default:
			out = append(out, s[i:i+size]...)
		}
		i += size
	}
	return out
}

// asciiDigits spells the digits of all scripts in ASCII, as \d finds and int() reads them.
func asciiDigits(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf && unicode.IsDigit(r) {
			return rune('0' + digitValue(r))
		}
		return r
	}, s)
}

func endsInDigit(s []byte) bool { return len(s) > 0 && isDigit(s[len(s)-1]) }

func startsDigit(s []byte) bool {
	r, _ := utf8.DecodeRune(s)
	return unicode.IsDigit(r)
}

// digitValue is the value of a decimal digit: Unicode has them in runs of ten that start with zero.
func digitValue(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	return 0
}
