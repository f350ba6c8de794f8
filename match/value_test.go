package match

import (
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"testing"
	"time"
)

type (
	role    string
	celsius float64
	kelvin  float64
	address struct{ City, Street string }
	base    struct{ ID int64 }
	person  struct {
		base
		Name    string
		Role    role
		Tags    []string
		Home    *address
		Born    time.Time
		Extra   json.RawMessage
		Meta    map[string]any
		private int
		seen    time.Time
	}
	link  struct{ Next, Back *link }
	node2 struct {
		Kids []*node2
		Up   *node2
	}
	either   struct{ v any }
	caseless struct{ s string }
)

type (
	names        []string
	titles       []string
	ages         map[string]int
	sizes        map[string]int
	pointerEqual struct{ n int }
)

func (p *pointerEqual) Equal(other *pointerEqual) bool { return p.n == other.n }

func (c caseless) Equal(other caseless) bool { return len(c.s) == len(other.s) }

func ann() person {
	return person{base: base{7}, Name: "Ann", Role: "head", Tags: []string{"red", "blue"}, Home: &address{"Tomsk", "Lenina"},
		Born: time.Date(1990, 1, 2, 3, 4, 5, 0, time.UTC), Extra: json.RawMessage(`{"a": 1, "b": [1, 2.0]}`),
		Meta: map[string]any{"k": 1.0, "list": []any{"x", "y"}}, private: 3, seen: time.Unix(5, 0)}
}

func with(change func(*person)) person { p := ann(); change(&p); return p }

