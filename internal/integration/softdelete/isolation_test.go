package softdelete_test

import (
	"database/sql"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// A transaction with one snapshot reads the catalogue as it was, and writes rows of the table as it is. What it cannot
// keep whole it does not delete.
func TestTablesThatChangeAfterASnapshot(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE a (id integer PRIMARY KEY, n numeric(9,2), m numeric(9,2), p integer REFERENCES p ON DELETE CASCADE);
		CREATE TABLE parts (id integer PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parts DEFAULT;
		CREATE TABLE elder (id integer PRIMARY KEY); CREATE TABLE heir (PRIMARY KEY (id)) INHERITS (elder)`)
	db.install("p", "a", "parts", "elder", "heir")
	db.do(`INSERT INTO p VALUES (1); INSERT INTO a VALUES (1, 1.25, 1.25, NULL); DELETE FROM a`)
	for _, c := range []struct {
		name, change, installed, row, deletion string
		level                                  sql.IsolationLevel
	}{
		{name: "added column", change: `ALTER TABLE a ADD COLUMN b text`, row: `INSERT INTO a (id, b) VALUES (2, 'kept')`, deletion: `DELETE FROM a`},
		{name: "serializable", change: `ALTER TABLE a ADD COLUMN c text`, row: `INSERT INTO a (id, c) VALUES (2, 'kept')`, deletion: `DELETE FROM a`, level: sql.LevelSerializable},
		{name: "cascade", change: `ALTER TABLE a ADD COLUMN d text`, row: `INSERT INTO a (id, d, p) VALUES (2, 'kept', 1)`, deletion: `DELETE FROM p`},
		{name: "wider column", change: `ALTER TABLE a ALTER COLUMN n TYPE numeric`, row: `INSERT INTO a (id, n) VALUES (2, 1.234)`, deletion: `DELETE FROM a`},
		{name: "added and installed", change: `ALTER TABLE a ADD COLUMN e text`, installed: "a", row: `INSERT INTO a (id, e) VALUES (2, 'kept')`, deletion: `DELETE FROM a`},
		{name: "partitioned", change: `ALTER TABLE parts ADD COLUMN b text`, row: `INSERT INTO parts (id, b) VALUES (2, 'kept')`, deletion: `DELETE FROM parts`},
		{name: "partition", change: `ALTER TABLE parts ADD COLUMN c text`, row: `INSERT INTO parts (id, c) VALUES (2, 'kept')`, deletion: `DELETE FROM part`},
		{name: "inherited", change: `ALTER TABLE heir ADD COLUMN b text`, row: `INSERT INTO heir (id, b) VALUES (2, 'kept')`, deletion: `DELETE FROM heir`},
		{name: "new table", change: `CREATE TABLE late (id integer PRIMARY KEY)`, installed: "late", row: `INSERT INTO late (id) VALUES (2)`, deletion: `DELETE FROM late`},
		{name: "update of the twin", change: `ALTER TABLE a ALTER COLUMN m TYPE numeric(9,1)`, deletion: `UPDATE deleted.deleted_a SET deleted_at = NULL`},
		{name: "restore", change: `ALTER TABLE a ALTER COLUMN m TYPE numeric(9,0)`},
	} {
		tx, err := db.BeginTx(db.ctx(), &sql.TxOptions{Isolation: max(c.level, sql.LevelRepeatableRead)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(db.ctx(), `SELECT 1 FROM pg_class`); err != nil { // takes the snapshot
			t.Fatal(err)
		}
		db.do(c.change)
		if c.installed != "" {
			db.install(c.installed)
		}
		if _, err := tx.ExecContext(db.ctx(), c.row); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if c.deletion != "" {
			_, err = tx.ExecContext(db.ctx(), c.deletion)
		} else {
			_, err = db.twins.Restore(db.ctx(), tx, "a", softdelete.Key(1))
		}
		if stateOf(err) != "40001" || !strings.Contains(err.Error(), "was changed after this transaction began") {
			t.Errorf("%s: got %v", c.name, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
	db.want(`SELECT id, m FROM deleted.deleted_a`, "1 1.25")
}

// What was rolled back, or done before, or by the transaction itself, is no such change.
func TestTablesThatDoNotChangeAfterASnapshot(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE a (id integer PRIMARY KEY, n numeric(9,2)); CREATE TABLE b (id integer PRIMARY KEY);
		CREATE TABLE parts (id integer PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parts DEFAULT`)
	db.install("a", "b", "parts")
	db.do(`ALTER TABLE a ADD COLUMN x text`)
	db.do(`BEGIN; ALTER TABLE a ADD COLUMN y text, ALTER COLUMN n TYPE numeric; ROLLBACK`)
	tx, err := db.BeginTx(db.ctx(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, statement := range []string{
		`SELECT 1`, `ALTER TABLE a ADD COLUMN z text`, `SAVEPOINT s`, `ALTER TABLE a DROP COLUMN z`, `ROLLBACK TO s`,
		`INSERT INTO a (id, n, x, z) VALUES (1, 1.25, 'x', 'z')`, `DELETE FROM a`,
	} {
		if _, err := tx.ExecContext(db.ctx(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		if statement == `SELECT 1` {
			db.do(`BEGIN; ALTER TABLE a ADD COLUMN y text, ALTER COLUMN n TYPE numeric; ROLLBACK; ALTER TABLE b ADD COLUMN y text`)
			db.do(`ANALYZE a`)
		}
	}
	if _, err := db.twins.Restore(db.ctx(), tx, "a", softdelete.Key(1)); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	db.want(`SELECT id, n, x, z FROM a`, "1 1.25 x z")

	// a detached partition has its own refusal
	db.do(`ALTER TABLE parts DETACH PARTITION part; INSERT INTO part VALUES (1)`)
	if err := db.try(`BEGIN ISOLATION LEVEL REPEATABLE READ; DELETE FROM part`); err == nil || !strings.Contains(err.Error(), "was detached") {
		t.Errorf("got %v", err)
	}
}
