package topic_test

import (
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/internal/topic"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, key string
		want         bool
	}{
		{"a.b", "a.b", true}, {"a.b", "a.c", false}, {"a.b", "a", false}, {"a", "a.b", false}, {"a.b", "a.b.", false},
		{"*", "a", true}, {"*", "a.b", false}, {"*", "", false}, {"a.*", "a.b", true}, {"a.*", "a", false}, {"*.b", "a.b", true},
		{"a.*.c", "a..c", true}, {"#", "", true}, {"#", "a", true}, {"#", "a.b.c", true}, {"a.#", "a", true}, {"a.#", "a.b.c", true},
		{"a.#", "b", false}, {"#.c", "a.b.c", true}, {"#.c", "c", true}, {"#.c", "c.a", false}, {"a.#.c", "a.c", true},
		{"a.#.c", "a.b.b.c", true}, {"a.#.c", "a.b.b", false}, {"#.b.#", "a.b.c", true}, {"#.b.#", "a.c", false},
		{"*.#", "", false}, {"*.#", "a", true}, {"#.*", "a.b", true}, {"#.#", "", true}, {"#.a.#.b", "a.a.b.b", true},
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"a*", "ab", false}, {"a#", "ab", false}, {".", ".", true}, {".", "", false},
	} {
		if got := topic.Match(tt.pattern, tt.key); got != tt.want {
			t.Errorf("Match(%q, %q) is %v", tt.pattern, tt.key, got)
		}
	}
}

func TestIsPattern(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{"": false, "a.b": false, "a*": false, "#b.c": false, "*": true, "a.#": true, "*.a": true} {
		if got := topic.IsPattern(key); got != want {
			t.Errorf("IsPattern(%q) is %v", key, got)
		}
	}
}

// Keys and patterns come from anywhere: no input may take long.
func TestMatchIsQuick(t *testing.T) {
	t.Parallel()
	pattern, key := strings.Repeat("#.a.", 60)+"b", strings.Repeat("a.", 120)+"c"
	start := time.Now()
	for range 100 {
		topic.Match(pattern, key)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
}

func TestMatchDoesNotAllocate(t *testing.T) { //nolint:paralleltest // it counts the allocations of the process
	if n := testing.AllocsPerRun(10, func() { topic.Match("a.#.c.*", "a.b.b.c.d") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// reference says the same in the plainest words.
func reference(pattern, key []string) bool {
	if len(pattern) == 0 {
		return len(key) == 0
	}
	if pattern[0] == "#" {
		return reference(pattern[1:], key) || len(key) > 0 && reference(pattern, key[1:])
	}
	return len(key) > 0 && (pattern[0] == "*" || pattern[0] == key[0]) && reference(pattern[1:], key[1:])
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ".")
}

func FuzzMatch(f *testing.F) {
	f.Add("a.#.b.*", "a.x.b.c")
	f.Add("#.#", "..")
	f.Fuzz(func(t *testing.T, pattern, key string) {
		if len(pattern) > 24 || len(key) > 24 {
			return // the reference takes its time
		}
		if got, want := topic.Match(pattern, key), reference(split(pattern), split(key)); got != want {
			t.Errorf("Match(%q, %q) is %v, want %v", pattern, key, got, want)
		}
	})
}
