package softdelete_test

import (
	"errors"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

func TestTwinsAreGuarded(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)
		refused := []string{`DELETE FROM {twin:people}`, `DELETE FROM {twin:people} WHERE id = 1`}
		if db.postgres {
			refused = append(refused, `TRUNCATE {twin:people}`, `TRUNCATE people CASCADE`)
		}
		for _, statement := range refused {
			if err := db.try(statement); err == nil {
				t.Errorf("%s is not refused", statement)
			}
		}
		db.want(`SELECT count(*) FROM {twin:people}`, "2")
		// and after a restore as before
		db.restore("departments", softdelete.Key(1))
		db.do(`DELETE FROM departments WHERE id = 1`)
		if err := db.try(refused[0]); err == nil {
			t.Error("not refused after a restore")
		}
		db.do(`INSERT INTO {twin:people} (id, name) VALUES (50, 'hand made')`)
		db.do(`DELETE FROM {twin:people} WHERE id = 50`)
		db.want(`SELECT count(*) FROM {twin:people}`, "2")
	})
}

func TestPlainUpdateRestoresTheRowAlone(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)
		if err := db.try(`UPDATE {twin:people} SET deleted_at = NULL WHERE id = 1`); err == nil {
			t.Error("a child came back without its parent")
		}
		db.do(`UPDATE {twin:departments} SET deleted_at = NULL WHERE id = 1`)
		db.want(`SELECT id, deleted_at FROM departments ORDER BY id`, "1 <nil>", "2 <nil>")
		db.want(`SELECT count(*) FROM people`, "1")
		db.do(`UPDATE {twin:people} SET deleted_at = NULL, name = 'renamed' WHERE department_id = 1`)
		db.want(`SELECT id, name, deleted_at FROM people ORDER BY id`, "1 renamed <nil>", "2 renamed <nil>", "3 Cid <nil>")
		db.want(`SELECT count(*) FROM {twin:people}`, "0")

		db.do(`DELETE FROM people WHERE id = 3`)
		db.do(`INSERT INTO people (id, name, department_id) VALUES (3, 'new', 2)`)
		if err := db.try(`UPDATE {twin:people} SET deleted_at = NULL WHERE id = 3`); err == nil {
			t.Error("a taken key was restored")
		}
		db.want(`SELECT name FROM people WHERE id = 3`, "new")
		db.want(`SELECT name, deleted_at FROM {twin:people}`, "Cid time")
		db.do(`UPDATE {twin:people} SET name = 'Cyd', deleted_at = '2001-01-01 00:00:00+00:00'`)
		db.want(`SELECT name, deleted_at FROM {twin:people}`, "Cyd time")
	})
}

func TestRollbackUndoesADeletion(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{`SAVEPOINT x`, `DELETE FROM departments WHERE id = 1`, `ROLLBACK TO x`, `DELETE FROM notes WHERE id = 3`} {
			if _, err := tx.ExecContext(db.ctx(), s); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		db.want(`SELECT count(*) FROM {twin:people}`, "0")
		db.want(`SELECT id FROM {twin:notes}`, "3")
		db.want(`SELECT count(*) FROM people`, "3")
	})
}

