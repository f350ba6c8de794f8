package jsonschema

import (
	"reflect"
	"slices"
	"strings"
)

// field is a member of the JSON object that encoding/json writes for a struct.
type field struct {
	reflect.StructField
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
			if embedded.Kind() == reflect.Struct && !hasTag {
				all = collect(all, embedded, depth+1, optional || pointer, onPath)
				continue
			}
			if !sf.IsExported() {
				continue
			}
		}
		f := field{StructField: sf, name: sf.Name, tagged: hasTag, depth: depth, optional: optional}
		if hasTag {
			f.name = name
		}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "omitzero":
				f.optional, f.notNil = true, true
			case "omitempty":
				if canBeEmpty(sf.Type) {
					f.optional, f.notNil = true, true
				}
			case "string":
				f.quoted = true
			}
		}
		all = append(all, f)
	}
	return all
}

// canBeEmpty tells whether omitempty has a meaning: it has none for structs.
func canBeEmpty(t reflect.Type) bool {
	return t.Kind() != reflect.Struct && (t.Kind() != reflect.Array || t.Len() == 0)
}

// validName tells whether encoding/json takes a name from a tag.
func validName(name string) bool {
	return name != "" && !strings.ContainsAny(name, "\"\\`'")
}
