package serializer_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type knot struct {
	Name  string         `json:"name"`
	Size  int            `json:"size"`
	Key   int64          `json:"key"`
	Keys  []int64        `json:"keys"`
	Email string         `json:"email"`
	In    *knot          `json:"in"`
	Many  []knot         `json:"many"`
	Map   map[string]int `json:"map"`
	Tags  []string       `json:"tags"`
	Probe int            `json:"probe"`
	Bulk  [512]byte      `json:"-"`
}

var knots = serializer.New(func(k *knot) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&k.Name).MaxLength(3).Optional(),
		serializer.Field(&k.Size).Min(1).Max(5).Optional().Check(func(n int) error {
			if n == 4 {
				return errors.New("Not four.")
			}
			return nil
		}),
		serializer.Related(&k.Key, rows, rowsByKey[int64](1, 2)).Optional(),
		serializer.Related(&k.Keys, rows, rowsByKey[int64](1, 2)).Optional().MaxLength(3),
		serializer.Field(&k.Email).Optional().Unique(serializer.Holders(&k.Size, func(_ context.Context, asked []string) (map[string]int, error) {
			held := map[string]int{}
			for _, a := range asked {
				if strings.HasPrefix(a, "h") {
					held[a] = 3
				}
			}
			return held, nil
		})),
		serializer.Nested(&k.In, serializer.Self[knot]()).Optional(),
		serializer.Many(&k.Many, serializer.Self[knot]()).Optional().MaxLength(3),
		serializer.Dict(&k.Map, serializer.Item[int]().Max(5)).Optional(),
		serializer.Field(&k.Tags).Optional().MaxLength(2),
		serializer.Field(&k.Probe).Optional().Check(probe),
		serializer.Check(func(k *knot) error {
			if k.Name == "bad" {
				return serializer.At(&k.Size, errors.New("Bad."))
			}
			return nil
		}),
	}
}).With(serializer.Config{RefuseUnknown: true})

// A body in which keys come again is answered as the body that has their last values only.
func TestOfARepeatedKeyOnlyTheLastValueCounts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		value := knotValue(r, 4)
		var repeated, once strings.Builder
		writeKnots(&repeated, value, false)
		writeKnots(&once, value, true)
		got, gotErr := knots.Decode(t.Context(), []byte(repeated.String()))
		want, wantErr := knots.Decode(t.Context(), []byte(once.String()))
		if outcome(t, got, gotErr) != outcome(t, want, wantErr) {
			t.Fatalf("seed %d: %s\n%s\n is %s,\n%s\n is %s", seed, "repeated", &repeated, outcome(t, got, gotErr), &once, outcome(t, want, wantErr))
		}
	}
}

func outcome(t *testing.T, k knot, err error) string {
	t.Helper()
	if err != nil {
		var errs *serializer.Errors
		if !errors.As(err, &errs) {
			return err.Error()
		}
		return encoded(t, errs) + string(errs.Codes())
	}
	return encoded(t, k)
}

// repeating is an object whose keys come again, in the order of the input.
type repeating struct {
	isMap bool
	pairs []keyed
}

type keyed struct {
	key   string
	value any
}

func (o *repeating) add(r *rand.Rand, most int, key string, value func() any) {
	for range 1 + r.IntN(most) {
		o.pairs = append(o.pairs, keyed{key, value()})
	}
}

// once is the object with the last value of each key. Those of a map are told of where they came first.
func (o *repeating) once() []keyed {
	var out []keyed
	for i, p := range o.pairs {
		same := func(other keyed) bool { return other.key == p.key }
		switch {
		case o.isMap && !slices.ContainsFunc(o.pairs[:i], same):
			for _, other := range o.pairs[i:] {
				if same(other) {
					p.value = other.value
				}
			}
			out = append(out, p)
		case !o.isMap && !slices.ContainsFunc(o.pairs[i+1:], same):
			out = append(out, p)
		}
	}
	return out
}

func knotValue(r *rand.Rand, depth int) any {
	pick := func(values ...string) any { return json.RawMessage(values[r.IntN(len(values))]) }
	if depth == 0 || r.IntN(12) == 0 {
		return pick(`null`, `5`, `"x"`, `[]`, `{}`, `[1]`, `[{}]`, `true`)
	}
	out := &repeating{}
	for key, value := range map[string]func() any{
		"name":    func() any { return pick(`"a"`, `"bad"`, `"long"`, `null`, `""`, `[{"a":1}]`) },
		"size":    func() any { return pick(`1`, `4`, `9`, `"x"`, `3`) },
		"key":     func() any { return pick(`1`, `2`, `9`, `"x"`, `null`) },
		"keys":    func() any { return pick(`[]`, `[1,2]`, `[1,9,"x"]`, `[1,1,1,1]`, `{}`, `["x"]`) },
		"email":   func() any { return pick(`"h1"`, `"h2"`, `"a"`, `"b"`, `""`, `5`) },
		"in":      func() any { return knotValue(r, depth-1) },
		"tags":    func() any { return pick(`[]`, `["a","b"]`, `["a","b","c"]`, `[1,null]`, `5`) },
		"unknown": func() any { return pick(`1`, `[]`) },
		"many": func() any {
			list := make([]any, r.IntN(5))
			for i := range list {
				list[i] = knotValue(r, depth-1)
			}
			return list
		},
		"map": func() any {
			m := &repeating{isMap: true}
			for _, key := range []string{"a", "b", "c", "a"} {
				m.add(r, 3, key, func() any { return pick(`1`, `7`, `"x"`, `null`) })
			}
			r.Shuffle(len(m.pairs), func(i, j int) { m.pairs[i], m.pairs[j] = m.pairs[j], m.pairs[i] })
			return m
		},
	} {
		if r.IntN(2) == 0 {
			out.add(r, 4, key, value)
		}
	}
	r.Shuffle(len(out.pairs), func(i, j int) { out.pairs[i], out.pairs[j] = out.pairs[j], out.pairs[i] })
	return out
}

