package serializer

import (
	"encoding/binary"
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

// Eight characters at a time: each function has a high bit set for some byte exactly when one of the eight bytes is of its sort.
const ones, highs = 0x0101010101010101, 0x8080808080808080

func anyBelowSpace(w uint64) uint64 { return (w - ' '*ones) & ^w & highs }

func anyEqual(w uint64, c byte) uint64 {
	w ^= uint64(c) * ones
	return (w - ones) & ^w & highs
}

// plainASCII is the length of the run of characters at the start of s that stand for themselves.
func plainASCII(s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		var eight [8]byte
		copy(eight[:], s[i:i+8])
		w := binary.LittleEndian.Uint64(eight[:])
		if anyBelowSpace(w)|anyEqual(w, '"')|anyEqual(w, '\\')|w&highs != 0 {
			break
		}
	}
	for i < len(s) && s[i] < utf8.RuneSelf && plain[s[i]] {
		i++
	}
	return i
}

// plainText is the length of the run at the start of valid UTF-8 that a JSON string holds as it is.
func plainText(s []byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := binary.LittleEndian.Uint64(s[i:])
		if anyBelowSpace(w)|anyEqual(w, '"')|anyEqual(w, '\\') != 0 {
			break
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
	dst = append(dst, '"')
	i := plainASCII(s)
	from := 0
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if !plain[c] {
				dst = appendEscaped(append(dst, s[from:i]...), c)
				from = i + 1
			}
			i++
			i += plainASCII(s[i:])
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
