package jsonschema

import (
	"encoding/json"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
)

type (
	base struct {
		ID      int64     `json:"id"`
		Created time.Time `json:"created_at"`
	}
	Shadow struct {
		Name string `json:"name"`
		Note string
	}
	person struct {
		base
		*Shadow
		Named base   `json:"named"`
		Name  string `json:"name" doc:"in full"` // hides Shadow's
		Plain string
		Gone  string `json:"-"`
		//lint:ignore SA5008 this is how a member is named "-"
		Dash string `json:"-,"`
	}
	nullables struct {
		Pointer *int           `json:"pointer"`
		Omitted *int           `json:"omitted,omitempty"`
		List    []int          `json:"list"`
		Short   []int          `json:"short,omitempty"`
		Zero    []int          `json:"zero,omitzero"`
		Map     map[string]int `json:"map"`
		Any     any            `json:"any"`
		Struct  base           `json:"struct,omitempty"` // omitempty means nothing here
		When    time.Time      `json:"when,omitzero"`
		Quoted  int            `json:"quoted,string"`
		QuotedP *bool          `json:"quoted_p,string"`
		//lint:ignore SA5008 encoding/json heeds the option for scalars only
		Unquoted []int `json:"unquoted,omitempty,string"`
		// What is not nil may lead to nil.
		Twice    *[]int          `json:"twice,omitempty"`
		TwiceMap *map[string]int `json:"twice_map,omitzero"`
		Grade    *grade          `json:"grade"`
	}
	written struct {
		Bytes    []byte            `json:"bytes"`
		Raw      json.RawMessage   `json:"raw"`
		Number   json.Number       `json:"number"`
		IP       netip.Addr        `json:"ip"`
		Big      big.Int           `json:"big"`
		Rat      *big.Rat          `json:"rat"`
		Array    [2]uint8          `json:"array"`
		ByID     map[int64]string  `json:"by_id"`
		ByIP     map[netip.Addr]ok `json:"by_ip"`
		Unsigned uint              `json:"unsigned"`
	}
	ok   bool
	node struct {
		Value    int     `json:"value"`
		Children []*node `json:"children,omitempty"`
		Parent   *node   `json:"parent" doc:"above"`
	}
	forest struct {
		Trees []node          `json:"trees,omitempty"`
		First node            `json:"first" doc:"the oldest"`
		Lists nested          `json:"lists"`
		Page  page[base]      `json:"page"`
		Loop  map[string]self `json:"loop,omitempty"`
	}
	nested      []nested
	page[T any] struct {
		Items []T      `json:"items,omitempty"`
		Next  *page[T] `json:"next"`
	}
	self  struct{ *self }
	money struct{}
	odd   struct{}
	grade string
)

func (m money) MarshalJSON() ([]byte, error) { return []byte(`"0.00"`), nil }

func (odd) JSONSchema() json.RawMessage { return json.RawMessage(`{"type":"string","maxLength":3}`) }

func (grade) JSONSchema() json.RawMessage {
	return json.RawMessage(`{"type":["string","null"],"enum":["low"]}`)
}

