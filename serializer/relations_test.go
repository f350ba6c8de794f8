package serializer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type department struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	HeadID int64  `json:"head"`
}

type person struct {
	ID           int64       `json:"id"`
	Name         string      `json:"name"`
	Email        string      `json:"email"`
	DepartmentID int64       `json:"-"`
	Department   *department `json:"-"`
	MentorID     *int64      `json:"mentor"`
	TeamIDs      []int64     `json:"teams"`
}

// lookups counts what was asked for.
type lookups struct {
	departments, heads, emails [][]int64
	fail                       error
}

func (l *lookups) departmentsByID(_ context.Context, ids []int64) (map[int64]department, error) {
	l.departments = append(l.departments, ids)
	found := map[int64]department{}
	for _, id := range ids {
		if id > 0 && id < 1000 {
			found[id] = department{id, fmt.Sprint("D", id), id % 3}
		}
	}
	return found, l.fail
}

func (l *lookups) headsByID(_ context.Context, ids []int64) (map[int64]row, error) {
	l.heads = append(l.heads, ids)
	return map[int64]row{0: {0, "Zoe"}, 1: {1, "Ann"}}, nil
}

func (l *lookups) emailHolders(_ context.Context, emails []string) (map[string]int64, error) {
	l.emails = append(l.emails, []int64{int64(len(emails))})
	return map[string]int64{"ann@b.co": 1, "bob@b.co": 2}, nil
}

func newPeople(l *lookups) *serializer.Of[person] {
	departments := serializer.New(func(d *department) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&d.ID).ReadOnly(),
			serializer.Field(&d.Name),
			serializer.Related(&d.HeadID, rows, l.headsByID),
		}
	})
	return serializer.New(func(p *person) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&p.Name),
			serializer.Field(&p.Email).Email().Optional().Unique(serializer.Holders(&p.ID, l.emailHolders)),
			serializer.Related(&p.DepartmentID, departments, l.departmentsByID).As("department").Loaded(&p.Department),
			serializer.Related(&p.MentorID, rows, l.headsByID).Optional(),
			serializer.Related(&p.TeamIDs, rows, l.headsByID).Optional(),
		}
	})
}

