package softdelete_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// A temporary table of the same name, or one of an attached file, gets no row of the file.
func TestSQLiteTablesThatHideOthers(t *testing.T) {
	t.Parallel()
	db := onSQLite(t)
	db.SetMaxOpenConns(1)
	db.do(`CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE c (id INTEGER PRIMARY KEY, p_id INTEGER REFERENCES p ON DELETE CASCADE)`)
	db.install("p", "c")
	db.do(`ATTACH ':memory:' AS other; CREATE TABLE other.p (id INTEGER PRIMARY KEY); CREATE TABLE other.deleted_p (id INTEGER)`)
	db.do(`INSERT INTO p (id, n) VALUES (1, 'x'); INSERT INTO c (id, p_id) VALUES (1, 1); DELETE FROM p`)
	db.equal(db.restore("p", softdelete.Key(1)), "p(1) c(1)")
	db.do(`DELETE FROM p`)
	for _, name := range []string{"p", "deleted_p", "c", "softdelete_state"} {
		db.do(`CREATE TEMP TABLE ` + name + ` AS SELECT * FROM main.` + name + ` WHERE false`)
		_, err := db.twins.Restore(db.ctx(), db.DB, "p", softdelete.Key(1))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: restored with %v", name, err)
		}
		if _, err := db.twins.Check(db.ctx(), db.DB, "p"); err == nil {
			t.Errorf("%s: checked", name)
		}
		db.do(`DROP TABLE temp.` + name)
		db.want(`SELECT id FROM deleted_p`, "1")
	}
	db.equal(db.restore("p", softdelete.Key(1)), "p(1) c(1)")
}

// After a renaming deletes stop until somebody has decided, and what is told to do works.
func TestSQLiteRenamedTable(t *testing.T) {
	t.Parallel()
	db := onSQLite(t)
	db.do(`CREATE TABLE a (id INTEGER PRIMARY KEY)`)
	db.install("a")
	db.do(`INSERT INTO a (id) VALUES (1), (2); DELETE FROM a WHERE id = 1; ALTER TABLE a RENAME TO b`)
	if err := db.try(`DELETE FROM b`); err == nil {
		t.Error("deleted")
	}
	var bad *softdelete.TableError
	if err := db.twins.Install(db.ctx(), db.DB, "b"); !errors.As(err, &bad) || !strings.Contains(bad.Reason, "was a when") {
		t.Fatalf("installed: %v", err)
	}
	db.do(`CREATE TABLE a (id INTEGER PRIMARY KEY)`) // would take the triggers away from b
	if err := db.twins.Install(db.ctx(), db.DB, "a"); !errors.As(err, &bad) || !strings.Contains(bad.Reason, "filled by table b") {
		t.Fatalf("installed: %v", err)
	}
	db.do(`DROP TABLE a; ALTER TABLE b RENAME TO a`)
	db.install("a")
	db.do(`DELETE FROM a`)
	db.equal(db.restore("a", softdelete.Key(1))+" "+db.restore("a", softdelete.Key(2)), "a(1) a(2)")

	db.do(`DELETE FROM a; ALTER TABLE a RENAME TO b`)
	if err := db.twins.Install(db.ctx(), db.DB, "b"); !errors.As(err, &bad) {
		t.Fatalf("installed: %v", err)
	}
	_, statements, _ := strings.Cut(bad.Reason, "the new name, ")
	statements, _, _ = strings.Cut(statements, ", install")
	db.do(statements) // as it says
	db.install("b")
	db.do(`INSERT INTO b (id) SELECT id FROM deleted_a; DELETE FROM b`)
	db.equal(db.restore("b", softdelete.Key(2)), "b(2)")
}