func TestDeleteThatAForeignKeyRefusesLeavesNoGhost(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE p (id integer PRIMARY KEY);
			CREATE TABLE c (id integer PRIMARY KEY, p_id integer REFERENCES p);
			INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1)`)
		db.install("p", "c")
		if err := db.try(`DELETE FROM p`); err == nil {
			t.Error("deleted a row that is referenced")
		}
		db.want(`SELECT count(*) FROM {twin:p}`, "0")
		db.do(`DELETE FROM p WHERE id = 2`)
		db.equal(db.restore("p", softdelete.Key(2)), "p(2)")
	})
}

// A trigger that keeps a row must not leave a copy of it among the deleted ones.
func TestVetoedDeleteLeavesNoGhost(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		if db.postgres {
			db.do(`CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id = 1 THEN RETURN NULL; END IF; RETURN OLD; END $$;
				CREATE TRIGGER a_veto BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION veto();
				CREATE TRIGGER zz_veto BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION veto()`)
		} else {
			db.do(`CREATE TRIGGER veto BEFORE DELETE ON people WHEN OLD.id = 1 BEGIN SELECT RAISE(IGNORE); END`)
		}
		db.do(`DELETE FROM people`)
		db.want(`SELECT id FROM people`, "1")
		db.want(`SELECT id FROM {twin:people} ORDER BY id`, "2", "3")
		db.equal(db.restore("people", softdelete.Key(3)), "people(3) notes(3)")
		db.equal(db.restore("people", softdelete.Key(2)), "people(2) notes(2)")
	})
}

func TestDeferredForeignKeysAsDjangoMakesThem(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE p (id integer PRIMARY KEY);
			CREATE TABLE c (id integer PRIMARY KEY, p_id integer NOT NULL REFERENCES p DEFERRABLE INITIALLY DEFERRED);
			INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)`)
		db.install("p", "c")
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		for _, s := range []string{`DELETE FROM c`, `DELETE FROM p`} {
			if _, err := tx.ExecContext(db.ctx(), s); err != nil {
				t.Fatal(err)
			}
		}
		_, err = db.twins.Restore(db.ctx(), tx, "c", softdelete.Key(1))
		if err == nil || !strings.Contains(err.Error(), "is gone") { // and not at the commit
			t.Errorf("got %v", err)
		}
		for _, table := range []string{"p", "c"} {
			if _, err := db.twins.Restore(db.ctx(), tx, table, softdelete.Key(1)); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		db.want(`SELECT count(*) FROM c`, "1")
	})
}

// A trigger that keeps a row from coming back must not make it vanish from both places.
func TestVetoedInsertLosesNothing(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)
		if db.postgres {
			db.do(`CREATE FUNCTION veto() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.id = 2 THEN RETURN NULL; END IF; RETURN NEW; END $$;
				CREATE TRIGGER a_veto BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION veto()`)
		} else {
			db.do(`CREATE TRIGGER veto BEFORE INSERT ON people WHEN NEW.id = 2 BEGIN SELECT RAISE(IGNORE); END`)
		}
		_, err := db.twins.Restore(db.ctx(), db.DB, "departments", softdelete.Key(1))
		var conflict *softdelete.ConflictError
		if !errors.As(err, &conflict) || conflict.Table != "people" {
			t.Errorf("got %v", err)
		}
		db.want(`SELECT id FROM {twin:people} ORDER BY id`, "1", "2")
		db.do(`UPDATE {twin:departments} SET deleted_at = NULL WHERE id = 1`)
		_ = db.try(`UPDATE {twin:people} SET deleted_at = NULL WHERE id = 2`)
		db.want(`SELECT id, deleted_at FROM {twin:people} ORDER BY id`, "1 time", "2 time")
	})
}

// PostgreSQL keeps a constraint for each partition of a table that is referenced.
func TestReferenceToAPartitionedTable(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE p (id integer PRIMARY KEY) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (10);
		CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
		CREATE TABLE c (id character(3) PRIMARY KEY, p_id integer REFERENCES p ON DELETE CASCADE, q_id integer REFERENCES p ON DELETE SET NULL);
		INSERT INTO p VALUES (1), (11); INSERT INTO c VALUES ('abc', 1, 11), ('abd', 11, 11)`)
	db.install("c")
	db.do(`DELETE FROM c`)
	db.equal(db.restore("c", softdelete.Key("abc")), "c(abc)")
	db.want(`SELECT id, p_id, q_id FROM c`, "abc 1 11")
	db.do(`DELETE FROM p WHERE id = 11`)
	var gone *softdelete.ParentGoneError
	if _, err := db.twins.Restore(db.ctx(), db.DB, "c", softdelete.Key("abd")); !errors.As(err, &gone) || gone.Parent != "p" {
		t.Errorf("got %v", err)
	}
}
