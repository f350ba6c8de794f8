package serializer

import (
	"bytes"
	"cmp"
	"slices"
)

// Objects that something is done with at the end must not move, so a list of them is made as long as it will be. Lists inside of lists are
// counted with the outermost one: counting each of them on its own would take quadratic time for deep ones.

// listCount is how many objects a list has, by the place of the first one, which no other list shares.
type listCount struct{ first, objects int }

// countObjects counts the objects of the list that starts there and whose first object comes next.
func (d *decoder) countObjects(start int) int {
	if d.pos < d.countedFrom || d.pos >= d.counted {
		d.countLists(start)
	}
	i, known := slices.BinarySearchFunc(d.counts, d.pos, func(c listCount, pos int) int { return cmp.Compare(c.first, pos) })
	if !known {
		return 1
	}
	return d.counts[i].objects
}

// countLists counts the objects of the list that starts there and of all lists inside, up to its end. Broken JSON is left to the decoding proper.
func (d *decoder) countLists(start int) {
	d.counts = d.counts[:0]
	var within []int // for each object or list around: an index in counts, or one of these
	const object, noObjectsYet = -1, -2
	i := start
	for ; i < len(d.data); i++ {
		switch d.data[i] {
		case '"':
			i = afterString(d.data, i) - 1
		case '[':
			within = append(within, noObjectsYet)
		case '{':
			if n := len(within); n > 0 && within[n-1] != object {
				if within[n-1] == noObjectsYet {
					within[n-1] = len(d.counts)
					d.counts = append(d.counts, listCount{first: i})
				}
				d.counts[within[n-1]].objects++
			}
			within = append(within, object)
		case '}', ']':
			if len(within) > 0 {
				within = within[:len(within)-1]
			}
		}
		if len(within) == 0 || len(within) > maxDepth {
			break
		}
	}
	d.countedFrom, d.counted = start, i
}

// afterString is the place behind the string that starts at i.
func afterString(data []byte, i int) int {
	for i++; i < len(data); i++ {
		next := bytes.IndexByte(data[i:], '"')
		if next < 0 {
			return len(data)
		}
		i += next
		slashes := 0
		for data[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
	return len(data)
}
