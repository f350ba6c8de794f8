package serializer

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// source is the way from an object to the value of a field: through the pointers of the hops, then to the offset.
type source struct {
	hops   []hop
	offset uintptr
}

// hop is a pointer to a struct that lies on the way.
type hop struct {
	offset uintptr
	to     reflect.Type
}

func (s *source) same(other *source) bool {
	return s.offset == other.offset && slices.Equal(s.hops, other.hops)
}

// covers reports whether the value there, of so many bytes, lies at or around the value of the other source, or leads to it by a pointer.
func (s *source) covers(size uintptr, other *source) bool {
	n := len(s.hops)
	if n > len(other.hops) || !slices.Equal(s.hops, other.hops[:n]) {
		return false
	}
	at := other.offset
	if len(other.hops) > n {
		at = other.hops[n].offset
	}
	return s.offset <= at && at-s.offset < size
}

// read follows the way; ok is false when a pointer on it is nil.
func (s *source) read(base addr) (a addr, ok bool) {
	for _, h := range s.hops {
		if base = base.add(h.offset).pointee(); base.isNil() {
			return base, false
		}
	}
	return base.add(s.offset), true
}

// write follows the way and makes what is missing on it. A struct that is still shared with the object before the update is copied first,
// so that an input that turns out to be wrong changes nothing.
func (s *source) write(base, before addr) addr {
	for _, h := range s.hops {
		slot := base.add(h.offset)
		next := slot.pointee()
		var old addr
		if !before.isNil() {
			old = before.add(h.offset).pointee()
		}
		if next.isNil() || next == old {
			fresh := reflect.New(h.to)
			if !next.isNil() {
				fresh.Elem().Set(next.pointerTo(h.to).Elem())
			}
			next = addrOfValue(fresh)
			slot.setPointer(next)
		}
		base, before = next, old
	}
	return base.add(s.offset)
}

// sample is an object of the declared type, made so that its pointers to structs point to structs, as far as a declaration may reach.
type sample struct {
	typ     reflect.Type
	regions []region
}

// region is one allocation of the sample.
type region struct {
	base addr
	typ  reflect.Type
	hops []hop
}

const (
	sampleDepth   = 6   // pointers on the way to a field
	sampleRegions = 512 // allocations of one sample: a bound for types that refer to each other
)

func newSample(object reflect.Value) *sample {
	s := &sample{typ: object.Type().Elem()}
	s.allocate(object, nil)
	return s
}

func (s *sample) allocate(pointer reflect.Value, hops []hop) {
	r := region{addrOfValue(pointer), pointer.Type().Elem(), hops}
	s.regions = append(s.regions, r)
	s.fill(r, r.typ, 0)
}

// fill allocates behind the pointers of the struct of type t at the offset in r.
func (s *sample) fill(r region, t reflect.Type, offset uintptr) {
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.Type.Kind() == reflect.Struct:
			s.fill(r, f.Type, offset+f.Offset)
		case f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct:
			to := f.Type.Elem()
			if len(r.hops) >= sampleDepth || len(s.regions) >= sampleRegions || s.visits(r, to) > 1 {
				continue
			}
			fresh := reflect.New(to)
			r.base.add(offset + f.Offset).setPointer(addrOfValue(fresh))
			hops := append(r.hops[:len(r.hops):len(r.hops)], hop{offset + f.Offset, to})
			s.allocate(fresh, hops)
		}
	}
}

// visits counts how often t lies on the way to r: a type that contains itself ends somewhere.
func (s *sample) visits(r region, t reflect.Type) int {
	n := 0
	if s.typ == t {
		n++
	}
	for _, h := range r.hops {
		if h.to == t {
			n++
		}
	}
	return n
}

// locate finds the field of type t at a. The error says what the declaration should do instead.
func (s *sample) locate(a addr, t reflect.Type) (source, reflect.StructField, error) {
	if t.Size() == 0 {
		return source{}, reflect.StructField{}, fmt.Errorf("the type %s has no size, so its address says nothing; leave the field out or use Computed", t)
	}
	for _, r := range s.regions {
		offset, ok := a.offsetIn(r.base, r.typ.Size())
		if !ok {
			continue
		}
		if f, ok := fieldAt(r.typ, offset, t); ok {
			return source{r.hops, offset}, f, nil
		}
		return source{}, reflect.StructField{}, fmt.Errorf("the pointer points into %s, but to no field of type %s; take the address of a struct field", r.typ, t)
	}
	return source{}, reflect.StructField{}, fmt.Errorf("the pointer does not point into the %s that the function was given; write &p.Name with the p of the function's parameter", s.typ)
}

// fieldAt finds the field of type want at the offset in the struct t.
func fieldAt(t reflect.Type, offset uintptr, want reflect.Type) (reflect.StructField, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if offset < f.Offset || offset >= f.Offset+f.Type.Size() {
			continue
		}
		if f.Offset == offset && f.Type == want {
			return f, true
		}
		if f.Type.Kind() == reflect.Struct {
			if inner, ok := fieldAt(f.Type, offset-f.Offset, want); ok {
				return inner, true
			}
		}
	}
	return reflect.StructField{}, false
}

// jsonName is the name that encoding/json gives a field; empty for json:"-".
func jsonName(f reflect.StructField) string {
	tag, ok := f.Tag.Lookup("json")
	if !ok {
		return f.Name
	}
	if tag == "-" {
		return ""
	}
	name, _, _ := strings.Cut(tag, ",")
	if name == "" {
		return f.Name
	}
	return name
}
