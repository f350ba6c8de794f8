package jsonschema

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// field is a member of the JSON object that encoding/json writes for a struct.
type field struct {
	of       string // the name of the Go field
	typ      reflect.Type
	doc      string
	name     string
	quoted   bool // ",string"
	optional bool // may be absent
	notNil   bool // absent rather than null
	tagged   bool
	depth    int
}

// fieldsOf lists the members in the order in which they are written. Of several fields with one name the least nested
// counts, then the one that a tag names; if that does not decide it, none does.
func fieldsOf(t reflect.Type) []field {
	all := collect(nil, t, 0, false, nil)
	best := make(map[string]int, len(all)) // the index of the field that counts, -1-index where the name is in doubt
	for i := range all {
		f := &all[i]
		rival, taken := best[f.name]
		if !taken {
			best[f.name] = i
			continue
		}
		index := max(rival, -1-rival)
		switch order := all[index].compare(f); {
		case order > 0:
			best[f.name] = i
		case order == 0:
			best[f.name] = -1 - index
		}
	}
	chosen := all[:0]
	for i := range all {
		if best[all[i].name] == i {
			chosen = append(chosen, all[i])
		}
	}
	return chosen
}

// compare is negative when f counts and not the other one, 0 when neither does.
func (f *field) compare(other *field) int {
	switch {
	case f.depth != other.depth:
		return f.depth - other.depth
	case f.tagged == other.tagged:
		return 0
	case f.tagged:
		return -1
	}
	return 1
}

// collect walks a struct and the structs embedded in it. optional: an embedded pointer on the way may be nil.
func collect(all []field, t reflect.Type, depth int, optional bool, onPath []reflect.Type) []field {
	if slices.Contains(onPath, t) {
		return all // a struct that embeds itself promotes nothing new
	}
	onPath = append(onPath, t)
	all = slices.Grow(all, t.NumField())
	for sf := range t.Fields() {
		tag, hasTag := sf.Tag.Lookup("json")
		if tag == "-" || !sf.IsExported() && !sf.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		hasTag = hasTag && validName(name)
		if sf.Anonymous {
			embedded, pointer := sf.Type, false
			if embedded.Kind() == reflect.Pointer {
				embedded, pointer = embedded.Elem(), true
			}
			switch isStruct := embedded.Kind() == reflect.Struct; {
			case isStruct && !hasTag:
				all = collect(all, embedded, depth+1, optional || pointer, onPath)
				continue
			case !isStruct && !sf.IsExported():
				continue
			}
		}
		f := field{of: sf.Name, typ: sf.Type, doc: sf.Tag.Get("doc"), name: sf.Name, tagged: hasTag, depth: depth, optional: optional}
		if hasTag {
			f.name = name
		}
		f.heed(options)
		all = append(all, f)
	}
	return all
}

// heed reads the options behind a name.
func (f *field) heed(options string) {
	if options == "" {
		return
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitzero":
			f.optional = true
			// nil may be a zero value or not, as the type decides
			f.notNil = f.notNil || f.typ.Kind() == reflect.Pointer || !implements(f.typ, isZeroerType)
		case "omitempty":
			if canBeEmpty(f.typ) {
				f.optional, f.notNil = true, true
			}
		case "string":
			f.quoted = true
		}
	}
}

// canBeEmpty tells whether omitempty has a meaning: it has none for structs.
func canBeEmpty(t reflect.Type) bool {
	return t.Kind() != reflect.Struct && (t.Kind() != reflect.Array || t.Len() == 0)
}

// validName tells whether encoding/json takes a name from a tag.
func validName(name string) bool {
	for _, c := range name {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) {
			return false
		}
	}
	return name != ""
}
