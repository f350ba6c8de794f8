// Package topic matches routing keys against the patterns of topic exchanges, as RabbitMQ does: words are separated
// by dots, "*" stands for exactly one word, "#" for any number of words, none included. The empty key has no words.
package topic

import "strings"

// Match reports whether the pattern takes the key. It does not allocate, and its time grows at most with the product
// of the two lengths.
func Match(pattern, key string) bool {
	p, k := words(pattern), words(key)
	var afterHash, mark list // where to go on when a "#" has to swallow one more word
	hash := false
	for k.more {
		if p.more {
			want, rest := p.cut()
			if want == "#" {
				afterHash, mark, hash = rest, k, true
				p = rest
				continue
			}
			if word, next := k.cut(); want == "*" || want == word {
				p, k = rest, next
				continue
			}
		}
		if !hash {
			return false
		}
		_, mark = mark.cut()
		p, k = afterHash, mark
	}
	for p.more {
		var want string
		if want, p = p.cut(); want != "#" {
			return false
		}
	}
	return true
}

// IsPattern reports whether the key has a word that stands for others.
func IsPattern(key string) bool {
	for w := words(key); w.more; {
		var word string
		if word, w = w.cut(); word == "*" || word == "#" {
			return true
		}
	}
	return false
}

// A list is what is left of the words. The text alone would not do: "a." has an empty word left after its first.
type list struct {
	text string
	more bool
}

func words(s string) list { return list{s, s != ""} }

func (l list) cut() (string, list) {
	word, rest, more := strings.Cut(l.text, ".")
	return word, list{rest, more}
}