func TestGoVerdicts(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	a := ann()
	same := []any{1}
	ring := &link{}
	ring.Next, ring.Back = ring, ring
	ring2 := &link{Next: &link{}}
	ring2.Next.Next, ring2.Next.Back, ring2.Back = ring2, ring2, ring2.Next
	var self any
	self = &self
	type loop *loop
	var lp loop
	lp = &lp
	for name, tt := range map[string]struct {
		got, want any
		matches   bool
	}{
		// scalars
		"int and float":          {1, 1.0, true},
		"true is not 1":          {true, 1, false},
		"1 is not true":          {1, true, false},
		"int sizes":              {int8(5), uint64(5), true},
		"negative and uint":      {-1, uint64(math.MaxUint64), false},
		"beyond 2^53":            {int64(9007199254740993), float64(9007199254740992), false},
		"big equal":              {int64(1) << 62, float64(1 << 62), true},
		"max":                    {int64(math.MaxInt64), float64(math.MaxInt64), false},
		"uint beyond":            {uint64(math.MaxUint64), float64(math.MaxUint64), false},
		"1.5 is not 1":           {1.5, 1, false},
		"1.5 is not 1, unsigned": {1.5, uint(1), false},
		"large number and float": {json.Number("4611686018427387904"), float64(1 << 62), true},
		"float sizes":            {float32(0.1), 0.1, true},
		"float sizes differ":     {float32(0.1), 0.10000001, false},
		"nan":                    {nan, nan, true},
		"nan of two sizes":       {float32(nan), nan, true},
		"nan is no number":       {nan, 0, false},
		"infinity":               {math.Inf(1), math.Inf(1), true},
		"infinities":             {math.Inf(1), math.Inf(-1), false},
		"number":                 {json.Number("1.0"), 1, true},
		"number and float":       {json.Number("0.1"), 0.1, true},
		"big number and float":   {json.Number("1e23"), 1e23, true},
		"number beyond 2^53":     {json.Number("9007199254740993"), float64(9007199254740992), false},
		"number and uint":        {json.Number("7"), uint8(7), true},
		"number is no string":    {json.Number("1"), "1", false},
		"number and infinity":    {json.Number("1e999"), math.Inf(1), false},
		"complex":                {complex(1, nan), complex(1, nan), true},
		"complex differs":        {complex(1, 2), complex(1, 3), false},
		"named and constant":     {role("head"), "head", true},
		"constant and named":     {"head", role("head"), true},
		"two named":              {celsius(1), kelvin(1), false},
		"rune is no string":      {'a', "a", false},
		// nil
		"nil":                   {nil, nil, true},
		"nil pointer":           {(*person)(nil), nil, true},
		"nil slice":             {[]int(nil), nil, true},
		"empty is not nil":      {[]int{}, nil, false},
		"nil is not empty":      {[]int(nil), []int{}, false},
		"empty map is not nil":  {map[string]int{}, map[string]int(nil), false},
		"nil map is not empty":  {map[string]int(nil), Map{}, false},
		"nil list is not empty": {[]int(nil), List{}, false},
		"nil set is not empty":  {[]int(nil), Set{}, false},
		"nil has any rest":      {[]int(nil), List{Rest}, true},
		"0 is not nil":          {0, nil, false},
		"nil is not 0":          {nil, 0, false},
		"typed nils":            {(*person)(nil), (*address)(nil), false},
		// structs
		"struct":                  {a, a, true},
		"copy":                    {a, ann(), true},
		"unexported differs":      {a, with(func(p *person) { p.private = 4 }), false},
		"embedded differs":        {a, with(func(p *person) { p.ID = 4 }), false},
		"instant":                 {a, with(func(p *person) { p.Born = p.Born.In(time.FixedZone("x", 3600)); p.seen = p.seen.UTC() }), true},
		"other instant":           {a, with(func(p *person) { p.seen = p.seen.Add(1) }), false},
		"through a pointer":       {a, with(func(p *person) { p.Home = &address{"Tomsk", "Mira"} }), false},
		"other struct":            {address{}, base{}, false},
		"pointer to struct":       {&a, a, true},
		"struct is no pointer":    {a, &a, false},
		"ellipsis in a struct":    {either{5}, either{Rest}, true},
		"pattern in a struct":     {either{[]int{1, 2}}, either{List{1, Rest}}, true},
		"has":                     {a, Has{"Name": "Ann", "Tags": Set{"red", Rest}}, true},
		"has promoted":            {&a, Has{"ID": int64(7)}, true},
		"has unexported":          {a, Has{"private": 3, "seen": time.Unix(5, 0).UTC()}, true},
		"has, misspelt":           {a, Has{"FirstName": Rest}, false},
		"has, nested":             {a, Has{"Home": Has{"City": "Tomsk"}, "Meta": Has{"list": List{"x", Rest}}}, true},
		"has, nested differs":     {a, Has{"Home": Has{"City": "Omsk"}}, false},
		"closed":                  {address{"a", "b"}, Map{"City": "a", "Street": "b"}, true},
		"closed, one more":        {address{"a", "b"}, Map{"City": "a"}, false},
		"closed with rest":        {address{"a", "b"}, Map{"City": "a", Rest: Rest}, true},
		"one other field":         {address{"a", "b"}, Map{"City": "a", Rest: "b"}, true},
		"one other field differs": {address{"a", "b"}, Map{"City": "a", Rest: "c"}, false},
		"promoted is not all": {struct {
			base
			N int
		}{base{1}, 2}, Map{"ID": 1, "N": 2}, false},
		"nothing of anything": {5, Has{}, false},
		// maps
		"map types":             {map[string]int{"a": 1}, map[string]any{"a": 1.0}, true},
		"key types":             {map[int64]string{1: "a"}, Map{1: "a"}, true},
		"key types, uint":       {map[any]any{uint8(1): "a"}, Has{1: "a"}, true},
		"named keys":            {map[role]int{"a": 1}, Has{"a": 1}, true},
		"keys 1 and true":       {map[any]int{1: 1}, Map{true: 1}, false},
		"two for one key":       {map[any]any{1: "a", 2: "b"}, Map{1: "a", 1.0: "a"}, false},
		"nan key":               {map[float64]int{nan: 1}, map[float64]int{nan: 1}, true},
		"nil key":               {map[any]int{nil: 1}, Map{nil: 1}, true},
		"no nil key":            {map[string]int{"": 1}, Map{nil: 1}, false},
		"key that is no key":    {map[any]int{1: 1}, Has{[1]int{1}: 1}, false},
		"other keys":            {map[string]int{"a": 1, "b": 2, "c": 2}, Map{"a": 1, Rest: 2}, false},
		"no other key":          {map[string]int{"a": 1}, Map{"a": 1, Rest: 1}, false},
		"nil value":             {map[string]any{"a": nil}, Map{"a": nil}, true},
		"nil value is no value": {map[string]any{}, Map{"a": nil}, false},
		// lists
		"array":                   {[2]int{1, 2}, List{1, 2}, true},
		"slice types":             {[]int{1}, []int64{1}, true},
		"run in a slice":          {[]any{1, 2, 3}, []any{1, Rest}, true},
		"bytes":                   {[]byte("ab"), []byte("ab"), true},
		"bytes differ":            {[]byte("ab"), []byte("ac"), false},
		"bytes are numbers":       {[]byte{1, 2}, List{1, 2}, true},
		"two named slices":        {names{"a"}, titles{"a"}, false},
		"two named maps":          {ages{"a": 1}, sizes{"a": 1}, false},
		"one item twice":          {[]any{same, same}, List{Rest, List{2}, Rest}, false},
		"one item twice in a set": {[]any{same, same}, Set{List{2}, List{1}}, false},
		"string is no list":       {"ab", List{Rest}, false},
		"list of lists":           {[][]int{{1}, {2, 3}}, List{Rest, List{2, Rest}}, true},
		// sets
		"set":              {[]int{2, 1}, Set{1, 2}, true},
		"set counts":       {[]int{1, 1}, Set{1}, false},
		"set counts twice": {[]int{1, 2}, Set{1, 1}, false},
		"set of patterns":  {[]any{map[string]any{"a": 1, "b": 2}, map[string]any{"a": 1}}, Set{Map{"a": 1}, Has{"a": 1}}, true},
		"greedy is wrong":  {[]any{map[string]any{"a": 1}, map[string]any{"a": 1, "b": 2}}, Set{Has{"a": 1}, Map{"a": 1}}, true},
		"set of keys":      {map[string]bool{"a": true, "b": false}, Set{"a"}, true},
		"set of a map":     {map[string]int{"a": 1}, Set{"a"}, false},
		// JSON inside
		"raw, string":          {a, Has{"Extra": `{"b": [..., 2], ...}`}, true},
		"raw, raw":             {a, Has{"Extra": json.RawMessage(`{"b": [1, ...], "a": 1}`)}, true},
		"raw, go":              {a, Has{"Extra": Has{"b": List{1, 2}}}, true},
		"raw, go differs":      {a, Has{"Extra": Map{"b": List{1, 2}}}, false},
		"bytes, string":        {[]byte(`{"a": 1}`), `{"a": ...}`, true},
		"string, string":       {`{"a": 1}`, `{"a": ...}`, false},
		"value, raw":           {map[string]int{"a": 1}, json.RawMessage(`{"a": 1}`), true},
		"nil, raw":             {nil, json.RawMessage(`null`), true},
		"raw is no JSON":       {json.RawMessage(`{`), Has{}, false},
		"raw with a key twice": {json.RawMessage(`{"a":1,"a":1}`), Has{"a": 1}, false},
		"nil raw":              {json.RawMessage(nil), nil, true},
		"raw null":             {json.RawMessage(`null`), nil, true},
		// methods, references
		"equal":                  {caseless{"ab"}, caseless{"xy"}, true},
		"not equal":              {caseless{"ab"}, caseless{"x"}, false},
		"equal of nil":           {(*pointerEqual)(nil), (*pointerEqual)(nil), true},
		"equal of a nil":         {(*pointerEqual)(nil), &pointerEqual{1}, false},
		"no method":              {netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.1"), true},
		"errors":                 {errors.New("a"), errors.New("b"), false},
		"functions":              {func() {}, func() {}, false},
		"nil functions":          {(func())(nil), (func())(nil), true},
		"rings":                  {ring, ring2, true},
		"pointer to itself":      {&self, &self, true},
		"pointer to nothing but": {lp, 5, false},
		"any to itself":          {self, 5, false},
		// the whole
		"rest alone":                 {5, Rest, false},
		"ellipsis as data":           {[]any{Rest}, List{1}, false},
		"predicate on bytes":         {[]byte("abc"), Regexp("b"), true},
		"predicate behind a pointer": {&same, Len(1), true},
		"predicate on nil":           {nil, Len(0), false},
		"predicate of a type":        {5, That("even", func(n int) bool { return n%2 == 0 }), false},
		"predicate of another type":  {int64(4), That("even", func(n int) bool { return n%2 == 0 }), false},
		"further below":              {1, Within(2, 0.5), false},
		"earlier":                    {time.Unix(1, 0), Within(time.Unix(9, 0), time.Second), false},
		"predicate":                  {"abc", Len(3), true},
		"no predicate":               {5, Predicate{}, false},
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

// A tree with ways up has more paths than atoms; each pair of nodes is compared once.
func TestSharedReferences(t *testing.T) {
	t.Parallel()
	tree := func(last int) any {
		var grow func(depth int, up *node2) *node2
		grow = func(depth int, up *node2) *node2 {
			n := &node2{Up: up}
			for range depth {
				n.Kids = append(n.Kids, grow(depth-1, n))
			}
			return n
		}
		shared := any(last)
		for range 200 {
			shared = []any{shared, shared, grow(2, nil)}
		}
		return shared
	}
	if report := Diff(tree(1), tree(1)); report != "" {
		t.Error(report)
	}
	if Diff(tree(1), tree(2)) == "" {
		t.Error("a difference far down is not seen")
	}
}
