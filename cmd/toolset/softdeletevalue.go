package main

import (
	"encoding/hex"
	"unicode"
	"unicode/utf8"
)

// plainValue is what JSON shows of a value that a driver gave: bytes that are no text in hexadecimal, as PostgreSQL
// writes them.
func plainValue(value any) any {
	b, ok := value.([]byte)
	if !ok {
		return printable(value)
	}
	text := string(b)
	for _, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return `\x` + hex.EncodeToString(b)
		}
	}
	return text
}
