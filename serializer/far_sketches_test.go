package serializer_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// value is a sketch of a field of type V, with the rules that are given.
func value[V any](rules func(*serializer.FieldOf[V])) sketch {
	return field(func(p *V) serializer.Spec {
		f := serializer.Field(p)
		if rules != nil {
			rules(f)
		}
		return f
	})
}

// maybe is value for a field that may be null.
func maybe[V any](rules func(*serializer.FieldOf[V])) sketch {
	return field(func(p **V) serializer.Spec {
		f := serializer.Nullable(p)
		rules(f)
		return f
	})
}

func listOf[E any](item func(*serializer.FieldOf[E]), rules func(*serializer.FieldOf[[]E])) sketch {
	return field(func(p *[]E) serializer.Spec {
		i := serializer.Item[E]()
		if item != nil {
			item(i)
		}
		f := serializer.List(p, i)
		if rules != nil {
			rules(f)
		}
		return f
	})
}

func dictOf[E any](item func(*serializer.FieldOf[E]), rules func(*serializer.FieldOf[map[string]E])) sketch {
	return field(func(p *map[string]E) serializer.Spec {
		i := serializer.Item[E]()
		if item != nil {
			item(i)
		}
		f := serializer.Dict(p, i)
		if rules != nil {
			rules(f)
		}
		return f
	})
}

// keyOf shows the key that was accepted, as Django REST Framework does.
func keyOf[V any](declare func(*V) serializer.Spec) sketch {
	s := serializer.New(func(o *one[V]) serializer.Fields { return serializer.Fields{declare(&o.F)} })
	return sketch{show: func(ctx context.Context, input []byte) ([]byte, error) {
		v, err := s.Decode(ctx, input)
		if err != nil {
			return nil, err
		}
		return json.Marshal(v)
	}}
}

type (
	line struct {
		A string `json:"a"`
		N int    `json:"n"`
	}
	pair struct {
		A int `json:"a"`
		B int `json:"b"`
	}
	grove struct {
		Line  line   `json:"line"`
		Maybe *line  `json:"maybe"`
		Lines []line `json:"lines"`
		Pairs []pair `json:"pairs"`
	}
	combo struct {
		Req      string  `json:"req"`
		Opt      string  `json:"opt"`
		Null     *string `json:"null"`
		Both     *string `json:"both"`
		Blank    string  `json:"blank"`
		Default  string  `json:"dflt"`
		NullInt  *int    `json:"nulldflt"`
		ReadOnly string  `json:"ro"`
		Hidden   string  `json:"wo"`
		Other    string  `json:"other"`
		Num      int     `json:"num"`
	}
	late struct {
		F string `json:"f"`
		G int    `json:"g"`
	}
)

var (
	lines = serializer.New(func(l *line) serializer.Fields {
		return serializer.Fields{serializer.Field(&l.A).MaxLength(2), serializer.Field(&l.N).Min(0).Default(1)}
	})
	pairs = serializer.New(func(p *pair) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&p.A), serializer.Field(&p.B).Default(5),
			serializer.Check(func(p *pair) error {
				switch {
				case p.A > p.B:
					return serializer.Invalid("order", "Backwards.")
				case p.A == -1:
					return serializer.At(&p.B, errors.Join(errors.New("Odd."), errors.New("Very odd.")))
				}
				return nil
			}),
		}
	})
	groves = serializer.New(func(g *grove) serializer.Fields {
		return serializer.Fields{
			serializer.Nested(&g.Line, lines), serializer.Nested(&g.Maybe, lines).Optional(),
			serializer.Many(&g.Lines, lines).NotEmpty(), serializer.Many(&g.Pairs, pairs).Optional(),
		}
	})
	combos = serializer.New(func(c *combo) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&c.Req), serializer.Field(&c.Opt).Optional(), serializer.Field(&c.Null), serializer.Field(&c.Both).Optional(),
			serializer.Field(&c.Blank).Blank(), serializer.Field(&c.Default).Default("d"), serializer.Nullable(&c.NullInt).Default(3),
			serializer.Field(&c.ReadOnly).ReadOnly(), serializer.Field(&c.Hidden).WriteOnly().Optional(), serializer.Field(&c.Other).As("src").MaxLength(3),
			serializer.Field(&c.Num).Min(1).Max(3).Optional(),
		}
	})
	lates = serializer.New(func(l *late) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&l.F).MaxLength(3).Check(func(f string) error {
				switch f {
				case "no":
					return serializer.Invalid("no", "No.")
				case "two":
					return errors.Join(errors.New("One."), errors.New("Two."))
				}
				return nil
			}),
			serializer.Field(&l.G).Optional(),
		}
	})
)

