package match

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	diffedDifferences = 5   // of the list, those that the diff shows
	shownInDiff       = 50  // bytes of a value there, about
	keptInDiff        = 3   // values that match, in an object, to show which one it is
	reportOfOne       = 480 // bytes, about, of a report of one difference: beyond, it does without a diff
)

// A branch is a value on the way to a difference, or at the end of the way: a difference, or a scalar that matches.
type branch struct {
	form
	step   step
	parts  []*branch
	elided bool // it has more parts
	here   []*difference
	same   string // of a scalar that matches
}

// A form is how a value with parts is written. What has no parts has no brackets.
type form struct {
	open, end string
	keys      keyForm
	size      int // of a list: its items
}

type keyForm uint8

const (
	noKeys keyForm = iota // a list
	quotedKeys
	fieldNames // of a struct
)

// take adds a part, if there is something to show of it.
func (b *branch) take(part *branch) {
	if part.same == "" && part.here == nil && part.parts == nil {
		b.elided = true
		return
	}
	b.parts = append(b.parts, part)
}

// differs notes a difference of the value itself, or, within brackets, of a part that has no place.
func (b *branch) differs(d *difference) {
	if b.open == "" {
		b.here = append(b.here, d)
	} else {
		b.parts = append(b.parts, &branch{step: step{kind: nowhere, index: d.from}, here: []*difference{d}})
	}
}

// only leaves the parts that lead to these differences, and what matches beside them. It says whether there is anything
// that matches beside each.
func (b *branch) only(shown map[*difference]bool) (placed bool) {
	if b.keys == noKeys {
		slices.SortStableFunc(b.parts, func(a, b *branch) int { return cmp.Compare(a.step.index, b.step.index) })
	}
	var kept []*branch
	direct, all := false, true
	for _, part := range b.parts {
		switch {
		case part.same != "":
			kept = append(kept, part)
			continue
		case len(part.here) > 0:
			one := part.here[0]
			if !shown[one] || one.got == "" && one.want == "" {
				b.elided = true
				continue
			}
			direct = true
		default:
			placed := part.only(shown)
			if len(part.parts) == 0 {
				b.elided = true
				continue
			}
			all = all && placed
		}
		kept = append(kept, part)
	}
	b.parts = kept
	return b.place(direct || !all) || !direct && all
}

// place drops the scalars that match but, if they are wanted, a few: the first of an object, which tell which object it is,
// and in a list the neighbours of what differs.
func (b *branch) place(wanted bool) (placed bool) {
	left := make([]*branch, 0, len(b.parts))
	n := 0
	for i, part := range b.parts {
		if part.same != "" {
			beside := b.keys != noKeys && n < keptInDiff || b.keys == noKeys && (b.neighbours(i, i-1) || b.neighbours(i, i+1))
			if !wanted || !beside || len(part.same) > shownInDiff {
				b.elided = true
				continue
			}
			n++
		}
		left = append(left, part)
	}
	b.parts = left
	return n > 0
}

// neighbours tells whether part i of a list stands right beside part k, and that differs.
func (b *branch) neighbours(i, k int) bool {
	if k < 0 || k >= len(b.parts) || len(b.parts[k].here) == 0 {
		return false
	}
	at, other := b.parts[i].step, b.parts[k].step
	return other.kind == nowhere || at.index-other.index == i-k
}

// count counts the values that match, and the places where something differs.
func (b *branch) count() (same, places int) {
	for _, part := range b.parts {
		switch {
		case part.same != "":
			same++
		case len(part.here) > 0:
			places = 1
		}
	}
	for _, part := range b.parts {
		s, p := part.count()
		same, places = same+s, places+p
	}
	return same, places
}