func TestReflect(t *testing.T) {
	t.Parallel()
	const baseSchema = `{"type":"object","properties":{"id":{"type":"integer"},"created_at":{"type":"string","format":"date-time"}},"required":["id","created_at"]}`
	for _, c := range []struct {
		payload any
		want    string
	}{
		{base{}, baseSchema},
		{person{}, `{"type":"object","properties":{"id":{"type":"integer"},"created_at":{"type":"string","format":"date-time"},` +
			`"Note":{"type":"string"},"named":` + baseSchema + `,"name":{"type":"string","description":"in full"},"Plain":{"type":"string"},"-":{"type":"string"}},` +
			`"required":["id","created_at","named","name","Plain","-"]}`},
		{nullables{}, `{"type":"object","properties":{"pointer":{"type":["integer","null"]},"omitted":{"type":"integer"},` +
			`"list":{"type":["array","null"],"items":{"type":"integer"}},"short":{"type":"array","items":{"type":"integer"}},"zero":{"type":"array","items":{"type":"integer"}},` +
			`"map":{"type":["object","null"],"additionalProperties":{"type":"integer"}},"any":true,"struct":` + baseSchema + `,"when":{"type":"string","format":"date-time"},` +
			`"quoted":{"type":"string","pattern":"^-?[0-9]+$"},"quoted_p":{"type":["string","null"],"pattern":"^(true|false)$"},"unquoted":{"type":"array","items":{"type":"integer"}},` +
			`"twice":{"type":["array","null"],"items":{"type":"integer"}},"twice_map":{"type":["object","null"],"additionalProperties":{"type":"integer"}},` +
			`"grade":{"type":["string","null"],"enum":["low",null]}},` +
			`"required":["pointer","list","map","any","struct","quoted","quoted_p","grade"]}`},
		{written{}, `{"type":"object","properties":{"bytes":{"type":["string","null"],"contentEncoding":"base64"},"raw":true,"number":{"type":"number"},"ip":{"type":"string"},` +
			`"big":{"type":"number"},"rat":{"type":["string","null"],"examples":["0"]},"array":{"type":"array","items":{"type":"integer","minimum":0},"minItems":2,"maxItems":2},` +
			`"by_id":{"type":["object","null"],"additionalProperties":{"type":"string"},"propertyNames":{"pattern":"^-?[0-9]+$"}},` +
			`"by_ip":{"type":["object","null"],"additionalProperties":{"type":"boolean"}},"unsigned":{"type":"integer","minimum":0}},` +
			`"required":["bytes","raw","number","ip","big","rat","array","by_id","by_ip","unsigned"]}`},
		{node{}, `{"type":"object","properties":{"value":{"type":"integer"},"children":{"type":"array","items":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},` +
			`"parent":{"description":"above","anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["value","parent"]}`},
		{forest{}, `{"type":"object","properties":{"trees":{"type":"array","items":{"$ref":"#/definitions/node"}},"first":{"description":"the oldest","allOf":[{"$ref":"#/definitions/node"}]},` +
			`"lists":{"$ref":"#/definitions/nested"},"page":{"$ref":"#/definitions/page_gitlab_com_pik_pro_backend_toolset_internal_jsonschema_base_"},` +
			`"loop":{"type":"object","additionalProperties":{"type":"object","properties":{}}}},` +
			`"definitions":{"nested":{"type":["array","null"],"items":{"$ref":"#/definitions/nested"}},` +
			`"node":{"type":"object","properties":{"value":{"type":"integer"},"children":{"type":"array","items":{"anyOf":[{"$ref":"#/definitions/node"},{"type":"null"}]}},` +
			`"parent":{"description":"above","anyOf":[{"$ref":"#/definitions/node"},{"type":"null"}]}},"required":["value","parent"]},` +
			`"page_gitlab_com_pik_pro_backend_toolset_internal_jsonschema_base_":{"type":"object","properties":{"items":{"type":"array","items":` + baseSchema + `},` +
			`"next":{"anyOf":[{"$ref":"#/definitions/page_gitlab_com_pik_pro_backend_toolset_internal_jsonschema_base_"},{"type":"null"}]}},"required":["next"]}},` +
			`"required":["first","lists","page"]}`},
		{[]int{}, `{"type":["array","null"],"items":{"type":"integer"}}`},
		{&base{}, strings.Replace(baseSchema, `"object"`, `["object","null"]`, 1)},
		{money{}, `{"type":"string","examples":["0.00"]}`},
		{&odd{}, `{"type":["string","null"],"maxLength":3}`},
		{1.5, `{"type":"number"}`},
		{true, `{"type":"boolean"}`},
	} {
		s, err := new(Reflector).Describe(typeOf(c.payload))
		if err != nil {
			t.Errorf("%T: %v", c.payload, err)
			continue
		}
		got, err := json.Marshal(s)
		if err != nil {
			t.Errorf("%T: %v", c.payload, err)
			continue
		}
		if !sameJSON(t, got, []byte(c.want)) {
			t.Errorf("%T:\n got %s\nwant %s", c.payload, got, c.want)
		}
	}
}

type (
	withFunc struct{ Callback func() }
	withChan struct {
		Deep []map[string]struct{ C chan int }
	}
	closed    interface{ Close() error }
	loop      *loop
	objectish struct{}
	broken    struct{ p *int }
	badSchema struct{}
	referring struct{}
)

func (objectish) MarshalJSON() ([]byte, error) { return []byte(`{}`), nil }
func (b broken) MarshalJSON() ([]byte, error)  { return json.Marshal(*b.p) }
func (referring) JSONSchema() json.RawMessage  { return json.RawMessage(`{"items": {"$ref": "#"}}`) }
func (badSchema) JSONSchema() json.RawMessage  { return json.RawMessage(`{"type": 7}`) }

func TestTypesThatCannotBeDescribed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		payload any
		says    []string
	}{
		{withFunc{}, []string{"type jsonschema.withFunc", "field Callback", "func() has no JSON"}},
		{withChan{}, []string{"field Deep: field C: type chan int has no JSON"}},
		{map[bool]int{}, []string{"map[bool]int has no JSON", "keys of a map"}},
		{struct{ C closed }{}, []string{"field C: type jsonschema.closed has no JSON"}},
		{struct{ L loop }{}, []string{"jsonschema.loop points to nothing but itself"}},
		{objectish{}, []string{"jsonschema.objectish writes JSON of its own", "JSONSchema()"}},
		{broken{}, []string{"jsonschema.broken writes JSON of its own"}},
		{badSchema{}, []string{"JSONSchema of jsonschema.badSchema"}},
		{referring{}, []string{"JSONSchema of jsonschema.referring", "cannot have references"}},
		{complex(1, 2), []string{"complex128 has no JSON"}},
		{map[string]big.Int{}, []string{"values of a map have no address", "methods of *big.Int", "use pointers as values"}},
		{map[string][1]struct{ N big.Int }{}, []string{"field N: values of a map"}},
		{ring{}, []string{"field Next: field N: values of a map"}},
		{hub{}, []string{"field Far: field Deep: field N: values of a map"}},
		{panics{}, []string{"JSONSchema of jsonschema.panics, which is asked of a zero value: panic"}},
	} {
		_, err := new(Reflector).Describe(typeOf(c.payload))
		if err == nil {
			t.Errorf("%T is described", c.payload)
			continue
		}
		for _, want := range c.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%T: %v\ndoes not say %s", c.payload, err, want)
			}
		}
	}
}

