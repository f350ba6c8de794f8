package serializer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"
	"unicode/utf8"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type anything struct {
	S     string            `json:"s"`
	I     int64             `json:"i"`
	U     uint8             `json:"u"`
	F     float64           `json:"f"`
	B     bool              `json:"b"`
	P     *string           `json:"p"`
	L     []string          `json:"l"`
	N     []float64         `json:"n"`
	R     json.RawMessage   `json:"r"`
	D     string            `json:"d"`
	In    spot              `json:"in"`
	Out   *spot             `json:"out"`
	Many  []spot            `json:"many"`
	M     map[string]string `json:"m"`
	W     time.Duration     `json:"w"`
	At    time.Time         `json:"at"`
	Clock time.Time         `json:"clock"`
	IP    string            `json:"ip"`
	Some  []string          `json:"some"`
	Self  *anything         `json:"self"`
	Key   int64             `json:"key"`
	Keys  []int64           `json:"keys"`
}

var (
	loose = serializer.New(func(s *spot) serializer.Fields {
		return serializer.Fields{serializer.Field(&s.City).Blank().KeepSpace(), serializer.Field(&s.Zip).Blank().KeepSpace().Optional()}
	})
	anythings = serializer.New(func(a *anything) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&a.S).Blank().KeepSpace().Optional(),
			serializer.Field(&a.I).Optional(),
			serializer.Field(&a.U).Optional(),
			serializer.Field(&a.F).Optional(),
			serializer.Field(&a.B).Optional(),
			serializer.Field(&a.P).Blank().KeepSpace().Optional(),
			serializer.List(&a.L, serializer.Item[string]().Blank().KeepSpace()).Optional(),
			serializer.Field(&a.N).Optional(),
			serializer.Field(&a.R).Null().Optional(),
			serializer.Field(&a.D).Decimal(20, 5).Default("0.00000"),
			serializer.Nested(&a.In, loose).Optional(),
			serializer.Nested(&a.Out, loose).Optional(),
			serializer.Many(&a.Many, loose).Optional(),
			serializer.Dict(&a.M, serializer.Item[string]().Blank().KeepSpace()).Optional(),
			serializer.Field(&a.W).Optional().WriteOnly(),
			serializer.Field(&a.At).Optional().WriteOnly(),
			serializer.Field(&a.Clock).TimeOfDay().Optional().WriteOnly(),
			serializer.Field(&a.IP).IP().Optional().WriteOnly(),
			serializer.Selection(&a.Some, "a", "b").Optional().WriteOnly(),
			serializer.Nested(&a.Self, serializer.Self[anything]()).Optional().WriteOnly(),
			serializer.Related(&a.Key, rows, rowsByKey[int64](1, 2)).Optional(),
			serializer.Related(&a.Keys, rows, rowsByKey[int64](1, 2)).Optional(),
			serializer.Check(func(a *anything) error {
				if a.I == 13 {
					return errors.New("unlucky")
				}
				return nil
			}),
		}
	})
)

