package serializer_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// point marshals itself as a list.
type point struct{ X, Y int }

func (p point) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "[%d, %d]", p.X, p.Y), nil }

func (p *point) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*p = point{}
		return nil
	}
	var list [2]int
	err := json.Unmarshal(text, &list)
	p.X, p.Y = list[0], list[1]
	return err
}

// shout can only be shown.
type shout struct{ text string }

func (s shout) MarshalText() ([]byte, error) {
	if s.text == "" {
		return nil, errors.New("nothing to shout")
	}
	return []byte(strings.ToUpper(s.text)), nil
}

type named string

type kinds struct {
	Wait    time.Duration             `json:"wait"`
	Address netip.Addr                `json:"address"`
	At      point                     `json:"at"`
	Loud    shout                     `json:"loud"`
	Prices  map[named]int             `json:"prices"`
	Lists   map[string][]string       `json:"lists"`
	Deep    map[string]map[string]int `json:"deep"`
	Roles   []named                   `json:"roles"`
	Day     time.Time                 `json:"day"`
}

var kindly = serializer.New(func(k *kinds) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&k.Wait).Min(time.Second).Max(36 * time.Hour).Default(time.Minute),
		serializer.Field(&k.Address).DefaultFunc(func() netip.Addr { return netip.MustParseAddr("::1") }),
		serializer.Field(&k.At).Null().Optional(),
		serializer.Field(&k.Loud).ReadOnly(),
		serializer.Dict(&k.Prices, serializer.Item[int]().Min(0)).Null().Optional(),
		serializer.Field(&k.Lists).NotEmpty().Optional(),
		serializer.Field(&k.Deep).Optional(),
		serializer.Selection(&k.Roles, "a", "b").Message("empty", "Choose one.").NotEmpty().Optional(),
		serializer.Field(&k.Day).Date().AcceptLayouts("02.01.2006").ShowLayout("2.1.2006").Default(time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)),
	}
})

func TestOtherKinds(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		`{}`: `{"wait":"00:01:00","address":"::1","at":[0,0],"loud":"A","prices":null,"lists":{},"deep":{},"roles":[],"day":"2.1.2020"}`,
		`{"wait":"P1DT1.5S","address":"10.0.0.1","at":[1,2],"prices":{"b":2,"a":1},"lists":{"x":["y"]},"deep":{"x":{"y":1}},"roles":["b","a","b"],"day":"31.12.2019"}`: `{"wait":"1 00:00:01.500000","address":"10.0.0.1","at":[1,2],"loud":"A","prices":{"a":1,"b":2},"lists":{"x":["y"]},"deep":{"x":{"y":1}},"roles":["b","a"],"day":"31.12.2019"}`,
		`{"at":null,"prices":null}`:               `{"wait":"00:01:00","address":"::1","at":[0,0],"loud":"A","prices":null,"lists":{},"deep":{},"roles":[],"day":"2.1.2020"}`,
		`{"wait":0}`:                              `{"wait":["Ensure this value is greater than or equal to 0:00:01."]}`,
		`{"wait":"2 00:00:00"}`:                   `{"wait":["Ensure this value is less than or equal to 1 day, 12:00:00."]}`,
		`{"wait":"999999999999 00:00:00"}`:        `{"wait":["Ensure this value is less than or equal to 106751 days, 23:47:16.854775."]}`,
		`{"wait":"-200000 days"}`:                 `{"wait":["Ensure this value is greater than or equal to -106752 days, 0:12:43.145224."]}`,
		`{"address":"10.0.0.256"}`:                `{"address":["Enter a valid IPv4 or IPv6 address."]}`,
		`{"at":[1,"x"]}`:                          `{"at":["Enter a valid value."]}`,
		`{"prices":{"a":-1,"b":"x","c":1,"b":2}}`: `{"prices":{"a":["Ensure this value is greater than or equal to 0."]}}`,
		`{"lists":{}}`:                            `{"lists":["This dictionary may not be empty."]}`,
		`{"lists":{"k":["a",null],"l":5}}`:        `{"lists":{"k":{"1":["This field may not be null."]},"l":["Expected a list of items but got type \"int\"."]}}`,
		`{"deep":{"x":{"y":"z"}}}`:                `{"deep":{"x":{"y":["A valid integer is required."]}}}`,
		`{"roles":[]}`:                            `{"roles":["Choose one."]}`,
		`{"roles":["c","d"]}`:                     `{"roles":["\"c\" is not a valid choice."]}`,
		`{"day":"2019-12-31"}`:                    `{"day":["Date has wrong format. Use one of these formats instead: DD.MM.YYYY."]}`,
	} {
		k, err := kindly.Decode(t.Context(), []byte(input))
		var got []byte
		if errs := (*serializer.Errors)(nil); errors.As(err, &errs) {
			got, _ = json.Marshal(errs)
		} else if err == nil {
			k.Loud.text = "a"
			got, err = kindly.Append(t.Context(), nil, &k)
		}
		if string(got) != want {
			t.Errorf("%s:\n got %s (%v)\nwant %s", input, got, err, want)
		}
	}
	if text, err := kindly.Append(t.Context(), nil, &kinds{Address: netip.MustParseAddr("::1")}); err == nil || !strings.Contains(err.Error(), "loud: nothing to shout") {
		t.Errorf("%s %v", text, err)
	}
	if text, err := kindly.Append(t.Context(), nil, &kinds{Loud: shout{"a"}}); err == nil || !strings.Contains(err.Error(), "zero netip.Addr") {
		t.Errorf("%s %v", text, err)
	}
	for _, schema := range []json.RawMessage{kindly.InputSchema(), kindly.PartialSchema(), kindly.OutputSchema()} {
		if !json.Valid(schema) {
			t.Errorf("%s", schema)
		}
	}
}

