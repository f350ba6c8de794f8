package softdelete

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

type text string
type uuid [16]byte
type valuer struct{ err error }

func (v valuer) Value() (driver.Value, error) { return "7", v.err }

func TestPartsOfKeysAsText(t *testing.T) {
	t.Parallel()
	id := uuid{0x7d, 0x44}
	for _, c := range []struct {
		part any
		typ  string
		want string
		ok   bool
	}{
		{1, "pg_catalog.int4", "1", true},
		{int64(math.MaxInt64), "pg_catalog.int8", "9223372036854775807", true},
		{uint64(math.MaxUint64), "pg_catalog.int8", "", false},
		{int64(math.MaxInt64), "pg_catalog.int4", "", false},
		{40000, "pg_catalog.int2", "", false},
		{"12", "pg_catalog.int4", "12", true},
		{" 12", "pg_catalog.int4", "", false},
		{"", "pg_catalog.int4", "", false},
		{"abc", "pg_catalog.int4", "", false},
		{1.0, "pg_catalog.int4", "1", true},
		{1.5, "pg_catalog.int4", "", false},
		{true, "boolean", "true", true},
		{true, "pg_catalog.int4", "", false},
		{"abc", "text", "abc", true},
		{text("abc"), "text", "abc", true},
		{"a\x00b", "text", "", false},
		{"\xff", "text", "", false},
		{[]byte{0, 255}, "bytea", `\x00ff`, true},
		{valuer{}, "pg_catalog.int4", "7", true},
		{valuer{errors.New("no")}, "pg_catalog.int4", "", false},
		{(*valuer)(nil), "pg_catalog.int4", "", false},
		{sql.NullString{}, "text", "", false},
		{id, "pg_catalog.uuid", "7d440000000000000000000000000000", true},
		{[16]byte(id), "pg_catalog.uuid", "7d440000000000000000000000000000", true},
		{"7D444840-9DC0-11D1-B245-5FFDCE74FAD2", "pg_catalog.uuid", "7D4448409DC011D1B2455FFDCE74FAD2", true},
		{"7D444840", "pg_catalog.uuid", "", false},
		{time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC), "timestamp with time zone", "2020-01-02T03:04:05.000006Z", true},
		{nil, "text", "", false},
		{struct{}{}, "text", "", false},
		{[]int{1}, "text", "", false},
	} {
		got, ok := pgText(c.part, c.typ)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%v as %s: got %q, %v", c.part, c.typ, got, ok)
		}
	}
}

func TestDecodeKey(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]any{
		`[1]`:                          {int64(1)},
		`[9223372036854775807, "x"]`:   {int64(math.MaxInt64), "x"},
		`[1.50, 18446744073709551615]`: {"1.50", "18446744073709551615"},
		`[true, null]`:                 {true, nil},
		`[{"blob": "00FF"}]`:           {[]byte{0, 255}},
		`["\u00e4\"'"]`:                {`ä"'`},
		`[{"blob": "x"}, {"b": 1.50}]`: {`{"blob": "x"}`, `{"b": 1.50}`},
		`[[1, "a"]]`:                   {`[1, "a"]`},
	} {
		if got, err := decodeKey(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{``, `{}`, `[1`} {
		if got, err := decodeKey(text); err == nil {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func FuzzDecodeKey(f *testing.F) {
	f.Add(`[1, "a", {"blob": "00"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		key, err := decodeKey(text)
		if err != nil {
			return
		}
		for _, part := range key {
			switch part.(type) {
			case nil, int64, string, bool, []byte:
			default:
				t.Errorf("%s: part of type %T", text, part)
			}
		}
	})
}

func TestScan(t *testing.T) {
	t.Parallel()
	r := Row{Ref: Ref{Table: "people"}, columns: []string{"id", "name", "born", "note"}, values: []any{int64(7), []byte("Ann"), time.Unix(0, 0), nil}}
	var id int32
	var name string
	var label text
	var pointer, note *string
	var null sql.Null[string]
	var raw any
	err := r.Scan(Column("id", &id), Column("name", &name), Column("name", &label), Column("name", &pointer), Column("note", &note), Column("note", &null), Column("note", &raw))
	if err != nil || id != 7 || name != "Ann" || label != "Ann" || *pointer != "Ann" || note != nil || null.Valid || raw != nil {
		t.Error(err, id, name, label, pointer, note, null, raw)
	}
	err = r.Scan(Column("note", &name), Column("name", &id), Column("nope", &id), Column("id", &id))
	for _, want := range []string{`column "note" of people: it is NULL, which string cannot hold`, `column "name" of people: converting`, `no column "nope"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if _, ok := r.Value("nope"); ok || id != 7 {
		t.Error(ok, id)
	}
}

func TestTimesOfFilters(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1000)
	for _, c := range []struct {
		filter Filter
		want   string
	}{
		{Since(at), "t.softdelete_at >= 1000"},
		{Since(at.Add(1)), "t.softdelete_at >= 1001"},
		{Before(at), "t.softdelete_at < 1000"},
		{Before(at.Add(1)), "t.softdelete_at < 1001"},
	} {
		if got, ok := (sqlite{}).conditions(c.filter, twin{}, new([]any)); !ok || len(got) != 1 || got[0] != c.want {
			t.Errorf("got %v, want %s", got, c.want)
		}
	}
}
