package serializer_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// measured is a number of any size that notes how long a text it was given to read, since that takes time with the square of its length.
type measured struct{ inner struct{ n *big.Int } }

var longestText int

func (m *measured) UnmarshalText(text []byte) error {
	longestText = max(longestText, len(text))
	m.inner.n = new(big.Int)
	return m.inner.n.UnmarshalText(text)
}

func (m measured) MarshalText() ([]byte, error) { return m.inner.n.MarshalText() }

// measuredJSON is measured with JSON of its own.
type measuredJSON struct{ numbers map[string]*big.Int }

func (m *measuredJSON) UnmarshalJSON(text []byte) error {
	longestText = max(longestText, len(text))
	return json.Unmarshal(text, &m.numbers)
}

func (m measuredJSON) MarshalJSON() ([]byte, error) { return json.Marshal(m.numbers) }

// Numbers of any size are refused for their length before anybody works their digits out.
func TestLongNumbersAreNotRead(t *testing.T) { //nolint:paralleltest // what is given to types of the test is noted for all of them
	type amounts struct {
		Count measured     `json:"count"`
		Int   *big.Int     `json:"int"`
		Rat   *big.Rat     `json:"rat"`
		Float big.Float    `json:"float"`
		Price big.Float    `json:"price"`
		JSON  measuredJSON `json:"json"`
	}
	all := serializer.New(func(a *amounts) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&a.Count).Optional(), serializer.Field(&a.Int).Optional(), serializer.Field(&a.Rat).Optional(),
			serializer.Field(&a.Float).Optional(), serializer.Field(&a.Price).Decimal(1000, 2).Optional(), serializer.Field(&a.JSON).Optional(),
		}
	})
	digits := func(n int) string { return strings.Repeat("7", n) }
	const long = "String value too large."
	for input, want := range map[string]string{
		`"count":"` + digits(1000) + `"`:                  "",
		`"count":"` + digits(1001) + `"`:                  long,
		`"count":"` + digits(2_000_000) + `"`:             long,
		`"count":"x"`:                                     "Enter a valid value.",
		`"int":"-` + digits(1000) + `"`:                   long,
		`"int":"0x1e5000"`:                                "",
		`"rat":"1/` + digits(1000) + `"`:                  long,
		`"rat":"1e999999"`:                                long,
		`"rat":"1e-1_001"`:                                long,
		`"rat":"1E99999999999999999999"`:                  long,
		`"rat":"0x1p-1001"`:                               long,
		`"rat":"1e1000"`:                                  "",
		`"rat":"1e"`:                                      "Enter a valid value.",
		`"float":"` + digits(1001) + `"`:                  long,
		`"price":"` + digits(1001) + `"`:                  long,
		`"json":{"a":` + digits(1000) + `}`:               "",
		`"json":{"a":` + digits(1001) + `}`:               long,
		`"json":{"a":1,"b":[" ` + digits(1001) + `"]}`:    long,
		`"json":{"` + strings.Repeat("key", 400) + `":1}`: "",
	} {
		_, err := all.Decode(t.Context(), []byte(`{`+input+`}`))
		if _, got, _ := strings.Cut(strings.TrimPrefix(said(err), "invalid input: "), ": "); got != want {
			t.Errorf("%.60s: %q, not %q", input, got, want)
		}
	}
	if longestText > 1500 {
		t.Errorf("a text of %d bytes was given away to be read as a number", longestText)
	}
}

// A duration has no more characters than any other number, and names of domains are spelled in ASCII only where that can come to anything.
func TestLongTextsAreRefusedEarly(t *testing.T) { //nolint:paralleltest // allocations are counted for the whole process
	type one struct {
		Lasts time.Duration `json:"lasts"`
		Mail  string        `json:"mail"`
	}
	ones := serializer.New(func(o *one) serializer.Fields {
		return serializer.Fields{serializer.Field(&o.Lasts).Optional(), serializer.Field(&o.Mail).Email().Optional()}
	})
	zeros := strings.Repeat("0", 997)
	if v, err := ones.Decode(t.Context(), []byte(`{"lasts":"`+zeros+`1:2"}`)); err != nil || v.Lasts != 62*time.Second {
		t.Error(v, err)
	}
	if _, err := ones.Decode(t.Context(), []byte(`{"lasts":"`+zeros+`01:2"}`)); !strings.Contains(said(err), "lasts: Duration has wrong format.") {
		t.Error(err)
	}
	allocated := func(domain string) float64 {
		body := []byte(`{"mail":"a@` + domain + `"}`)
		return testing.AllocsPerRun(10, func() {
			if _, err := ones.Decode(t.Context(), body); !strings.Contains(said(err), "Enter a valid email address.") {
				t.Error(err)
			}
		})
	}
	if short, long := allocated("b-.ё"), allocated("b."+strings.Repeat("ёж", 200)); long > short {
		t.Errorf("%v allocations for a long name, %v for a short one: it was spelled in ASCII", long, short)
	}
}
