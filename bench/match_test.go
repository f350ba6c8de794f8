package bench

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/maxatome/go-testdeep/td"
	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	"github.com/onsi/gomega/types"
	"github.com/stretchr/testify/assert"

	"gitlab.com/pik-pro/backend/toolset/match"
)

// A row of the payload that two sides have alike.
type row struct {
	ID         int64      `json:"id"`
	Name       string     `json:"name"`
	OK         bool       `json:"ok"`
	Price      string     `json:"price"`
	CreatedAt  time.Time  `json:"created_at"`
	Tags       []string   `json:"tags"`
	Department department `json:"department"`
	Note       *string    `json:"note"`
	Score      float64    `json:"score"`
	Kind       string     `json:"kind"`
}

type department struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func rows() []row {
	all := make([]row, 200)
	for i := range all {
		note := fmt.Sprintf("note %d", i)
		all[i] = row{int64(i), fmt.Sprintf("row number %d", i), true, "12.50", time.Date(2026, 1, 2, 3, 4, 5, i, time.UTC),
			[]string{"red", "blue"}, department{int64(i % 7), "Tools"}, &note, float64(i) + 0.5, "y"}
	}
	return all
}

func rowsText(b *testing.B) string {
	text, err := json.MarshalIndent(rows(), "", "  ")
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

func rowsMaps(b *testing.B) any {
	var v any
	if err := json.Unmarshal([]byte(rowsText(b)), &v); err != nil {
		b.Fatal(err)
	}
	return v
}

// side runs one of the sides of a comparison, which has to say that the values match.
func side(b *testing.B, name string, matches func() bool) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !matches() {
				b.Fatal("no match")
			}
		}
	})
}

func gomegaMatches(got any, m types.GomegaMatcher) bool {
	ok, err := m.Match(got)
	return ok && err == nil
}

// Two texts of the same 200 objects.
func BenchmarkMatchText(b *testing.B) {
	got, want := rowsText(b), rowsText(b)
	side(b, "two-json-Unmarshal", func() bool {
		var g, w any
		return json.Unmarshal([]byte(got), &g) == nil && json.Unmarshal([]byte(want), &w) == nil
	})
	side(b, "toolset", func() bool { match.JSON(b, got, want); return true })
	side(b, "testify", func() bool { return assert.JSONEq(b, want, got) })
	side(b, "gomega", func() bool { return gomegaMatches(got, gomega.MatchJSON(want)) })
	side(b, "go-testdeep", func() bool { return td.EqDeeply(json.RawMessage(got), td.JSON(want)) })
}

// Two decoded texts.
func BenchmarkMatchMaps(b *testing.B) {
	got, want := rowsMaps(b), rowsMaps(b)
	side(b, "by-hand", func() bool { return sameByHand(got, want) })
	side(b, "toolset", func() bool { return match.Diff(got, want) == "" })
	side(b, "DeepEqual", func() bool { return reflect.DeepEqual(got, want) })
	side(b, "testify", func() bool { return assert.ObjectsAreEqual(want, got) })
	side(b, "gomega", func() bool { return gomegaMatches(got, gomega.Equal(want)) })
	side(b, "go-testdeep", func() bool { return td.EqDeeply(got, want) })
}

// sameByHand is a bare type switch over what encoding/json decodes into.
func sameByHand(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok || len(got) != len(want) {
			return false
		}
		for k, w := range want {
			if g, ok := got[k]; !ok || !sameByHand(g, w) {
				return false
			}
		}
		return true
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			return false
		}
		for i := range want {
			if !sameByHand(got[i], want[i]) {
				return false
			}
		}
		return true
	case string:
		got, ok := got.(string)
		return ok && got == want
	case float64:
		got, ok := got.(float64)
		return ok && got == want
	case bool:
		got, ok := got.(bool)
		return ok && got == want
	}
	return got == nil && want == nil
}

// Two slices of 200 structs.
func BenchmarkMatchStructs(b *testing.B) {
	got, want := rows(), rows()
	side(b, "DeepEqual", func() bool { return reflect.DeepEqual(got, want) })
	side(b, "toolset", func() bool { return match.Diff(got, want) == "" })
	side(b, "testify", func() bool { return assert.ObjectsAreEqual(want, got) })
	side(b, "gomega", func() bool { return gomegaMatches(got, gomega.Equal(want)) })
	side(b, "go-testdeep", func() bool { return td.EqDeeply(got, want) })
}

