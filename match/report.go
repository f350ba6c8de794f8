package match

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	shownDifferences = 20
	shownText        = 90 // bytes of a value in a report, about
	shownSteps       = 20 // of a path
)

// differences gathers what is wrong, with the path to the value at hand. Without gather, only the verdict is wanted and
// nothing is kept: note and add just say false.
type differences struct {
	gather bool
	path   []step
	found  []*difference
	stack  []*branch // the way to the value at hand, for the diff; the first is the whole
	alike  int       // how many scalars matched
	brief  bool      // do not look for the item that is closest to a pattern
}

// A difference is one line of the list in a report, and up to two of the diff.
type difference struct {
	path      []step
	text      string
	got, want string // empty where there is no such value
	from      int    // without a place of its own: the item of the list from where on it is wanted
}

// gathering starts with the whole value at hand.
func gathering() *differences {
	return &differences{gather: true, stack: []*branch{{}}}
}

func (d *differences) enter(s step) {
	if d.gather {
		d.path = append(d.path, s)
		d.stack = append(d.stack, &branch{step: s})
	}
}

func (d *differences) leave() {
	if d.gather {
		d.path = d.path[:len(d.path)-1]
		last := len(d.stack) - 1
		d.stack[last-1].take(d.stack[last])
		d.stack = d.stack[:last]
	}
}

// note tells of a mistake at the path; the text is made only when it is wanted.
func (d *differences) note(text func() string) bool {
	return d.add(func() difference { return difference{text: text()} })
}

// add notes a difference at the path.
func (d *differences) add(of func() difference) bool {
	if d.gather {
		one := of()
		one.path = slices.Clone(d.path)
		d.found = append(d.found, &one)
		d.stack[len(d.stack)-1].differs(&one)
	}
	return false
}

// keep remembers a scalar that matches: in a diff, it shows where one is.
func (d *differences) keep(text func() string) bool {
	if d.gather {
		d.alike++
		d.stack[len(d.stack)-1].same = text()
	}
	return true
}

// within says how the value at hand, which has parts, is written.
func (d *differences) within(f form) {
	if d.gather {
		d.stack[len(d.stack)-1].form = f
	}
}

// elide says that the value at hand has parts that the pattern leaves open.
func (d *differences) elide() {
	if d.gather {
		d.stack[len(d.stack)-1].elided = true
	}
}

// report is the text of a failure: every difference on a line, the first of them at least, and a diff if it tells more.
func (d *differences) report(p palette) string {
	d.sort()
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
		if path := pathText(one.path); path != "" {
			b.WriteString(p.path + path + p.reset + ": ")
		}
		b.WriteString(one.text)
		b.WriteByte('\n')
	}
	return b.String() + d.diff(p, b.Len())
}

func (d *differences) sort() {
	slices.SortStableFunc(d.found, func(a, b *difference) int {
		return slices.CompareFunc(a.path, b.path, step.compare)
	})
}

// pathText writes a path, of a very long one the end.
func pathText(path []step) string {
	var b strings.Builder
	if n := len(path) - shownSteps; n > 0 {
		b.WriteString("…")
		path = path[n:]
	}
	for _, s := range path {
		b.WriteString(s.String())
	}
	return b.String()
}

// gotWant is the difference of two values.
func gotWant(got, want string) difference {
	return difference{text: "got " + cut(got) + ", want " + cut(want), got: got, want: want}
}

// gotWantStrings is gotWant for the contents of two strings. Of long ones it shows where they part.
func gotWantStrings(got, want string) difference {
	d := gotWant(partAt(got, want, shownText))
	d.got, d.want = partAt(got, want, shownInDiff)
	return d
}

func missing(what, want string) difference {
	return difference{text: what + ", want " + cut(want), want: want}
}

func unexpected(got string) difference {
	return difference{text: "unexpected, got " + cut(got), got: got}
}

// partAt quotes two strings, both from shortly before the place where they part when that would be cut off.
func partAt(a, b string, limit int) (string, string) {
	from := 0
	if max(len(a), len(b)) > limit {
		for from < len(a) && from < len(b) && a[from] == b[from] {
			from++
		}
		if from = from - limit/3; from < limit/3 {
			from = 0
		}
	}
	return quoteFrom(a, from), quoteFrom(b, from)
}

func quoteFrom(s string, from int) string {
	for from > 0 && from < len(s) && !utf8.RuneStart(s[from]) {
		from--
	}
	before := ""
	if from > 0 {
		before = "…"
	}
	return before + strconv.Quote(s[min(from, len(s)):min(len(s), from+2*shownText)])
}

func cut(s string) string { return cutAt(s, shownText) }

func cutAt(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
