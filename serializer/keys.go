package serializer

import (
	"bytes"
	"context"
	"encoding"
	"math"
	"reflect"
	"strconv"
)

// keyKind is how keys of one type are read.
type keyKind struct {
	kind     keyType
	bits     int
	unsigned bool
	typ      reflect.Type
	by       string // the name of the field, when it is no primary key
}

type keyType uint8

const (
	intKey keyType = iota
	stringKey
	uuidKey // 16 bytes that read themselves from text
	textKey // others that do
)

func (c *compiler) keyKind(t reflect.Type) (keyKind, members) {
	k := keyKind{typ: t}
	text := reflect.PointerTo(t).Implements(unmarshalerType)
	switch kind := t.Kind(); {
	case text && kind == reflect.Array && t.Size() == 16:
		k.kind = uuidKey
		return k, uuidSchema()
	case text:
		k.kind = textKey
		return k, members{{"type", "string"}}
	case kind == reflect.String:
		k.kind = stringKey
		return k, members{{"type", "string"}}
	case kind >= reflect.Int && kind <= reflect.Uint64:
		k.bits, k.unsigned = t.Bits(), kind >= reflect.Uint
		return k, members{{"type", "integer"}}
	}
	c.fail("%s cannot be a key; use an integer, a string, or a type with UnmarshalText such as a UUID", t)
	return k, nil
}

// keyResult is what came of reading a key.
type keyResult struct {
	null    bool    // the empty string
	missing bool    // nothing can have this key
	problem Message // it is none
}

// read reads the key that comes next, which is not null, into the K at a.
func (k *keyKind) read(d *decoder, a addr) (r keyResult, ok bool) {
	got, start := d.pyType(), d.pos
	d.surrogate = 0
	raw, whole, isText, ok := d.numberText()
	switch {
	case !ok:
		return r, false
	case isText && len(raw) == 0:
		r.null = true
	case got == "bool" && k.by == "":
		r.problem = msgPKType(got)
	case k.kind == uuidKey:
		if raw = parseUUID(raw, whole, isText); raw == nil {
			r.problem = msgPKUUID(d.textAt(start))
		} else {
			r.missing = k.unmarshal(raw, a) != nil
		}
	case isText && k.kind == stringKey && d.escaped && (d.surrogate != 0 || bytes.IndexByte(raw, 0) >= 0): // databases refuse to look for it
		if r.problem = msgPKType(got); k.by != "" {
			r.problem = msgInvalidKey
		}
	case k.kind == stringKey && got == "bool":
		*at[string](a) = d.textAt(start)
	case k.kind == stringKey && raw == nil:
		r.missing = true // Python looks for the text of the list or object
	case raw == nil:
		r.problem = msgPKType(got)
	case k.kind == intKey:
		r = k.readInt(got, raw, whole, isText, a)
	case k.kind == stringKey:
		if !isText {
			raw = appendPyNumber(nil, raw, whole)
		}
		*at[string](a) = string(raw)
	case !isText || k.unmarshal(raw, a) != nil:
		r.problem = msgPKType(got)
	}
	return r, true
}

// none is what is said when nothing has the key.
func (k *keyKind) none(text string) Message {
	if k.by != "" {
		return msgNoSlug(k.by, text)
	}
	return msgNoPK(text)
}

// empty is what the empty string is in a list, where it does not stand for null: a key only where keys are strings.
func (k *keyKind) empty() (r keyResult) {
	switch k.kind {
	case stringKey:
	case uuidKey:
		r.problem = msgPKUUID("")
	default:
		r.problem = msgPKType("str")
	}
	return r
}

func (k *keyKind) unmarshal(text []byte, a addr) error {
	return a.pointerTo(k.typ).Interface().(encoding.TextUnmarshaler).UnmarshalText(text[:len(text):len(text)])
}

func (k *keyKind) readInt(got string, raw []byte, whole, isText bool, a addr) (r keyResult) {
	switch {
	case isText:
		raw = integerText(pyTrimNumber(raw))
	case !whole:
		f, err := strconv.ParseFloat(string(raw), 64)
		if raw = nil; err == nil && f == math.Trunc(f) {
			raw = strconv.AppendFloat(nil, f, 'f', 0, 64) // all digits, however many
		}
	}
	if raw == nil {
		r.problem = msgPKType(got)
		return r
	}
	if raw[0] == '+' || raw[0] == '-' && len(bytes.Trim(raw[1:], "0")) == 0 { // there is no negative zero
		raw = raw[1:]
	}
	pointer := a.pointerTo(k.typ).Elem()
	if k.unsigned {
		n, err := strconv.ParseUint(string(raw), 10, k.bits)
		r.missing = err != nil // negative or too large: nothing has it
		pointer.SetUint(n)
		return r
	}
	n, err := strconv.ParseInt(string(raw), 10, k.bits)
	r.missing = err != nil
	pointer.SetInt(n)
	return r
}

// textAt is str() of the value at a place that was read before.
func (d *decoder) textAt(pos int) string {
	at := d.pos
	defer func() { d.pos = at }()
	d.pos = pos
	text, _ := d.pyStr()
	return text
}

