package match

import (
	"cmp"
	"iter"
	"math"
	"reflect"
	"slices"
	"strings"
)

// mapping compares a map, or a struct under Has or Map, key by key.
func (m *goMatch) mapping(got, want reflect.Value) bool {
	t := want.Type()
	pattern := t == hasType || t == mapType
	switch {
	case got.Kind() == reflect.Struct && pattern:
		return m.fields(got, want)
	case got.Kind() != reflect.Map, !pattern && !compatible(got.Type(), t):
		return m.differ(got, want)
	case isNil(want) != isNil(got) && want.Len() == 0 && t != hasType:
		return m.differ(got, want)
	case !isNil(got) && !isNil(want):
		return m.once(got, want, func() bool { return m.entries(got, want) })
	}
	return m.entries(got, want)
}

func (m *goMatch) entries(got, want reflect.Value) bool {
	m.within(form{open: "{", end: "}", keys: quotedKeys})
	k := keyed{goMatch: m, want: want, open: want.Type() == hasType, size: got.Len(), lack: func(reflect.Value) string { return "missing" },
		find: func(key reflect.Value) (reflect.Value, any, bool) { return m.findKey(got, key) },
		each: func(yield func(step, any, reflect.Value)) {
			for key, v := range sortedEntries(got) {
				yield(mapStep(key), keyID(key), v)
			}
		},
	}
	return k.match()
}

// A keyed compares what has keys with the map want.
type keyed struct {
	*goMatch
	want reflect.Value
	open bool // other keys are allowed
	size int
	find func(key reflect.Value) (v reflect.Value, id any, ok bool) // id is nil for what is not counted in size
	lack func(v reflect.Value) string                               // what is said of a key for which find gave v, and not ok
	each func(yield func(s step, id any, v reflect.Value))
}

func (k *keyed) match() bool {
	var others *reflect.Value // of the key Rest
	if rest := reflect.ValueOf(Rest); rest.Type().AssignableTo(k.want.Type().Key()) {
		if w := k.want.MapIndex(rest); w.IsValid() {
			others = &w
			k.open = isRest(w)
		}
	}
	var met map[any]struct{}
	if !k.open {
		met = make(map[any]struct{}, k.size)
	}
	ok := true
	for key, want := range k.asked() {
		if isRest(key) {
			continue
		}
		v, id, found := k.find(concrete(key))
		k.enter(mapStep(key))
		if found {
			if id != nil && !k.open {
				met[id] = struct{}{}
			}
			ok = k.goMatch.match(v, want) && ok
		} else {
			ok = k.add(func() difference { return missing(k.lack(v), show(want)) })
		}
		k.leave()
		if !ok && !k.gather {
			return false
		}
	}
	if k.open {
		k.elide()
	}
	if k.open || others == nil && len(met) == k.size {
		return ok
	}
	return k.rest(met, others) && ok
}

// asked are the entries of the pattern: sorted where they are noted.
func (k *keyed) asked() iter.Seq2[reflect.Value, reflect.Value] {
	if k.gather {
		return sortedEntries(k.want)
	}
	return k.want.Seq2()
}

func isRest(v reflect.Value) bool {
	v = concrete(v)
	return v.IsValid() && v.Type() == restType
}

// rest compares what the pattern does not name: exactly one more with others, or there must be nothing.
func (k *keyed) rest(met map[any]struct{}, others *reflect.Value) bool {
	if left := k.size - len(met); others != nil && left != 1 {
		return k.add(func() difference { return moreKeys(left, show(*others)) })
	}
	ok := true
	k.each(func(s step, id any, v reflect.Value) {
		if _, named := met[id]; named {
			return
		}
		k.enter(s)
		if others != nil {
			ok = k.goMatch.match(v, *others)
		} else {
			ok = k.add(func() difference { return unexpected(show(v)) })
		}
		k.leave()
	})
	return ok
}

// findKey returns the entry whose key equals key: is the same, or is of another type and has the same value.
func (m *goMatch) findKey(in, key reflect.Value) (v reflect.Value, id any, ok bool) {
	t := in.Type().Key()
	if !key.IsValid() { // nil
		if t.Kind() == reflect.Interface {
			v = in.MapIndex(reflect.Zero(t))
		}
		return v, nilKey{}, v.IsValid()
	}
	if key.Type().AssignableTo(t) {
		if v = in.MapIndex(key); v.IsValid() {
			return v, key.Interface(), true
		}
	}
	if key.Type() == t && class(key) != floatClass { // NaN is not found above
		return v, nil, false
	}
	for k, value := range in.Seq2() {
		k = concrete(k)
		if other := k.IsValid() && k.Type() != key.Type(); (other || class(k) == floatClass) && m.holds(k, key) {
			if ok { // there is no telling which is meant, as with keys that are NaN
				return v, nil, false
			}
			v, id, ok = value, keyID(k), true
		}
	}
	return v, id, ok
}

