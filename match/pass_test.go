package match

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

type (
	event struct {
		time.Time
		Name string
	}
	byNumber struct {
		n    int
		note string
	}
	sum struct {
		total  big.Int
		limit  *big.Int
		anyone pointerEqual
		mu     sync.Mutex
	}
	box[T any] struct{ V T }
	oddEqual   struct{ n int }
	variadic   struct{ n int }
	chatty     struct{ n int }
	takesValue struct{ n, note int }
	counting   struct{ n int }
)

func (b byNumber) Equal(other any) bool         { o, ok := other.(byNumber); return ok && o.n == b.n }
func (oddEqual) Equal(int) bool                 { return true }
func (variadic) Equal(...variadic) bool         { return true }
func (chatty) Equal(chatty) (bool, error)       { return true, nil }
func (counting) Equal(counting) int             { return 0 }
func (t *takesValue) Equal(o takesValue) bool   { return t.n == o.n }
func (b box[T]) Cmp(box[T]) bool                { return true }
func (p *plainInner) Equal(_, _ plainInner) int { return 0 }

// What other libraries let pass, or stumble over.
func TestNoFalsePasses(t *testing.T) {
	t.Parallel()
	zero, made := big.NewInt(0), new(big.Int).Sub(big.NewInt(5), big.NewInt(5))
	page := func(path string) *url.URL { return &url.URL{Scheme: "https", Host: "tools.example", Path: path} }
	decoded := map[string]any{"id": float64(9007199254740992)}
	ring := map[string]any{}
	ring["next"] = ring
	long := map[string]any{"next": map[string]any{}}
	long["next"].(map[string]any)["next"] = long
	endless := Has{}
	endless["next"] = endless
	list, other := []any{1, nil}, []any{1, nil}
	list[1], other[1] = list, []any{2, other}
	loop, twice := lists{nil}, lists{lists{nil}}
	loop[0], twice[0][0] = loop, twice
	nan, pipe := math.NaN(), make(chan int)
	for name, tt := range map[string]struct {
		got, want any
		matches   bool
	}{
		"decoded and int64":               {decoded, map[string]any{"id": int64(9007199254740993)}, false},
		"decoded and number":              {decoded, map[string]any{"id": json.Number("9007199254740993")}, false},
		"int and decoded":                 {map[string]any{"id": 9007199254740993}, decoded, false},
		"decoded and int":                 {decoded, Has{"id": 9007199254740993}, false},
		"decoded and the same int":        {decoded, Has{"id": 9007199254740992}, true},
		"number and int64":                {Has{"id": json.Number("9007199254740993")}, Has{"id": int64(9007199254740993)}, true},
		"number and infinity":             {json.Number("1e400"), math.Inf(1), false},
		"huge exponents":                  {json.Number("1e999999999"), json.Number("1e999999998"), false},
		"numbers of two spellings":        {[]json.Number{"1.0"}, []json.Number{"1"}, true},
		"no number":                       {json.Number("x"), json.Number("x"), true},
		"minus zero":                      {math.Copysign(0, -1), 0.0, true},
		"near a float":                    {0.1, json.Number("0.10000000000000000001"), false},
		"far but within, as floats":       {9007199254740993, Within(9007199254740992, 0), false},
		"integers within":                 {uint8(3), Within(5, 2.5), true},
		"not a number within":             {nan, Within(0, math.Inf(1)), false},
		"key twice in raw JSON":           {json.RawMessage(`{"a":1,"a":1}`), json.RawMessage(`{"a":1,"a":1}`), false},
		"broken raw JSON":                 {json.RawMessage(`{`), json.RawMessage(`{`), false},
		"raw JSON, other spelling":        {json.RawMessage(`{"a": 1.0}`), json.RawMessage(`{"a":1}`), true},
		"raw JSON and bytes":              {json.RawMessage(`{"a":1}`), []byte(`{"a":1}`), true},
		"empty raw JSON":                  {json.RawMessage(`1`), json.RawMessage(``), false},
		"empty raw JSON, both":            {json.RawMessage(``), json.RawMessage(``), true},
		"a text as number":                {json.Number("x"), "x", true},
		"no time within":                  {5, Within(time.Unix(9, 0), time.Second), false},
		"nil function and a number":       {5, (func())(nil), false},
		"one channel":                     {pipe, pipe, true},
		"a shorter slice":                 {[]int{1}, []int{1, 2}, false},
		"a longer slice":                  {[]int{1, 2}, []int{1}, false},
		"unsigned and another float":      {uint(5), 6.0, false},
		"number and another unsigned":     {json.Number("7"), uint8(8), false},
		"floats at the edge":              {1.5, Within(1, 0.5), true},
		"complex, real part":              {complex(2, 1), complex(1, 1), false},
		"Equal that counts":               {counting{1}, counting{1}, true},
		"no nil key, nil":                 {map[any]any{"a": 1}, Map{nil: nil, Rest: Rest}, false},
		"within no number":                {1, Within(1, "x"), false},
		"nil functions of two types":      {(func())(nil), (func(int))(nil), false},
		"times at the edge":               {time.Unix(8, 0), Within(time.Unix(9, 0), time.Second), true},
		"floats within":                   {1.25, Within(1, 0.5), true},
		"a map of structs is no set":      {map[string]box[int]{"a": {}}, Set{"a"}, false},
		"lists in a ring":                 {loop, twice, true},
		"a field of two embedded":         {twoIDs{}, Has{"ID": 0}, false},
		"empty and nil raw JSON":          {json.RawMessage(``), json.RawMessage(nil), false},
		"nil raw JSON and null":           {json.RawMessage(nil), json.RawMessage(`null`), false},
		"raw null and a value":            {json.RawMessage(`null`), 0, false},
		"text after raw JSON":             {json.RawMessage(`1 2`), 1, false},
		"big integers":                    {big.NewInt(5), big.NewInt(6), false},
		"big zeros":                       {zero, made, true},
		"big rationals":                   {big.NewRat(1, 2), big.NewRat(2, 4), true},
		"big floats":                      {big.NewFloat(1), new(big.Float).SetPrec(200).SetInt64(1), true},
		"methods on pointers":             {&sum{total: *zero, limit: zero, mu: sync.Mutex{}}, &sum{total: *made, limit: made}, true},
		"methods on pointers differ":      {&sum{total: *zero}, &sum{total: *big.NewInt(1)}, false},
		"Equal on a pointer":              {&sum{anyone: pointerEqual{1}}, &sum{anyone: pointerEqual{2}}, false},
		"promoted Equal is not the whole": {event{time.Unix(1, 0), "a"}, event{time.Unix(1, 0), "b"}, false},
		"promoted Equal of the part":      {event{time.Unix(1, 0), "a"}, event{time.Unix(1, 0).UTC(), "a"}, true},
		"Equal of any":                    {byNumber{1, "a"}, byNumber{1, "b"}, true},
		"Equal of any differs":            {[]byNumber{{1, "a"}}, []byNumber{{2, "a"}}, false},
		"Equal of a value, on a pointer":  {takesValue{1, 2}, takesValue{1, 3}, true},
		"Equal of something else":         {oddEqual{1}, oddEqual{2}, false},
		"Equal of many":                   {variadic{1}, variadic{2}, false},
		"Equal with two results":          {chatty{1}, chatty{2}, false},
		"Equal of two":                    {&plainInner{N: 1}, &plainInner{N: 2}, false},
		"Cmp that is none":                {box[int]{1}, box[int]{2}, false},
		"addresses":                       {netip.MustParseAddr("fe80::1%eth0"), netip.MustParseAddr("fe80::1%eth1"), false},
		"IPs of two lengths":              {net.ParseIP("1.2.3.4"), net.ParseIP("1.2.3.4").To4(), true},
		"URLs":                            {page("/a"), page("/a"), true},
		"URLs differ":                     {page("/a"), page("/b"), false},
		"generic types":                   {box[int]{1}, box[int64]{1}, false},
		"generic any":                     {box[any]{int64(1)}, box[any]{1}, true},
		"errors behind an interface":      {fmt.Errorf("a: %w", errors.New("x")), fmt.Errorf("a: %w", errors.New("y")), false},
		"pointers behind an interface":    {[]any{&address{"a", "b"}}, []any{&address{"a", "c"}}, false},
		"array and slice":                 {[2]int{1, 2}, []int{1, 2}, true},
		"array and shorter slice":         {[2]int{1, 2}, []int{1}, false},
		"channels":                        {make(chan int), make(chan int), false},
		"a function in a struct":          {struct{ f func() }{func() {}}, struct{ f func() }{func() {}}, false},
		"maps in a ring":                  {ring, long, true},
		"a ring as pattern":               {ring, endless, true},
		"a ring as pattern, and an end":   {map[string]any{"next": map[string]any{"next": 1}}, endless, false},
		"slices in a ring":                {list, other, false},
		"two keys that look alike":        {map[any]int{role("a"): 1, celsius(1): 2, kelvin(1): 3}, Has{1.0: 2}, false},
		"two NaN keys":                    {map[float64]int{nan: 1, math.Copysign(nan, -1): 2}, Has{nan: 1}, false},
		"a key of two parts":              {map[any]int{[2]int{1, 2}: 1}, Map{[2]any{1, 2}: 1}, true},
		"a key of other parts":            {map[any]int{[2]int{1, 2}: 1}, Map{[2]any{1, 3}: 1}, false},
		"pointer keys":                    {map[*int]int{new(int): 1}, map[*int]int{new(int): 1}, false},
		"pointer keys of any":             {map[any]int{new(int): 1}, Map{new(int): 1}, false},
		"maps of any keys":                {map[any]any{"a": map[any]any{"b": 1}}, map[string]any{"a": map[string]any{"b": 1}}, true},
		"bool and string keys":            {map[any]any{true: 1}, Map{"true": 1}, false},
		"has one other key":               {map[string]any{"a": 1, "b": 2}, Has{"a": 1, Rest: 2}, true},
		"has no such other key":           {map[string]any{"a": 1, "b": 2}, Has{"a": 1, Rest: 5}, false},
		"one other key, nil":              {map[string]any{"a": nil}, Map{Rest: nil}, true},
		"no other key, nil":               {map[string]any{}, Map{Rest: nil}, false},
		"empty and nothing":               {[]any{}, List{}, true},
		"empty map and empty list":        {map[string]any{}, List{}, false},
		"nil map and closed":              {map[string]any(nil), Map{}, false},
		"nil map and open":                {map[string]any(nil), Has{}, true},
		"empty and nil map":               {map[string]any{}, map[string]any(nil), false},
		"nil and empty list":              {[]any(nil), []any{}, false},
		"longer than the pattern":         {[]any{1, 2}, List{1}, false},
		"shorter than the pattern":        {[]any{1}, List{1, 2}, false},
		"a run that has to be":            {[]any{1}, List{1, 2, Rest}, false},
		"fewer keys":                      {map[string]any{"a": 1}, Map{"a": 1, "b": nil}, false},
		"other keys, as many":             {map[string]any{"a": 1, "b": 2}, map[string]any{"a": 1, "c": 2}, false},
		"other keys, nil":                 {map[string]any{"b": 1}, map[string]any{"a": nil}, false},
		"a value of a key":                {map[string]any{"a": 1, "b": 2}, Map{"a": 1, "b": 3}, false},
		"sets in a set":                   {[]any{[]any{1, 2}, []any{2, 3}}, Set{Set{3, Rest}, List{1, Rest}}, true},
		"set with two ellipses":           {[]int{1, 2, 3}, Set{1, Rest, Rest}, true},
		"a larger set":                    {[]int{1}, Set{1, 2, Rest}, false},
		"has one other field":             {address{"a", "b"}, Has{"City": "a", Rest: "b"}, true},
		"has no such other field":         {address{"a", "b"}, Has{"City": "a", Rest: "c"}, false},
		"has any other field":             {address{"a", "b"}, Has{"City": "a", Rest: Rest}, true},
		"has a field of an odd key":       {[]address{{"a", "b"}}, List{Has{1: "a"}}, false},
		"blank field by name":             {plain{}, Has{"_": 0}, false},
		"field of a nil embedded pointer": {struct{ *address }{}, Has{"City": ""}, false},
		"field by no string":              {address{}, Has{1: ""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if report := Diff(tt.got, tt.want); (report == "") != tt.matches {
				t.Errorf("matches: %v, want %v\n%s", report == "", tt.matches, report)
			}
			agree(t, tt.got, tt.want)
		})
	}
}

