package memory

import (
	"slices"
	"sort"
)

// A fifo holds items in the order of their positions.
type fifo struct {
	items []item
	head  int // items before it are taken
}

func (f *fifo) len() int { return len(f.items) - f.head }

func (f *fifo) first() *item { return &f.items[f.head] }

func (f *fifo) push(it item) { f.items = append(f.items, it) }

func (f *fifo) pop() item {
	it := f.items[f.head]
	f.items[f.head] = item{}
	f.head++
	switch {
	case f.head == len(f.items):
		f.items, f.head = f.items[:0], 0
	case f.head > 1024 && f.head > len(f.items)/2:
		n := copy(f.items, f.items[f.head:])
		clear(f.items[n:])
		f.items, f.head = f.items[:n], 0
	}
	return it
}

// restore puts an item that was taken back to where it was.
func (f *fifo) restore(it item) {
	at := f.head + sort.Search(f.len(), func(i int) bool { return f.items[f.head+i].position > it.position })
	if at == f.head && f.head > 0 {
		f.head--
		f.items[f.head] = it
		return
	}
	f.items = slices.Insert(f.items, at, it)
}