// diff draws what the pattern asserts around the differences, with ... for everything else. It is empty where it would
// only repeat the list: when there is nothing to show but differences in one place.
func (d *differences) diff(p palette, listed int) string {
	shown := make(map[*difference]bool)
	for _, one := range d.found[:min(len(d.found), diffedDifferences)] {
		shown[one] = true
	}
	d.stack[0].only(shown)
	if same, places := d.stack[0].count(); same == 0 && places < 2 {
		return ""
	}
	title := "diff (-want +got):"
	if len(d.found) > diffedDifferences {
		title = fmt.Sprintf("diff of the first %d (-want +got):", diffedDifferences)
	}
	w := drawing{palette: p}
	w.b.WriteString("\n" + title + "\n")
	w.value(d.stack[0].start())
	if len(d.found) == 1 && listed+w.b.Len()-w.paint > reportOfOne {
		return ""
	}
	return w.b.String()
}

// start skips the first of very many values that have one part each.
func (b *branch) start() (head string, at *branch, tail string, indent int) {
	depth := 0
	for at = b; len(at.parts) == 1; at = at.parts[0] {
		depth++
	}
	at = b
	for ; depth > shownSteps; depth-- {
		head, at, tail = "… ", at.parts[0], " …"
	}
	return head, at, tail, 0
}

// A drawing is the text of a diff.
type drawing struct {
	palette
	b     strings.Builder
	paint int // bytes of colour
}

func (w *drawing) line(mark byte, indent int, text string) {
	colour := map[byte]string{'-': w.minus, '+': w.plus}[mark]
	reset := ""
	if colour != "" {
		reset = w.reset
		w.paint += len(colour) + len(reset)
	}
	fmt.Fprintf(&w.b, "%s%c %s%s%s\n", colour, mark, strings.Repeat("  ", indent), text, reset)
}

// value draws a value that has parts, between what stands before it on its first line and after it on its last. A value
// with only one part to show goes on in the same line.
func (w *drawing) value(head string, b *branch, tail string, indent int) {
	if len(b.parts) == 1 && b.parts[0].open != "" {
		part := b.parts[0]
		if b.gapBefore(-1, part) {
			head += b.open + "..., "
		} else {
			head += b.open
		}
		if b.gapAfter(part) {
			tail = ", ..." + b.end + tail
		} else {
			tail = b.end + tail
		}
		w.value(head+b.label(part), part, tail, indent)
		return
	}
	w.line(' ', indent, head+b.open)
	last := -1
	for _, part := range b.parts {
		if b.gapBefore(last, part) {
			w.line(' ', indent+1, "...,")
		}
		if part.step.kind != nowhere {
			last = part.step.index
		}
		w.part(b, part, indent+1)
	}
	if b.gapAfter(b.parts[len(b.parts)-1]) {
		w.line(' ', indent+1, "...")
	}
	w.line(' ', indent, b.end+tail)
}

func (w *drawing) part(of, part *branch, indent int) {
	label := of.label(part)
	switch {
	case part.same != "":
		w.line(' ', indent, label+part.same+",")
	case len(part.here) > 0:
		if want := part.here[0].want; want != "" {
			w.line('-', indent, label+cutAt(want, shownInDiff+10)+",")
		}
		if got := part.here[0].got; got != "" {
			w.line('+', indent, label+cutAt(got, shownInDiff+10)+",")
		}
	default:
		w.value(label, part, ",", indent)
	}
}

// gapBefore tells whether items of a list are left out between the one at last and a part.
func (b *branch) gapBefore(last int, part *branch) bool {
	return b.keys == noKeys && part.step.kind != nowhere && part.step.index > last+1
}

// gapAfter tells whether something is left out behind the last part.
func (b *branch) gapAfter(part *branch) bool {
	if b.keys != noKeys || part.step.kind == nowhere {
		return b.elided
	}
	return part.step.index < b.size-1
}

// label is what stands before a part: its key.
func (b *branch) label(part *branch) string {
	name := part.step.name
	switch {
	case b.keys == noKeys || part.step.kind == nowhere:
		return ""
	case part.step.kind == itemAt:
		name = strconv.Itoa(part.step.index)
	case part.step.kind == nameOf && b.keys == quotedKeys:
		name = strconv.Quote(name)
	}
	return cutAt(name, shownInDiff) + ": "
}