func TestTenThousandObjectsTakeTwoLookups(t *testing.T) {
	t.Parallel()
	l := &lookups{}
	people := serializer.New(func(p *person) serializer.Fields {
		return serializer.Fields{serializer.Field(&p.Name), serializer.Related(&p.DepartmentID, rows, func(ctx context.Context, ids []int64) (map[int64]row, error) {
			l.departments = append(l.departments, ids)
			return rowsByKey[int64](1, 2, 3)(ctx, ids)
		}).As("department")}
	})
	var input strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&input, `,{"name": "p%d", "department": %d}`, i, i%3+1)
	}
	list, err := people.DecodeList(t.Context(), []byte("["+input.String()[1:]+"]"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := people.AppendList(t.Context(), nil, list)
	if err != nil || len(list) != 10_000 || strings.Count(string(text), `"department":{"id":0,"name":"2"}`) != 3333 {
		t.Fatalf("%d objects, %v", len(list), err)
	}
	if len(l.departments) != 2 || !slices.Equal(l.departments[0], []int64{1, 2, 3}) || !slices.Equal(l.departments[1], []int64{1, 2, 3}) {
		t.Errorf("the lookups were %v, want one for validating and one for showing, of distinct keys", l.departments)
	}
}

func TestRelatedObjectsOfRelatedObjectsAreLookedUpTogether(t *testing.T) {
	t.Parallel()
	l := &lookups{}
	people, one := newPeople(l), int64(1)
	text, err := people.AppendList(t.Context(), nil, []person{{DepartmentID: 3, MentorID: &one, TeamIDs: []int64{1, 9}}, {DepartmentID: 4}, {DepartmentID: 5000}})
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"name":"","email":"","department":{"id":3,"name":"D3","head":{"id":0,"name":"Zoe"}},"mentor":{"id":1,"name":"Ann"},"teams":[{"id":1,"name":"Ann"}]},` +
		`{"name":"","email":"","department":{"id":4,"name":"D4","head":{"id":1,"name":"Ann"}},"mentor":null,"teams":[]},` +
		`{"name":"","email":"","department":null,"mentor":null,"teams":[]}]`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if len(l.departments) != 1 || len(l.heads) != 3 { // of departments, mentors and teams
		t.Errorf("looked up departments %v and heads %v", l.departments, l.heads)
	}
}

func TestTinyTakesLoadedObjectsAsTheyAre(t *testing.T) {
	t.Parallel()
	l := &lookups{}
	people := newPeople(l)
	p := person{Name: "Ann", DepartmentID: 1, Department: &department{ID: 1, Name: "at hand", HeadID: 1}}
	full, err := people.Append(t.Context(), nil, &p)
	if err != nil || !strings.Contains(string(full), `"name":"D1"`) || len(l.departments) != 1 {
		t.Errorf("full shows %s (%v) after %v", full, err, l.departments)
	}
	tiny, err := people.Tiny().Append(t.Context(), nil, &p)
	if err != nil || !strings.Contains(string(tiny), `"name":"at hand","head":{"id":1,"name":"Ann"}`) || len(l.departments) != 1 {
		t.Errorf("tiny shows %s (%v) after %v", tiny, err, l.departments)
	}
}

func TestDecodingLoadsTheObjectThatWasFound(t *testing.T) {
	t.Parallel()
	people := newPeople(&lookups{})
	list, err := people.DecodeList(t.Context(), []byte(`[1, {"name":"a","department":7},{"name":"b","department":8}]`)[:0:0])
	if err == nil || list != nil {
		t.Fatal("no input was accepted")
	}
	list, err = people.DecodeList(t.Context(), []byte(`[{"name":"a","department":7},{"name":"b","department":"8"}]`))
	if err != nil || list[0].Department.Name != "D7" || list[1].Department.Name != "D8" || list[0].Department == list[1].Department {
		t.Fatalf("%+v %v", list, err)
	}
	p := list[0]
	if err := people.Patch(t.Context(), []byte(`{"department": 9}`), &p); err != nil || p.Department.ID != 9 || list[0].Department.ID != 7 {
		t.Errorf("%+v %v", p, err)
	}
}

func TestUniqueKnowsTheHolder(t *testing.T) {
	t.Parallel()
	l := &lookups{}
	people := newPeople(l)
	taken := func(err error) bool {
		var errs *serializer.Errors
		return errors.As(err, &errs) && errs.Field("email").Messages[0] == serializer.Message{Code: "unique", Text: "This field must be unique."}
	}
	_, err := people.Decode(t.Context(), []byte(`{"name":"a","department":1,"email":"ann@b.co"}`))
	if !taken(err) {
		t.Errorf("creating: %v", err)
	}
	ann := person{ID: 1, Name: "Ann", DepartmentID: 1}
	if err := people.Patch(t.Context(), []byte(`{"email":"ann@b.co"}`), &ann); err != nil {
		t.Errorf("her own address: %v", err)
	}
	if err := people.Patch(t.Context(), []byte(`{"email":"bob@b.co"}`), &ann); !taken(err) || ann.Email != "ann@b.co" {
		t.Errorf("his address: %v, %+v", err, ann)
	}
	l.emails = nil
	_, err = people.DecodeList(t.Context(), []byte(`[{"name":"a","department":1,"email":"x@b.co"},{"name":"a","department":1,"email":"x@b.co"},{"name":"a","department":1,"email":"bob@b.co"}]`))
	var errs *serializer.Errors
	if !errors.As(err, &errs) || errs.Items[0] != nil || !taken(errs.Items[1]) || !taken(errs.Items[2]) || len(l.emails) != 1 || l.emails[0][0] != 2 {
		t.Errorf("%v after %v", err, l.emails)
	}
}

// An item of a list says which one it is, and only of those that the list had: another object's value is never its own.
func TestUniqueKnowsTheItemsOfAList(t *testing.T) {
	t.Parallel()
	type line struct {
		ID   int64  `json:"id"`
		Code string `json:"code"`
	}
	type order struct {
		Lines []line `json:"lines"`
		In    struct {
			Lines []line `json:"lines"`
		} `json:"in"`
	}
	held := map[string]int64{"a": 1, "b": 2, "c": 3}
	lines := serializer.New(func(l *line) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&l.Code).Unique(serializer.Holders(&l.ID, func(context.Context, []string) (map[string]int64, error) { return held, nil })),
			serializer.Field(&l.ID).Optional(),
		}
	})
	orders := serializer.New(func(o *order) serializer.Fields {
		return serializer.Fields{serializer.Many(&o.Lines, lines).Optional(), serializer.Many(&o.In.Lines, lines).As("inner").Optional()}
	})
	refused := func(i int) string {
		return "invalid input: lines." + fmt.Sprint(i) + ".code: This field must be unique."
	}
	for input, want := range map[string]string{
		`{"lines":[{"id":1,"code":"a"},{"code":"b","id":2}]}`:              "",
		`{"lines":[{"id":2,"code":"b"},{"id":1,"code":"a"},{"code":"x"}]}`: "",
		`{"lines":[{"id":1,"code":"x"},{"id":2,"code":"y"}]}`:              "",
		`{"lines":[{"id":1,"code":"b"}]}`:                                  refused(0),
		`{"lines":[{"code":"a"}]}`:                                         refused(0), // a new one
		`{"lines":[{"id":3,"code":"c"}]}`:                                  refused(0), // of another order
		`{"lines":[{"code":"x"},{"id":2,"code":"a"}]}`:                     refused(1),
		`{"lines":[{"id":1,"code":"x"},{"id":2,"code":"x"}]}`:              refused(1),
		`{"lines":[{"id":1,"id":3,"code":"a"}]}`:                           refused(0), // the last key counts
		`{"lines":[{"code":"x"}],"lines":[{"id":1,"code":"a"}]}`:           "",
		`{"lines":[{"id":1,"id":"x","code":"a"}]}`:                         "invalid input: lines.0.code: This field must be unique.; lines.0.id: A valid integer is required.",
		`{"lines":[null,5,{"id":1,"code":"a"}]}`:                           "invalid input: lines.0: This field may not be null.; lines.1.non_field_errors: Invalid data. Expected a dictionary, but got int.",
		`{"inner":[{"id":1,"code":"a"}]}`:                                  "invalid input: inner.0.code: This field must be unique.",
		`{"inner":[{"id":3,"code":"c"}]}`:                                  "",
	} {
		o := order{Lines: []line{{1, "a"}, {2, "b"}}}
		o.In.Lines = []line{{3, "c"}}
		if err := orders.Patch(t.Context(), []byte(input), &o); said(err) != want {
			t.Errorf("%s: %v", input, err)
		}
	}
	if _, err := orders.Decode(t.Context(), []byte(`{"lines":[{"id":1,"code":"a"}]}`)); said(err) != refused(0) {
		t.Errorf("a new order took the line of another one: %v", err)
	}
}

// What is no valid value is not looked up: databases refuse some of it.
func TestUniqueIsAskedForValidValuesOnly(t *testing.T) {
	t.Parallel()
	type item struct {
		ID    int64  `json:"id"`
		Email string `json:"email"`
		Size  int    `json:"size"`
		Price string `json:"price"`
	}
	asked := 0
	items := serializer.New(func(i *item) serializer.Fields {
		texts := serializer.Holders(&i.ID, func(context.Context, []string) (map[string]int64, error) { asked++; return nil, nil })
		sizes := serializer.Holders(&i.ID, func(context.Context, []int) (map[int]int64, error) { asked++; return nil, nil })
		return serializer.Fields{
			serializer.Field(&i.Email).Email().MaxLength(20).Unique(texts),
			serializer.Field(&i.Size).Max(9).Unique(sizes),
			serializer.Field(&i.Price).Decimal(4, 2).Unique(texts),
		}
	})
	for _, input := range []string{
		`{"email": "a\u0000@x.example", "size": 10, "price": "1.999"}`,
		`{"email": "nobody", "size": 11, "price": "1e9"}`,
		`{"email": "a@averylongname.example.com", "size": 1.5, "price": "x"}`,
	} {
		if _, err := items.Decode(t.Context(), []byte(input)); !errors.Is(err, serializer.ErrInvalid) {
			t.Errorf("%s: %v", input, err)
		}
	}
	if asked != 0 {
		t.Errorf("asked %d times who holds what is no valid value", asked)
	}
}

func TestALookupThatFailsIsNoFaultOfTheInput(t *testing.T) {
	t.Parallel()
	down := errors.New("database is down")
	people := newPeople(&lookups{fail: down})
	_, err := people.Decode(t.Context(), []byte(`{"name":"a","department":1}`))
	if !errors.Is(err, down) || errors.Is(err, serializer.ErrInvalid) {
		t.Errorf("decoding: %v", err)
	}
	text, err := people.Append(t.Context(), []byte("before"), &person{DepartmentID: 1})
	if !errors.Is(err, down) || string(text) != "before" {
		t.Errorf("showing: %s, %v", text, err)
	}
}

type holder struct {
	Home   spot
	Nested *person
	Key    int64
	Row    *row
}

// What is loaded lies in the object at hand, also behind nested objects, and in lists however they grow.
func TestLoadedBesideNestedObjects(t *testing.T) {
	t.Parallel()
	var checked []*holder
	holders := serializer.New(func(h *holder) serializer.Fields {
		return serializer.Fields{
			serializer.Nested(&h.Home, spots).Optional(),
			serializer.Nested(&h.Nested, newPeople(&lookups{})).Optional(),
			serializer.Related(&h.Key, rows, rowsByKey[int64](1, 2)).As("row").Loaded(&h.Row),
			serializer.Check(func(h *holder) error {
				checked = append(checked, h)
				return nil
			}),
		}
	})
	list, err := holders.DecodeList(t.Context(), []byte(`[{"row":1},{"row":2},{"row":1},{"row":2},{"row":1}]`))
	if err != nil || len(checked) != len(list) {
		t.Fatal(err)
	}
	for i := range list {
		if list[i].Row == nil || list[i].Row.Name != fmt.Sprint(list[i].Key) || checked[i] != &list[i] {
			t.Errorf("%d: %+v, checked at %p and returned at %p", i, list[i], checked[i], &list[i])
		}
	}
	text, err := holders.Tiny().Append(t.Context(), nil, &holder{Nested: &person{DepartmentID: 5000}, Key: 1, Row: &row{9, "at hand"}})
	if err != nil || !strings.HasSuffix(string(text), `,"row":{"id":9,"name":"at hand"}}`) {
		t.Errorf("%s %v", text, err)
	}
}

// A check may look at other things by pointer: it gets the very object that is returned, in lists too.
func TestChecksGetTheObjectsThatAreReturned(t *testing.T) {
	t.Parallel()
	var checked []*row
	s := serializer.New(func(r *row) serializer.Fields {
		return serializer.Fields{serializer.Field(&r.Name), serializer.Check(func(r *row) error {
			checked = append(checked, r)
			return nil
		})}
	})
	list, err := s.DecodeList(t.Context(), []byte(`[{"name":"a"},{"name":"b"},{"name":"c"}]`))
	if err != nil || len(checked) != 3 {
		t.Fatal(err, checked)
	}
	for i := range list {
		if checked[i] != &list[i] {
			t.Errorf("object %d was checked elsewhere", i)
		}
	}
}

// Two relations that lead to objects of one sort share the lookup of what these refer to.
func TestOneLookupForEachLevel(t *testing.T) {
	t.Parallel()
	l := &lookups{}
	departments := serializer.New(func(d *department) serializer.Fields {
		return serializer.Fields{serializer.Related(&d.HeadID, rows, l.headsByID)}
	})
	type move struct{ From, To int64 }
	moves := serializer.New(func(m *move) serializer.Fields {
		return serializer.Fields{serializer.Related(&m.From, departments, l.departmentsByID), serializer.Related(&m.To, departments, l.departmentsByID)}
	})
	text, err := moves.Append(t.Context(), nil, &move{3, 4})
	if err != nil || string(text) != `{"From":{"head":{"id":0,"name":"Zoe"}},"To":{"head":{"id":1,"name":"Ann"}}}` {
		t.Errorf("%s %v", text, err)
	}
	if len(l.departments) != 2 || len(l.heads) != 1 {
		t.Errorf("departments %v, heads %v", l.departments, l.heads)
	}
}

// A view has no way in, nested neither.
func TestNestedViewIsReadOnly(t *testing.T) {
	t.Parallel()
	type outer struct {
		Name string `json:"name"`
		Row  row    `json:"row"`
		Rows []row  `json:"rows"`
	}
	outers := serializer.New(func(o *outer) serializer.Fields {
		return serializer.Fields{serializer.Field(&o.Name), serializer.Nested(&o.Row, rows.Tiny()), serializer.Many(&o.Rows, rows.Tiny())}
	})
	got, err := outers.Decode(t.Context(), []byte(`{"name": "a", "row": {"name": "x"}, "rows": [{"name": "y"}]}`))
	if err != nil || got.Name != "a" || got.Row != (row{}) || got.Rows != nil {
		t.Errorf("%+v, %v", got, err)
	}
}
