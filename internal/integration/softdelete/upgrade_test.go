package softdelete_test

import (
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// What earlier versions made is told by Check and brought up to date by Install, with rows and rights.
func TestInstallBringsEarlierTwinsUpToDate(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	companyOn(db)
	db.do(`DELETE FROM departments WHERE id = 1`)
	role := db.role("purger")
	db.do(`
		ALTER TABLE deleted.deleted_people DROP CONSTRAINT softdelete_pkey_people, ALTER COLUMN softdelete_at DROP NOT NULL;
		ALTER TABLE deleted.deleted_people ADD CONSTRAINT softdelete_pkey_people PRIMARY KEY (softdelete_id);
		CREATE INDEX softdelete_deletion_people ON deleted.deleted_people (softdelete_tx);
		ALTER SEQUENCE deleted.softdelete_seq_people CACHE 1;
		INSERT INTO deleted.deleted_people (id, name, department_id, deleted_at, softdelete_at) VALUES (50, 'by hand', 2, now(), NULL);
		ALTER TYPE deleted.softdelete_batch DROP ATTRIBUTE ats;
		CREATE FUNCTION deleted.softdelete_tree(oid, bigint[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE FUNCTION deleted.softdelete_purge(text, timestamptz, bigint, int) RETURNS int LANGUAGE sql AS 'SELECT 1';
		GRANT USAGE ON SCHEMA deleted TO ` + role + `; GRANT EXECUTE ON FUNCTION deleted.softdelete_purge(text, timestamptz, bigint, int) TO ` + role)
	kinds := db.kinds("people")
	for _, want := range []string{"outdated softdelete_batch", "outdated softdelete_purge(text, timestamptz, bigint, int)", "outdated softdelete_tree(oid, bigint[])",
		"outdated softdelete_deletion_people", "outdated softdelete_seq_people", "missing column softdelete_pkey_people"} {
		if !strings.Contains(kinds, want) {
			t.Errorf("%q is not among %s", want, kinds)
		}
	}
	db.install("people")
	db.want(`SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'deleted.deleted_people'::regclass ORDER BY 1::text`, "deleted.softdelete_key_people", "deleted.softdelete_pkey_people")
	db.equal(db.restore("departments", softdelete.Key(1)), "departments(1) people(1) people(2) notes(1) notes(2)")
	db.equal(db.list(db.DB, "people"), "people(50)")
	db.equal(db.restore("people", softdelete.Key(50)), "people(50)")
	db.do(`DELETE FROM people WHERE id = 50`)
	if err := db.as(role, `SELECT deleted.softdelete_purge('people', 'infinity', NULL, NULL, 10)`); err != nil {
		t.Error(err)
	}
	db.want(`SELECT count(*) FROM {twin:people}`, "0")
}

// Sessions hand out ids of their own: which deletion is the newest is told by its time.
func TestNewestDeletionOfAKeyAmongSessions(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE a (id integer PRIMARY KEY, n integer)`)
	db.install("a")
	conns := []interface {
		softdelete.DB
		Close() error
	}{}
	for range 2 {
		c, err := db.Conn(db.ctx())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
	}
	for n := range 5 { // the session that began first has lower ids and deletes last
		if _, err := conns[n%2].ExecContext(db.ctx(), `INSERT INTO a (id, n) VALUES (1, $1)`, n); err != nil {
			t.Fatal(err)
		}
		if _, err := conns[n%2].ExecContext(db.ctx(), `DELETE FROM a`); err != nil {
			t.Fatal(err)
		}
	}
	db.want(`SELECT string_agg(n::text, ',' ORDER BY softdelete_id) FROM {twin:a}`, "0,2,4,1,3")
	db.restore("a", softdelete.Key(1))
	db.want(`SELECT n FROM a`, "4")
	var order []time.Time
	for row, err := range db.twins.List(db.ctx(), db.DB, "a") {
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, row.DeletedAt)
	}
	if len(order) != 4 || !order[0].After(order[1]) || !order[1].After(order[2]) || !order[2].After(order[3]) {
		t.Errorf("not newest first: %v", order)
	}
}

// Several statements in one DO block are one deletion on PostgreSQL.
func TestDeletesOfOneBlockAreOneDeletion(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	companyOn(db)
	db.do(`DO $$ BEGIN DELETE FROM people WHERE id = 1; DELETE FROM departments WHERE id = 1; END $$`)
	db.want(`SELECT count(DISTINCT softdelete_at) FROM {twin:people}`, "1")
	db.equal(db.restore("departments", softdelete.Key(1)), "departments(1) people(1) people(2) notes(1) notes(2)")
}

// On SQLite each row that a DELETE names is a deletion, and comes back with what it took.
func TestSQLiteRowsOfOneDeleteComeBackOneByOne(t *testing.T) {
	t.Parallel()
	db := onSQLite(t)
	companyOn(db)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, statement := range []string{`DELETE FROM notes WHERE id = 1`, `DELETE FROM departments`} {
		if _, err := tx.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	db.equal(db.restore("departments", softdelete.Key(1)), "departments(1) people(1) people(2) notes(2)")
	db.equal(db.restore("departments", softdelete.Key(2)), "departments(2) people(3) notes(3)")
	db.equal(db.restore("notes", softdelete.Key(1)), "notes(1)")
}
