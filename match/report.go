package match

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	shownDifferences = 20
	shownText        = 90 // bytes of a value in a report, about
)

// A step of a path leads to an item by its index or to a value by its key.
type step struct {
	kind  stepKind
	name  string
	index int
}

type stepKind uint8

const (
	itemAt stepKind = iota // index
	nameOf                 // a string as key, a field
	textOf                 // a key of another kind, as a report shows it
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
			return "[" + strconv.Quote(s.name) + "]"
		}
	}
	if s.name == "" {
		return `[""]`
	}
	return "." + s.name
}

// differences gathers what is wrong, with the path to the value at hand. Without gather, only the verdict is wanted and
// nothing is kept: add just says false.
type differences struct {
	gather bool
	path   []step
	found  []difference
}

type difference struct {
	path []step
	text string
}

func (d *differences) enter(s step) {
	if d.gather {
		d.path = append(d.path, s)
	}
}

func (d *differences) leave() {
	if d.gather {
		d.path = d.path[:len(d.path)-1]
	}
}

// add notes a difference at the path; the text is made only when it is wanted.
func (d *differences) add(text func() string) bool {
	if d.gather {
		d.found = append(d.found, difference{slices.Clone(d.path), text()})
	}
	return false
}

func (d *differences) String() string {
	if len(d.found) == 0 {
		return ""
	}
	slices.SortStableFunc(d.found, func(a, b difference) int {
		return slices.CompareFunc(a.path, b.path, step.compare)
	})
	var b strings.Builder
	if len(d.found) == 1 {
		b.WriteString("1 difference:\n")
	} else {
		fmt.Fprintf(&b, "%d differences:\n", len(d.found))
	}
	for i, one := range d.found {
		if i == shownDifferences {
			fmt.Fprintf(&b, "  and %d more\n", len(d.found)-i)
			break
		}
		b.WriteString("  ")
		if len(one.path) > 0 {
			for _, s := range one.path {
				b.WriteString(s.String())
			}
			b.WriteString(": ")
		}
		b.WriteString(one.text)
		b.WriteByte('\n')
	}
	return b.String()
}

// gotWant is the text of two values that differ.
func gotWant(got, want string) string {
	return "got " + cut(got) + ", want " + cut(want)
}

// gotWantStrings is gotWant for the contents of two strings. Of long ones it shows where they part.
func gotWantStrings(got, want string) string {
	from := 0
	if len(got) > shownText && len(want) > shownText {
		for from < len(got) && from < len(want) && got[from] == want[from] {
			from++
		}
		from = max(0, from-shownText/3)
	}
	return gotWant(quoteFrom(got, from), quoteFrom(want, from))
}

func quoteFrom(s string, from int) string {
	for from > 0 && !utf8.RuneStart(s[from]) {
		from--
	}
	before := ""
	if from > 0 {
		before = "…"
	}
	return before + strconv.Quote(s[from:min(len(s), from+2*shownText)])
}

func cut(s string) string {
	if len(s) <= shownText {
		return s
	}
	end := shownText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
