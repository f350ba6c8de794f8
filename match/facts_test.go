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

// Cases beside the recorded ones, with the verdict that the rules of the Python matcher give. The exceptions are those that
// the package documentation lists.
func TestVerdictsNearTheRecorded(t *testing.T) {
	t.Parallel()
	type dict = map[any]any
	type set = map[any]struct{}
	members := func(all ...any) set {
		s := set{}
		for _, m := range all {
			s[m] = struct{}{}
		}
		return s
	}
	for name, tt := range map[string]struct {
		got, want       any
		python, differs bool
	}{
		"tuple with ellipsis":                {[2]int{1, 2}, List{1, Rest}, true, false},
		"tuple in list":                      {[]any{[2]int{1, 2}}, List{List{Rest, 2}}, true, false},
		"empty tuple, empty list":            {[0]int{}, List{}, true, false},
		"empty list, empty dict":             {[]any{}, Map{}, false, false},
		"empty dict, empty list":             {dict{}, List{}, false, false},
		"empty set, empty dict":              {members(), Map{}, false, true},
		"set, list":                          {members(1), List{1}, false, false},
		"set, list of ellipsis":              {members(1), List{Rest}, false, false},
		"dict, set of its keys":              {dict{"a": 1}, Set{"a"}, false, false},
		"dict, set with ellipsis":            {dict{"a": 1}, Set{"a", Rest}, false, false},
		"list, set with ellipsis":            {[]int{1, 2}, Set{1, Rest}, false, true},
		"set with ellipsis, one missing":     {members(1, 2), Set{3, Rest}, false, false},
		"set with ellipsis, as many":         {members(1, 2), Set{1, 2, Rest}, true, false},
		"set of tuples":                      {members([2]any{1, 2}), Set{[2]any{1, 2}}, true, false},
		"set of a tuple with ellipsis":       {members([2]any{1, 2}), Set{List{1, Rest}}, false, true},
		"set with None":                      {members(nil, 1), Set{nil, Rest}, true, false},
		"set with None, without":             {members(1), Set{nil, Rest}, false, false},
		"set of floats":                      {members(1.0), Set{1}, true, false},
		"set in a set":                       {members([1]any{1}), Set{[1]any{1}, Rest}, true, false},
		"set in a dict":                      {dict{"a": members(1, 2)}, Map{"a": Set{2, Rest}}, true, false},
		"set of bools":                       {members(true), Set{1}, true, true},
		"dict with another value":            {dict{"a": 1, "b": 2}, Map{"a": 1, Rest: 3}, false, false},
		"dict of one value":                  {dict{"a": 1}, Map{Rest: 1}, true, false},
		"dict of one value, empty":           {dict{}, Map{Rest: 1}, false, false},
		"dict of one value, two":             {dict{"a": 1, "b": 1}, Map{Rest: 1}, false, false},
		"dict of None":                       {dict{"a": nil}, Map{Rest: nil}, true, false},
		"dict of None, 0":                    {dict{"a": 0}, Map{Rest: nil}, false, false},
		"dict of one list":                   {dict{"a": 1, "b": []any{1, 2}}, Map{"a": 1, Rest: List{1, Rest}}, true, false},
		"dict of one dict":                   {dict{"a": dict{"x": 1, "y": 2}}, Map{Rest: Map{"x": 1, Rest: Rest}}, true, false},
		"dict of one dict, closed":           {dict{"a": dict{"x": 1, "y": 2}}, Map{Rest: Map{"x": 1}}, false, false},
		"ellipsis value of a missing key":    {dict{"b": 1}, Map{"a": Rest, Rest: Rest}, false, false},
		"ellipsis value and rest":            {dict{"a": nil, "b": 1}, Map{"a": Rest, Rest: Rest}, true, false},
		"ellipsis value, None":               {dict{"a": nil}, Map{"a": Rest}, true, false},
		"key None":                           {dict{nil: 1, "a": 2}, Map{nil: 1, Rest: Rest}, true, false},
		"key None, missing":                  {dict{"a": 1}, Map{nil: 1, Rest: Rest}, false, false},
		"key tuple":                          {dict{[2]any{1, 2}: "x"}, Map{[2]any{1, 2}: Rest}, true, false},
		"key tuple, of ints":                 {map[[2]int]string{{1, 2}: "x"}, Map{[2]int{1, 2}: "x"}, true, false},
		"key 1 and 1.0":                      {dict{1: "x"}, Map{1.0: "x"}, true, false},
		"key 1 and '1'":                      {dict{1: "x"}, Map{"1": "x"}, false, false},
		"key bytes":                          {dict{[1]byte{'a'}: 1}, Map{"a": 1}, false, false},
		"key bool":                           {dict{true: "x"}, Map{true: "x"}, true, false},
		"key empty":                          {dict{"": 1}, Map{"": 1}, true, false},
		"quoted ellipsis":                    {dict{"...": 1}, Map{"...": 1}, true, false},
		"quoted ellipsis, another":           {dict{"a": 1}, Map{"...": 1}, false, false},
		"item quoted ellipsis":               {[]any{1, 2}, List{"..."}, false, false},
		"ellipsis item as data":              {[]any{Rest, 1}, List{Rest, 1}, true, false},
		"ellipsis value as data":             {dict{"a": Rest}, Map{"a": 1}, false, false},
		"three ellipses":                     {[]any{1}, List{Rest, Rest, Rest}, true, false},
		"three ellipses, empty":              {[]any{}, List{Rest, Rest}, true, false},
		"first and last are one":             {[]any{1}, List{1, Rest, 1}, false, false},
		"first and last":                     {[]any{1, 1}, List{1, Rest, 1}, true, false},
		"ends in another":                    {[]any{1, 2, 3}, List{Rest, 2}, false, false},
		"gap closed too early":               {[]any{1, 2, 3, 2, 4}, List{Rest, 2, 4}, false, true},
		"gap closed too early, in the end":   {[]any{2, 1, 2}, List{Rest, 2}, false, true},
		"two runs in order":                  {[]any{1, 2, 3, 4, 5}, List{Rest, 2, Rest, 4, Rest}, true, false},
		"two runs, wrong order":              {[]any{1, 2, 3, 4, 5}, List{Rest, 4, Rest, 2, Rest}, false, false},
		"ellipsis in an inner list":          {[]any{[]any{1, 2}, []any{3}}, List{List{1, Rest}, List{Rest}}, true, false},
		"ellipsis for an inner list":         {[]any{[]any{1, 2}, 3}, List{Rest, 3}, true, false},
		"None item":                          {[]any{nil, 1}, List{nil, Rest}, true, false},
		"None and empty":                     {nil, List{}, false, false},
		"empty and None":                     {[]any{}, nil, false, false},
		"None and False":                     {nil, false, false, false},
		"None and ''":                        {"", nil, false, false},
		"False and 0":                        {false, 0, true, true},
		"str and its list":                   {"ab", List{"a", "b"}, false, false},
		"str and ellipsis":                   {"ab", List{Rest}, false, false},
		"bytes":                              {[]byte("a"), []byte("a"), true, false},
		"bytes and other bytes":              {[]byte("a"), []byte("b"), false, false},
		"bytes and the str of a number":      {[]byte("1"), "1", false, true},
		"bytes and their numbers":            {[]byte("a"), List{97}, false, true},
		"Decimal and int":                    {json.Number("2.00"), 2, true, false},
		"Decimal and Decimal":                {json.Number("1.10"), json.Number("1.1"), true, false},
		"Decimal and float":                  {json.Number("0.5"), 0.5, true, false},
		"Decimal and the float written so":   {json.Number("0.1"), 0.1, false, true},
		"Decimal and str":                    {json.Number("1.0"), "1.0", false, false},
		"int and float, large":               {9007199254740993, float64(9007199254740992), false, false},
		"-0.0":                               {math.Copysign(0, -1), 0, true, false},
		"infinity":                           {math.Inf(1), math.Inf(1), true, false},
		"defaultdict, frozen or ordered":     {map[string]any{"a": 1}, Map{"a": 1}, true, false},
		"dict deep inside, one key too many": {dict{"a": []any{dict{"b": 1, "c": 2}}}, Map{"a": List{Map{"b": 1}}}, false, false},
	} {
		report := Diff(tt.got, tt.want)
		if matches := tt.python != tt.differs; matches != (report == "") {
			t.Errorf("%s: want a match: %v\n%s", name, matches, report)
		}
		agree(t, tt.got, tt.want)
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
