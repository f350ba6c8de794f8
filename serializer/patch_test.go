package serializer_test

import (
	"encoding/json"
	"errors"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type spot struct {
	City string `json:"city"`
	Zip  string `json:"zip"`
}

type thing struct {
	ID     int64   `json:"id"`
	Name   string  `json:"name"`
	Nick   *string `json:"nick"`
	Count  int     `json:"count"`
	Home   spot    `json:"home"`
	Work   *spot   `json:"work"`
	Old    []spot  `json:"old"`
	Tags   []string
	Secret string `json:"secret"`
}

var (
	spots = serializer.New(func(s *spot) serializer.Fields {
		return serializer.Fields{serializer.Field(&s.City).MaxLength(6), serializer.Field(&s.Zip)}
	})
	things = serializer.New(func(x *thing) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&x.ID).ReadOnly(),
			serializer.Field(&x.Name).MaxLength(5),
			serializer.Field(&x.Nick),
			serializer.Field(&x.Count).Default(7),
			serializer.Nested(&x.Home, spots),
			serializer.Nested(&x.Work, spots),
			serializer.Many(&x.Old, spots),
			serializer.Field(&x.Tags).As("tags").Optional(),
			serializer.Field(&x.Secret).WriteOnly().Optional(),
			serializer.Field(&x.Work.City).As("work_city").Optional(),
		}
	})
)

func newThing() thing {
	nick := "n"
	return thing{
		ID: 5, Name: "old", Nick: &nick, Count: 3, Home: spot{"Rome", "1"}, Work: &spot{"Oslo", "2"},
		Old: []spot{{"Bonn", "3"}}, Tags: []string{"a"}, Secret: "s",
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, input string
		change      func(*thing)
	}{
		{"nothing", `{}`, func(*thing) {}},
		{"a value", `{"name":"new"}`, func(x *thing) { x.Name = "new" }},
		{"null", `{"nick":null}`, func(x *thing) { x.Nick = nil }},
		{"read-only", `{"id":9}`, func(*thing) {}},
		{"inside a struct", `{"home":{"city":"Riga"}}`, func(x *thing) { x.Home.City = "Riga" }},
		{"inside a pointer", `{"work":{"zip":"9"}}`, func(x *thing) { x.Work = &spot{"Oslo", "9"} }},
		{"through a pointer", `{"work_city":"Kyiv"}`, func(x *thing) { x.Work = &spot{"Kyiv", "2"} }},
		{"a pointer away", `{"work":null}`, func(x *thing) { x.Work = nil }},
		{"a list as a whole", `{"old":[],"tags":["x","y"]}`, func(x *thing) { x.Old, x.Tags = []spot{}, []string{"x", "y"} }},
		{"the last of two", `{"home":{"city":"Riga"},"home":{"zip":"8"}}`, func(x *thing) { x.Home.Zip = "8" }},
		{"the last of two pointers", `{"work":{"city":"Riga"},"work":{"zip":"8"}}`, func(x *thing) { x.Work = &spot{"Oslo", "8"} }},
		{"the last, though the first was wrong", `{"name":"too long","name":"ok"}`, func(x *thing) { x.Name = "ok" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, want, before := newThing(), newThing(), newThing()
			work := got.Work
			c.change(&want)
			if err := things.Patch(t.Context(), []byte(c.input), &got); err != nil {
				t.Fatal(err)
			}
			if encoded(t, got) != encoded(t, want) {
				t.Errorf("got  %s\nwant %s", encoded(t, got), encoded(t, want))
			}
			if *work != *before.Work {
				t.Errorf("what Work pointed to was changed in place: %+v", *work)
			}
		})
	}
}

func TestPatchChangesNothingWhenSomethingIsWrong(t *testing.T) {
	t.Parallel()
	for _, input := range []string{
		`{"nick":null,"tags":["x"],"work":{"city":"Riga"},"home":{"city":"Riga"},"old":[{"city":"1","zip":"2"}],"name":"too long"}`,
		`{"work_city":"Riga","work":{"city":"too long"}}`,
		`{"nick":"x","home":{"city":"Riga"}`,
		`{"name":"ok","name":"too long"}`,
		`{"old":[{"city":"1"}]}`, // new objects need all that is required
	} {
		x := newThing()
		work := x.Work
		if err := things.Patch(t.Context(), []byte(input), &x); err == nil {
			t.Errorf("%s was accepted", input)
		}
		if x.Work != work || encoded(t, x) != encoded(t, newThing()) {
			t.Errorf("%s changed the object to %s", input, encoded(t, x))
		}
	}
}

func TestPatchAsksForAllOfANewObject(t *testing.T) {
	t.Parallel()
	x := newThing()
	x.Work = nil
	err := things.Patch(t.Context(), []byte(`{"work":{"city":"Riga"}}`), &x)
	var errs *serializer.Errors
	if !errors.As(err, &errs) || errs.Field("work", "zip") == nil || x.Work != nil {
		t.Errorf("%v, %+v", err, x.Work)
	}
	if err := things.Patch(t.Context(), []byte(`{"work_city":"Riga"}`), &x); err != nil || x.Work == nil || *x.Work != (spot{City: "Riga"}) {
		t.Errorf("%v, %+v", err, x.Work)
	}
}

func TestUpdateAsksForAllFields(t *testing.T) {
	t.Parallel()
	x := newThing()
	err := things.Update(t.Context(), []byte(`{"name":"new"}`), &x)
	var errs *serializer.Errors
	if !errors.As(err, &errs) || len(errs.Fields) != 4 || x.Name != "old" {
		t.Fatalf("%v, %+v", err, x)
	}
	err = things.Update(t.Context(), []byte(`{"name":"new","nick":null,"home":{"city":"a","zip":"b"},"work":null,"old":[]}`), &x)
	if err != nil || x.ID != 5 || x.Name != "new" || x.Count != 7 || x.Secret != "s" || x.Home != (spot{"a", "b"}) {
		t.Errorf("%v, %+v", err, x)
	}
}

func TestDecodeAppliesDefaults(t *testing.T) {
	t.Parallel()
	x, err := things.Decode(t.Context(), []byte(`{"id":9,"name":" a ","nick":null,"home":{"city":"a","zip":"b"},"work":null,"old":[]}`))
	if err != nil || x.ID != 0 || x.Name != "a" || x.Count != 7 || x.Tags != nil {
		t.Errorf("%v, %+v", err, x)
	}
	text, err := things.Append(t.Context(), nil, &x)
	want := `{"id":0,"name":"a","nick":null,"count":7,"home":{"city":"a","zip":"b"},"work":null,"old":[],"tags":[],"work_city":null}`
	if err != nil || string(text) != want {
		t.Errorf("shown as %s (%v)", text, err)
	}
}
