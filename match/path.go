package match

import (
	"cmp"
	"strconv"
	"unicode"
)

// A step of a path leads to an item by its index or to a value by its key.
type step struct {
	kind  stepKind
	name  string
	index int
}

type stepKind uint8

const (
	itemAt  stepKind = iota // index
	nameOf                  // a string as key, a field
	textOf                  // a key of another kind, as a report shows it
	nowhere                 // no place: of what is wanted anywhere, from index on
)

func itemStep(i int) step      { return step{index: i} }
func keyStep(name string) step { return step{kind: nameOf, name: name} }

func (s step) compare(other step) int {
	return cmp.Or(cmp.Compare(s.kind, other.kind), cmp.Compare(s.index, other.index), cmp.Compare(s.name, other.name))
}

func (s step) String() string {
	switch s.kind {
	case itemAt:
		return "[" + strconv.Itoa(s.index) + "]"
	case textOf:
		return "[" + s.name + "]"
	}
	for i, r := range s.name {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return "[" + cut(strconv.Quote(s.name)) + "]"
		}
	}
	if s.name == "" {
		return `[""]`
	}
	return "." + cut(s.name)
}
