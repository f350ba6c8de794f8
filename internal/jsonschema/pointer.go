package jsonschema

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// Unescape reads a step of a JSON pointer in a reference: %-escapes first, since a reference is a URI, then ~1 and ~0.
func Unescape(step string) string {
	if plain, err := url.PathUnescape(step); err == nil {
		step = plain
	}
	return pointerEscapes.Replace(step)
}

var pointerEscapes = strings.NewReplacer("~1", "/", "~0", "~")

// At finds the place in a JSON text that a JSON pointer without its first "/" leads to.
func At(text json.RawMessage, pointer string) (found json.RawMessage, there bool) {
	for step := range strings.SplitSeq(pointer, "/") {
		if text, there = member(text, Unescape(step)); !there {
			return nil, false
		}
	}
	return text, true
}

// member finds a member of an object, or an item of a list by its number.
func member(text json.RawMessage, name string) (found json.RawMessage, there bool) {
	for have, value := range Members(text) {
		if have == name {
			found, there = value, true // the last one counts
		}
	}
	i := 0
	for value := range list(text) {
		if strconv.Itoa(i) == name {
			return value, true
		}
		i++
	}
	return found, there
}
