package match

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
)

//go:embed testdata/matching.json
var recorded []byte

// A fact is the verdict of the Python matcher on a pair of values.
type fact struct {
	Original, Partial any
	Result            string
}

// What Go says otherwise; the package documentation has the reasons.
var otherwise = map[string]bool{
	"true_vs_1":              true,
	"dict_int_vs_bool_key":   true,
	"nan":                    true,
	"type_mismatch_list_set": true,
	"generator_like_range":   true,
	"list_set_gap_mutation":  true,
}

func facts(t *testing.T) map[string]fact {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(recorded))
	d.UseNumber()
	var all map[string]fact
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRecordedVerdicts(t *testing.T) {
	t.Parallel()
	replayed := 0
	for name, f := range facts(t) {
		got, want := toGo(f.Original, false), toGo(f.Partial, true)
		replayed++
		report := Diff(got, want)
		if matches := (f.Result == "True") != otherwise[name]; matches != (report == "") {
			t.Errorf("%s: %#v against %#v: want a match: %v\n%s", name, got, want, matches, report)
		}
	}
	if replayed != 97 {
		t.Errorf("replayed %d cases", replayed)
	}
}

func TestRecordedVerdictsAsJSON(t *testing.T) {
	t.Parallel()
	replayed := 0
	for name, f := range facts(t) {
		got, ok := toJSON(f.Original, false)
		want, fine := toJSON(f.Partial, true)
		if !ok || !fine {
			continue
		}
		replayed++
		report := diff(got, want)
		if matches := (f.Result == "True") != otherwise[name]; matches != (report == "") {
			t.Errorf("%s: %s against %s: want a match: %v\n%s", name, got, want, matches, report)
		}
	}
	if replayed != 70 {
		t.Errorf("replayed %d cases", replayed)
	}
}

// brokenEqual stands for the recorded object that raises when it is compared.
type brokenEqual struct{}

func (brokenEqual) Equal(brokenEqual) bool { panic("index out of range") }

var recordedObjects = map[string]any{
	"Decimal('1.0')":          json.Number("1.0"),
	"Decimal('1.1')":          json.Number("1.1"),
	"b'a'":                    []byte("a"),
	"OrderedDict([('a', 1)])": map[string]int{"a": 1},
	"NT(a=1, b=2)":            [2]int{1, 2},
	"range(0, 2)":             []int{0, 1},
	"<IdxErr>":                brokenEqual{},
}

func toGo(v any, pattern bool) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i)
		}
		f, _ := v.Float64()
		return f
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = toGo(v[i], pattern)
		}
		if pattern {
			return List(items)
		}
		return items
	case map[string]any:
		return toGoObject(v, pattern)
	}
	return v
}

func toGoObject(v map[string]any, pattern bool) any {
	switch {
	case v["$ellipsis"] != nil:
		return Rest
	case v["$float"] != nil:
		return math.NaN()
	case v["$tuple"] != nil:
		return toGo(v["$tuple"], pattern)
	case v["$repr"] != nil:
		object, ok := recordedObjects[v["$repr"].(string)]
		if !ok {
			panic(v["$repr"])
		}
		return object
	case v["$set"] != nil:
		if pattern {
			return Set(toGo(v["$set"], true).(List))
		}
		set := map[any]struct{}{}
		for _, item := range v["$set"].([]any) {
			member := toGo(item, false)
			if tuple, ok := member.([]any); ok { // a slice is no key
				member = [2]any(tuple)
			}
			set[member] = struct{}{}
		}
		return set
	}
	m := map[any]any{}
	if pairs, ok := v["$dict"].([]any); ok {
		for _, pair := range pairs {
			k := toGo(pair.([]any)[0], false)
			if tuple, ok := k.([]any); ok {
				k = [2]any(tuple)
			}
			m[k] = toGo(pair.([]any)[1], pattern)
		}
	} else {
		for k := range v {
			m[k] = toGo(v[k], pattern)
		}
	}
	if pattern {
		return Map(m)
	}
	return m
}

// toJSON is not ok for what JSON does not have.
func toJSON(v any, pattern bool) (string, bool) {
	all := true
	add := func(parts []string, v any) []string {
		s, ok := toJSON(v, pattern)
		all = all && ok
		return append(parts, s)
	}
	switch v := v.(type) {
	case []any:
		var parts []string
		for _, item := range v {
			parts = add(parts, item)
		}
		return "[" + strings.Join(parts, ", ") + "]", all
	case map[string]any:
		if v["$ellipsis"] != nil {
			return "...", pattern
		}
		if v["$tuple"] != nil {
			return toJSON(v["$tuple"], pattern)
		}
		var parts []string
		if pairs, ok := v["$dict"].([]any); ok {
			for _, pair := range pairs {
				parts = add(add(parts, pair.([]any)[0]), pair.([]any)[1])
			}
		}
		for k := range v {
			if strings.HasPrefix(k, "$") && k != "$dict" {
				return "", false
			}
			if k != "$dict" {
				parts = add(append(parts, fmt.Sprintf("%q", k)), v[k])
			}
		}
		var b strings.Builder
		for i := 0; i < len(parts); i += 2 {
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			if parts[i] != "..." && !strings.HasPrefix(parts[i], `"`) {
				return "", false
			}
			b.WriteString(parts[i] + ": " + parts[i+1])
		}
		return "{" + b.String() + "}", all
	}
	text, err := json.Marshal(v)
	return string(text), err == nil
}
