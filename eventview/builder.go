package eventview

import (
	"bytes"
	"encoding/json"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// builder writes JSON in the order in which it is told to.
type builder struct{ buf []byte }

// open begins an object or a list: '{' or '['.
func (b *builder) open(c byte) {
	b.comma()
	b.buf = append(b.buf, c)
}

func (b *builder) close(c byte) { b.buf = append(b.buf, c) }

func (b *builder) comma() {
	if len(b.buf) == 0 {
		return
	}
	if last := b.buf[len(b.buf)-1]; last != '{' && last != '[' && last != ':' {
		b.buf = append(b.buf, ',')
	}
}

func (b *builder) key(name string) {
	b.comma()
	b.buf = append(jsonschema.AppendString(b.buf, name), ':')
}

// text writes a member, unless it is empty.
func (b *builder) text(name, value string) {
	if value != "" {
		b.key(name)
		b.buf = jsonschema.AppendString(b.buf, value)
	}
}

// object begins a member that is an object.
func (b *builder) object(name string) {
	b.key(name)
	b.open('{')
}

// raw writes a member that is JSON already.
func (b *builder) raw(name, value string) {
	b.key(name)
	b.buf = append(b.buf, value...)
}

// ref writes a member that refers to a place in the document.
func (b *builder) ref(name, to string) {
	b.object(name)
	b.text("$ref", to)
	b.close('}')
}

// appendCompact appends JSON without its white space.
func appendCompact(dst []byte, text json.RawMessage) []byte {
	buf := bytes.NewBuffer(dst)
	if json.Compact(buf, text) != nil {
		return append(dst, text...) // it was valid a moment ago
	}
	return buf.Bytes()
}

// appendIndented appends compact JSON with two spaces a level.
func appendIndented(dst, compact []byte) []byte {
	depth := 0
	line := func(dst []byte) []byte {
		dst = append(dst, '\n')
		for range depth {
			dst = append(dst, ' ', ' ')
		}
		return dst
	}
	for i := 0; i < len(compact); i++ {
		switch c := compact[i]; c {
		case '"':
			end := textEnd(compact, i)
			dst = append(dst, compact[i:end]...)
			i = end - 1
		case '{', '[':
			dst = append(dst, c)
			if next := compact[i+1]; next == '}' || next == ']' {
				i++
				dst = append(dst, next)
				continue
			}
			depth++
			dst = line(dst)
		case '}', ']':
			depth--
			dst = append(line(dst), c)
		case ',':
			dst = line(append(dst, c))
		case ':':
			dst = append(dst, ':', ' ')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// textEnd is where the JSON string ends that begins at i.
func textEnd(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}
