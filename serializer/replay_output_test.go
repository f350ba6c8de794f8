package serializer_test

import (
	"context"
	"encoding/json"
	"math"
	"net/netip"
	"os"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// shown is how the recorded serializer shows a value that Go has too.
type shown struct {
	field, value string
	show         func() ([]byte, error)
}

func showing[V any](v V, declare func(*serializer.FieldOf[V])) func() ([]byte, error) {
	s := serializer.New(func(o *one[V]) serializer.Fields {
		f := serializer.Field(&o.F).As("x")
		if declare != nil {
			declare(f)
		}
		return serializer.Fields{f}
	})
	return func() ([]byte, error) { return s.Tiny().Append(context.Background(), nil, &one[V]{v}) }
}

func showDecimal(v string) func() ([]byte, error) {
	return showing(v, func(f *serializer.FieldOf[string]) { f.Decimal(5, 2) })
}

func shownCases() []shown {
	msk := time.FixedZone("", 10800)
	micro := time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC)
	five, one := int64(5), "1"
	clocks, took := "x = serializers.TimeField()", "x = serializers.DurationField()"
	datetime, decimal5 := "x = serializers.DateTimeField()", "x = serializers.DecimalField(max_digits=5, decimal_places=2)"
	float, char, date := "x = serializers.FloatField()", "x = serializers.CharField()", "x = serializers.DateField()"
	asDate := func(f *serializer.FieldOf[time.Time]) { f.Date() }
	cases := []shown{
		{datetime, "datetime.datetime(2020, 1, 2, 3, 4, 5, 6)", showing(micro, nil)},
		{datetime, "datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)", showing(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), nil)},
		{
			datetime, "datetime.datetime(2020, 1, 2, 3, 4, 5, 600000, tzinfo=datetime.timezone(datetime.timedelta(seconds=10800)))",
			showing(time.Date(2020, 1, 2, 3, 4, 5, 600e6, msk), nil),
		},
		{datetime, "None", showing((*time.Time)(nil), nil)},
		{datetime, "datetime.datetime(2020, 1, 2, 0, 0)", showing(time.Date(2020, 1, 2, 0, 0, 0, 999, time.UTC), nil)},
		{date, "datetime.date(2020, 1, 2)", showing(time.Date(2020, 1, 2, 23, 0, 0, 0, msk), asDate)},
		{date, "datetime.date(1, 2, 3)", showing(time.Date(1, 2, 3, 0, 0, 0, 0, time.UTC), asDate)},
		{"x = serializers.IntegerField()", "1", showing(1, nil)},
		{"x = serializers.IntegerField()", "None", showing((*int)(nil), nil)},
		{"x = serializers.BooleanField()", "True", showing(true, nil)},
		{"x = serializers.BooleanField()", "False", showing(false, nil)},
		{char, "'s'", showing("s", nil)},
		{char, "None", showing((*string)(nil), nil)},
		{"x = serializers.CharField(trim_whitespace=True)", "'  x  '", showing("  x  ", nil)},
		{"x = serializers.URLField()", "'http://x/?a&b'", showing("http://x/?a&b", func(f *serializer.FieldOf[string]) { f.URL() })},
		{"x = serializers.UUIDField()", "UUID('12345678-1234-5678-1234-567812345678')", showing("12345678-1234-5678-1234-567812345678", func(f *serializer.FieldOf[string]) { f.UUID() })},
		{"x = serializers.ChoiceField(choices=Color.choices)", "'unknown'", showing("unknown", func(f *serializer.FieldOf[string]) { f.Choices("red", "blue") })},
		{"x = serializers.ChoiceField(choices=Level.choices)", "3", showing(3, func(f *serializer.FieldOf[int]) { f.Choices(1, 2) })},
		{"x = serializers.ListField()", "()", showing([]string(nil), nil)},
		{"x = serializers.ListField()", "None", showing([]string(nil), func(f *serializer.FieldOf[[]string]) { f.Null() })},
		{"x = serializers.ListField(child=IntegerField())", "['1', 2]", showing([]int8{1, 2}, nil)},
		{"x = serializers.HiddenField(default=5)", "1", showing("1", func(f *serializer.FieldOf[string]) { f.WriteOnly() })},
		{"x = serializers.DateTimeField(format='%Y/%m/%d %H-%M')", "datetime.datetime(2020, 1, 2, 3, 4, 5, 6)", showing(micro, func(f *serializer.FieldOf[time.Time]) { f.ShowLayout("2006/01/02 15-04") })},
		{"x = serializers.DateField(format='%d.%m.%Y')", "datetime.date(2020, 1, 2)", showing(micro, func(f *serializer.FieldOf[time.Time]) { f.Date().ShowLayout("02.01.2006") })},
		{clocks, "datetime.time(1, 2)", showing(time.Date(0, 1, 1, 1, 2, 0, 0, time.UTC), func(f *serializer.FieldOf[time.Time]) { f.TimeOfDay() })},
		{clocks, "datetime.time(1, 2, 3, 4)", showing(time.Date(0, 1, 1, 1, 2, 3, 4000, time.UTC), func(f *serializer.FieldOf[time.Time]) { f.TimeOfDay() })},
		{"x = serializers.TimeField(format='%H:%M')", "datetime.time(1, 2)", showing(time.Date(0, 1, 1, 1, 2, 0, 0, time.UTC), func(f *serializer.FieldOf[time.Time]) { f.TimeOfDay().ShowLayout("15:04") })},
		{took, "datetime.timedelta(days=1, seconds=5, microseconds=7)", showing(24*time.Hour+5*time.Second+7*time.Microsecond, nil)},
		{took, "datetime.timedelta(days=-1, seconds=86399)", showing(-time.Second, nil)},
		{took, "datetime.timedelta(0)", showing(time.Duration(0), nil)},
		{"x = serializers.IPAddressField()", "'::1'", showing(netip.MustParseAddr("::1"), nil)},
		{"x = serializers.IPAddressField(protocol='ipv4')", "'1.1.1.1'", showing("1.1.1.1", func(f *serializer.FieldOf[string]) { f.IPv4() })},
		{"x = serializers.DictField(child=CharField())", "{'a': 1}", showing(map[string]string{"a": "1"}, nil)},
		{"x = serializers.HStoreField()", "{'a': 1, 'b': None}", showing(map[string]*string{"b": nil, "a": &one}, nil)},
		{"rel = PrimaryKeyRelatedNestedField(RelSerializer, queryset=Rel.objects.all())", "5", showRelated(&five)},
	}
	for text, f := range map[string]float64{
		"1": 1, "1e+22": 1e22, "1e+21": 1e21, "1e-05": 1e-05, "0.30000000000000004": 0.30000000000000004, "100.0": 100, "-0.0": math.Copysign(0, -1),
		"1e+16": 1e16, "1.2345678901234568e+17": 1.2345678901234568e17,
	} {
		cases = append(cases, shown{float, text, showing(f, nil)})
	}
	for _, text := range []string{"1", "1.005", "-0.005", "1.015", "0", "-0", "999.994"} {
		cases = append(cases, shown{decimal5, "Decimal('" + text + "')", showDecimal(text)})
	}
	return cases
}