// writeKnots writes JSON, with each key of an object as often as it comes, or once.
func writeKnots(b *strings.Builder, v any, once bool) {
	switch v := v.(type) {
	case json.RawMessage:
		b.Write(v)
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			writeKnots(b, item, once)
		}
		b.WriteByte(']')
	case *repeating:
		pairs := v.pairs
		if once {
			pairs = v.once()
		}
		b.WriteByte('{')
		for i, p := range pairs {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + p.key + `":`)
			writeKnots(b, p.value, once)
		}
		b.WriteByte('}')
	}
}

// What repeated keys cost is in proportion to the body, with a small factor.
func TestRepeatedKeysCostLittle(t *testing.T) { //nolint:paralleltest // memory is counted for the whole process
	const size = 1 << 17
	few := knots.With(serializer.Config{MaxItems: 12})
	for name, one := range map[string]string{
		"wrong":           `"size":"x"`,
		"failed check":    `"size":4`,
		"a key":           `"key":1`,
		"keys":            `"keys":[1,2]`,
		"a unique value":  `"email":"a"`,
		"an object":       `"in":{}`,
		"wrong inside":    `"in":{"in":{"in":{"size":9}}}`,
		"objects":         `"many":[{},{}]`,
		"unknown":         `"unknown":1`,
		"a map":           `"map":{"a":"x","b":"y"}`,
		"two by turns":    `"size":9,"key":9`,
		"many in a map":   `"map":{` + strings.Repeat(`"a":"x","b":9,`, 100) + `"c":1` + `}`,
		"objects of maps": `"many":[{"map":{"a":9}},{"map":{"a":9,"a":8}}]`,
	} {
		for _, around := range []string{"%", `{"many":[%,%]}`, `{"in":%,"in":%}`} {
			body := []byte(strings.ReplaceAll(around, "%", `{`+strings.Repeat(one+",", size/len(one))+`"probe":1}`))
			runtime.GC()
			before := heap()
			highest = 0
			for _, s := range []*serializer.Of[knot]{knots, few} {
				_, _ = s.Decode(t.Context(), body)
			}
			if highest > before+2*uint64(len(body)) {
				t.Errorf("%s in %s: %d bytes were in use for a body of %d", name, around, highest-before, len(body))
			}
		}
	}
}

// highest is the most memory that a probe found in use.
var highest uint64

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func probe(n int) error {
	if n > 0 {
		runtime.GC()
		highest = max(highest, heap())
	}
	return nil
}

// A change in which keys come again does what one with their last values does, and what encoding/json makes of each of these.
func TestOfARepeatedKeyInAChangeOnlyTheLastValueCounts(t *testing.T) {
	t.Parallel()
	accepted := 0
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 2))
		value := knotValue(r, 1+r.IntN(3))
		var repeated, once strings.Builder
		writeKnots(&repeated, value, false)
		writeKnots(&once, value, true)
		old := func() knot {
			return knot{Name: "old", Size: 3, Email: "h9", In: &knot{Name: "in", Tags: []string{"t"}, In: &knot{Size: 5}}, Many: []knot{{Name: "m"}}, Map: map[string]int{"z": 1}}
		}
		got, want := old(), old()
		gotErr := knots.Patch(t.Context(), []byte(repeated.String()), &got)
		wantErr := knots.Patch(t.Context(), []byte(once.String()), &want)
		if outcome(t, got, gotErr) != outcome(t, want, wantErr) {
			t.Fatalf("seed %d: repeated\n%s\n is %s,\n%s\n is %s", seed, &repeated, outcome(t, got, gotErr), &once, outcome(t, want, wantErr))
		}
		want = old()
		if gotErr == nil {
			accepted++
			want = changed(t, want, []byte(repeated.String()))
		}
		if encoded(t, got) != encoded(t, want) {
			t.Fatalf("seed %d: %s\n made %s,\nnot %s (%v)", seed, &repeated, encoded(t, got), encoded(t, want), gotErr)
		}
	}
	if accepted < 10 {
		t.Errorf("only %d changes were right", accepted)
	}
}

// changed is the object after a change that is right, worked out by encoding/json, for which the last value of a key counts in a map.
func changed(t *testing.T, k knot, change []byte) knot {
	t.Helper()
	read := func(raw []byte, to any) {
		if err := json.Unmarshal(raw, to); err != nil {
			t.Fatal(err)
		}
	}
	var fields map[string]json.RawMessage
	read(change, &fields)
	for key, raw := range fields {
		switch key {
		case "name":
			read(raw, &k.Name)
		case "size":
			read(raw, &k.Size)
		case "key":
			read(raw, &k.Key)
		case "email":
			if k.Email = string(raw); raw[0] == '"' { // a number is its text
				read(raw, &k.Email)
			}
		case "keys":
			k.Keys = nil
			read(raw, &k.Keys)
		case "tags":
			k.Tags = nil
			read(raw, &k.Tags)
		case "map":
			k.Map = nil
			read(raw, &k.Map)
		case "in":
			var in knot
			if string(raw) == "null" {
				k.In = nil
				continue
			} else if k.In != nil {
				in = *k.In
			}
			in = changed(t, in, raw)
			k.In = &in
		case "many":
			var list []json.RawMessage
			read(raw, &list)
			k.Many = make([]knot, len(list))
			for i := range list {
				k.Many[i] = changed(t, knot{}, list[i])
			}
		}
	}
	return k
}