type nilKey struct{}

type nanKey struct{}

// keyID stands for a key among those that were met: nil means none there, and NaN does not equal itself.
func keyID(k reflect.Value) any {
	switch k = concrete(k); {
	case !k.IsValid():
		return nilKey{}
	case class(k) == floatClass && math.IsNaN(k.Float()):
		return nanKey{} // of several keys that are NaN, none is met
	}
	return k.Interface()
}

func mapStep(k reflect.Value) step {
	switch k = concrete(k); class(k) {
	case stringClass:
		return keyStep(k.String())
	case intClass:
		return itemStep(int(k.Int()))
	}
	return step{kind: textOf, name: show(k)}
}

// sortedEntries lists a map in the order of its keys: integers by value, everything else by text.
func sortedEntries(m reflect.Value) iter.Seq2[reflect.Value, reflect.Value] {
	type entry struct {
		key, value reflect.Value
		text       string
	}
	entries := make([]entry, 0, m.Len())
	for k, v := range m.Seq2() {
		entries = append(entries, entry{k, v, show(concrete(k))})
	}
	slices.SortFunc(entries, func(a, b entry) int {
		x, y := concrete(a.key), concrete(b.key)
		if class(x) == intClass && class(y) == intClass {
			return cmp.Compare(x.Int(), y.Int())
		}
		return strings.Compare(a.text, b.text)
	})
	return func(yield func(k, v reflect.Value) bool) {
		for _, e := range entries {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

// fields compares a struct with Has or Map, field by field.
func (m *goMatch) fields(got, want reflect.Value) bool {
	got = addressable(got)
	if !m.gather && want.Type() == hasType {
		pattern := want.Interface().(Has)
		if _, rest := pattern[Rest]; !rest {
			return m.has(got, pattern)
		}
	}
	t := got.Type()
	size := 0
	for i := range t.NumField() {
		if t.Field(i).Name != "_" {
			size++
		}
	}
	m.within(form{open: t.Name() + "{", end: "}", keys: fieldNames})
	k := keyed{goMatch: m, want: want, open: want.Type() == hasType, size: size,
		find: func(key reflect.Value) (reflect.Value, any, bool) {
			if key.Kind() != reflect.String {
				return reflect.Value{}, nil, false
			}
			v, promoted, ok := findField(got, key.String())
			if promoted {
				return v, nil, ok
			}
			return v, key.String(), ok
		},
		lack: func(v reflect.Value) string {
			if v.IsValid() {
				return "missing, as the embedded " + v.Type().String() + " is nil"
			}
			return "no such field in " + t.String()
		},
		each: func(yield func(step, any, reflect.Value)) {
			for i := range t.NumField() {
				if name := t.Field(i).Name; name != "_" {
					yield(keyStep(name), name, fieldAt(got, i))
				}
			}
		},
	}
	return k.match()
}

// has gives the verdict alone, on a pattern without the key Rest.
func (m *goMatch) has(got reflect.Value, want Has) bool {
	for key, w := range want {
		name := reflect.ValueOf(key)
		if name.Kind() != reflect.String {
			return false
		}
		if v, _, ok := findField(got, name.String()); !ok || !m.match(v, reflect.ValueOf(w)) {
			return false
		}
	}
	return true
}

// findField returns the field of a struct by its name, and whether it is a promoted one: then the struct it is in counts as
// the field. Where an embedded pointer on the way is nil, v is that pointer.
func findField(in reflect.Value, name string) (v reflect.Value, promoted, ok bool) {
	index, ok := planOf(in.Type()).names[name]
	if !ok {
		return v, false, false
	}
	v = in
	for _, i := range index {
		if v.Kind() == reflect.Pointer { // an embedded one
			if v.IsNil() {
				return v, false, false
			}
			v = v.Elem()
		}
		v = fieldAt(addressable(v), i)
	}
	return v, len(index) > 1, true
}

// structs compares two structs of one type, field by field, unexported ones too.
func (m *goMatch) structs(got, want reflect.Value) bool {
	t := want.Type()
	if got.Type() != t {
		return m.differ(got, want)
	}
	got, want = addressable(got), addressable(want)
	if !m.gather {
		return m.quick.structs(planOf(t), got, want)
	}
	m.within(form{open: t.Name() + "{", end: "}", keys: fieldNames})
	ok := true
	for i := range t.NumField() {
		name := t.Field(i).Name
		if name == "_" {
			continue
		}
		m.enter(keyStep(name))
		ok = m.match(fieldAt(got, i), fieldAt(want, i)) && ok
		m.leave()
		if !ok && !m.gather {
			return false
		}
	}
	return ok
}

// addressable returns a value where fieldAt and plans can read it: copied, if it lies nowhere.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}