func showRelated(key *int64) func() ([]byte, error) {
	type object struct{ Rel *int64 }
	s := serializer.New(func(o *object) serializer.Fields {
		return serializer.Fields{serializer.Related(&o.Rel, rows, func(context.Context, []int64) (map[int64]row, error) {
			return map[int64]row{5: {1, "r1"}}, nil
		}).As("rel")}
	})
	return func() ([]byte, error) { return s.Append(context.Background(), nil, &object{key}) }
}

func TestOutputAsRecorded(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/serializer_output.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Fields []struct {
			Field, Value string
			Normal       struct{ OK string }
		}
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	answers := map[string]string{}
	for _, f := range recorded.Fields {
		if _, twice := answers[f.Field+f.Value]; !twice {
			answers[f.Field+f.Value] = f.Normal.OK
		}
	}
	answers["rel = PrimaryKeyRelatedNestedField(RelSerializer, queryset=Rel.objects.all())5"] = `{"rel":{"id":1,"name":"r1"}}` // has no value of its own
	for _, c := range shownCases() {
		t.Run(c.field+" "+c.value, func(t *testing.T) {
			want, ok := answers[c.field+c.value]
			if !ok {
				t.Fatal("this case was not recorded")
			}
			got, err := c.show()
			if err != nil || string(got) != want {
				t.Errorf("got %s (%v), want %s", got, err, want)
			}
		})
	}
}

// The encoder's own cases: floats, and a string with everything that needs care.
func TestEncoderAsRecorded(t *testing.T) {
	t.Parallel()
	floats := []float64{1, 0.1, 1e16, 1e15, 1.2345678901234568e17, 1e22, 0.0001, 1e-05, 1e-07, 5e-324, math.MaxFloat64, math.Copysign(0, -1)}
	got, err := showing(floats, nil)()
	want := `{"x":[1.0,0.1,1e+16,1000000000000000.0,1.2345678901234568e+17,1e+22,0.0001,1e-05,1e-07,5e-324,1.7976931348623157e+308,-0.0]}`
	if err != nil || string(got) != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
	got, err = showing("Привет 😀 \u2028\u2029 \x00\x1f\x7f\u0080\ufeff </script> & ' \" \\ / \b\f\n\r\t", nil)()
	want = `{"x":"Привет 😀 \u2028\u2029 \u0000\u001f` + "\x7f\u0080\ufeff" + ` </script> & ' \" \\ / \b\f\n\r\t"}`
	if err != nil || string(got) != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got, err := showing(f, nil)(); err == nil {
			t.Errorf("%v was shown as %s", f, got)
		}
	}
}