// Deep values end neither the stack nor the patience of who reads the report.
func TestDeepValues(t *testing.T) {
	t.Parallel()
	list := func(last int) *link2 {
		l := &link2{n: last}
		for i := range 3_000 {
			l = &link2{i, l}
		}
		return l
	}
	if report := Diff(list(1), list(1)); report != "" {
		t.Error(report)
	}
	if report := Diff(list(1), list(2)); report == "" || len(report) > 1000 {
		t.Errorf("%d bytes: %.2000s", len(report), report)
	}
	var x, y any = 1, 2
	for range freeVisits + 100 {
		x, y = []any{x}, []any{y}
	}
	if Diff(x, x) != "" || Diff(x, y) == "" {
		t.Error("a deep list")
	}
	text := func(middle string) string {
		return strings.Repeat("[", 9_999) + middle + strings.Repeat("]", 9_999)
	}
	if diff(text("1"), text("1")) != "" {
		t.Error("deep JSON")
	}
	if report := diff(text("1"), text("2")); report == "" || len(report) > 1000 {
		t.Errorf("%d bytes: %.2000s", len(report), report)
	}
	if report := Diff(json.RawMessage(text("[[]]")), Has{}); !strings.Contains(report, "nested more than 10000 deep") {
		t.Error(report)
	}
	d := gathering()
	nested := reflect.ValueOf([]any{[]any{[]any{1}}})
	if m := (goMatch{differences: d, depth: maxLevels - 2}); m.match(nested, nested) || d.found[0].text != "nested more than 200000 deep" {
		t.Error("there is no end")
	}
}

