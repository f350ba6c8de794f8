package match

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func payload() string {
	var rows []string
	for i := range 200 {
		rows = append(rows, fmt.Sprintf(`{"id": %d, "name": "row number %d", "ok": true, "price": "12.50", "created_at": "2026-01-02T03:04:05Z",
			"tags": ["red", "blue"], "department": {"id": %d, "name": "Tools"}, "n": null, "score": %d.5, "x": "y"}`, i, i, i%7, i))
	}
	return "[" + strings.Join(rows, ",\n") + "]"
}

func BenchmarkJSON(b *testing.B) {
	text := payload()
	b.Run("match", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			JSON(b, text, text)
		}
	})
	b.Run("two json.Unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var x, y any
			_ = json.Unmarshal([]byte(text), &x)
			_ = json.Unmarshal([]byte(text), &y)
		}
	})
}

func BenchmarkValues(b *testing.B) {
	var maps, maps2 any
	_ = json.Unmarshal([]byte(payload()), &maps)
	_ = json.Unmarshal([]byte(payload()), &maps2)
	people, people2 := make([]person, 200), make([]person, 200)
	for i := range people {
		people[i], people2[i] = ann(), ann()
	}
	for _, bm := range []struct {
		name      string
		got, want any
	}{{"maps", maps, maps2}, {"structs", people, people2}} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Assert(b, bm.got, bm.want)
			}
		})
		b.Run(bm.name+"/DeepEqual", func(b *testing.B) {
			for b.Loop() {
				reflect.DeepEqual(bm.got, bm.want)
			}
		})
	}
}