// Every way of SQLite to delete a row keeps it, in tables of every kind.
func TestSQLiteEveryStatementThatDeletes(t *testing.T) {
	t.Parallel()
	tables := map[string]string{
		"rowid":         `CREATE TABLE a (id TEXT PRIMARY KEY, u TEXT UNIQUE, v)`,
		"without rowid": `CREATE TABLE a (id TEXT PRIMARY KEY, u TEXT UNIQUE, v) WITHOUT ROWID`,
		"strict":        `CREATE TABLE a (id TEXT PRIMARY KEY, u TEXT UNIQUE, v ANY) STRICT`,
		"generated":     `CREATE TABLE a (id TEXT PRIMARY KEY, u TEXT UNIQUE, v, g TEXT GENERATED ALWAYS AS (id || u) STORED, h AS (v) VIRTUAL)`,
		"blob":          `CREATE TABLE a (id BLOB PRIMARY KEY, u TEXT UNIQUE, v)`,
	}
	ways := map[string]string{
		"replace":     `INSERT OR REPLACE INTO a (id, u, v) VALUES ('3', 'x', 'new')`,
		"update":      `UPDATE OR REPLACE a SET u = 'x' WHERE id = '2'`,
		"returning":   `DELETE FROM a WHERE id = '1' RETURNING *`,
		"limit":       `DELETE FROM a WHERE rowid IN (SELECT rowid FROM a WHERE id = '1')`,
		"view":        `CREATE VIEW w AS SELECT * FROM a; CREATE TRIGGER w INSTEAD OF DELETE ON w BEGIN DELETE FROM a WHERE id = OLD.id; END; DELETE FROM w WHERE id = '1'`,
		"savepoint":   `SAVEPOINT s; DELETE FROM a; ROLLBACK TO s; DELETE FROM a WHERE id = '1'; RELEASE s`,
		"with":        `WITH x AS (SELECT '1' AS id) DELETE FROM a WHERE id IN (SELECT id FROM x)`,
		"upsert":      `INSERT INTO a (id, u) VALUES ('1', 'x') ON CONFLICT (id) DO UPDATE SET v = v; DELETE FROM a WHERE id = '1'`,
		"vacuum":      `DELETE FROM a WHERE id = '1'; VACUUM`,
		"journal":     `PRAGMA journal_mode = DELETE; DELETE FROM a WHERE id = '1'`,
		"primary key": `UPDATE OR REPLACE a SET id = '1' WHERE id = '2'`,
	}
	for kind, table := range tables {
		for way, statement := range ways {
			if kind == "without rowid" && way == "limit" {
				continue
			}
			t.Run(kind+", "+way, func(t *testing.T) {
				t.Parallel()
				db := onSQLite(t)
				db.SetMaxOpenConns(1)
				db.do(table)
				db.install("a")
				db.do(`INSERT INTO a (id, u, v) VALUES ('1', 'x', '007'), ('2', 'y', 7)`)
				db.do(statement)
				db.want(`SELECT id, u, typeof(v), v, deleted_at IS NOT NULL FROM deleted_a`, "1 x text 007 1")
				if _, err := db.twins.Restore(db.ctx(), db.DB, "a", softdelete.Key("1"), softdelete.OnConflict(softdelete.Overwrite)); err != nil {
					t.Fatal(err)
				}
				db.want(`SELECT id, u, typeof(v), v FROM a WHERE id = '1'`, "1 x text 007")
				db.want(`SELECT count(*) FROM (SELECT v FROM a UNION SELECT v FROM deleted_a) WHERE v IN ('007', 7, 'new')`, map[bool]string{true: "3", false: "2"}[way == "replace"])
			})
		}
	}
}

// Two connections of which one holds the right to write for long: the other waits, and nothing is lost.
func TestSQLiteBusyWriter(t *testing.T) {
	t.Parallel()
	db := onSQLite(t)
	db.do(`CREATE TABLE a (id INTEGER PRIMARY KEY)`)
	db.install("a")
	db.do(`INSERT INTO a (id) VALUES (1), (2); DELETE FROM a WHERE id = 1`)
	conn, err := db.Conn(db.ctx())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(db.ctx(), `BEGIN IMMEDIATE; DELETE FROM a WHERE id = 2`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(db.ctx())
	cancel()
	if _, err := db.twins.Restore(ctx, db.DB, "a", softdelete.Key(1)); err == nil {
		t.Error("restored")
	}
	done := make(chan error)
	go func() {
		_, err := db.twins.Restore(db.ctx(), db.DB, "a", softdelete.Key(1))
		done <- err
	}()
	if _, err := conn.ExecContext(db.ctx(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	db.want(`SELECT id FROM a`, "1")
	db.want(`SELECT id FROM deleted_a`, "2")
}
