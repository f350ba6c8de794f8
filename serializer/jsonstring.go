package serializer

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// plain marks the ASCII characters that stand for themselves in a JSON string.
var plain = func() (t [utf8.RuneSelf]bool) {
	for c := byte(' '); c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

const hexDigits = "0123456789abcdef"

// Eight characters at a time: what follows has a high bit set for some byte exactly when one of the eight bytes is of its sort.
const ones, highs = 0x0101010101010101, 0x8080808080808080

func anyBelowSpace(w uint64) uint64 { return (w - ' '*ones) & ^w & highs }

func anyEqual(w uint64, c byte) uint64 {
	w ^= uint64(c) * ones
	return (w - ones) & ^w & highs
}

// anySpecial finds bytes that are not ASCII or do not stand for themselves. Below 0x80 a subtraction borrows exactly where a byte is smaller;
// turning one bit of each byte puts the quote, and no other printable character, below 0x21 together with the control characters.
func anySpecial(w uint64) uint64 {
	return (w | ((w ^ 2*ones) - 0x21*ones) | ((w ^ '\\'*ones) - ones)) & highs
}

// plainText is the length of the run at the start of valid UTF-8 that a JSON string holds as it is.
func plainText(s []byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := binary.LittleEndian.Uint64(s[i:])
		if anySpecial(w) == 0 {
			continue
		}
		if ends := anyBelowSpace(w) | anyEqual(w, '"') | anyEqual(w, '\\'); ends != 0 {
			return i + bits.TrailingZeros64(ends)/8 // bits behind the first one may be wrong: a borrow went through them
		}
	}
	for i < len(s) && (s[i] >= utf8.RuneSelf || plain[s[i]]) {
		i++
	}
	return i
}

// appendString appends a JSON string as Django REST Framework writes it: UTF-8, with only quotes, backslashes, control characters and the
// two line separators escaped that are no JavaScript. Bytes that are no UTF-8 become U+FFFD, as with encoding/json.
func appendString(dst []byte, s string) []byte {
	dst = room(dst, len(s)+2)
	in, out, i := textAddr(s), behind(dst), 0
	out.setByte(0, '"')
	out = out.add(1)
	for ; i+16 <= len(s); i += 16 {
		v, w := in.word(i), in.word(i+8)
		if anySpecial(v)|anySpecial(w) != 0 {
			return appendRest(dst, s, i)
		}
		out.setWord(i, v)
		out.setWord(i+8, w)
	}
	if i+8 <= len(s) {
		w := in.word(i)
		if anySpecial(w) != 0 {
			return appendRest(dst, s, i)
		}
		out.setWord(i, w)
		i += 8
	}
	switch last := len(s) - 8; {
	case i == len(s):
	case last >= 0: // the last eight once more, with what is left
		w := in.word(last)
		if anySpecial(w) != 0 {
			return appendRest(dst, s, i)
		}
		out.setWord(last, w)
	case len(s) >= 4:
		v, w := in.half(0), in.half(len(s)-4)
		if anySpecial(uint64(v)<<32|uint64(w)) != 0 {
			return appendRest(dst, s, 0)
		}
		out.setHalf(0, v)
		out.setHalf(len(s)-4, w)
	default:
		for i := range len(s) {
			c := s[i]
			if c >= utf8.RuneSelf || !plain[c] {
				return appendRest(dst, s, 0)
			}
			out.setByte(i, c)
		}
	}
	out.setByte(len(s), '"')
	return dst[:len(dst)+len(s)+2]
}

// appendRest is appendString from the character at i on, before which all stand for themselves and lie behind dst already, with the quote.
func appendRest(dst []byte, s string, i int) []byte {
	dst = dst[:len(dst)+1+i]
	from := i
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if !plain[c] {
				dst = appendEscaped(append(dst, s[from:i]...), c)
				from = i + 1
			}
			i++
			continue
		}
		if c < 0xe0 && c >= 0xc2 && i+1 < len(s) && s[i+1]&0xc0 == 0x80 { // two bytes: most letters beyond ASCII
			i += 2
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(append(dst, s[from:i]...), "\uFFFD"...)
			from = i + 1
		case r == '\u2028' || r == '\u2029':
			dst = append(append(dst, s[from:i]...), `\u202`...)
			dst = append(dst, hexDigits[r&0xf])
			from = i + size
		}
		i += size
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

func appendEscaped(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
