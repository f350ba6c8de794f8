package jsonschema_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	judge "github.com/santhosh-tekuri/jsonschema/v6"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

type (
	role  string
	level int
	cents struct{ n int64 }

	inner struct {
		X int
		Y *string `json:"y,omitempty"`
	}
	Embedded struct {
		Z     float64
		Inner inner `json:"inner"`
	}
	hidden struct{ Seen bool }
	chain  struct {
		Value int
		Next  *chain            `json:"next,omitempty"`
		All   []chain           `json:"all,omitempty"`
		ByKey map[string]*chain `json:"by_key"`
		Other *twin             `json:"other"`
	}
	twin       struct{ Back *chain }
	box[T any] struct {
		Item  T
		Items []T     `json:",omitempty"`
		Next  *box[T] `json:"next"`
	}
	empties struct {
		A []int          `json:"a,omitempty"`
		B map[string]int `json:"b,omitzero"`
		C *inner         `json:"c,omitempty"`
		D any            `json:"d,omitempty"`
		E time.Time      `json:"e,omitzero"`
		F [0]int         `json:"f,omitempty"`
		G inner          `json:"g,omitzero"`
		H *big.Int       `json:"h,omitempty"`
		I stubborn       `json:"i,omitzero"`
	}
	stubborn []int
	odd      struct {
		Embedded
		*inner
		hidden `json:"tagged"`
		Q      int         `json:"q,string"`
		R      *bool       `json:"r,string"`
		S      string      `json:"s,string"`
		T      json.Number `json:"t,string"`
		U      float32     `json:"u,string"`
		V      uint8       `json:"v,string"`
		W      number      `json:"w,string"`
		//lint:ignore SA5008 encoding/json heeds the option for scalars only
		N   []int `json:"n,string"`
		Bad int   `json:"☃"`
		//lint:ignore SA5008 this is how a member is named "-"
		Dash int             `json:"-,"`
		Raw  json.RawMessage `json:"raw"`
		Role role            `json:"role"`
		Some []level         `json:"some"`
		Cost cents           `json:"cost"`
		Maps map[level]cents `json:"maps"`
		Keys map[int8]*cents `json:"keys"`
		Deep [2]map[uint][]*inner
	}
	number *int
)

func (role) Values() []string { return []string{"engineer", "head"} }
func (level) Values() []level { return []level{1, 2} }
func (stubborn) IsZero() bool { return false } // so that nil is written
func (l *level) UnmarshalText(text []byte) error {
	return json.Unmarshal(text, (*int)(l))
}
func (c cents) MarshalJSON() ([]byte, error) { return json.Marshal(float64(c.n) / 100) }

// What encoding/json writes for random values of a type is as the type is described.
func TestTypesAreDescribedAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, typ := range []reflect.Type{
		reflect.TypeFor[odd](), reflect.TypeFor[*odd](), reflect.TypeFor[chain](), reflect.TypeFor[box[inner]](), reflect.TypeFor[box[*box[int]]](),
		reflect.TypeFor[empties](), reflect.TypeFor[[]empties](), reflect.TypeFor[map[string]chain](), reflect.TypeFor[[3]*twin](), reflect.TypeFor[map[role]box[map[string]chain]](),
		reflect.TypeFor[struct {
			A twin
			B chain
			C map[string]box[twin]
		}](),
	} {
		s, err := new(jsonschema.Reflector).Describe(typ)
		if err != nil {
			t.Errorf("%v: %v", typ, err)
			continue
		}
		text := s.Append(nil, "#")
		var theirs []*judge.Schema
		for name, draft := range drafts {
			compiled, err := official(draft, text)
			if err != nil {
				t.Fatalf("%s: %v: %s", name, err, text)
			}
			theirs = append(theirs, compiled)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			value := reflect.New(typ)
			fill(r, value.Elem(), 5)
			written, err := json.Marshal(value.Interface())
			if err != nil {
				t.Fatalf("%v: %v", typ, err)
			}
			if problems, err := s.CheckJSON(written); err != nil || len(problems) > 0 {
				t.Fatalf("%v: %s: %v %v\n%s", typ, written, problems, err, text)
			}
			decoded, err := judge.UnmarshalJSON(bytes.NewReader(written))
			if err != nil {
				t.Fatal(err)
			}
			for _, other := range theirs {
				if err := other.Validate(decoded); err != nil {
					t.Fatalf("%v: %s: %v\n%s", typ, written, err, text)
				}
			}
			closed(t, s, decoded, typ.String())
		}
	}
}

// closed fails the test where a value has a member that is not described.
func closed(t *testing.T, s *jsonschema.Schema, value any, path string) {
	t.Helper()
	s = s.Resolved()
	for _, choices := range [][]*jsonschema.Schema{s.AnyOf, s.AllOf} {
		for _, choice := range choices {
			if choice = choice.Resolved(); choice.Properties != nil || choice.Items != nil || choice.AdditionalProperties != nil {
				closed(t, choice, value, path)
				return
			}
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if property, there := s.Property(name); there {
				closed(t, property, member, path+"."+name)
			} else if s.AdditionalProperties != nil {
				closed(t, s.AdditionalProperties, member, path+".*")
			} else if s.Types != 0 {
				t.Fatalf("%s.%s is not described", path, name)
			}
		}
	case []any:
		for _, item := range value {
			if s.Items != nil {
				closed(t, s.Items, item, path+"[]")
			}
		}
	}
}

// fill sets a value to a random one, nil and empty ones included.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	if !v.CanSet() || depth < 0 {
		return
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(4e9), r.Int64N(1e9)).UTC()))
		return
	case json.RawMessage:
		v.SetBytes([]byte(pick(r, `null`, `[1]`, `{"a":{}}`)))
		return
	case json.Number:
		v.SetString(pick(r, "", "0", "-1.5e3", "12"))
		return
	case role:
		v.SetString(pick(r, "engineer", "head"))
		return
	case level:
		v.SetInt(1 + r.Int64N(2))
		return
	case cents:
		v.Set(reflect.ValueOf(cents{r.Int64N(1000)}))
		return
	case big.Int:
		v.Set(reflect.ValueOf(big.NewInt(r.Int64())).Elem())
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int64:
		v.SetInt(r.Int64() >> r.IntN(64))
	case reflect.Uint, reflect.Uint8, reflect.Uint64:
		v.SetUint(r.Uint64() >> r.IntN(64))
	case reflect.Float32, reflect.Float64:
		v.SetFloat((r.Float64() - 0.5) * []float64{1, 1e-30, 1e30}[r.IntN(3)])
	case reflect.String:
		v.SetString(strings.Repeat(pick(r, "", "a", "\"", "\n", "ä", "<", "\u2028"), r.IntN(3)))
	case reflect.Interface:
		if r.IntN(2) == 0 {
			v.Set(reflect.ValueOf(pick(r, "a", "b")))
		}
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			p := reflect.New(v.Type().Elem())
			fill(r, p.Elem(), depth-1)
			v.Set(p.Convert(v.Type()))
		}
	case reflect.Slice:
		if r.IntN(3) > 0 {
			v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 4))
		}
		for i := range v.Len() {
			fill(r, v.Index(i), depth-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth-1)
		}
	case reflect.Map:
		if r.IntN(3) > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range r.IntN(3) {
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				fill(r, key, depth-1)
				fill(r, value, depth-1)
				v.SetMapIndex(key, value)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i), depth-1)
		}
	}
}
