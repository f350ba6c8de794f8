package serializer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type estate struct {
	Home  spot  `json:"home"`
	Work  *spot `json:"work"`
	Trees []tree
}

// Of two fields that write to one place the one that is declared later is written later, whatever the order of the keys is.
func TestTheOrderOfKeysThatOverlapDoesNotMatter(t *testing.T) {
	t.Parallel()
	looser := serializer.New(func(s *spot) serializer.Fields {
		return serializer.Fields{serializer.Field(&s.City).MaxLength(6).Optional(), serializer.Field(&s.Zip).Optional()}
	})
	outerFirst := serializer.New(func(e *estate) serializer.Fields {
		return serializer.Fields{
			serializer.Nested(&e.Home, looser).Optional(), serializer.Field(&e.Home.City).As("home_city").MaxLength(5).Default("Default"),
			serializer.Nested(&e.Work, looser).Optional(), serializer.Field(&e.Work.City).As("work_city").Optional(),
		}
	})
	innerFirst := serializer.New(func(e *estate) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&e.Home.City).As("home_city").MaxLength(5).Default("Default"), serializer.Nested(&e.Home, looser).Optional(),
			serializer.Field(&e.Work.City).As("work_city").Optional(), serializer.Nested(&e.Work, looser).Optional(),
		}
	})
	for _, c := range []struct{ fields, outer, inner, create string }{ // what a patch makes, outer and inner field first, and a new object
		{`"home":{"zip":"9"},"home_city":"Kyiv"`, `{"home":{"city":"Kyiv","zip":"9"},"work":{"city":"Oslo","zip":"2"}`, `{"home":{"city":"Rome","zip":"9"},"work":{"city":"Oslo","zip":"2"}`, `{"home":{"city":"Kyiv","zip":"9"},"work":null`},
		{`"work":{"zip":"9"},"work_city":"Kyiv"`, `{"home":{"city":"Rome","zip":"1"},"work":{"city":"Kyiv","zip":"9"}`, `{"home":{"city":"Rome","zip":"1"},"work":{"city":"Oslo","zip":"9"}`, `{"home":{"city":"Default","zip":""},"work":{"city":"Kyiv","zip":"9"}`},
		{`"work":null,"work_city":"Kyiv"`, `{"home":{"city":"Rome","zip":"1"},"work":{"city":"Kyiv","zip":""}`, `{"home":{"city":"Rome","zip":"1"},"work":null`, `{"home":{"city":"Default","zip":""},"work":{"city":"Kyiv","zip":""}`},
		{`"work_city":5,"work_city":"a","home":{"city":"b"}`, `{"home":{"city":"b","zip":"1"},"work":{"city":"a","zip":"2"}`, `{"home":{"city":"b","zip":"1"},"work":{"city":"a","zip":"2"}`, `{"home":{"city":"Default","zip":""},"work":{"city":"a","zip":""}`},
		{`"home_city":"too long","home":{"city":"too long"}`, `{"home_city":["Ensure this field has no more than 5 characters."],"home":{"city":["Ensure this field has no more than 6 characters."]}}`, `{"home_city":["Ensure this field has no more than 5 characters."],"home":{"city":["Ensure this field has no more than 6 characters."]}}`, `{"home_city":["Ensure this field has no more than 5 characters."],"home":{"city":["Ensure this field has no more than 6 characters."]}}`},
	} {
		for _, fields := range []string{c.fields, turned(c.fields)} {
			for name, s := range map[string]*serializer.Of[estate]{"outer": outerFirst, "inner": innerFirst} {
				want := map[string]string{"outer": c.outer, "inner": c.inner}[name]
				work := &spot{"Oslo", "2"}
				e := estate{Home: spot{"Rome", "1"}, Work: work}
				if err := s.Patch(t.Context(), []byte(`{`+fields+`}`), &e); !says(t, e, err, want) || *work != (spot{"Oslo", "2"}) {
					t.Errorf("%s first, %s: %s, %v", name, fields, encoded(t, e), err)
				}
			}
			made, err := outerFirst.Decode(t.Context(), []byte(`{`+fields+`}`))
			if !says(t, made, err, c.create) {
				t.Errorf("%s makes %s, %v", fields, encoded(t, made), err)
			}
		}
	}
	if _, err := outerFirst.Decode(t.Context(), []byte(`{"home_city":"a" "work":null}`)); !errors.Is(err, serializer.ErrSyntax) {
		t.Error(err)
	}
}

// turned has the two fields the other way round.
func turned(fields string) string {
	i := strings.LastIndex(fields, `,"`)
	if strings.Contains(fields, `5,"work_city"`) { // the last value must stay the last
		i = strings.Index(fields, `,"home"`)
	}
	return fields[i+1:] + "," + fields[:i]
}

func says(t *testing.T, e estate, err error, want string) bool {
	t.Helper()
	if err != nil {
		var errs *serializer.Errors
		return errors.As(err, &errs) && sameJSON(t, []byte(encoded(t, errs)), []byte(want))
	}
	return strings.HasPrefix(encoded(t, e), want+",")
}

