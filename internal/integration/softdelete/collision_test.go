package softdelete_test

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// What Install makes for one table must not have the name of another table's twin.
func TestTablesNamedLikeWhatInstallMakes(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		long := strings.Repeat("x", 50)
		tables := []string{"api_pkey", "links_pkey", "api", "api_key", "api_deletion", "api_softdelete_id_seq", "api_key_key", "links", "state", "batch", long, long + "_key"}
		for _, table := range tables {
			db.do(`CREATE TABLE ` + table + ` (id integer PRIMARY KEY)`)
		}
		db.install(tables...)
		for _, table := range tables {
			db.do(`INSERT INTO ` + table + ` (id) VALUES (1)`)
			db.do(`DELETE FROM ` + table)
			db.equal(db.restore(table, softdelete.Key(1)), table+"(1)")
		}
	})
}

func TestTablesNamedLikeTypes(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		for _, name := range []string{"point", "path", "date", "User", "name", "box", "text"} {
			db.do(fmt.Sprintf(`CREATE TABLE par (id integer PRIMARY KEY); CREATE TABLE %q (id integer PRIMARY KEY, par_id integer REFERENCES par ON DELETE SET NULL)`, name))
			db.install("par", name)
			db.do(fmt.Sprintf(`INSERT INTO par (id) VALUES (1); INSERT INTO %q (id, par_id) VALUES (1, 1); DELETE FROM par`, name))
			db.equal(db.restore("par", softdelete.Key(1)), "par(1) | "+name+"(1)")
			db.want(fmt.Sprintf(`SELECT par_id FROM %q`, name), "1")
			db.do(fmt.Sprintf(`DELETE FROM %q`, name))
			db.equal(db.restore(name, softdelete.Key(1)), name+"(1)")
			db.do(fmt.Sprintf(`DROP TABLE %q; DROP TABLE par; DROP TABLE {twin:par}; DROP TABLE {twin:%s}`, name, name))
		}
	})
}
