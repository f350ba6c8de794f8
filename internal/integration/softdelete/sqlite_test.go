package softdelete_test

import (
	"errors"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// INSERT OR REPLACE deletes the row that is in its way: it is kept, and its cascade with it.
func TestSQLiteReplaceKeepsTheOldRow(t *testing.T) {
	t.Parallel()
	db := onSQLite(t)
	companyOn(db)
	db.do(`INSERT OR REPLACE INTO people (id, name, email, department_id) VALUES (1, 'Eve', 'bob@x', 1)`)
	db.want(`SELECT id, name FROM people ORDER BY id`, "1 Eve", "3 Cid")
	db.want(`SELECT id, name FROM {twin:people} ORDER BY id`, "1 Ann", "2 Bob")
	db.want(`SELECT id FROM {twin:notes} ORDER BY id`, "1", "2")
	db.do(`UPDATE people SET email = 'eve@x' WHERE id = 1`)
	db.equal(db.restore("people", softdelete.Key(2)), "people(2) notes(2)")
	db.do(`DELETE FROM notes WHERE id = 2`)
	db.do(`UPDATE OR REPLACE people SET id = 3 WHERE id = 2`)
	db.want(`SELECT id, name FROM {twin:people} ORDER BY softdelete_id`, "1 Ann", "3 Cid")
	db.want(`SELECT id, name FROM people ORDER BY id`, "1 Eve", "3 Bob")
}

// The policy of the outer statement rules inside triggers: none of them may lose a row.
func TestSQLiteRestoreSurvivesConflictClauses(t *testing.T) {
	t.Parallel()
	for _, clause := range []string{"OR IGNORE", "OR REPLACE", "OR FAIL", "OR ABORT", "OR ROLLBACK", ""} {
		db := onSQLite(t)
		companyOn(db)
		db.do(`DELETE FROM people WHERE id = 1`)
		db.do(`INSERT INTO people (id, name, email, department_id) VALUES (9, 'Eve', 'ann@x', 2)`)
		err := db.try(`UPDATE ` + clause + ` {twin:people} SET deleted_at = NULL WHERE id = 1`)
		all := `SELECT name, email FROM people WHERE email = 'ann@x' UNION ALL SELECT name, email FROM {twin:people} ORDER BY 1`
		db.want(all, "Ann ann@x", "Eve ann@x")
		if clause == "OR REPLACE" {
			db.want(`SELECT name FROM people WHERE email = 'ann@x'`, "Ann")
		} else {
			db.want(`SELECT name, deleted_at FROM {twin:people}`, "Ann time")
		}
		if ok := clause == "OR IGNORE" || clause == "OR REPLACE"; ok != (err == nil) {
			t.Errorf("UPDATE %s: %v", clause, err)
		}

		// another row with the same key
		db.do(`INSERT OR IGNORE INTO people (id, name, email, department_id) VALUES (1, 'Fay', 'fay@x', 2)`)
		_ = db.try(`UPDATE ` + clause + ` {twin:people} SET deleted_at = NULL WHERE id = 1`)
		db.want(`SELECT count(DISTINCT name) FROM (SELECT name FROM people UNION ALL SELECT name FROM {twin:people}) WHERE name IN ('Ann', 'Eve')`, "2")
		if clause == "OR FAIL" {
			continue // the mark of the restore that stopped half-way lives until the clock moves
		}
		db.do(`INSERT INTO people (id, name, department_id) VALUES (77, 'Gus', 2)`)
		db.want(`SELECT created_at FROM people WHERE id = 77`, "time") // not taken for a restore
	}
}

// Rows that one DELETE names are deletions of their own on SQLite, each with its cascade.
func TestSQLiteDeletions(t *testing.T) {
	t.Parallel()
	db := onSQLite(t)
	companyOn(db)
	db.do(`DELETE FROM departments`)
	db.want(`SELECT d.id, group_concat(p.id), count(DISTINCT p.softdelete_deletion) FROM {twin:departments} d JOIN {twin:people} p USING (softdelete_deletion) GROUP BY 1`, "1 1,2 1", "2 3 1")
	db.want(`SELECT depth FROM softdelete_state`, "0")
}

// What a trigger of the user deletes on the way belongs to the deletion, before and after the row itself is gone.
func TestSQLiteDeletesInTriggersBelongToTheDeletion(t *testing.T) {
	t.Parallel()
	db := onSQLite(t)
	db.do(`CREATE TABLE p (id integer PRIMARY KEY);
		CREATE TABLE c (id integer PRIMARY KEY, p_id integer REFERENCES p);
		CREATE TRIGGER own BEFORE DELETE ON p BEGIN DELETE FROM c WHERE p_id = OLD.id; END;
		INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 1), (3, 2)`)
	db.install("p", "c")
	db.do(`DELETE FROM p`)
	db.want(`SELECT p.id, group_concat(c.id) FROM {twin:p} p LEFT JOIN {twin:c} c USING (softdelete_deletion) GROUP BY 1`, "1 1,2", "2 3")
	db.equal(db.restore("p", softdelete.Key(1)), "p(1) c(1) c(2)")

	// SQLite runs the newest trigger first: one that is made after Install deletes before the deletion has begun
	db.do(`DROP TRIGGER own; CREATE TRIGGER own BEFORE DELETE ON p BEGIN DELETE FROM c WHERE p_id = OLD.id; END`)
	db.do(`DELETE FROM p`)
	db.want(`SELECT p.id, group_concat(c.id) FROM {twin:p} p LEFT JOIN {twin:c} c USING (softdelete_deletion) WHERE p.id = 1 GROUP BY 1`, "1 <nil>")
}

// A veto leaves a deletion begun but never ended; the next statement must not join it.
func TestSQLiteVetoDoesNotSpoilLaterDeletions(t *testing.T) {
	t.Parallel()
	db := onSQLite(t)
	companyOn(db)
	db.do(`CREATE TRIGGER earlier BEFORE DELETE ON departments BEGIN SELECT RAISE(IGNORE); END`)
	db.do(`DROP TRIGGER departments_soft_delete_begin`)
	db.install("departments", "people", "notes") // ours is newer than the veto now, and runs first
	db.do(`DELETE FROM departments WHERE id = 1`)
	db.want(`SELECT depth FROM softdelete_state`, "1")
	for vetoed := db.rows(`SELECT at FROM softdelete_state`)[0]; db.rows(`SELECT CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`)[0] == vetoed; {
	}
	db.do(`DELETE FROM notes WHERE id = 3`)
	db.do(`DELETE FROM people WHERE id = 3`)
	db.equal(db.restore("people", softdelete.Key(3)), "people(3)")
	db.want(`SELECT count(*) FROM {twin:departments}`, "0")
}

// A refused restore leaves the transaction as it was: foreign keys are checked at once again.
func TestSQLiteRefusedRestoreDefersNothing(t *testing.T) {
	t.Parallel()
	db := onSQLite(t)
	db.do(`CREATE TABLE par (id integer PRIMARY KEY, u text UNIQUE); CREATE TABLE kid (id integer PRIMARY KEY, p integer REFERENCES par)`)
	db.install("par", "kid")
	db.do(`INSERT INTO par (id, u) VALUES (1, 'a'); DELETE FROM par; INSERT INTO par (id, u) VALUES (2, 'a')`)
	for _, on := range []string{"0", "1"} {
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec(`PRAGMA defer_foreign_keys = ` + on); err != nil {
			t.Fatal(err)
		}
		var conflict *softdelete.ConflictError
		if _, err := db.twins.Restore(db.ctx(), tx, "par", softdelete.Key(1)); !errors.As(err, &conflict) {
			t.Fatalf("got %v", err)
		}
		var left string
		if err := tx.QueryRow(`PRAGMA defer_foreign_keys`).Scan(&left); err != nil || left != on {
			t.Errorf("deferred %s before, %s after (%v)", on, left, err)
		}
		if _, err := tx.Exec(`INSERT INTO kid (id, p) VALUES (1, 99)`); (err == nil) != (on == "1") {
			t.Errorf("deferred %s, a row without a parent: %v", on, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever DEFAULT a new column has, the twin gets the column and older deleted rows the value.
func TestSQLiteNewColumnsWithAnyDefault(t *testing.T) {
	t.Parallel()
	for dflt, want := range map[string]string{
		"5": "5", "-5": "-5", "+1.5": "1.5", "'x'": "x", "'it''s'": "it's", "(1+1)": "2", "(json_array())": "[]", "NULL": "<nil>", "TRUE": "1",
		"word": "word", `"two words"`: "two words", `"one"`: "one", "x'6162'": "6162", "(datetime('now'))": "", "CURRENT_TIMESTAMP": "",
	} {
		db := onSQLite(t)
		db.do(`CREATE TABLE a (id integer PRIMARY KEY)`)
		db.install("a")
		db.do(`INSERT INTO a (id) VALUES (1); DELETE FROM a`)
		db.do(`ALTER TABLE a ADD COLUMN c DEFAULT ` + dflt)
		db.install("a")
		if want == "" {
			db.want(`SELECT c LIKE '20%-% %:%' FROM deleted_a`, "1")
		} else {
			db.want(`SELECT c FROM deleted_a`, want)
		}
		db.restore("a", softdelete.Key(1))
		db.want(`SELECT count(*) FROM a`, "1")
	}
}
