package serializer_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// sketch is the declaration that a recorded case was made with.
type sketch struct {
	// decode reads an input and prints the value as Python does.
	decode func(ctx context.Context, input []byte, partial, many bool) (string, error)
	// show reads an input and shows what was accepted.
	show func(ctx context.Context, input []byte) ([]byte, error)
}

// one is an object with the one field of most recorded cases.
type one[V any] struct {
	F V `json:"f"`
}

func field[V any](declare func(*V) serializer.Spec, more ...serializer.Spec) sketch {
	s := serializer.New(func(o *one[V]) serializer.Fields {
		return append(serializer.Fields{declare(&o.F)}, more...)
	})
	decode := func(ctx context.Context, input []byte, partial, many bool) (string, error) {
		var v one[V]
		var err error
		switch {
		case many:
			var list []one[V]
			list, err = s.DecodeList(ctx, input)
			return pyRepr(list), err
		case partial:
			err = s.Patch(ctx, input, &v)
		default:
			v, err = s.Decode(ctx, input)
		}
		return "{'f': " + pyRepr(v.F) + "}", err
	}
	return sketch{decode, func(ctx context.Context, input []byte) ([]byte, error) {
		v, err := s.Decode(ctx, input)
		if err != nil {
			return nil, err
		}
		return s.Append(ctx, nil, &v)
	}}
}

type decimalText string

type uuidText [16]byte

