package match

import (
	"fmt"
	"math"
	"strings"
)

type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	array
	object
	rest // a bare ... in a pattern
	bind // $1 in a pattern
)

// A node is a value of a document. The nodes of a document lie in the order of its text: the values of an array or object
// follow it, and end leads past all that is in it.
type node struct {
	kind     kind
	end      int32
	from, to int32  // its text in the source
	key      string // in an object: its key, decoded
	text     string // of a string: decoded; of anything else: as written
}

// A document is JSON text, read without building maps. In a pattern, "..." and "$1" may stand for values, "..." also for
// a member of an object.
type document struct {
	src   string
	nodes []node
}

// source returns a value as it is written.
func (d *document) source(n int32) string { return d.src[d.nodes[n].from:d.nodes[n].to] }

// show returns a value for a report: as it is written, without the space between its parts.
func (d *document) show(n int32) string {
	src := d.source(n)
	buf := make([]byte, 0, min(len(src), 4*shownText))
	quoted := false
	for i := 0; i < len(src) && len(buf) < 4*shownText; i++ {
		switch c := src[i]; {
		case quoted && c == '\\':
			buf = append(buf, c, src[i+1])
			i++
			continue
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		buf = append(buf, src[i])
	}
	return string(buf)
}

// children returns the items of an array.
func (d *document) children(n int32) []int32 {
	var all []int32
	for i := n + 1; i < d.nodes[n].end; i = d.nodes[i].end {
		all = append(all, i)
	}
	return all
}

const maxDepth = 10_000 // as in encoding/json

type parser struct {
	document
	pos     int
	pattern bool
	depth   int
	seen    map[string]struct{}
}

// A syntaxError says what was wrong in a text, and where.
type syntaxError struct {
	src  string
	pos  int
	text string
}

func (e *syntaxError) Error() string {
	before := e.src[:min(e.pos, len(e.src))]
	line := 1 + strings.Count(before, "\n")
	column := len(before) - strings.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d: %s", line, column, e.text)
}

// parse reads one JSON value that fills the whole text. Keys that stand twice in an object, text that is not UTF-8 and
// nesting beyond maxDepth are refused.
func parse(src string, pattern bool) (document, error) {
	p := parser{document: document{src: src}, pattern: pattern}
	if len(src) > math.MaxInt32 {
		return p.document, p.fail("longer than 2 GiB")
	}
	p.nodes = make([]node, 0, 4+len(src)/12)
	if strings.HasPrefix(src, "\ufeff") {
		return p.document, p.fail("a byte order mark, which JSON does not have")
	}
	p.space()
	if p.pos == len(src) {
		return p.document, p.fail("empty, want a JSON value")
	}
	if err := p.value(""); err != nil {
		return p.document, err
	}
	p.space()
	if p.pos < len(src) {
		return p.document, p.fail("%s after the value", p.here())
	}
	return p.document, nil
}

func (p *parser) fail(format string, args ...any) error {
	return &syntaxError{p.src, p.pos, fmt.Sprintf(format, args...)}
}

// here describes what stands at the position.
func (p *parser) here() string {
	if p.pos >= len(p.src) {
		return "end of text"
	}
	for _, r := range p.src[p.pos:] {
		return fmt.Sprintf("%q", r)
	}
	return ""
}

func (p *parser) space() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ' ', '\n', '\t', '\r':
			p.pos++
		default:
			return
		}
	}
}

