package softdelete_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// After a renaming no row is kept twice, and none goes to the twin of another table.
func TestRenamedTablesAreRefused(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE a (id integer PRIMARY KEY)`)
	db.install("a")
	db.do(`ALTER TABLE a RENAME TO b; CREATE TABLE a (id integer PRIMARY KEY); INSERT INTO b VALUES (1), (2)`)
	for table, hint := range map[string]string{"a": "filled by table b", "b": `DROP TRIGGER "a_soft_delete" ON public."b"`} {
		var bad *softdelete.TableError
		if err := db.twins.Install(db.ctx(), db.DB, table); !errors.As(err, &bad) || !strings.Contains(bad.Reason, hint) {
			t.Errorf("%s: got %v", table, err)
		}
	}
	db.do(`DROP TABLE a; ALTER TABLE b RENAME TO a; DELETE FROM a WHERE id = 1`)
	db.install("a")
	db.equal(db.restore("a", softdelete.Key(1)), "a(1)")
	db.do(`ALTER TABLE a RENAME TO b; DROP TRIGGER a_soft_delete ON b`)
	db.install("b")
	db.do(`DELETE FROM b`)
	db.want(`SELECT count(*) FROM deleted.deleted_a`, "0")
	db.equal(db.restore("b", softdelete.Key(2)), "b(2)")
}

// A long name is not in the names of triggers and twins.
func TestRenamedTablesOfLongNamesAreRefused(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	a, b := strings.Repeat("a", 61), strings.Repeat("b", 55)
	db.do(fmt.Sprintf(`CREATE TABLE %s (id integer PRIMARY KEY)`, a))
	db.install(a)
	twin := db.rows(`SELECT relname FROM pg_class WHERE relname LIKE 'deleted\_aaa%'`)[0]
	db.do(fmt.Sprintf(`ALTER TABLE %s RENAME TO %s; CREATE TABLE %[1]s (id integer PRIMARY KEY)`, a, b))
	for table, hint := range map[string]string{a: "filled by table " + b, b: fmt.Sprintf(`had another name when soft delete was installed, and its deleted rows go to deleted."%s": rename it back`, twin)} {
		var bad *softdelete.TableError
		if err := db.twins.Install(db.ctx(), db.DB, table); !errors.As(err, &bad) || !strings.Contains(bad.Reason, hint) {
			t.Errorf("%s: got %v", table, err)
		}
	}
	db.do(fmt.Sprintf(`DROP TABLE %s; ALTER TABLE %s RENAME TO %[1]s`, a, b))
	db.clean(a)
}

func TestRenamedPartitionsKeepRowsOnce(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE a (id integer PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE one PARTITION OF a DEFAULT`)
	db.install("a")
	db.do(`ALTER TABLE one RENAME TO two`)
	db.install("a")
	db.do(`INSERT INTO a VALUES (1), (2); DELETE FROM two WHERE id = 1; DELETE FROM a`)
	db.want(`SELECT id FROM deleted.deleted_a ORDER BY id`, "1", "2")
}
