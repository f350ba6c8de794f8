package softdelete

import (
	"errors"
	"strings"
	"testing"
)

func TestErrorsSayWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	cause := errors.New("UNIQUE constraint failed")
	for _, c := range []struct {
		err  error
		want string
	}{
		{&TableError{"x", "does not exist"}, `softdelete: table "x" does not exist`},
		{&NotInstalledError{Table: "x"}, `softdelete: table "x" has no twin: run Twins.Install for it, or toolset softdelete sync`},
		{&NotInstalledError{"x", []string{"a", "b"}}, `softdelete: the twin of table "x" lacks a, b: run Twins.Install for it, or toolset softdelete sync`},
		{&NotFoundError{"x", []any{int64(1), "a"}}, `softdelete: no deleted row of "x" with key (1, a)`},
		{&NotFoundError{Table: "x"}, `softdelete: no deleted row of "x" matches`},
		{&KeyError{"x", []string{"a", "b"}, 1}, `softdelete: the key of table "x" is (a, b), got 1 parts`},
		{&ConflictError{Table: "x", Constraint: "c", Key: []any{[]byte{1}}, Detail: "Key (email)=(ann@x)"}, `softdelete: row (01) of "x" cannot come back: constraint "c" refuses it`},
		{&ParentGoneError{"x", "fk", nil, "y", []any{int64(2)}}, `softdelete: row (?) of "x" cannot come back: its row (2) of "y" is gone (fk); restore that one`},
		{&SettingsError{[]string{"foreign_keys"}}, `softdelete: foreign_keys off on this SQLite connection: open the database through softdelete.SQLiteConnector`},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if !errors.Is(&ConflictError{cause: cause}, cause) || sqlState(&ParentGoneError{}) != "23503" || sqlState(cause) != "" {
		t.Error("the cause or the state is lost")
	}
}

func TestDriftAsText(t *testing.T) {
	t.Parallel()
	got := []string{
		Drift{"people", MissingColumn, "level", "of the twin"}.String(),
		Drift{Kind: MissingObject, Name: "softdelete_links"}.String(),
		Drift{Table: "people", Kind: MissingTwin}.String(),
	}
	if s := strings.Join(got, "\n"); s != "people: missing column \"level\" (of the twin)\nmissing object \"softdelete_links\"\npeople: missing twin" {
		t.Error(s)
	}
}

func TestTablesOfACall(t *testing.T) {
	t.Parallel()
	if got, err := named([]string{"b", "a", "b"}); err != nil || strings.Join(got, " ") != "a b" {
		t.Error(got, err)
	}
	if _, err := named(nil); err == nil {
		t.Error("no tables, no error")
	}
}

func TestOrderOfTables(t *testing.T) {
	t.Parallel()
	s := &sqliteSchema{tables: map[string]*sqliteTable{}}
	for name, parents := range map[string][]string{"top": {"top"}, "l": {"top"}, "r": {"TOP", "gone"}, "bottom": {"l", "r"}, "x": {"y"}, "y": {"x"}} {
		tb := &sqliteTable{name: name}
		for _, p := range parents {
			tb.links = append(tb.links, sqliteFK{parent: p})
		}
		s.tables[name] = tb
	}
	for first, tables := range map[string]string{"top": "top l r bottom", "y": "y x", "l": "l bottom"} {
		ids := map[string][]int64{}
		for _, name := range strings.Fields(tables) {
			ids[name] = nil
		}
		var got []string
		for _, tb := range s.order(first, ids) {
			got = append(got, tb.name)
		}
		if strings.Join(got, " ") != tables {
			t.Errorf("got %v, want %s", got, tables)
		}
	}
}
