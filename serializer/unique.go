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
	from    source // the key field, known after New
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
// Between the check and the write another request may take the value: only the database can rule that out.
func Holders[V, K comparable](key *K, lookup func(ctx context.Context, values []V) (map[V]K, error)) HoldersOf[V] {
	return HoldersOf[V]{&holders{
		key: addrOf(key), keyType: reflect.TypeFor[K](), keep: key,
		batch: func(h *holders) valueBatch { return &uniqueBatch[V, K]{h: h, lookup: lookup} },
	}}
}

// uniqueBatch collects the values of one field while an input is decoded.
type uniqueBatch[V, K comparable] struct {
	h      *holders
	lookup func(context.Context, []V) (map[V]K, error)
	values []V
	own    []K
	isOwn  []bool // the object was there before and own is its key
	at     []int  // in decoder.waiting
}

func (b *uniqueBatch[V, K]) owner() any { return b.h }

func (b *uniqueBatch[V, K]) add(d *decoder, value addr, waiting int) {
	var own K
	before := d.stack[len(d.stack)-1].before
	isOwn := false
	if !before.isNil() {
		if a, ok := b.h.from.read(before); ok {
			own, isOwn = *at[K](a), true
		}
	}
	b.values = append(b.values, *at[V](value))
	b.own = append(b.own, own)
	b.isOwn = append(b.isOwn, isOwn)
	b.at = append(b.at, waiting)
}

func (b *uniqueBatch[V, K]) resolve(ctx context.Context, d *decoder) error {
	wanted := distinct(b.values, func(i int) bool { return !d.waiting[b.at[i]].dead })
	if len(wanted) == 0 {
		return nil
	}
	held, err := b.lookup(ctx, wanted)
	if err != nil {
		return err
	}
	here := make(map[V]struct{}, len(b.values)) // values of this very input
	for i, v := range b.values {
		w := &d.waiting[b.at[i]]
		if w.dead {
			continue
		}
		holder, taken := held[v]
		if _, twice := here[v]; twice || taken && !(b.isOwn[i] && holder == b.own[i]) {
			d.failAt(w.place, w.key, msgUnique)
		}
		here[v] = struct{}{}
	}
	return nil
}

// distinct returns each of the values for which use holds once, in the order of first appearance.
func distinct[V comparable](values []V, use func(int) bool) []V {
	seen := make(map[V]struct{}, len(values))
	out := make([]V, 0, len(values))
	for i, v := range values {
		if !use(i) {
			continue
		}
		if _, ok := seen[v]; !ok {
			seen[v] = struct{}{}
			out = append(out, v)
		}
	}
	return out
}
