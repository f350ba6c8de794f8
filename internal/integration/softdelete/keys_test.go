package softdelete_test

import (
	"errors"
	"fmt"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// keyTypes are types of keys, with values that are hard on texts.
var keyTypes = []struct{ typ, values string }{
	{"integer", `-1`}, {"bigint", `9223372036854775807`}, {"numeric", `1.50`}, {"numeric", `'NaN'`}, {"numeric", `1e30`}, {"double precision", `0.1`}, {"double precision", `1e300`},
	{"double precision", `'NaN'`}, {"double precision", `'-Infinity'`}, {"real", `1.1`}, {"money", `12.5`}, {"oid", `4294967295`},
	{"text", `E'it''s "x", \\ {a} [b]\n%s $1'`}, {"text", `''`}, {"text", `'[1]'`}, {"text", `'null'`}, {"text", `'{"blob": "00"}'`}, {"character(4)", `'a'`}, {"name", `'n'`}, {"citext", `'Ann'`},
	{"uuid", `'6ECD8C99-4036-403D-BF84-CF8400F67836'`}, {"bytea", `'\x00ff27'`}, {"boolean", `false`}, {"bit varying(4)", `'0101'`},
	{"date", `'0044-03-15 BC'`}, {"date", `'infinity'`}, {"timestamp", `'2026-01-02 03:04:05.000006'`}, {"timestamptz", `'2026-01-02 03:04:05.000006+09'`}, {"timestamptz", `'-infinity'`},
	{"time", `'03:04:05.6'`}, {"interval", `'1 mon -2 days 03:00'`}, {"inet", `'10.0.0.1/8'`}, {"cidr", `'10.0.0.0/8'`}, {"macaddr", `'08:00:2b:01:02:03'`},
	{"jsonb", `'{"b": [1.50, null], "a": "x"}'`}, {"jsonb", `'{"blob": "00ff"}'`}, {"jsonb", `'"s"'`}, {"jsonb", `'null'`}, {"jsonb", `'1'`}, {"jsonb", `'[]'`},
	{"integer[]", `'{1,NULL,3}'`}, {"text[]", `ARRAY['a,b', '"', 'NULL', '', E'\\'] || NULL`}, {"integer[]", `'[0:1]={1,2}'`}, {"double precision[]", `'{NaN,Infinity}'`}, {"text[]", `'{{a,b},{c,d}}'`}, {"bytea[]", `'{"\\x00ff"}'`},
	{"mood", `'very "sad"'`}, {"mood[]", `'{ok}'`}, {"amount", `7`}, {"names", `'{a,b}'`}, {"document", `'{"a": 1}'`}, {"pair", `ROW(1, 'a "b", c')`}, {"pair", `ROW(NULL, '')`}, {"pair[]", `ARRAY[ROW(1, 'a')::pair]`},
	{"int4range", `'[1,5)'`}, {"int4range", `'empty'`}, {"tstzrange", `'[2026-01-01,)'`}, {"int4multirange", `'{[1,2),[5,7)}'`}, {"hstore", `'a=>1, "b c"=>NULL'`},
}

// A key as it is told is a key that is understood.
func TestEveryKeyThatIsToldIsUnderstood(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE TYPE mood AS ENUM ('very "sad"', 'ok'); CREATE DOMAIN amount AS integer CHECK (VALUE > 0); CREATE DOMAIN names AS text[];
		CREATE DOMAIN document AS jsonb; CREATE TYPE pair AS (x integer, y text)`)
	var tables []string
	for i, k := range keyTypes {
		tables = append(tables, fmt.Sprint("t", i))
		db.do(fmt.Sprintf(`CREATE TABLE t%[1]d (k %[2]s, n integer, up_k %[2]s, up_n integer, PRIMARY KEY (k, n), FOREIGN KEY (up_k, up_n) REFERENCES t%[1]d ON DELETE CASCADE);
			INSERT INTO t%[1]d VALUES (%[3]s, 1, NULL, NULL), (%[3]s, 2, %[3]s, 1)`, i, k.typ, k.values))
	}
	db.install(tables...)
	for i, k := range keyTypes {
		table := fmt.Sprint("t", i)
		db.do(`DELETE FROM ` + table + ` WHERE n = 1`)
		keys := map[any][]any{} // by their second part
		for row, err := range db.twins.List(db.ctx(), db.DB, table) {
			if err != nil {
				t.Fatalf("%s %s: %v", k.typ, k.values, err)
			}
			keys[row.Key[1]] = row.Key
			if n, err := db.twins.Count(db.ctx(), db.DB, table, softdelete.Key(row.Key...)); err != nil || n != 1 {
				t.Errorf("%s %s: key %q finds %d rows, %v", k.typ, k.values, row.Key, n, err)
			}
		}
		parent, child := keys[int64(1)], keys[int64(2)]
		_, err := db.twins.Restore(db.ctx(), db.DB, table, softdelete.Key(child...))
		var gone *softdelete.ParentGoneError
		if !errors.As(err, &gone) {
			t.Errorf("%s %s: got %v", k.typ, k.values, err)
			continue
		}
		db.equal([]any{gone.Key, gone.ParentKey}, []any{child, parent})
		back, err := db.twins.Restore(db.ctx(), db.DB, table, softdelete.Key(gone.ParentKey...))
		if err != nil || len(back.Rows) != 2 {
			t.Errorf("%s %s: restored %v, %v", k.typ, k.values, back.Rows, err)
			continue
		}
		db.equal([]any{back.Rows[0].Key, back.Rows[1].Key}, []any{parent, child})
		db.want(fmt.Sprintf(`SELECT count(*) FROM %s WHERE k = CAST(%s AS %s)`, table, k.values, k.typ), "2")
	}
}
