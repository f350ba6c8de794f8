package match

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// plain has a field of every kind that reflect.DeepEqual compares as match does.
type plain struct {
	B   bool
	I8  int8
	I16 int16
	i32 int32
	I64 int64
	U   uint
	up  uintptr
	F32 float32
	f64 float64
	C   complex128
	s   string
	bs  []byte
	A   [2]int16
	_   int
	in  plainInner
	L   []plainInner
	P   *plainInner
	pp  **int
	M   map[string]int
	ms  map[plainKey]*plainInner
	O   map[string]any
	X   any
	e   error
	N   *plain
	z   struct{}
	zs  []struct{}
}

type plainInner struct {
	N    int
	name role
	tags []string
}

type plainKey struct {
	a int8
	b string
}

type plainError struct{ text string }

func (e *plainError) Error() string { return e.text }

// special has what DeepEqual takes otherwise.
type special struct {
	plain
	t    time.Time
	n    json.Number
	raw  json.RawMessage
	eq   caseless
	peq  pointerEqual
	nan  float64
	ch   chan int
	fn   func()
	list List
	has  Has
}

// Reflection fills these: no linter sees it.
var _ = special{
	plain: plain{i32: 0, up: 0, f64: 0, s: "", bs: nil, in: plainInner{name: ""}, pp: nil, ms: map[plainKey]*plainInner{{a: 0, b: ""}: nil},
		e: nil, z: struct{}{}, zs: nil},
	t: time.Time{}, n: "", raw: nil, eq: caseless{}, peq: pointerEqual{}, ch: nil, fn: nil, list: nil, has: nil,
}

// fill gives v a random value out of few, so that two of them are often alike.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	if v.Type() == timeType {
		v.Set(reflect.ValueOf(time.Unix(0, int64(r.IntN(2))).In([]*time.Location{time.UTC, time.Local}[r.IntN(2)])))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.IntN(3)) - 1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		v.SetUint(uint64(r.IntN(3)))
	case reflect.Float32, reflect.Float64:
		v.SetFloat([]float64{0, math.Copysign(0, -1), 0.1}[r.IntN(3)])
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(0, float64(r.IntN(2))))
	case reflect.String:
		v.SetString([]string{"", "1", "ab"}[r.IntN(3)])
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth-1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, fieldAt(v, i), depth-1)
		}
	default:
		if depth > 0 && r.IntN(4) > 0 {
			fillReference(r, v, depth)
		}
	}
}

func fillReference(r *rand.Rand, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 4))
		for i := range v.Len() {
			fill(r, v.Index(i), depth-1)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem(), depth-1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) {
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, key, 0)
			fill(r, elem, depth-1)
			v.SetMapIndex(key, elem)
		}
	case reflect.Interface:
		if v.NumMethod() > 0 {
			v.Set(reflect.ValueOf(&plainError{[]string{"a", "b"}[r.IntN(2)]}))
			return
		}
		types := []reflect.Type{reflect.TypeFor[int](), reflect.TypeFor[string](), reflect.TypeFor[float64](), reflect.TypeFor[map[string]any](),
			reflect.TypeFor[[]any](), reflect.TypeFor[plainInner](), reflect.TypeFor[*plainInner](), reflect.TypeFor[[]plainInner](), reflect.TypeFor[bool]()}
		x := reflect.New(types[r.IntN(len(types))]).Elem()
		fill(r, x, depth-1)
		v.Set(x)
	}
}

// copyOf fills a value as another one was, and then, mostly, one of its fields anew.
func copyOf[T any](seed uint64, field int) (a, b *T) {
	a, b = new(T), new(T)
	fill(rand.New(rand.NewPCG(seed, 1)), reflect.ValueOf(a).Elem(), 4)
	fill(rand.New(rand.NewPCG(seed, 1)), reflect.ValueOf(b).Elem(), 4)
	if v := reflect.ValueOf(b).Elem(); field < v.NumField() && v.Type().Field(field).Name != "_" {
		f := fieldAt(v, field)
		f.SetZero()
		fill(rand.New(rand.NewPCG(seed, 2)), f, 3)
	}
	return a, b
}

func checkPlans(t *testing.T, seed uint64, field int) (alike bool) {
	t.Helper()
	a, b := copyOf[plain](seed, field)
	a.in.tags, b.in.tags = append([]string{}, a.in.tags...), append([]string{}, b.in.tags...)
	loose := false
	if plain := reflect.TypeFor[plain](); field < plain.NumField() {
		loose = slices.Contains([]string{"O", "X", "N"}, plain.Field(field).Name)
	}
	want := reflect.DeepEqual(withoutBlank(a), withoutBlank(b))
	for _, pair := range [][2]any{{a, b}, {*a, *b}, {[]plain{*a, *a}, []plain{*a, *b}}, {[1]plain{*a}, [1]plain{*b}}, {map[string]plain{"": *a}, map[string]plain{"": *b}}} {
		agree(t, pair[0], pair[1])
		// In what holds any, 1 is 1.0, and an int may be a pointer's.
		if got := matches(pair[0], pair[1]); got != want && (want || !loose) {
			t.Errorf("seed %d, field %d: %T: matches is %v, DeepEqual %v\n%s", seed, field, pair[0], got, want, Diff(pair[0], pair[1]))
		}
	}
	x, y := copyOf[special](seed, field%reflect.TypeFor[special]().NumField())
	agree(t, x, y)
	x.nan, y.nan = math.NaN(), math.NaN()
	agree(t, []any{*x}, List{*y, Rest})
	return want
}

// withoutBlank is for DeepEqual, which compares blank fields too.
func withoutBlank(p *plain) *plain {
	c := *p
	v := reflect.ValueOf(&c).Elem()
	for i := range v.NumField() {
		if v.Type().Field(i).Name == "_" {
			fieldAt(v, i).SetZero()
		}
	}
	if p.N != nil {
		c.N = withoutBlank(p.N)
	}
	return &c
}

func TestPlans(t *testing.T) {
	t.Parallel()
	alike := 0
	const rounds = 200
	for seed := range uint64(rounds) {
		if checkPlans(t, seed, int(seed)%(reflect.TypeFor[plain]().NumField()+2)) {
			alike++
		}
	}
	if alike < rounds/5 || alike > rounds*4/5 {
		t.Errorf("%d of %d pairs were alike: too one-sided to say much", alike, rounds)
	}
}

func FuzzPlans(f *testing.F) {
	f.Add(uint64(1), uint8(2))
	f.Fuzz(func(t *testing.T, seed uint64, field uint8) {
		checkPlans(t, seed, int(field)%(reflect.TypeFor[plain]().NumField()+2))
	})
}
