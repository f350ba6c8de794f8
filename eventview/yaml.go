package eventview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// appendYAML appends compact JSON as YAML, in a spelling that readers of 1.1 and 1.2 understand alike.
func appendYAML(dst, compact []byte) []byte {
	y := &yaml{src: compact, dst: slices.Grow(dst, 2*len(compact))}
	y.value(0, true)
	return append(y.dst, '\n')
}

// yaml walks JSON once and writes what it meets. at is the next byte that was not read.
type yaml struct {
	src []byte
	at  int
	dst []byte
}

// value writes the value that is next. What has several lines begins a new one unless it may stand right here.
func (y *yaml) value(depth int, here bool) {
	switch c := y.src[y.at]; c {
	case '{', '[':
		if next := y.src[y.at+1]; next == '}' || next == ']' {
			y.space(here)
			y.dst = append(y.dst, c, next)
			y.at += 2
			return
		}
		y.lines(depth, here)
	case '"':
		y.space(here)
		y.text()
	default:
		y.space(here)
		start := y.at
		for y.at < len(y.src) && strings.IndexByte(",]}", y.src[y.at]) < 0 {
			y.at++
		}
		y.dst = appendNumber(y.dst, y.src[start:y.at])
	}
}

// space parts a scalar from its key.
func (y *yaml) space(here bool) {
	if !here {
		y.dst = append(y.dst, ' ')
	}
}

// lines writes an object or a list that is not empty.
func (y *yaml) lines(depth int, here bool) {
	isObject := y.src[y.at] == '{'
	for y.src[y.at] != '}' && y.src[y.at] != ']' {
		y.at++ // the bracket or the comma
		if !here {
			y.dst = append(y.dst, '\n')
			for range depth {
				y.dst = append(y.dst, ' ', ' ')
			}
		}
		here = false
		if !isObject {
			y.dst = append(y.dst, '-', ' ')
			y.value(depth+1, true)
			continue
		}
		start := len(y.dst)
		y.text()
		y.at++ // the colon
		if len(y.dst)-start > maxImplicitKey {
			y.dst = slices.Insert(y.dst, start, '?', ' ')
			y.dst = append(y.dst, '\n')
			for range depth {
				y.dst = append(y.dst, ' ', ' ')
			}
		}
		y.dst = append(y.dst, ':')
		y.value(depth+1, false)
	}
	y.at++
}

// maxImplicitKey is how long a key may be that no question mark announces, less a reserve; see YAML 1.2.2, 7.4.2.
const maxImplicitKey = 1000

// text writes a JSON string, plain where no reader could take it for anything else.
func (y *yaml) text() {
	start := y.at + 1
	y.at = start
	seen := byteKind(0)
	for ; y.src[y.at] != '"'; y.at++ {
		seen |= kinds[y.src[y.at]]
		if y.src[y.at] == '\\' {
			y.at++
		}
	}
	inside := y.src[start:y.at]
	y.at++
	switch {
	case seen&(escape|foreign|mark) == 0 && isPlain(inside):
		y.dst = append(y.dst, inside...)
	case seen&(escape|foreign) == 0: // spelt alike in both
		y.dst = append(y.dst, y.src[start-1:y.at]...)
	default:
		y.dst = appendQuoted(y.dst, y.src[start-1:y.at])
	}
}

// appendQuoted appends a JSON string that readers of YAML might understand differently.
func appendQuoted(dst, text []byte) []byte {
	var s string
	_ = json.Unmarshal(text, &s) // it is valid
	for _, c := range string(jsonschema.AppendString(nil, s)) {
		if isUnprintable(c) {
			dst = fmt.Appendf(dst, `\u%04x`, c)
		} else {
			dst = utf8.AppendRune(dst, c)
		}
	}
	return dst
}

// byteKind says what a byte within a JSON string means to YAML.
type byteKind uint8

const (
	escape  byteKind = 1 << iota // a backslash
	foreign                      // no printable ASCII
	mark                         // not for plain texts
	inner                        // for plain texts, but not at their ends
	later                        // for plain texts, but not at their beginning
)

// kinds is narrower than YAML's rule for plain texts, and so right for every version.
var kinds = func() (all [256]byteKind) {
	for i := range all {
		switch c := byte(i); {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case c >= '0' && c <= '9' || c == '.' || c == '-':
			all[i] = later
		case c == ' ' || c == '/':
			all[i] = inner
		case c == '\\':
			all[i] = escape
		case c < ' ' || c >= 0x7f:
			all[i] = foreign
		default:
			all[i] = mark
		}
	}
	return all
}()

// isPlain tells whether a text without marks needs no quotes.
func isPlain(s []byte) bool {
	if len(s) == 0 || kinds[s[0]] != 0 || kinds[s[len(s)-1]] == inner {
		return false
	}
	if len(s) > len("false") || strings.IndexByte("yYnNoOtTfF", s[0]) < 0 {
		return true
	}
	return !slices.Contains([]string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}, strings.ToLower(string(s)))
}

// isUnprintable tells which characters must be escaped, line breaks of YAML 1.1 included.
func isUnprintable(c rune) bool {
	return c >= 0x7f && c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff
}

// appendNumber appends a number, or true, false and null. YAML 1.1 takes 1e3 for a text, and 1.0e+3 for a number.
func appendNumber(dst, number []byte) []byte {
	at := bytes.IndexAny(number, "eE")
	if at < 0 || number[0] == 't' || number[0] == 'f' || number[0] == 'n' {
		return append(dst, number...)
	}
	dst = append(dst, number[:at]...)
	if !bytes.ContainsRune(number[:at], '.') {
		dst = append(dst, '.', '0')
	}
	dst = append(dst, 'e')
	if c := number[at+1]; c != '+' && c != '-' {
		dst = append(dst, '+')
	}
	return append(dst, number[at+1:]...)
}