type stay struct {
	HostID *int64 `json:"host_id"`
	Host   *row   `json:"host"`
	Home   *home  `json:"home"`
}

type home struct {
	Owner *row
	City  string `json:"city"`
}

// The place of a loaded object is written to like a field: what lies around it is written in the order of the declaration.
func TestTheOrderOfKeysThatLoadDoesNotMatter(t *testing.T) {
	t.Parallel()
	homes := serializer.New(func(h *home) serializer.Fields { return serializer.Fields{serializer.Field(&h.City)} })
	key := func(s *stay) serializer.Spec {
		return serializer.Related(&s.HostID, rows, rowsByKey[int64](1)).Optional().Loaded(&s.Home.Owner)
	}
	around := func(s *stay) serializer.Spec { return serializer.Nested(&s.Home, homes).Optional() }
	keyFirst := serializer.New(func(s *stay) serializer.Fields { return serializer.Fields{key(s), around(s)} })
	keyLast := serializer.New(func(s *stay) serializer.Fields { return serializer.Fields{around(s), key(s)} })
	for _, input := range []string{`"host_id":1,"home":null`, `"home":null,"host_id":1`} {
		first, err := keyFirst.Decode(t.Context(), []byte(`{`+input+`}`))
		if err != nil || first.Home != nil {
			t.Errorf("%s, the key declared first: %v, %v", input, first.Home, err)
		}
		last, err := keyLast.Decode(t.Context(), []byte(`{`+input+`}`))
		if err != nil || last.Home == nil || last.Home.Owner == nil {
			t.Errorf("%s, the key declared last: %v, %v", input, last.Home, err)
		}
	}
	for name, fields := range map[string]func(s *stay) serializer.Fields{
		"an object": func(s *stay) serializer.Fields {
			return serializer.Fields{
				serializer.Nested(&s.Host, rows), serializer.Related(&s.HostID, rows, rowsByKey[int64](1)).Loaded(&s.Host),
			}
		},
		"a loaded one": func(s *stay) serializer.Fields {
			return serializer.Fields{
				serializer.Related(&s.HostID, rows, rowsByKey[int64](1)).Loaded(&s.Host),
				serializer.Related(&s.Home.Owner.ID, rows, rowsByKey[int64](1)).As("owner").Loaded(&s.Host),
			}
		},
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, "writes the same Go field; make one of them ReadOnly") {
					t.Errorf("%s: it said: %s", name, said)
				}
			}()
			serializer.New(fields)
		}()
	}
}

func TestFieldsThatOverlapAndContainThemselvesPanic(t *testing.T) {
	t.Parallel()
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, `field "parent": contains the object itself`) || !strings.Contains(said, "declare it first") {
			t.Errorf("it said: %s", said)
		}
	}()
	serializer.New(func(x *tree) serializer.Fields {
		return serializer.Fields{serializer.Field(&x.Parent.Name).As("parent_name"), serializer.Nested(&x.Parent, serializer.Self[tree]())}
	})
}

// A default that a read-only field has is written too.
func TestADefaultThatWouldHideTheInputPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if said, _ := recover().(string); !strings.Contains(said, `writes the same Go field`) {
			t.Errorf("it said: %s", said)
		}
	}()
	serializer.New(func(r *row) serializer.Fields {
		return serializer.Fields{serializer.Field(&r.Name), serializer.Field(&r.Name).As("shown").ReadOnly().Default("x")}
	})
}

// Lists that are put off are counted where they stand, and not where the reading is.
func TestListsThatArePutOff(t *testing.T) {
	t.Parallel()
	checked := map[*row]bool{}
	rows := serializer.New(func(r *row) serializer.Fields {
		return serializer.Fields{serializer.Field(&r.Name), serializer.Check(func(r *row) error { checked[r] = true; return nil })}
	})
	type box struct {
		In    struct{ A, B []row }
		Outer []row
	}
	inner := serializer.New(func(in *struct{ A, B []row }) serializer.Fields {
		return serializer.Fields{serializer.Many(&in.A, rows).Optional(), serializer.Many(&in.B, rows).Optional()}
	})
	boxes := serializer.New(func(b *box) serializer.Fields {
		return serializer.Fields{serializer.Nested(&b.In, inner), serializer.Many(&b.In.A, rows).As("late"), serializer.Many(&b.Outer, rows)}
	})
	list := repeated(`{"name":"a"}`, 20)
	found, err := boxes.DecodeList(context.Background(), []byte(`[{"late":`+list+`,"Outer":`+list+`,"In":{"A":[],"B":`+list+`}},{"late":`+list+`,"Outer":[],"In":{}}]`))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range found {
		for _, list := range [][]row{b.In.A, b.In.B, b.Outer} {
			for i := range list {
				if !checked[&list[i]] {
					t.Errorf("element %d of %d was checked elsewhere", i, len(list))
				}
			}
		}
	}
	if len(checked) != 80 || len(found[0].In.A) != 20 {
		t.Errorf("%d were checked", len(checked))
	}
}
