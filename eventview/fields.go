package eventview

import (
	"reflect"
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
	all := collect(t, 0, false, map[reflect.Type]bool{})
	var chosen []field
	for _, f := range all {
		if wins(f, all) {
			chosen = append(chosen, f)
		}
	}
	return chosen
}

func wins(f field, all []field) bool {
	same := 0
	for _, other := range all {
		if other.name != f.name {
			continue
		}
		switch {
		case other.depth < f.depth:
			return false
		case other.depth > f.depth:
		case other.tagged && !f.tagged:
			return false
		case other.tagged == f.tagged:
			same++
		}
	}
	return same == 1
}

// collect walks a struct and the structs embedded in it. optional: an embedded pointer on the way may be nil.
func collect(t reflect.Type, depth int, optional bool, onPath map[reflect.Type]bool) []field {
	if onPath[t] {
		return nil // a struct that embeds itself promotes nothing new
	}
	onPath[t] = true
	defer delete(onPath, t)
	var all []field
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
				all = append(all, collect(embedded, depth+1, optional || pointer, onPath)...)
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