// Many values beside each other are not deep.
func TestManyValues(t *testing.T) {
	t.Parallel()
	got, want := make([]int16, maxLevels+1), make([]int16, maxLevels+1)
	got[maxLevels] = 1
	if report := Diff(got, want); !strings.HasPrefix(report, "1 difference:\n  [200000]: got 1, want 0\n") {
		t.Errorf("%.500s", report)
	}
}

func TestBlankFieldsDoNotCount(t *testing.T) {
	t.Parallel()
	got, want := new(plain), new(plain)
	for i := range reflect.TypeFor[plain]().NumField() {
		if reflect.TypeFor[plain]().Field(i).Name == "_" {
			fieldAt(reflect.ValueOf(got).Elem(), i).SetInt(1)
		}
	}
	if reflect.DeepEqual(got, want) {
		t.Fatal("the blank fields do not differ")
	}
	if report := Diff(got, want); report != "" {
		t.Error(report)
	}
	agree(t, got, want)
}

type (
	lists []lists
	link3 struct{ ID int }

	twoIDs struct {
		base
		link3
	}
)

type link2 struct {
	n    int
	next *link2
}

// What matches costs no memory.
func TestAllocations(t *testing.T) { //nolint:paralleltest // testing.AllocsPerRun does not count beside other tests
	var maps, same any
	for _, v := range []*any{&maps, &same} {
		if err := json.Unmarshal([]byte(rows(200, 0)), v); err != nil {
			t.Fatal(err)
		}
	}
	var has List
	for i := range 200 {
		has = append(has, Has{"id": i, "tags": List{"x", Rest}, "value": Rest})
	}
	people := func() any {
		return []struct {
			ID   int
			Name string
			At   time.Time
			Tags []string
			Home *address
			Meta map[string]any
			note float32
		}{{1, "a", time.Unix(1, 0), []string{"x"}, &address{"a", "b"}, map[string]any{"k": 1.5}, 2}}
	}
	var pattern any = has
	structs, alike := people(), people()
	for name, pair := range map[string][2]any{"maps": {maps, same}, "patterns": {maps, pattern}, "structs": {structs, alike}} {
		if Diff(pair[0], pair[1]) != "" {
			t.Errorf("%s do not match: %s", name, Diff(pair[0], pair[1]))
		}
		if n := testing.AllocsPerRun(100, func() { Diff(pair[0], pair[1]) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