// Three of the ten keys, of text.
func BenchmarkMatchPartialText(b *testing.B) {
	got, want := rowsText(b), rows()
	patterns := make([]string, len(want))
	for i, r := range want {
		patterns[i] = fmt.Sprintf(`{"id": %d, "name": %q, "score": %g, ...}`, r.ID, r.Name, r.Score)
	}
	pattern := "[" + strings.Join(patterns, ",\n") + "]"
	testdeep := strings.NewReplacer("{", "SuperMapOf({", ", ...}", "})").Replace(pattern)
	side(b, "by-hand", func() bool { // decodes what it compares
		var rows []struct {
			ID    int64
			Name  string
			Score float64
		}
		if json.Unmarshal([]byte(got), &rows) != nil || len(rows) != len(want) {
			return false
		}
		for i, r := range rows {
			if w := &want[i]; r.ID != w.ID || r.Name != w.Name || r.Score != w.Score {
				return false
			}
		}
		return true
	})
	side(b, "toolset", func() bool { match.JSON(b, got, pattern); return true })
	side(b, "go-testdeep", func() bool { return td.EqDeeply(json.RawMessage(got), td.JSON(testdeep)) })
}

// Three of the ten keys, of decoded text.
func BenchmarkMatchPartialMaps(b *testing.B) {
	got, want := rowsMaps(b), rows()
	var has match.List
	var supers []any
	var partial []map[string]any
	var keys []types.GomegaMatcher
	for _, r := range want {
		has = append(has, match.Has{"id": float64(r.ID), "name": r.Name, "score": r.Score})
		partial = append(partial, map[string]any{"id": float64(r.ID), "name": r.Name, "score": r.Score})
		supers = append(supers, td.SuperMapOf(partial[len(partial)-1], nil))
		keys = append(keys, gstruct.MatchKeys(gstruct.IgnoreExtras, gstruct.Keys{
			"id": gomega.Equal(float64(r.ID)), "name": gomega.Equal(r.Name), "score": gomega.Equal(r.Score)}))
	}
	side(b, "by-hand", func() bool {
		items, ok := got.([]any)
		if !ok || len(items) != len(want) {
			return false
		}
		for i := range items {
			m, ok := items[i].(map[string]any)
			if !ok {
				return false
			}
			id, ok1 := m["id"].(float64)
			name, ok2 := m["name"].(string)
			score, ok3 := m["score"].(float64)
			if w := &want[i]; !ok1 || !ok2 || !ok3 || id != float64(w.ID) || name != w.Name || score != w.Score {
				return false
			}
		}
		return true
	})
	side(b, "by-hand-any-keys", func() bool { // the keys are data, as in a pattern
		items, ok := got.([]any)
		if !ok || len(items) != len(partial) {
			return false
		}
		for i := range items {
			m, ok := items[i].(map[string]any)
			if !ok {
				return false
			}
			for k, w := range partial[i] {
				if g, ok := m[k]; !ok || !sameByHand(g, w) {
					return false
				}
			}
		}
		return true
	})
	side(b, "toolset", func() bool { return match.Diff(got, has) == "" })
	side(b, "gomega", func() bool {
		for i, item := range got.([]any) {
			if !gomegaMatches(item, keys[i]) {
				return false
			}
		}
		return true
	})
	side(b, "go-testdeep", func() bool { return td.EqDeeply(got, supers) })
}

// Three of the ten fields of structs.
func BenchmarkMatchPartialStructs(b *testing.B) {
	got, want := rows(), rows()
	var has match.List
	var supers []any
	for _, r := range want {
		has = append(has, match.Has{"ID": r.ID, "Name": r.Name, "Score": r.Score})
		supers = append(supers, td.Struct(row{}, td.StructFields{"ID": r.ID, "Name": r.Name, "Score": r.Score, "=*": td.Ignore()}))
	}
	side(b, "by-hand", func() bool {
		for i := range got {
			if g, w := &got[i], &want[i]; g.ID != w.ID || g.Name != w.Name || g.Score != w.Score {
				return false
			}
		}
		return true
	})
	side(b, "toolset", func() bool { return match.Diff(got, has) == "" })
	side(b, "go-testdeep", func() bool { return td.EqDeeply(got, td.List(supers...)) })
}