// wholeObject makes the sketches of a whole object: one, a list of them, and a change of an old one.
func wholeObject[T any](into map[string]sketch, name string, s *serializer.Of[T], old func() T) {
	into[name] = sketch{show: func(ctx context.Context, input []byte) ([]byte, error) {
		v, err := s.Decode(ctx, input)
		if err != nil {
			return nil, err
		}
		return s.Append(ctx, nil, &v)
	}}
	into[name+" many"] = sketch{show: func(ctx context.Context, input []byte) ([]byte, error) {
		list, err := s.DecodeList(ctx, input)
		if err != nil {
			return nil, err
		}
		return s.AppendList(ctx, nil, list)
	}}
	into[name+" partial"] = sketch{show: func(ctx context.Context, input []byte) ([]byte, error) {
		v := old()
		if err := s.Patch(ctx, input, &v); err != nil {
			return nil, err
		}
		return s.Append(ctx, nil, &v)
	}}
}

// farSketches are the declarations of testdata/far.py.
func farSketches() map[string]sketch {
	type (
		str      = *serializer.FieldOf[string]
		integer  = *serializer.FieldOf[int]
		float    = *serializer.FieldOf[float64]
		number   = *serializer.FieldOf[decimalText]
		moment   = *serializer.FieldOf[time.Time]
		duration = *serializer.FieldOf[time.Duration]
	)
	ids := rowsByKey(uuidText{15: 1})
	nums, words := rowsByKey[int64](1, 2), rowsByKey("a", "1", "True")
	dates := func(rules func(moment)) sketch {
		return field(func(p *day) serializer.Spec {
			f := serializer.Field(&p.Time).As("f").Date()
			rules(f)
			return f
		})
	}
	many := func(rules func(*serializer.NestedOf[line])) sketch {
		return field(func(p *[]line) serializer.Spec {
			f := serializer.Many(p, lines)
			rules(f)
			return f
		})
	}
	out := map[string]sketch{
		"f = CharField(max_length=3, min_length=2)":                                 text(func(f str) { f.MaxLength(3).MinLength(2) }),
		"f = CharField(max_length=3, trim_whitespace=False, allow_blank=True)":      text(func(f str) { f.MaxLength(3).KeepSpace().Blank() }),
		"f = CharField(required=False, allow_null=True, max_length=2)":              value(func(f *serializer.FieldOf[*string]) { f.Optional().MaxLength(2) }),
		"f = CharField(default='d', allow_blank=True)":                              text(func(f str) { f.Default("d").Blank() }),
		"f = CharField(allow_blank=True, min_length=3)":                             text(func(f str) { f.Blank().MinLength(3) }),
		"f = CharField(trim_whitespace=False, min_length=2)":                        text(func(f str) { f.KeepSpace().MinLength(2) }),
		"f = BooleanField(default=True)":                                            value(func(f *serializer.FieldOf[bool]) { f.Default(true) }),
		"f = BooleanField(required=False)":                                          value(func(f *serializer.FieldOf[bool]) { f.Optional() }),
		"f = BooleanField(allow_null=True, default=None)":                           value(func(f *serializer.FieldOf[*bool]) { f.Optional() }),
		"f = JSONField(allow_null=True)":                                            value(func(f *serializer.FieldOf[json.RawMessage]) { f.Null() }),
		"f = JSONField(required=False)":                                             value(func(f *serializer.FieldOf[json.RawMessage]) { f.Optional() }),
		"f = IntegerField(min_value=-5, max_value=5, allow_null=True)":              maybe(func(f integer) { f.Min(-5).Max(5) }),
		"f = IntegerField(default=7)":                                               value(func(f integer) { f.Default(7) }),
		"f = IntegerField(max_value=0, required=False)":                             value(func(f integer) { f.Max(0).Optional() }),
		"f = FloatField(allow_null=True)":                                           value[*float64](nil),
		"f = FloatField(max_value=0)":                                               value(func(f float) { f.Max(0) }),
		"f = FloatField(min_value=-1, default=0.5)":                                 value(func(f float) { f.Min(-1).Default(0.5) }),
		"f = DecimalField(max_digits=20, decimal_places=10)":                        decimal(20, 10),
		"f = DecimalField(max_digits=1, decimal_places=0)":                          decimal(1, 0),
		"f = DecimalField(max_digits=6, decimal_places=6)":                          decimal(6, 6),
		"f = DecimalField(max_digits=5, decimal_places=2, default=Decimal('1.50'))": value(func(f number) { f.Decimal(5, 2).Default("1.50") }),
		"f = DecimalField(max_digits=4, decimal_places=4, max_value=0)":             value(func(f number) { f.Decimal(4, 4).Max("0") }),
		"f = DecimalField(max_digits=10, decimal_places=3, min_value=Decimal('-1.5'), max_value=Decimal('2.25'))": value(func(f number) {
			f.Decimal(10, 3).Min("-1.5").Max("2.25")
		}),
		"f = DecimalField(max_digits=4, decimal_places=2, required=False, allow_null=True)": maybe(func(f number) { f.Decimal(4, 2).Optional() }),

		"f = DateTimeField(allow_null=True)":        value[*time.Time](nil),
		"f = DateTimeField(format='%Y-%m-%d')":      value(func(f moment) { f.ShowLayout("2006-01-02") }),
		"f = DateField(required=False)":             dates(func(f moment) { f.Optional() }),
		"f = DateField(format='%d.%m.%Y')":          dates(func(f moment) { f.ShowLayout("02.01.2006") }),
		"f = DateField(input_formats=['%Y/%m/%d'])": dates(func(f moment) { f.AcceptLayouts("2006/1/2") }),
		"f = DateTimeField(input_formats=['%d.%m.%Y %H:%M:%S', 'iso-8601'])": value(func(f moment) {
			f.AcceptLayouts("2.1.2006 15:4:5", serializer.ISO8601)
		}),
		"f = TimeField(allow_null=True)":                     value(func(f *serializer.FieldOf[*time.Time]) { f.TimeOfDay() }),
		"f = TimeField(format='%H:%M')":                      value(func(f moment) { f.TimeOfDay().ShowLayout("15:04") }),
		"f = TimeField(input_formats=['%H:%M'])":             value(func(f moment) { f.TimeOfDay().AcceptLayouts("15:4") }),
		"f = ListField(child=DateField())":                   listOf(func(i moment) { i.Date() }, nil),
		"f = DictField(child=TimeField())":                   dictOf(func(i moment) { i.TimeOfDay() }, nil),
		"f = ListField(child=DateTimeField(), max_length=1)": listOf(nil, func(f *serializer.FieldOf[[]time.Time]) { f.MaxLength(1) }),
		"f = DurationField(min_value=timedelta(seconds=1), max_value=timedelta(days=1))": value(func(f duration) {
			f.Min(time.Second).Max(24 * time.Hour)
		}),
		"f = DurationField(allow_null=True)":                        value[*time.Duration](nil),
		"f = DurationField(max_value=timedelta(0), required=False)": value(func(f duration) { f.Max(0).Optional() }),

		"f = UUIDField(allow_null=True)":                        value(func(f *serializer.FieldOf[*uuidText]) { f.UUID() }),
		"f = UUIDField(required=False)":                         text(func(f str) { f.UUID().Optional() }),
		"f = IPAddressField(allow_null=True)":                   value(func(f *serializer.FieldOf[*string]) { f.IP() }),
		"f = IPAddressField(allow_blank=True)":                  text(func(f str) { f.IP().Blank() }),
		"f = IPAddressField(protocol='ipv4', allow_blank=True)": text(func(f str) { f.IPv4().Blank() }),
		"f = EmailField(allow_blank=True)":                      text(func(f str) { f.Email().Blank() }),
		"f = EmailField(max_length=10, min_length=6)":           text(func(f str) { f.Email().MaxLength(10).MinLength(6) }),
		"f = EmailField(allow_null=True, required=False)":       value(func(f *serializer.FieldOf[*string]) { f.Email().Optional() }),
		"f = URLField(max_length=20)":                           text(func(f str) { f.URL().MaxLength(20) }),
		"f = URLField(allow_blank=True, allow_null=True)":       value(func(f *serializer.FieldOf[*string]) { f.URL().Blank() }),
		"f = SlugField(max_length=3)":                           text(func(f str) { f.Slug().MaxLength(3) }),
		"f = SlugField(allow_blank=True)":                       text(func(f str) { f.Slug().Blank() }),
		"f = SlugField(allow_unicode=True, max_length=3)":       text(func(f str) { f.UnicodeSlug().MaxLength(3) }),
		"f = RegexField('^[A-Z]{2}[0-9]+$')":                    text(func(f str) { f.Regexp(regexp.MustCompile(`^[A-Z]{2}[0-9]+$`)) }),
		"f = RegexField('b', max_length=3, allow_blank=True)":   text(func(f str) { f.Regexp(regexp.MustCompile("b")).MaxLength(3).Blank() }),
		"f = ListField(child=EmailField())":                     listOf(func(i str) { i.Email() }, nil),
		"f = ListField(child=UUIDField(), allow_empty=False)":   listOf(func(i str) { i.UUID() }, func(f *serializer.FieldOf[[]string]) { f.NotEmpty() }),
		"f = PrimaryKeyRelatedField(queryset=Id.objects.all())": keyOf(func(p *uuidText) serializer.Spec { return serializer.Related(p, rows, ids) }),

		"f = ChoiceField(choices=[1, 2, 3])":                                value(func(f integer) { f.Choices(1, 2, 3) }),
		"f = ChoiceField(choices=[0, 1], allow_null=True)":                  maybe(func(f integer) { f.Choices(0, 1) }),
		"f = ChoiceField(choices=['a', 'b'], default='a')":                  text(func(f str) { f.Choices("a", "b").Default("a") }),
		"f = ChoiceField(choices=['a'], allow_blank=True, allow_null=True)": maybe(func(f str) { f.Choices("a").Blank() }),
		"f = ChoiceField(choices=[True, False])":                            value(func(f *serializer.FieldOf[bool]) { f.Choices(true, false) }),
		"f = ChoiceField(choices=[1.5, 2.25])":                              value(func(f float) { f.Choices(1.5, 2.25) }),
		"f = ChoiceField(choices=['1', '2'], required=False)":               text(func(f str) { f.Choices("1", "2").Optional() }),
		"f = ChoiceField(choices=['é', '日本', \"'\"])":                       text(func(f str) { f.Choices("é", "日本", "'") }),
		"f = MultipleChoiceField(choices=[1, 2])":                           field(func(p *[]int) serializer.Spec { return serializer.Selection(p, 1, 2) }),
		"f = MultipleChoiceField(choices=['a', 'b'], allow_null=True)":      field(func(p *[]string) serializer.Spec { return serializer.Selection(p, "a", "b").Null() }),
		"f = MultipleChoiceField(choices=['a', 'b'], required=False, allow_empty=False)": field(func(p *[]string) serializer.Spec {
			return serializer.Selection(p, "a", "b").Optional().NotEmpty()
		}),
		"f = ListField(child=CharField(max_length=2, allow_blank=True), allow_null=True)":       listOf(func(i str) { i.MaxLength(2).Blank() }, func(f *serializer.FieldOf[[]string]) { f.Null() }),
		"f = ListField(child=CharField(allow_null=True))":                                       listOf[*string](nil, nil),
		"f = ListField(child=CharField(trim_whitespace=False), min_length=1)":                   listOf(func(i str) { i.KeepSpace() }, func(f *serializer.FieldOf[[]string]) { f.MinLength(1) }),
		"f = ListField(child=FloatField())":                                                     value[[]float64](nil),
		"f = ListField(child=BooleanField())":                                                   value[[]bool](nil),
		"f = ListField(child=DecimalField(max_digits=3, decimal_places=2))":                     listOf(func(i str) { i.Decimal(3, 2) }, nil),
		"f = ListField(child=DictField(child=IntegerField()))":                                  value[[]map[string]int](nil),
		"f = ListField(child=IntegerField(allow_null=True))":                                    value[[]*int](nil),
		"f = ListField(child=IntegerField(), allow_empty=False, max_length=1)":                  value(func(f *serializer.FieldOf[[]int]) { f.NotEmpty().MaxLength(1) }),
		"f = ListField(child=DurationField())":                                                  value[[]time.Duration](nil),
		"f = ListField(child=ChoiceField(choices=[1, 2]))":                                      listOf(func(i integer) { i.Choices(1, 2) }, nil),
		"f = ListField(child=SlugField(), required=False)":                                      listOf(func(i str) { i.Slug() }, func(f *serializer.FieldOf[[]string]) { f.Optional() }),
		"f = ListField(child=JSONField())":                                                      value[[]json.RawMessage](nil),
		"f = ListField(child=ListField(child=CharField(), min_length=1), max_length=2)":         listOf(func(i *serializer.FieldOf[[]string]) { i.MinLength(1) }, func(f *serializer.FieldOf[[][]string]) { f.MaxLength(2) }),
		"f = DictField(child=ListField(child=IntegerField()))":                                  value[map[string][]int](nil),
		"f = DictField(child=CharField(max_length=2, allow_blank=True))":                        dictOf(func(i str) { i.MaxLength(2).Blank() }, nil),
		"f = DictField(child=DictField(child=IntegerField()))":                                  value[map[string]map[string]int](nil),
		"f = DictField(child=BooleanField())":                                                   value[map[string]bool](nil),
		"f = DictField(child=DecimalField(max_digits=3, decimal_places=2))":                     dictOf(func(i str) { i.Decimal(3, 2) }, nil),
		"f = DictField(child=IntegerField(allow_null=True))":                                    value[map[string]*int](nil),
		"f = DictField(child=FloatField(), allow_null=True)":                                    value(func(f *serializer.FieldOf[map[string]float64]) { f.Null() }),
		"f = DictField(child=ChoiceField(choices=['b']))":                                       dictOf(func(i str) { i.Choices("b") }, nil),
		"f = DictField(child=EmailField(), allow_empty=False)":                                  dictOf(func(i str) { i.Email() }, func(f *serializer.FieldOf[map[string]string]) { f.NotEmpty() }),
		"f = DictField(child=ListField(child=ListField(child=IntegerField())), required=False)": value(func(f *serializer.FieldOf[map[string][][]int]) { f.Optional() }),

		"f = PrimaryKeyRelatedField(queryset=Num.objects.all())": keyOf(func(p *int64) serializer.Spec { return serializer.Related(p, rows, nums) }),
		"f = PrimaryKeyRelatedField(queryset=Num.objects.all(), allow_null=True, required=False)": keyOf(func(p **int64) serializer.Spec {
			return serializer.Related(p, rows, nums).Optional()
		}),
		"f = PrimaryKeyRelatedField(queryset=Num.objects.all(), many=True, allow_empty=False)": keyOf(func(p *[]int64) serializer.Spec {
			return serializer.Related(p, rows, nums).NotEmpty()
		}),
		"f = PrimaryKeyRelatedField(queryset=Num.objects.all(), many=True, required=False)": keyOf(func(p *[]int64) serializer.Spec {
			return serializer.Related(p, rows, nums).Optional()
		}),
		"f = PrimaryKeyRelatedField(queryset=Word.objects.all())":            keyOf(func(p *string) serializer.Spec { return serializer.Related(p, rows, words) }),
		"f = PrimaryKeyRelatedField(queryset=Word.objects.all(), many=True)": keyOf(func(p *[]string) serializer.Spec { return serializer.Related(p, rows, words) }),
		"f = SlugRelatedField(slug_field='id', queryset=Word.objects.all())": keyOf(func(p *string) serializer.Spec {
			return serializer.Related(p, rows, words).By("id")
		}),
		"f = SlugRelatedField(slug_field='id', queryset=Word.objects.all(), many=True)": keyOf(func(p *[]string) serializer.Spec {
			return serializer.Related(p, rows, words).By("id")
		}),

		"f = Line()": field(func(p *line) serializer.Spec { return serializer.Nested(p, lines) }),
		"f = Line(required=False, allow_null=True)": field(func(p **line) serializer.Spec { return serializer.Nested(p, lines).Optional() }),
		"f = Line(many=True, allow_empty=False)":    many(func(f *serializer.NestedOf[line]) { f.NotEmpty() }),
		"f = Line(many=True, min_length=2)":         many(func(f *serializer.NestedOf[line]) { f.MinLength(2) }),
		"f = Line(many=True, max_length=2)":         many(func(f *serializer.NestedOf[line]) { f.MaxLength(2) }),
		"f = Line(many=True, required=False, allow_null=True, min_length=1, max_length=2)": many(func(f *serializer.NestedOf[line]) {
			f.Optional().Null().MinLength(1).MaxLength(2)
		}),
		"f = Pair()":                field(func(p *pair) serializer.Spec { return serializer.Nested(p, pairs) }),
		"f = Pair(many=True)":       field(func(p *[]pair) serializer.Spec { return serializer.Many(p, pairs) }),
		"f = Pair(allow_null=True)": field(func(p **pair) serializer.Spec { return serializer.Nested(p, pairs) }),
	}
	wholeObject(out, "Combo", combos, func() combo { return combo{} })
	wholeObject(out, "Pair", pairs, func() pair { return pair{B: 9} })
	wholeObject(out, "Late", lates, func() late { return late{} })
	wholeObject(out, "Tree", groves, func() grove { return grove{Maybe: &line{}} })
	return out
}