// What a pointer or a slice within a map leads to has an address again.
func TestMapsOfPointers(t *testing.T) {
	t.Parallel()
	for _, payload := range []any{map[string]*big.Int{}, map[string][]big.Int{}, map[string]struct{ N *big.Int }{}, struct {
		A map[string]int
		B big.Int
	}{}} {
		if _, err := new(Reflector).Describe(typeOf(payload)); err != nil {
			t.Errorf("%T: %v", payload, err)
		}
	}
}

type (
	ring struct { // as a value of the map, N has no address
		Next map[string]ring
		N    big.Int
	}
	spoke struct {
		Self *spoke
		N    big.Int
	}
	hub struct {
		Near spoke
		Far  struct{ Deep map[string]spoke }
	}
	panics struct{ p *int }
	rim    struct{ ID int }
	Tyre   struct{ Size int }
	wheel  struct { // JSONSchema of what is embedded tells nothing of the rest
		rim
		Spokes int
	}
	bicycle struct {
		*Tyre
		Wheels int
	}
)

func (p panics) JSONSchema() json.RawMessage {
	return json.RawMessage(strings.Repeat("{}", *p.p))
}
func (rim) JSONSchema() json.RawMessage  { return json.RawMessage(`{"type":"object"}`) }
func (Tyre) JSONSchema() json.RawMessage { return json.RawMessage(`{"type":"object"}`) }

func TestEmbeddedDescriptions(t *testing.T) {
	t.Parallel()
	for want, payload := range map[string]any{
		`{"type":"object","properties":{"ID":{"type":"integer"},"Spokes":{"type":"integer"}},"required":["ID","Spokes"]}`: wheel{},
		`{"type":"object","properties":{"Size":{"type":"integer"},"Wheels":{"type":"integer"}},"required":["Wheels"]}`:    bicycle{},
		`{"type":"object","properties":{"Rim":{"type":"object"}},"required":["Rim"]}`:                                     struct{ Rim rim }{},
	} {
		s, err := new(Reflector).Describe(typeOf(payload))
		if err != nil {
			t.Errorf("%T: %v", payload, err)
		} else if got := s.Append(nil, "#"); string(got) != want {
			t.Errorf("%T: %s, want %s", payload, got, want)
		}
	}
}

type leaf struct{ Left, Right *leaf }

// Two types with one name are two definitions.
func TestDefinitionsOfOneName(t *testing.T) {
	t.Parallel()
	outer := reflect.TypeFor[leaf]()
	type leaf struct {
		Of   string
		Next *leaf
	}
	type node_ struct{ Next *node_ } // its clean name is that of no other one
	type node struct{ Next *node }
	s, err := new(Reflector).Describe(reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: outer}, {Name: "B", Type: reflect.TypeFor[leaf]()}, {Name: "C", Type: reflect.TypeFor[node]()}, {Name: "D", Type: reflect.TypeFor[node_]()},
	}))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range s.Definitions {
		names = append(names, d.Name)
	}
	if got := strings.Join(names, " "); got != "leaf leaf_2 node node_" {
		t.Error(got)
	}
	if problems, err := s.CheckJSON([]byte(`{"A":{"Left":null,"Right":null},"B":{"Of":"x","Next":null},"C":{"Next":null},"D":{"Next":null}}`)); err != nil || problems != nil {
		t.Error(problems, err)
	}
}

// A reflector that has met a type describes it as one that has not.
func TestReflectorRemembers(t *testing.T) {
	t.Parallel()
	var r Reflector
	for range 2 {
		for _, payload := range []any{base{}, person{}, nullables{}, node{}, forest{}, []node{}, &base{}, written{}, map[string]base{}} {
			known, err := r.Describe(typeOf(payload))
			if err != nil {
				t.Fatal(err)
			}
			fresh, err := new(Reflector).Describe(typeOf(payload))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := string(known.Append(nil, "#")), string(fresh.Append(nil, "#")); got != want {
				t.Errorf("%T: %s, not %s", payload, got, want)
			}
		}
	}
}
