package serializer

import (
	"context"
	"reflect"
)

// HoldersOf says who holds which value of type V. Holders makes it.
type HoldersOf[V any] struct{ h *holders }

// holders is HoldersOf without its types: batch makes a collector for one decoding.
type holders struct {
	key     addr
	keyType reflect.Type
	keep    any
	unasked bool    // there is no lookup
	from    source  // the key field, known after New
	size    uintptr // of the objects that have it
	batch   func(*holders) valueBatch
}

// valueBatch collects the values of one field.
type valueBatch interface {
	batch
	add(d *decoder, value addr, waiting int)
}

func uniqueOf(d *decoder, h *holders) valueBatch {
	return batchOf(d, any(h), func() valueBatch { return h.batch(h) })
}

// Holders is for Unique: the lookup returns, for those of the values that objects hold already, the key of the holder; key points to the field
// with the object's own key, so that an update does not collide with itself. The lookup is called once for a whole request, with distinct values.
// A value that comes twice in one request is refused the second time.
//
//	serializer.Field(&p.Email).Email().Unique(serializer.Holders(&p.ID, db.emailHolders))
//	// func (db *store) emailHolders(ctx context.Context, emails []string) (map[string]int64, error)
//
// Patch and Update replace a list as a whole, so an item of a Many has no earlier object. It says itself which one it is, when the field of its
// key can be written: the value is its own when the holder has the key that the item came with, and the list had an item with this key before
// the update. An item without a key is a new one, and so are all in lists that lie inside of other items.
//
// Between the check and the write another request may take the value: only the database can rule that out.
func Holders[V, K comparable](key *K, lookup func(ctx context.Context, values []V) (map[V]K, error)) HoldersOf[V] {
	return HoldersOf[V]{&holders{
		key: addrOf(key), keyType: reflect.TypeFor[K](), keep: key, unasked: lookup == nil,
		batch: func(h *holders) valueBatch { return &uniqueBatch[V, K]{h: h, lookup: lookup} },
	}}
}

// uniqueBatch collects the values of one field while an input is decoded.
type uniqueBatch[V, K comparable] struct {
	h       *holders
	lookup  func(context.Context, []V) (map[V]K, error)
	entries []uniqueEntry[V, K]
	had     map[addr]map[K]struct{} // the keys of the items that a list had before the update
}

type uniqueEntry[V, K comparable] struct {
	value   V
	own     K
	isOwn   bool // the object was there before and own is its key
	item    item
	waiting int
}

// item is an object in a list of an object that is updated. Its own key is known when all of it was read.
type item struct {
	list, before addr // of the slices
	index        int
}

func (b *uniqueBatch[V, K]) owner() any { return b.h }

func (b *uniqueBatch[V, K]) compact(from int, before []int) {
	b.entries = leftEntries(b.entries, from, before, func(e *uniqueEntry[V, K]) *int { return &e.waiting })
}

func (b *uniqueBatch[V, K]) add(d *decoder, value addr, waiting int) {
	e := uniqueEntry[V, K]{value: *at[V](value), waiting: waiting}
	if before := d.top().before; !before.isNil() {
		if a, ok := b.h.from.read(before); ok {
			e.own, e.isOwn = *at[K](a), true
		}
	} else if n := len(d.stack); n > 1 && d.stack[n-2].kind == itemsContainer {
		f := &d.stack[n-2]
		e.item = item{f.base, f.before, f.item}
	}
	b.entries = append(b.entries, e)
}

func (b *uniqueBatch[V, K]) resolve(ctx context.Context, d *decoder) error {
	wanted := make([]V, 0, len(b.entries))
	seen := make(map[V]struct{}, len(b.entries))
	for i := range b.entries {
		e := &b.entries[i]
		if _, twice := seen[e.value]; !twice && !d.waiting[e.waiting].dead {
			seen[e.value] = struct{}{}
			wanted = append(wanted, e.value)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	held, err := b.lookup(ctx, wanted)
	if err != nil {
		return err
	}
	clear(seen) // for the values of this very input
	for i := range b.entries {
		e := &b.entries[i]
		w := &d.waiting[e.waiting]
		if w.dead {
			continue
		}
		holder, taken := held[e.value]
		if _, twice := seen[e.value]; twice || taken && !b.owns(e, holder) {
			d.failAt(w.place, w.key, msgUnique)
		}
		seen[e.value] = struct{}{}
	}
	return nil
}

// owns tells whether the holder of the value is the very object that it came for.
func (b *uniqueBatch[V, K]) owns(e *uniqueEntry[V, K], holder K) bool {
	if e.isOwn || e.item.before.isNil() {
		return e.isOwn && e.own == holder
	}
	first, n := e.item.list.slice()
	if e.item.index >= n { // something else was wrong with the list
		return false
	}
	own, ok := b.h.from.read(first.add(uintptr(e.item.index) * b.h.size))
	if !ok || *at[K](own) != holder {
		return false
	}
	_, had := b.keysBefore(e.item.before)[holder]
	return had
}

// keysBefore are the keys of the items that a list had before the update: nobody can pass an item off as another object's.
func (b *uniqueBatch[V, K]) keysBefore(list addr) map[K]struct{} {
	if keys, known := b.had[list]; known {
		return keys
	}
	first, n := list.slice()
	keys := make(map[K]struct{}, n)
	for i := range n {
		if a, ok := b.h.from.read(first.add(uintptr(i) * b.h.size)); ok {
			keys[*at[K](a)] = struct{}{}
		}
	}
	if b.had == nil {
		b.had = map[addr]map[K]struct{}{}
	}
	b.had[list] = keys
	return keys
}
