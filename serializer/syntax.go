package serializer

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// maxDepth is how deep objects and lists may nest. encoding/json stops at 10000, Python at about 1000; no request needs a tenth of that.
const maxDepth = 500

// syntax stops the decoding with the words of Python's decoder. It returns false for its callers to return.
func (d *decoder) syntax(what string, pos int) bool {
	before := d.data[:min(pos, len(d.data))]
	line := bytes.Count(before, []byte{'\n'}) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return d.parseError(fmt.Sprintf("%s: line %d column %d (char %d)", what, line, column, utf8.RuneCount(before)))
}

func (d *decoder) parseError(text string) bool {
	if d.err == nil {
		d.err = &RequestError{kind: syntaxKind, detail: "JSON parse error - " + text}
	}
	return false
}

func (d *decoder) tooDeep() bool {
	return d.parseError(fmt.Sprintf("Nested deeper than %d levels: byte %d", maxDepth, d.pos))
}

// noValue is what to say where a value should start.
func (d *decoder) noValue() bool {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(d.data[d.pos:], []byte(word)) {
			return d.parseError("Out of range float values are not JSON compliant: '" + word + "'")
		}
	}
	return d.syntax("Expecting value", d.pos)
}

var byteOrderMark = []byte("\ufeff")

// checkText refuses what is no UTF-8, before anything else is looked at, as Python does.
func (d *decoder) checkText() bool {
	if !utf8.Valid(d.data) {
		return d.parseError(badUTF8(d.data))
	}
	if bytes.HasPrefix(d.data, byteOrderMark) {
		return d.syntax("Unexpected UTF-8 BOM (decode using utf-8-sig)", 0)
	}
	return true
}

// badUTF8 says where and why data is no UTF-8, as Python's codec does.
func badUTF8(data []byte) string {
	i := 0
	for i < len(data) {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	first := data[i]
	need := 0
	low, high := byte(0x80), byte(0xbf) // of the second byte
	switch {
	case 0xc2 <= first && first <= 0xdf:
		need = 2
	case 0xe0 <= first && first <= 0xef:
		need = 3
	case 0xf0 <= first && first <= 0xf4:
		need = 4
	}
	switch first {
	case 0xe0:
		low = 0xa0
	case 0xed:
		high = 0x9f
	case 0xf0:
		low = 0x90
	case 0xf4:
		high = 0x8f
	}
	good := 1 // bytes of the character that are as they should be
	for good < need && i+good < len(data) && low <= data[i+good] && data[i+good] <= high {
		good++
		low, high = 0x80, 0xbf
	}
	reason := "invalid continuation byte"
	switch {
	case need == 0:
		reason = "invalid start byte"
	case i+good == len(data):
		reason = "unexpected end of data"
	}
	if good == 1 {
		return fmt.Sprintf("'utf-8' codec can't decode byte 0x%02x in position %d: %s", first, i, reason)
	}
	return fmt.Sprintf("'utf-8' codec can't decode bytes in position %d-%d: %s", i, i+good-1, reason)
}
