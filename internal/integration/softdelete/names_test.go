package softdelete_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// Tables and columns of any name, many of them like something else, with links and cascades between them.
func TestNamesOfEveryKind(t *testing.T) {
	t.Parallel()
	names := []string{
		`o`, `old_rows`, `new_rows`, `select`, `Größe`, `a.b`, `public.a`, ` x `, `%I %s %1$I %%`, `a"b'c`, `$softdelete$`, `$1`, `--x`, `/*`, `;`, "line\nbreak", `tab\n`, `{1,2}`, `pg_class`, `deleted_a`,
		strings.Repeat("ы", 31) + "a", strings.Repeat("ы", 31) + "b", strings.Repeat("a", 63), strings.Repeat("a", 62) + "b", strings.Repeat("a", 55), strings.Repeat("日", 21),
	}
	both(t, func(t *testing.T, db *base) {
		q := func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
		in := func(name string) string { return q(name) }
		if db.postgres { // pg_catalog comes first
			in = func(name string) string { return "public." + q(name) }
		}
		for i, name := range names {
			parent := names[max(0, i-1)]
			db.do(fmt.Sprintf(`CREATE TABLE %s (%[4]s integer PRIMARY KEY, "p %%" integer, "s'""" integer, b integer, t integer, n integer, w integer, c integer, CONSTRAINT %[2]s FOREIGN KEY ("p %%") REFERENCES %[3]s ON DELETE CASCADE, FOREIGN KEY ("s'""") REFERENCES %[3]s ON DELETE SET NULL)`,
				in(name), q("c"+name), in(parent), q(name)))
		}
		db.install(names...)
		for _, name := range names {
			db.do(fmt.Sprintf(`INSERT INTO %s (%s, "p %%", b, t) VALUES (1, 1, 5, 6)`, in(name), q(name)))
			db.do(fmt.Sprintf(`INSERT INTO %s (%s, "s'""", c) VALUES (2, 1, 7)`, in(name), q(name)))
		}
		db.do(`DELETE FROM ` + in(names[0]) + ` WHERE ` + q(names[0]) + ` = 1`)
		for _, name := range names {
			db.want(fmt.Sprintf(`SELECT %s, b, t, c, "s'""" IS NULL FROM %s`, q(name), in(name)), "2 <nil> <nil> 7 "+db.yes())
		}
		back, err := db.twins.Restore(db.ctx(), db.DB, names[0], softdelete.Key(1))
		if err != nil {
			t.Fatal(err)
		}
		db.equal([]int{len(back.Rows), len(back.Relinked)}, []int{len(names), len(names)})
		for _, name := range names {
			db.want(fmt.Sprintf(`SELECT %s, "p %%", b, t, c, "s'""" FROM %s ORDER BY 1`, q(name), in(name)), "1 1 5 6 <nil> <nil>", "2 <nil> <nil> <nil> 7 1")
		}
		for _, name := range names { // one by one, beside a change of the table on PostgreSQL
			if db.postgres {
				db.do(fmt.Sprintf(`ALTER TABLE %s ADD "x %%I" integer DEFAULT 3`, in(name)))
			}
			db.do(fmt.Sprintf(`DELETE FROM %s WHERE %s = 2`, in(name), q(name)))
			db.equal(db.restore(name, softdelete.Key(2)), name+"(2)")
		}
		if db.postgres {
			db.install(names...)
		}
		plan := db.plan(names...)
		db.equal(plan.Empty(), true)
	})
}

func (b *base) yes() string {
	if b.postgres {
		return "true"
	}
	return "1"
}

// A twin has four columns more than its table, and a table as many as fit.
func TestTablesWithTooManyColumns(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	columns := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ", c%d boolean", i)
		}
		return b.String()
	}
	db.do(`CREATE TABLE a (id integer PRIMARY KEY` + columns(1592) + `)`) // with three timestamps and ours 1,600
	db.install("a")
	db.do(`INSERT INTO a (id, c1591) VALUES (1, true); DELETE FROM a`)
	db.restore("a", softdelete.Key(1))
	db.want(`SELECT id, c1591 FROM a`, "1 true")
	for name, n := range map[string]int{"b": 1593, "c": 1597, "d": 1599} {
		db.do(`CREATE TABLE ` + name + ` (id integer PRIMARY KEY` + columns(n) + `)`)
		var bad *softdelete.TableError
		if err := db.twins.Install(db.ctx(), db.DB, name); !errors.As(err, &bad) || bad.Table != name || !strings.Contains(bad.Reason, "1600") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