// take moves past c, when that is next.
func (p *parser) take(c byte) bool {
	if p.pos < len(p.src) && p.src[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) takeWord(word string) bool {
	if strings.HasPrefix(p.src[p.pos:], word) {
		p.pos += len(word)
		return true
	}
	return false
}

// value reads a value, which the position is at, as the next node.
func (p *parser) value(key string) error {
	n := len(p.nodes)
	from := p.pos
	p.nodes = append(p.nodes, node{key: key, from: int32(from)})
	k, content, err := p.content()
	if err != nil {
		return err
	}
	if content == "" && k != text {
		content = p.src[from:p.pos]
	}
	node := &p.nodes[n]
	node.kind, node.text, node.to, node.end = k, content, int32(p.pos), int32(len(p.nodes))
	return nil
}

func (p *parser) content() (kind, string, error) {
	if p.pos == len(p.src) {
		return 0, "", p.fail("end of text, want a value")
	}
	switch c := p.src[p.pos]; {
	case c == '"':
		s, err := p.str()
		return text, s, err
	case c == '{':
		return object, "", p.nested((*parser).members)
	case c == '[':
		return array, "", p.nested((*parser).items)
	case c == '-' || c >= '0' && c <= '9':
		return number, "", p.number()
	case p.takeWord("null"):
		return null, "", nil
	case p.takeWord("true"), p.takeWord("false"):
		return boolean, "", nil
	case p.pattern && p.takeWord("..."):
		return rest, "", nil
	case p.pattern && c == '$':
		return bind, "", p.placeholder()
	}
	return 0, "", p.fail("%s, want a value", p.here())
}

func (p *parser) nested(read func(*parser) error) error {
	if p.depth++; p.depth > maxDepth {
		return p.fail("nested more than %d deep", maxDepth)
	}
	p.pos++
	err := read(p)
	p.depth--
	return err
}

func (p *parser) items() error {
	if p.space(); p.take(']') {
		return nil
	}
	for {
		p.space()
		if err := p.value(""); err != nil {
			return err
		}
		p.space()
		if p.take(']') {
			return nil
		}
		if !p.take(',') {
			return p.fail(`%s after an item, want "," or "]"`, p.here())
		}
	}
}

func (p *parser) members() error {
	first := len(p.nodes)
	if p.space(); p.take('}') {
		return nil
	}
	for {
		p.space()
		if err := p.member(); err != nil {
			return err
		}
		p.space()
		if p.take('}') {
			return p.unique(first)
		}
		if !p.take(',') {
			return p.fail(`%s after a member, want "," or "}"`, p.here())
		}
	}
}

// restKey is the key of the "..." member of a pattern. No key in a document can be it: it is no UTF-8.
const restKey = "\xff..."

func (p *parser) member() error {
	from := p.pos
	if p.pattern && p.takeWord("...") {
		if p.space(); !p.take(':') {
			p.nodes = append(p.nodes, node{kind: rest, key: restKey, text: "...",
				from: int32(from), to: int32(p.pos), end: int32(len(p.nodes) + 1)})
			return nil
		}
		p.space()
		return p.value(restKey)
	}
	if p.pos == len(p.src) || p.src[p.pos] != '"' {
		return p.fail("%s, want a key in double quotes", p.here())
	}
	key, err := p.str()
	if err != nil {
		return err
	}
	if p.space(); !p.take(':') {
		return p.fail(`%s after the key %q, want ":"`, p.here(), key)
	}
	p.space()
	return p.value(key)
}

// unique refuses a key that stands twice in the object whose first value is at first.
func (p *parser) unique(first int) error {
	var keys [16]string
	n := 0
	for i := first; i < len(p.nodes); i = int(p.nodes[i].end) {
		key := p.nodes[i].key
		if n == len(keys) {
			return p.uniqueOfMany(first)
		}
		for _, earlier := range keys[:n] {
			if earlier == key {
				return p.twice(i)
			}
		}
		keys[n] = key
		n++
	}
	return nil
}

func (p *parser) uniqueOfMany(first int) error {
	if p.seen == nil {
		p.seen = make(map[string]struct{})
	}
	clear(p.seen)
	for i := first; i < len(p.nodes); i = int(p.nodes[i].end) {
		if _, ok := p.seen[p.nodes[i].key]; ok {
			return p.twice(i)
		}
		p.seen[p.nodes[i].key] = struct{}{}
	}
	return nil
}

func (p *parser) twice(n int) error {
	p.pos = int(p.nodes[n].from)
	if p.nodes[n].key == restKey {
		return p.fail(`"..." stands twice in one object`)
	}
	return p.fail("the key %q stands twice in one object", p.nodes[n].key)
}
