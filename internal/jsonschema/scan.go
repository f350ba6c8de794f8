package jsonschema

import (
	"encoding/json"
	"iter"
	"strings"
)

// Members yields the members of a JSON object in their order. Anything but valid JSON and an object yields nothing
// that can be relied on.
func Members(object json.RawMessage) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		for name, value := range elements(object, '{') {
			if !yield(unquote(name), value) {
				return
			}
		}
	}
}

// list yields the items of a JSON array.
func list(array json.RawMessage) iter.Seq[json.RawMessage] {
	return func(yield func(json.RawMessage) bool) {
		for _, value := range elements(array, '[') {
			if !yield(value) {
				return
			}
		}
	}
}

// elements walks valid JSON, of an object with the names as they are spelt. It allocates nothing.
func elements(text json.RawMessage, open byte) iter.Seq2[json.RawMessage, json.RawMessage] {
	return func(yield func(name, value json.RawMessage) bool) {
		i := space(text, 0)
		if i >= len(text) || text[i] != open {
			return
		}
		for i = space(text, i+1); i < len(text) && text[i] != '}' && text[i] != ']'; {
			var name json.RawMessage
			if open == '{' {
				end := skip(text, i)
				name = text[i:end]
				i = space(text, space(text, end)+1) // the colon
			}
			end := skip(text, i)
			if end == i || !yield(name, text[i:end]) {
				return
			}
			if i = space(text, end); i < len(text) && text[i] == ',' {
				i = space(text, i+1)
			}
		}
	}
}

func space(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
		i++
	}
	return min(i, len(text))
}

// skip returns the end of the value that begins at i.
func skip(text []byte, i int) int {
	depth := 0
	for i < len(text) {
		switch c := text[i]; c {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			i = min(i+1, len(text))
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			i++
		default: // a number or a word
			for i < len(text) && strings.IndexByte(",:]} \n\t\r", text[i]) < 0 {
				i++
			}
		}
		if depth <= 0 {
			return i
		}
	}
	return i
}

// unquote reads a JSON string.
func unquote(quoted json.RawMessage) string {
	for _, c := range quoted {
		if c == '\\' || c >= 0x80 {
			var s string
			_ = json.Unmarshal(quoted, &s) // it is valid
			return s
		}
	}
	if len(quoted) < 2 {
		return ""
	}
	return string(quoted[1 : len(quoted)-1])
}