func (u uuidText) MarshalText() ([]byte, error) {
	h := hex.EncodeToString(u[:])
	return []byte(strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")), nil
}

func (u *uuidText) UnmarshalText(text []byte) error {
	clean := strings.ReplaceAll(string(text), "-", "")
	if len(clean) != 32 {
		return errors.New("no UUID")
	}
	_, err := hex.Decode(u[:], []byte(clean))
	return err
}

type inner struct {
	A string `json:"a"`
	B *int   `json:"b"`
}

type deep struct {
	Inner inner   `json:"inner"`
	Many  []inner `json:"many"`
}

type row struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

var (
	inners = serializer.New(func(i *inner) serializer.Fields {
		return serializer.Fields{serializer.Field(&i.A).MaxLength(2), serializer.Field(&i.B).Optional()}
	})
	deeps = serializer.New(func(d *deep) serializer.Fields {
		return serializer.Fields{serializer.Nested(&d.Inner, inners), serializer.Many(&d.Many, inners).Optional()}
	})
	rows = serializer.New(func(r *row) serializer.Fields {
		return serializer.Fields{serializer.Field(&r.ID).ReadOnly(), serializer.Field(&r.Name).MaxLength(100)}
	})
)

func rowsByKey[K comparable](keys ...K) func(context.Context, []K) (map[K]row, error) {
	return func(_ context.Context, asked []K) (map[K]row, error) {
		found := map[K]row{}
		for _, k := range asked {
			for _, known := range keys {
				if k == known {
					found[k] = row{Name: fmt.Sprint(k)}
				}
			}
		}
		return found, nil
	}
}

func takenNames(_ context.Context, names []string) (map[string]int64, error) {
	taken := map[string]int64{}
	for _, n := range names {
		if n == "one" {
			taken[n] = 1
		}
	}
	return taken, nil
}

func text(rules func(*serializer.FieldOf[string])) sketch {
	return field(func(p *string) serializer.Spec {
		f := serializer.Field(p)
		rules(f)
		return f
	})
}

func plain(*serializer.FieldOf[string]) {}

func decimal(digits, places int) sketch {
	return field(func(p *decimalText) serializer.Spec { return serializer.Field(p).Decimal(digits, places) })
}

// sketches are the declarations of the recorded cases.
func sketches() map[string]sketch {
	type str = *serializer.FieldOf[string]
	nested := field(func(p *inner) serializer.Spec { return serializer.Nested(p, inners) })
	choiceAB := text(func(f str) { f.Choices("a", "b") })
	fkey := field(func(p *int64) serializer.Spec { return serializer.Related(p, rows, rowsByKey[int64](1, 2)) })
	fkeys := field(func(p *[]int64) serializer.Spec { return serializer.Related(p, rows, rowsByKey[int64](1, 2)) })
	unique := func() sketch {
		s := serializer.New(func(r *row) serializer.Fields {
			return serializer.Fields{serializer.Field(&r.Name).Unique(serializer.Holders(&r.ID, takenNames))}
		})
		return sketch{decode: func(ctx context.Context, input []byte, _, _ bool) (string, error) {
			r, err := s.Decode(ctx, input)
			return "{'name': " + pyRepr(r.Name) + "}", err
		}}
	}()
	cross := func(err error) sketch {
		return field(func(p *string) serializer.Spec { return serializer.Field(p) }, serializer.Check(func(*one[string]) error { return err }))
	}
	matches := func(pattern, text string) func(string) error {
		re := regexp.MustCompile(pattern)
		return func(s string) error {
			if re.MatchString(s) {
				return nil
			}
			return errors.New(text)
		}
	}
	return map[string]sketch{
		"<VRelSerializer>": unique,
		"name = CharField(validators=[UniqueValidator(VRel.objects.all())])":                 unique,
		"name = CharField(validators=[UniqueValidator(VRel.objects.all(), lookup='exact')])": unique,

		"f = BooleanField()":                field(func(p *bool) serializer.Spec { return serializer.Field(p) }),
		"f = BooleanField(allow_null=True)": field(func(p **bool) serializer.Spec { return serializer.Field(p) }),
		"f = NullBooleanField()":            field(func(p **bool) serializer.Spec { return serializer.Field(p) }),

		"f = CharField()":                                  text(plain),
		"f = CharField(allow_blank=True)":                  text(func(f str) { f.Blank() }),
		"f = CharField(allow_null=True)":                   field(func(p **string) serializer.Spec { return serializer.Field(p) }),
		"f = CharField(default='d')":                       text(func(f str) { f.Default("d") }),
		"f = CharField(max_length=3)":                      text(func(f str) { f.MaxLength(3) }),
		"f = CharField(min_length=3)":                      text(func(f str) { f.MinLength(3) }),
		"f = CharField(min_length=3, max_length=3)":        text(func(f str) { f.MinLength(3).MaxLength(3) }),
		"f = CharField(read_only=True)":                    text(func(f str) { f.ReadOnly() }),
		"f = CharField(required=False)":                    text(func(f str) { f.Optional() }),
		"f = CharField(trim_whitespace=False)":             text(func(f str) { f.KeepSpace() }),
		"f = ReadOnlyField()":                              text(func(f str) { f.ReadOnly() }),
		"f = EmailField()":                                 text(func(f str) { f.Email() }),
		"f = EmailField(max_length=6)":                     text(func(f str) { f.Email().MaxLength(6) }),
		"f = URLField()":                                   text(func(f str) { f.URL() }),
		"f = SlugField(allow_unicode=True)":                text(func(f str) { f.UnicodeSlug() }),
		"f = CharField(allow_null=True, allow_blank=True)": field(func(p **string) serializer.Spec { return serializer.Field(p).Blank() }),
		"f = CharField(max_length=2, error_messages={'required': 'R!', 'null': 'N!', 'blank': 'B!', 'max_length': 'ML {max_length}', 'invalid': 'I!'})": text(func(f str) {
			f.MaxLength(2).Message("required", "R!").Message("null", "N!").Message("blank", "B!").Message("max_length", "ML 2").Message("invalid", "I!")
		}),
		"f = IntegerField(min_value=1, max_value=10)":            field(func(p *int) serializer.Spec { return serializer.Field(p).Min(1).Max(10) }),
		"f = DecimalField(max_digits=None, decimal_places=None)": decimal(-1, -1),
		"f = SlugRelatedField(slug_field='name', queryset=VRel.objects.all())": field(func(p *string) serializer.Spec {
			return serializer.Related(p, rows, rowsByKey("one", "two", "three")).By("name")
		}),
		"f = SlugField()":                text(func(f str) { f.Slug() }),
		"f = RegexField('^a+$')":         text(func(f str) { f.Regexp(regexp.MustCompile("^a+$")) }),
		"f = UUIDField()":                field(func(p *uuidText) serializer.Spec { return serializer.Field(p).UUID() }),
		"f = UUIDField(allow_null=True)": field(func(p **uuidText) serializer.Spec { return serializer.Field(p).UUID() }),
		"f = CharField(min_length=5, validators=[V.RegexValidator('^x', 'must start with x')])": text(func(f str) {
			f.MinLength(5).Check(matches("^x", "must start with x"))
		}),
		"f = CharField(validators=[V.MinLengthValidator(3), V.RegexValidator('^x'), V.MaxLengthValidator(4)])": text(func(f str) {
			f.Check(func(s string) error {
				if len(s) >= 3 {
					return nil
				}
				return serializer.Invalid("min_length", fmt.Sprintf("Ensure this value has at least 3 characters (it has %d).", len(s)))
			}).Check(matches("^x", "Enter a valid value.")).Check(func(s string) error {
				if len(s) <= 4 {
					return nil
				}
				return serializer.Invalid("max_length", fmt.Sprintf("Ensure this value has at most 4 characters (it has %d).", len(s)))
			})
		}),
		"f = CharField(); def validate: raise ValidationError('cross')": cross(errors.New("cross")),
		"same": cross(errors.New("cross")),
		"validate: raise django ValidationError('x %(v)s', params)": cross(serializer.Invalid("cc", "x 5")),
		"f = CharField(); def validate_f: raise ValidationError(['a','b'])": text(func(f str) {
			f.Check(func(string) error { return errors.Join(errors.New("a"), errors.New("b")) })
		}),

		"f = ChoiceField(choices=['a', 'b'])":               choiceAB,
		"f = ChoiceField(choices=[('a', 'A'), ('b', 'B')])": choiceAB,
		"f = ChoiceField(choices=[('G', [('a', 'A')])])":    text(func(f str) { f.Choices("a") }),
		"f = ChoiceField(choices=['a'], allow_blank=True)":  text(func(f str) { f.Choices("a").Blank() }),
		"f = ChoiceField(choices=['a'], allow_null=True)":   field(func(p **string) serializer.Spec { return serializer.Nullable(p).Choices("a") }),
		"f = ChoiceField(choices=[(1, 'One')])":             field(func(p *int) serializer.Spec { return serializer.Field(p).Choices(1) }),
		"f = ChoiceField(choices=[(1, 'One'), (2, 'Two')])": field(func(p *int) serializer.Spec { return serializer.Field(p).Choices(1, 2) }),

		"f = IntegerField()":                           field(func(p *int64) serializer.Spec { return serializer.Field(p) }),
		"f = IntegerField(allow_null=True)":            field(func(p **int64) serializer.Spec { return serializer.Field(p) }),
		"f = IntegerField(max_value=10)":               field(func(p *int) serializer.Spec { return serializer.Field(p).Max(10) }),
		"f = IntegerField(min_value=10)":               field(func(p *int) serializer.Spec { return serializer.Field(p).Min(10) }),
		"f = FloatField()":                             field(func(p *float64) serializer.Spec { return serializer.Field(p) }),
		"f = FloatField(min_value=1.5, max_value=2.5)": field(func(p *float64) serializer.Spec { return serializer.Field(p).Min(1.5).Max(2.5) }),

		"f = DecimalField(max_digits=3, decimal_places=3)":    decimal(3, 3),
		"f = DecimalField(max_digits=4, decimal_places=0)":    decimal(4, 0),
		"f = DecimalField(max_digits=5, decimal_places=2)":    decimal(5, 2),
		"f = DecimalField(max_digits=5, decimal_places=None)": decimal(5, -1),
		"f = DecimalField(max_digits=None, decimal_places=2)": decimal(-1, 2),
		"f = DecimalField(max_digits=5, decimal_places=2, allow_null=True)": field(func(p **decimalText) serializer.Spec {
			return serializer.Field(p).Decimal(5, 2)
		}),
		"f = DecimalField(max_digits=5, decimal_places=2, min_value=1, max_value=10)": field(func(p *decimalText) serializer.Spec {
			return serializer.Field(p).Decimal(5, 2).Min("1").Max("10")
		}),

		"f = DateField(input_formats=['%d.%m.%Y', 'iso-8601'])": field(func(p *day) serializer.Spec {
			return serializer.Field(&p.Time).As("f").Date().AcceptLayouts("02.01.2006", serializer.ISO8601)
		}),
		"f = DateTimeField(input_formats=['%Y-%m-%d %H:%M'])": field(func(p *time.Time) serializer.Spec {
			return serializer.Field(p).AcceptLayouts("2006-01-02 15:04")
		}),
		"f = TimeField()":                     field(func(p *clock) serializer.Spec { return serializer.Field(&p.Time).As("f").TimeOfDay() }),
		"f = DurationField()":                 field(func(p *time.Duration) serializer.Spec { return serializer.Field(p) }),
		"f = IPAddressField()":                text(func(f str) { f.IP() }),
		"f = IPAddressField(protocol='ipv4')": text(func(f str) { f.IPv4() }),
		"f = IPAddressField(protocol='ipv6')": text(func(f str) { f.IPv6() }),
		"f = DateTimeField()":                 field(func(p *time.Time) serializer.Spec { return serializer.Field(p) }),
		"f = DateField()":                     field(func(p *day) serializer.Spec { return serializer.Field(&p.Time).As("f").Date() }),
		"f = DateField(allow_null=True)":      field(func(p **time.Time) serializer.Spec { return serializer.Field(p).Date() }),

		"f = ListField()": field(func(p *[]json.RawMessage) serializer.Spec {
			return serializer.List(p, serializer.Item[json.RawMessage]().Null())
		}),
		"f = ListField(allow_null=True)": field(func(p *[]json.RawMessage) serializer.Spec {
			return serializer.List(p, serializer.Item[json.RawMessage]().Null()).Null()
		}),
		"f = ListField(child=CharField())":                       field(func(p *[]string) serializer.Spec { return serializer.Field(p) }),
		"f = ListField(child=ListField(child=IntegerField()))":   field(func(p *[][]int) serializer.Spec { return serializer.Field(p) }),
		"f = ListField(child=IntegerField(), allow_empty=False)": field(func(p *[]int) serializer.Spec { return serializer.Field(p).NotEmpty() }),
		"f = ListField(child=IntegerField(), min_length=2, max_length=3)": field(func(p *[]int) serializer.Spec {
			return serializer.Field(p).MinLength(2).MaxLength(3)
		}),
		"f = ListField(child=ChoiceField(choices=['a', 'b']))": field(func(p *[]string) serializer.Spec {
			return serializer.List(p, serializer.Item[string]().Choices("a", "b"))
		}),
		"f = ListField(child=IntegerField(min_value=0))": field(func(p *[]int) serializer.Spec {
			return serializer.List(p, serializer.Item[int]().Min(0))
		}),
		"f = DictField()": field(func(p *map[string]json.RawMessage) serializer.Spec {
			return serializer.Dict(p, serializer.Item[json.RawMessage]().Null())
		}),
		"f = DictField(allow_empty=False)": field(func(p *map[string]json.RawMessage) serializer.Spec {
			return serializer.Dict(p, serializer.Item[json.RawMessage]().Null()).NotEmpty()
		}),
		"f = DictField(child=IntegerField())": field(func(p *map[string]int) serializer.Spec { return serializer.Field(p) }),
		"f = DictField(child=CharField())":    field(func(p *map[string]string) serializer.Spec { return serializer.Field(p) }),
		"f = HStoreField()": field(func(p *map[string]*string) serializer.Spec {
			return serializer.Dict(p, serializer.Item[*string]().Blank())
		}),
		"f = MultipleChoiceField(choices=['a', 'b'])": field(func(p *set) serializer.Spec { return serializer.Selection(p, "a", "b") }),
		"f = MultipleChoiceField(choices=['a'], allow_empty=False)": field(func(p *set) serializer.Spec {
			return serializer.Selection(p, "a").NotEmpty()
		}),
		"f = JSONField()": field(func(p *json.RawMessage) serializer.Spec { return serializer.Field(p) }),

		"f = Inner()":                           nested,
		"f = Inner(allow_null=True)":            field(func(p **inner) serializer.Spec { return serializer.Nested(p, inners) }),
		"f = Inner(required=False)":             field(func(p *inner) serializer.Spec { return serializer.Nested(p, inners).Optional() }),
		"f = Inner(many=True)":                  field(func(p *[]inner) serializer.Spec { return serializer.Many(p, inners) }),
		"f = Inner(many=True, allow_null=True)": field(func(p *[]inner) serializer.Spec { return serializer.Many(p, inners).Null() }),
		"f = Deep()":                            field(func(p *deep) serializer.Spec { return serializer.Nested(p, deeps) }),
		"f = Deep(many=True)":                   field(func(p *[]deep) serializer.Spec { return serializer.Many(p, deeps) }),

		"f = PrimaryKeyRelatedField(queryset=VRel.objects.all())": fkey,
		"f = " + pkNested: fkey,
		"f = " + pkMany:   fkeys,
		"f = PrimaryKeyRelatedNestedField(VRelSerializer, queryset=VRel.objects.all(), many=True)": fkeys,
		"f = PrimaryKeyRelatedField(queryset=VRel.objects.all(), allow_null=True)": field(func(p **int64) serializer.Spec {
			return serializer.Related(p, rows, rowsByKey[int64](1))
		}),
		"f = PrimaryKeyRelatedField(queryset=VRel.objects.filter(id=2))": field(func(p *int64) serializer.Spec {
			return serializer.Related(p, rows, rowsByKey[int64](2))
		}),
		"f = PrimaryKeyRelatedField(queryset=VSlug.objects.all())": field(func(p *string) serializer.Spec {
			return serializer.Related(p, rows, rowsByKey("one"))
		}),
		"f = PrimaryKeyRelatedField(queryset=VUuid.objects.all())": field(func(p *uuidText) serializer.Spec {
			return serializer.Related(p, rows, rowsByKey(uuidText{15: 1}))
		}),
	}
}

// day is a time that prints as a date, clock one that prints as a time of day, set a list that prints as a set.
type (
	day   struct{ time.Time }
	clock struct{ time.Time }
	set   []string
)