// Decoding never panics, never accepts what encoding/json calls invalid, and what was accepted can be shown and is JSON.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `[{},null,5]`, `{"s":"a","i":1,"u":"2","f":1.5,"b":"yes","p":null,"l":["a"],"n":[1,2.5],"r":{"a":[1]},"d":"1.5"}`,
		`{"in":{"city":"a"},"out":null,"many":[{"city":""},{}],"key":1,"keys":[1,"2",9]}`, `{"s":"\ud83d\ude00\ud800","s":1e400}`, `{"a":[[[[{}]]]]}`,
		"{\"s\":\"\xff\"}", `{"i":13}`, `{"i":1_0}`, `{"d":1e999999999}`, `{"out":{"city":"a"},"out":{"zip":1}}`, "\ufeff{}", `{"f":NaN}`, `{"key":"x","keys":{}}`,
		`{"m":{"a":"b","a":null,"":"\u0000"},"w":"1 02:03:04.5","at":"2020-01-02T03:04:05.1+03","clock":"1:2","ip":"::ffff:1.2.3.4","some":["a","a"]}`,
		`{"w":"P1DT1.5H","self":{"self":{"d":1}},"m":{"x":{}},"at":"２０２０-1-2 3:4","w":-5.5}`, `{"w":"1e309","w":"999999999999999999999 days","ip":" 1.2.3.4 "}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		v, err := anythings.Decode(t.Context(), input)
		list, listErr := anythings.DecodeList(t.Context(), input)
		old := anything{D: "1.00000", In: spot{"a", "b"}, Out: &spot{"c", "d"}}
		before := encoded(t, old)
		patchErr := anythings.Patch(t.Context(), input, &old)
		for _, e := range []error{err, listErr, patchErr} {
			if !json.Valid(input) && !errors.Is(e, serializer.ErrSyntax) {
				t.Fatalf("no JSON, but: %v", e)
			}
			var errs *serializer.Errors
			if errors.As(e, &errs) && (!json.Valid(errs.Codes()) || encoded(t, errs) == "{}") {
				t.Fatalf("the errors are %s, the codes %s", encoded(t, errs), errs.Codes())
			}
		}
		if patchErr != nil && encoded(t, old) != before {
			t.Fatalf("%v changed the object to %s", patchErr, encoded(t, old))
		}
		if err == nil {
			list = append(list, v)
		}
		if patchErr == nil {
			list = append(list, old)
		}
		text, err := anythings.AppendList(t.Context(), nil, list)
		if err != nil || !json.Valid(text) || !utf8.Valid(text) {
			t.Fatalf("shown as %s: %v", text, err)
		}
	})
}

// What we encode decodes, by encoding/json and by us, to the same value as what encoding/json encodes.
func FuzzRoundTrip(f *testing.F) {
	f.Add("a\xff\u2028<>&\"\\", int64(-1), uint8(7), 1.5, true, "p")
	f.Add("", int64(math.MinInt64), uint8(255), math.MaxFloat64, false, "😀\x00\x7f")
	f.Add("x", int64(0), uint8(0), 5e-324, false, "\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, s string, i int64, u uint8, x float64, b bool, p string) {
		v := anything{
			S: s, I: i, U: u, F: x, B: b, P: &p, L: []string{p, s}, N: []float64{x, -x, float64(float32(x))}, D: "1.50000", M: map[string]string{s: p, "": s},
			In: spot{s, p}, Many: []spot{{p, s}, {"", ""}}, Keys: []int64{},
		}
		text, err := anythings.Append(t.Context(), nil, &v)
		if math.IsNaN(x) || math.IsInf(x, 0) || math.IsInf(v.N[2], 0) {
			if err == nil {
				t.Fatalf("%v was shown as %s", x, text)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		standard, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		// What refers to other objects is shown as these objects: it is left out of the comparison.
		text = bytes.Replace(text, []byte(`,"key":null,"keys":[]}`), []byte(`,"key":0,"keys":[]}`), 1)
		var ours, theirs anything
		if err := json.Unmarshal(text, &ours); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := json.Unmarshal(standard, &theirs); err != nil {
			t.Fatal(err)
		}
		if encoded(t, ours) != encoded(t, theirs) {
			t.Fatalf("ours   %s\ntheirs %s", encoded(t, ours), encoded(t, theirs))
		}
		if i == 13 || bytes.Contains([]byte(s+p), []byte{0}) {
			return // refused on purpose
		}
		text = bytes.Replace(text, []byte(`,"key":0`), nil, 1)
		text = bytes.Replace(text, []byte(`,"out":null`), nil, 1)
		back, err := anythings.Decode(t.Context(), text)
		if err != nil || encoded(t, back) != encoded(t, theirs) {
			t.Fatalf("read back as %s (%v), want %s", encoded(t, back), err, encoded(t, theirs))
		}
	})
}

type moment struct {
	At   time.Time     `json:"at"`
	Day  time.Time     `json:"day"`
	Time time.Time     `json:"time"`
	Took time.Duration `json:"took"`
}

var moments = serializer.New(func(m *moment) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&m.At), serializer.Field(&m.Day).Date(), serializer.Field(&m.Time).TimeOfDay(), serializer.Field(&m.Took),
	}
})

// Times are spelled as package time spells them, and read back to the microsecond.
func FuzzTimes(f *testing.F) {
	f.Add(int64(0), int64(0), int64(-1))
	f.Add(int64(-62135596800), int64(999_999_999), int64(math.MaxInt64))
	f.Add(int64(253402300799), int64(1000), int64(math.MinInt64))
	f.Add(int64(951782400), int64(5), int64(86_400_000_000_000))
	f.Fuzz(func(t *testing.T, sec, nsec, took int64) {
		at := time.Unix(sec, nsec).UTC()
		m := moment{at, at, at, time.Duration(took)}
		text, err := moments.Append(t.Context(), nil, &m)
		if at.Year() < 1 || at.Year() > 9999 {
			if err == nil && at.Year() != 0 {
				t.Fatalf("shown as %s", text)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		micros := ""
		if at.Nanosecond() >= 1000 {
			micros = at.Truncate(time.Microsecond).Format(".000000")
		}
		want := `{"at":"` + at.Format("2006-01-02T15:04:05") + micros + `Z","day":"` + at.Format(time.DateOnly) + `","time":"` + at.Format(time.TimeOnly) + micros + `",`
		if !bytes.HasPrefix(text, []byte(want)) {
			t.Fatalf("shown as %s, want %s", text, want)
		}
		back, err := moments.Decode(t.Context(), text)
		if d := took - back.Took.Nanoseconds(); err == nil && (!back.At.Equal(at.Truncate(time.Microsecond)) || back.At.Location() != time.UTC || d < 0 || d >= 1000) {
			t.Fatalf("%s was read back as %+v", text, back)
		}
		if err != nil && took > math.MinInt64+1000 {
			t.Fatal(err)
		}
	})
}