func TestOwnMessages(t *testing.T) {
	t.Parallel()
	type x struct {
		Name string `json:"name"`
		Key  int64  `json:"key"`
	}
	s := serializer.New(func(x *x) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&x.Name).MaxLength(3).Message("required", "Who?").Message("max_length", "Shorter.").Message("invalid", "Words.").
				Check(func(string) error { return errors.New("checked") }),
			serializer.Related(&x.Key, rows, rowsByKey[int64](1)).Message("does_not_exist", "No such row."),
		}
	})
	for input, want := range map[string]string{
		`{"key":1}`:                 "name: Who?",
		`{"key":9,"name":"long"}`:   "name: checked; name: Shorter.; key: No such row.",
		`{"key":1,"name":[]}`:       "name: Words.",
		`{"key":null,"name":false}`: "name: Words.; key: This field may not be null.",
	} {
		if _, err := s.Decode(t.Context(), []byte(input)); said(err) != "invalid input: "+want {
			t.Errorf("%s: %v", input, err)
		}
	}
}

// Values marshal themselves, by either of the twins.
func TestValues(t *testing.T) {
	t.Parallel()
	list := []row{{1, "<a>"}, {2, "b"}}
	text, err := json.Marshal([]any{serializer.Value(rows, &list[0]), serializer.Values(rows.Tiny(), list), serializer.Value[row](rows, nil)})
	if want := `[{"id":1,"name":"\u003ca\u003e"},[{"id":1,"name":"\u003ca\u003e"},{"id":2,"name":"b"}],null]`; err != nil || string(text) != want {
		t.Errorf("%s %v", text, err)
	}
}

// A choice is accepted as it is shown, whatever else it is spelled as.
func TestChoicesAreAcceptedAsShown(t *testing.T) {
	t.Parallel()
	type plan struct {
		Lasts time.Duration `json:"lasts"`
		Start time.Time     `json:"start"`
		Share float64       `json:"share"`
	}
	start := time.Date(2024, 5, 6, 7, 8, 9, 0, time.FixedZone("", 3600))
	plans := serializer.New(func(p *plan) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&p.Lasts).Choices(time.Hour, time.Minute), serializer.Field(&p.Start).Choices(start), serializer.Field(&p.Share).Choices(0.5, 1),
		}
	})
	for _, lasts := range []string{`"01:00:00"`, `3600000000000`} {
		for _, at := range []string{`"2024-05-06T06:08:09Z"`, `"2024-05-06T07:08:09+01:00"`} {
			p, err := plans.Decode(t.Context(), []byte(`{"lasts":`+lasts+`,"start":`+at+`,"share":1.0}`))
			if err != nil || p.Lasts != time.Hour || !p.Start.Equal(start) || p.Share != 1 {
				t.Errorf("%s, %s: %v, %v", lasts, at, p, err)
				continue
			}
			again, err := plans.Decode(t.Context(), []byte(encoded(t, serializer.Value(plans, &p))))
			if err != nil || again != p {
				t.Error(again, err)
			}
		}
	}
	if schema := string(plans.InputSchema()); !strings.Contains(schema, `"enum":["01:00:00","00:01:00"]`) {
		t.Error(schema)
	}
}
