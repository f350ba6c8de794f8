package match

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden reports anew")

// The reports are what users read: a change of one is a change of behaviour.
func TestReports(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ab ", 50)
	var b strings.Builder
	show := func(what, report string) { fmt.Fprintf(&b, "# %s\n%s\n", what, report) }
	show("every difference, sorted", diff(
		`{"id":7,"name":"Ann","items":[{"qty":1},{"qty":3}],"x":5,"odd key":1}`,
		`{"id":7,"name":"Bob","items":[{"qty":1},{"qty":4}],"y":...,"odd key":2}`))
	show("kinds", diff(`{"a": [1, 2], "b": null, "c": "1", "d": {}}`, `{"a": {"x": 1}, "b": 0, "c": 1, "d": []}`))
	show("items", diff(`[1, 2, 3]`, `[1, 5]`))
	show("fewer items", diff(`[1]`, `[1, 2, {"a": ...}]`))
	show("no run", diff(`[1, 2, 3]`, `[1, ..., 5, 6, ..., 3]`))
	show("no room for a run", diff(`[1, 2]`, `[1, ..., 2, ..., 3]`))
	show("ends of a list", diff(`[1, 2, 3, 4]`, `[0, ..., 5]`))
	show("one more key", diff(`{"a": 1, "b": 2, "c": 3}`, `{"a": 1, ...: 2}`))
	show("one more key, other value", diff(`{"a": 1, "b": {"c": 3}}`, `{"a": 1, ...: {"c": 4}}`))
	show("long strings", diff(`"`+long+`x`+long+`"`, `"`+long+`y`+long+`"`))
	show("a long value", diff(`[`+long[:0]+strings.Repeat(`"слово", `, 40)+`1]`, `"x"`))
	show("capped", diff(`[`+strings.Repeat("1, ", 50)+`1]`, `[`+strings.Repeat("2, ", 50)+`1]`))
	show("no JSON", diff(`<html>`, `{"a": 1}`))
	show("no JSON, far in", diff(`{"a": "`+long+`", "b": 0x1, "c": "`+long+`"}`, `{...}`))
	var id int
	var tags []string
	show("beside what is bound", diffJSON(`{"id": 7, "tags": ["a"], "n": [1, 2]}`, `{"id": $1, "tags": $2, "n": [1, 3]}`,
		options{binds: []any{&id, &tags}}).report(palette{}))
	show("a key twice", diff(`{"a": 1,
  "a": 2}`, `{"a": 1}`))
	show("no pattern", diff(`{}`, "{\n  \"a\": ...,\n}"))
	show("pattern of everything", diff(`{}`, `...`))
	show("empty pattern", diff(`{}`, ` `))
	show("a struct", Diff(ann(), Has{"FirstName": "x", "Tags": Set{"red", "green"}, "Home": Has{"City": "Omsk"}, "Extra": `{"a": 2, ...}`}))
	show("two structs", Diff(ann(), with(func(p *person) { p.ID, p.Name, p.seen, p.Home = 8, "Bob", time.Unix(6, 0).UTC(), nil })))
	show("types", Diff([]any{int64(1), role("a"), celsius(1), []int(nil)}, List{"1", "b", kelvin(1), []int{}}))
	show("a map", Diff(map[int]string{1: "a", 10: "b", 9: "c"}, Map{1: "a", 2: "b"}))
	show("a run of Go", Diff([]int{1, 2, 3}, List{Rest, 7, "x", Rest}))
	show("predicates", Diff(Has{"a": "x", "b": 5, "c": time.Unix(0, 0).UTC(), "d": 1, "e": 2}, Has{"a": Len(2), "b": Regexp("^[a-z]+$"),
		"c": Within(time.Unix(9, 0).UTC(), time.Second), "d": Within(2, 0.5), "e": That("an even id", func(id int) bool { return id > 2 })}))
	show("mistaken predicates", Diff([]int{1, 2, 3, 4}, List{Regexp("["), Within(time.Time{}, 5), Within("a", 1), Predicate{}}))
	show("a broken Equal", Diff(brokenEqual{}, brokenEqual{}))
	show("one item too many", diff(`[1, 2, 3, 4, 5, 6]`, `[1, 2, 4, 5, 6]`))
	show("two items too few", diff(`[{"id": 1}, {"id": 4}]`, `[{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]`))
	show("the closest item", diff(`[{"id": 1, "n": "a"}, {"id": 7, "n": "b", "x": 1}, {"id": 8, "n": "c"}]`, `[..., {"id": 7, "n": "d", ...}, ...]`))
	show("the closest of a set", Diff([]any{Has{"id": 1, "n": "a"}, Has{"id": 2, "n": "b", "x": 4, "y": 5}},
		Set{Has{"id": 1, "n": "a"}, Has{"id": 2, "n": "c", "x": 3, "y": 5}}))
	show("the first of a set is closest", Diff([]any{Has{"id": 1, "n": "a"}, Has{"id": 2, "n": "b"}}, Set{Has{"id": 1, "n": "c"}, Has{"id": 2, "n": "b"}}))
	show("the closest of several", diff(`[{"id": 7, "a": 1, "b": 2, "c": 9}, {"id": 7, "a": 1, "b": 8, "c": 9}, {"id": 7, "a": 1, "b": 2, "c": 9}]`,
		`[..., {"id": 7, "a": 1, "b": 2, "c": 3}, ...]`))
	show("a run of two has no closest", diff(`[{"id": 7, "n": "b"}, 1]`, `[..., {"id": 7, "n": "c"}, 1, ...]`))
	show("nothing is left", diff(`[1, 2]`, `[..., 2, ..., 3, ...]`))
	show("nothing is close", diff(`[{"id": 1, "n": "a"}, 5, null]`, `[..., {"id": 2, "n": "b", ...}, ...]`))
	show("deep", diff(`{"data": {"rows": [{"id": 1}, {"id": 2, "v": "x"}, {"id": 3}], "n": 3}, "page": 1}`,
		`{"data": {"rows": [{"id": 1}, {"id": 2, "v": "y"}, {"id": 3}], ...}, "page": 1}`))
	show("many places", diff(rows(30, 0), rows(30, 1)))
	show("a run in the middle", diff(`[1, 2, 3, 4, 5]`, `[1, ..., 7, ..., 6]`))
	show("many equal keys", diff(`{"a": 1, "b": 2, "c": 3, "d": 4, "long": "`+long+`", "e": 5}`, `{"long": "`+long+`", "a": 1, "b": 2, "c": 3, "d": 4, "e": 6}`))
	show("values too long for a diff", diff(`{"a": "`+long+`x", "`+long+`": 5}`, `{"a": "`+long+`y", "`+long+`": 6}`))
	show("long values beside", Diff(map[string]any{"id": 1, "x": List{long, "a"}, "list": names{long, long, long}}, Has{"id": 1, "x": List{long, "b"}, "list": titles{long, long, long}}))
	show("keys of other types", Diff(map[any]any{1: "a", 2.5: "b", true: "c", nil: "d", [2]int{1, 2}: "e"}, Map{1: "a", 2.5: "x", true: "y", nil: "z", [2]int{1, 2}: "w"}))
	show("raw JSON", Diff(map[string]any{"raw": json.RawMessage(`{"a": [1]}`)}, Has{"raw": Has{"a": List{2}}}))
	show("a field behind nil", Diff(struct{ *address }{}, Has{"City": "Omsk", "Town": 1}))

	path := filepath.Join("testdata", "reports.txt")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the reports have changed; go test -update ./match shows how in testdata/reports.txt\n%s", b.String())
	}
}

// rows is a list of objects; every third has another value when off is.
func rows(n, off int) string {
	var all []string
	for i := range n {
		v := i
		if i%3 == 0 {
			v += off
		}
		all = append(all, fmt.Sprintf(`{"id": %d, "tags": ["x"], "value": %d}`, i, v))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func TestReportOfLargePayloadIsShort(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := range 1000 {
		rows = append(rows, fmt.Sprintf(`{"id": %d, "name": "row number %d", "items": [{"qty": 1}, {"qty": %d}]}`, i, i, i))
	}
	want := "[" + strings.Join(rows, ", ") + "]"
	rows[137] = strings.Replace(rows[137], `"qty": 137`, `"qty": 3`, 1)
	report := diff("["+strings.Join(rows, ", ")+"]", want)
	if len(want) < 65000 || len(report) > 500 || !strings.HasPrefix(report, "1 difference:\n  [137].items[1].qty: got 3, want 137\n\ndiff") {
		t.Errorf("%d bytes: %s", len(report), report)
	}
}