// keyEntry is one key that came in and waits for the lookup.
type keyEntry[K comparable] struct {
	key     K
	waiting int // the same for all keys of a list
	pos     int // in the input, for the message
	result  keyResult
	target  addr // where the object goes, or nil
}

// keyBatch collects the keys of one relation while an input is decoded.
type keyBatch[K comparable, V any] struct {
	relation *relation[K, V]
	entries  []keyEntry[K]
}

func (b *keyBatch[K, V]) owner() any { return b.relation }

func (b *keyBatch[K, V]) compact(from int, before []int) {
	b.entries = leftEntries(b.entries, from, before, func(e *keyEntry[K]) *int { return &e.waiting })
}

func (b *keyBatch[K, V]) resolve(ctx context.Context, d *decoder) error {
	keys := make([]K, 0, len(b.entries))
	seen := make(map[K]struct{}, len(b.entries))
	for i := range b.entries {
		e := &b.entries[i]
		if _, twice := seen[e.key]; !twice && e.result == (keyResult{}) && !d.waiting[e.waiting].dead {
			seen[e.key] = struct{}{}
			keys = append(keys, e.key)
		}
	}
	var found map[K]V
	if len(keys) > 0 {
		var err error
		if found, err = b.relation.lookup(ctx, keys); err != nil {
			return err
		}
	}
	failed := -1
	for i := range b.entries {
		e := &b.entries[i]
		w := d.waiting[e.waiting]
		if w.dead || e.waiting == failed { // of a list only the first wrong key is reported
			continue
		}
		object, exists := found[e.key]
		problem := e.result.problem
		if problem.Text == "" && (e.result.missing || !exists) {
			problem = b.relation.key.none(d.textAt(e.pos))
		}
		if problem.Text != "" {
			d.failAt(w.place, w.key, problem)
			failed = e.waiting
			continue
		}
		d.checkAt(w.place, w.key, b.relation.checks, addrOf(&e.key))
		if !e.target.isNil() {
			*at[*V](e.target) = &object
		}
	}
	return nil
}

func (r *relation[K, V]) batch(d *decoder) *keyBatch[K, V] {
	return batchOf(d, any(r), func() *keyBatch[K, V] { return &keyBatch[K, V]{relation: r} })
}

// read reads one key into to. With isNull nothing was read, and a field that may not be null has its message.
func (r *relation[K, V]) read(d *decoder, to *K, mayBeNull bool) (isNull, ok bool) {
	e := keyEntry[K]{pos: d.pos}
	if e.result, ok = r.key.read(d, addrOf(to)); !ok {
		return false, false
	}
	switch {
	case e.result.null:
		if !mayBeNull {
			d.fail(msgNull)
		}
		return mayBeNull, true
	case e.result.problem.Text != "":
		d.fail(e.result.problem)
		return false, true
	}
	e.key, e.waiting = *to, d.wait()
	if r.hasLoaded {
		e.target = d.target(&r.loaded)
	}
	b := r.batch(d)
	b.entries = append(b.entries, e)
	if r.unique != nil {
		uniqueOf(d, r.unique).add(d, addrOf(to), d.wait())
	}
	return false, true
}

// target is a field of the object at hand.
func (d *decoder) target(s *source) addr {
	f := d.top()
	return s.write(f.base, f.before)
}

func (c *relatedMany[K, V]) decode(d *decoder, a, _ addr) bool {
	if d.peek() != '[' {
		d.fail(msgNotList(d.pyType()))
		return d.skip()
	}
	keys := make([]K, 0)
	b, waiting, wrong, tooMany, n := c.batch(d), d.wait(), false, false, 0
	had, most := len(b.entries), c.length.most
	empty, ok := d.open(']')
	for again := !empty; ok && again; n++ {
		var key K
		e := keyEntry[K]{waiting: waiting, pos: d.pos}
		switch {
		case wrong, tooMany, most >= 0 && n >= most: // only counted
			ok = d.skip()
		case d.objects >= d.mostObjects:
			tooMany = true
			ok = d.skip()
		case d.peek() == 'n' && d.literal("null"):
			e.result.problem = c.key.none("None")
		default:
			if e.result, ok = c.key.read(d, addrOf(&key)); e.result.null {
				e.result = c.key.empty()
			}
		}
		if !ok {
			return false
		}
		if !wrong && !tooMany && (most < 0 || n < most) {
			d.count()
			e.key = key
			keys = append(keys, key)
			b.entries = append(b.entries, e)
			wrong = e.result.problem.Text != ""
		}
		again, ok = d.more(']')
	}
	if !ok {
		return false
	}
	if !empty {
		d.depth--
	}
	*at[[]K](a) = keys
	faults := d.faults()
	if tooMany {
		d.fail(msgMaxObjects(d.mostObjects))
	} else {
		c.length.check(n, d.fail)
	}
	if d.faults() > faults { // nobody is asked for the keys of a list that is refused anyway
		clear(b.entries[had:])
		b.entries, d.waiting = b.entries[:had], d.waiting[:waiting]
	}
	return true
}
