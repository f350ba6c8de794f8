package softdelete_test

import (
	"errors"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

const company = `
	CREATE TABLE departments (id integer PRIMARY KEY, name text NOT NULL);
	CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL, email text UNIQUE, department_id integer NOT NULL REFERENCES departments ON DELETE CASCADE);
	CREATE TABLE notes (id integer PRIMARY KEY, person_id integer REFERENCES people ON DELETE CASCADE, body text);
	INSERT INTO departments VALUES (1, 'Tools'), (2, 'Sales');
	INSERT INTO people VALUES (1, 'Ann', 'ann@x', 1), (2, 'Bob', 'bob@x', 1), (3, 'Cid', 'cid@x', 2);
	INSERT INTO notes VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c');`

func companyOn(b *base) {
	b.Helper()
	b.do(company)
	b.install("departments", "people", "notes")
}

func TestCascadeComesBackWithoutWhatWasDeletedEarlier(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM people WHERE id = 2`)
		db.do(`DELETE FROM departments WHERE id = 1`)
		db.want(`SELECT id, deleted_at FROM departments ORDER BY id`, "2 <nil>")
		db.want(`SELECT id FROM people`, "3")
		db.want(`SELECT id, name, deleted_at FROM {twin:people} ORDER BY id`, "1 Ann time", "2 Bob time")

		db.equal(db.restore("departments", softdelete.Key(1)), "departments(1) people(1) notes(1)")
		db.want(`SELECT id, name, deleted_at FROM departments ORDER BY id`, "1 Tools <nil>", "2 Sales <nil>")
		db.want(`SELECT id, name, email, department_id, deleted_at FROM people ORDER BY id`, "1 Ann ann@x 1 <nil>", "3 Cid cid@x 2 <nil>")
		db.want(`SELECT id FROM {twin:people}`, "2")
		db.want(`SELECT id FROM {twin:departments}`)

		db.equal(db.restore("people", softdelete.Key("2")), "people(2) notes(2)")
		db.want(`SELECT id FROM notes ORDER BY id`, "1", "2", "3")
	})
}

func TestTwoDeletesOfOneTransactionAreTwoDeletions(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		for _, statement := range []string{`DELETE FROM people WHERE id = 2`, `DELETE FROM departments WHERE id = 1`} {
			if _, err := tx.ExecContext(db.ctx(), statement); err != nil {
				t.Fatal(err)
			}
		}
		back, err := db.twins.Restore(db.ctx(), tx, "departments", softdelete.Key(1))
		if err != nil {
			t.Fatal(err)
		}
		db.equal(refs(back), "departments(1) people(1) notes(1)")
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		db.want(`SELECT id FROM people ORDER BY id`, "1", "3")
	})
}

func TestRowOnly(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)
		db.equal(db.restore("departments", softdelete.Key(1), softdelete.RowOnly()), "departments(1)")
		db.want(`SELECT id FROM people`, "3")
		db.equal(db.restore("people", softdelete.Key(1)), "people(1) notes(1)")
	})
}

func TestNewestOfOneKeyComesBack(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM notes WHERE id = 1`)
		db.do(`INSERT INTO notes (id, body) VALUES (1, 'second')`)
		db.do(`DELETE FROM notes WHERE id = 1`)
		db.equal(db.restore("notes", softdelete.Key(1)), "notes(1)")
		db.want(`SELECT body FROM notes WHERE id = 1`, "second")
		db.want(`SELECT body FROM {twin:notes}`, "a")

		db.do(`DELETE FROM notes WHERE id = 1`)
		db.do(`UPDATE {twin:notes} SET deleted_at = NULL WHERE id = 1`)
		db.want(`SELECT body FROM notes WHERE id = 1`, "second")
		db.want(`SELECT body, deleted_at FROM {twin:notes}`, "a time")
	})
}

// Of a key that one restore finds more than once the newest row comes back, whatever the strategy, and the older ones stay.
func TestNewestOfAKeyThatWentTwiceComesBack(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	companyOn(db)
	for _, strategy := range []softdelete.Strategy{softdelete.Fail, softdelete.Skip, softdelete.Overwrite} {
		db.do(`DO $$ BEGIN
				DELETE FROM people WHERE id = 2;
				INSERT INTO people (id, name, email, department_id) VALUES (2, 'Rob', 'rob@x', 1);
				DELETE FROM departments WHERE id = 1;
			END $$`)
		back, err := db.twins.Restore(db.ctx(), db.DB, "departments", softdelete.Key(1), softdelete.OnConflict(strategy))
		if err != nil {
			t.Fatalf("%v: %v", strategy, err)
		}
		db.equal([]any{refs(back), len(back.Skipped), len(back.Overwritten)}, []any{"departments(1) people(1) people(2) notes(2) notes(1)", 0, 0})
		db.want(`SELECT name FROM people WHERE id = 2`, "Rob")
		db.want(`SELECT name FROM {twin:people}`, "Bob")
		db.do(`DELETE FROM people WHERE id = 2; SET softdelete.moving = on; DELETE FROM {twin:people}; DELETE FROM {twin:notes}; RESET softdelete.moving;
			INSERT INTO people (id, name, email, department_id) VALUES (2, 'Bob', 'bob@x', 1); INSERT INTO notes (id, person_id) VALUES (2, 2)`)
	}

	// a key that was chosen, and went with another chosen row before
	db.do(`CREATE TABLE tree (id integer PRIMARY KEY, up integer REFERENCES tree ON DELETE CASCADE, name text)`)
	db.install("tree")
	db.do(`INSERT INTO tree VALUES (1, NULL, ''), (2, 1, 'old')`)
	db.do(`DELETE FROM tree WHERE id = 1`)
	db.do(`INSERT INTO tree VALUES (2, NULL, 'new')`)
	db.do(`DELETE FROM tree`)
	db.restore("tree", softdelete.Since(longAgo))
	db.want(`SELECT id, name FROM tree ORDER BY id`, "1 ", "2 new")
	db.want(`SELECT name FROM {twin:tree}`, "old")
}

func TestConflictLeavesEverythingAndTheTransactionUsable(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)
		db.do(`INSERT INTO people (id, name, email, department_id) VALUES (9, 'Eve', 'bob@x', 2)`)
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		_, err = db.twins.Restore(db.ctx(), tx, "departments", softdelete.Key(1))
		var conflict *softdelete.ConflictError
		if !errors.As(err, &conflict) {
			t.Fatalf("got %v", err)
		}
		constraint := "email"
		if db.postgres {
			constraint = "people_email_key"
		}
		db.equal([]any{conflict.Table, conflict.Constraint, conflict.Key, conflict.SQLState()}, []any{"people", constraint, []any{int64(2)}, "23505"})
		if _, err := tx.ExecContext(db.ctx(), `UPDATE people SET email = 'eve@x' WHERE id = 9`); err != nil {
			t.Fatalf("the transaction is not usable: %v", err)
		}
		back, err := db.twins.Restore(db.ctx(), tx, "departments", softdelete.Key(1))
		if err != nil {
			t.Fatal(err)
		}
		db.equal(refs(back), "departments(1) people(1) people(2) notes(1) notes(2)")
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		db.want(`SELECT id FROM people ORDER BY id`, "1", "2", "3", "9")
	})
}

func TestConflictOnThePrimaryKey(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)
		db.do(`INSERT INTO departments (id, name) VALUES (1, 'new')`)
		_, err := db.twins.Restore(db.ctx(), db.DB, "departments", softdelete.Key(1))
		var conflict *softdelete.ConflictError
		if !errors.As(err, &conflict) {
			t.Fatalf("got %v", err)
		}
		db.equal([]any{conflict.Table, conflict.Key}, []any{"departments", []any{int64(1)}})
		db.want(`SELECT count(*) FROM {twin:people}`, "2")
		db.want(`SELECT name FROM departments WHERE id = 1`, "new")
	})
}

func TestOtherConstraintsRefuseToo(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE a (id integer PRIMARY KEY, n integer CHECK (n > 0), name text)`)
		db.do(`CREATE UNIQUE INDEX a_lower ON a (lower(name))`)
		db.install("a")
		db.do(`INSERT INTO a (id, n, name) VALUES (1, 1, 'Ann')`)
		db.do(`DELETE FROM a`)
		db.do(`UPDATE {twin:a} SET n = -1`)
		for _, want := range []string{"23514", "23505"} {
			_, err := db.twins.Restore(db.ctx(), db.DB, "a", softdelete.Key(1))
			var conflict *softdelete.ConflictError
			if !errors.As(err, &conflict) {
				t.Fatalf("got %v", err)
			}
			db.equal([]any{conflict.Table, conflict.SQLState()}, []any{"a", want})
			if want == "23505" {
				db.equal(conflict.Constraint, "a_lower")
			}
			db.do(`UPDATE {twin:a} SET n = 1`)
			db.do(`INSERT INTO a (id, n, name) SELECT 2, 1, 'ANN' WHERE NOT EXISTS (SELECT 1 FROM a)`)
		}
	})
}

func TestParentGone(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)
		_, err := db.twins.Restore(db.ctx(), db.DB, "people", softdelete.Key(1))
		var gone *softdelete.ParentGoneError
		if !errors.As(err, &gone) {
			t.Fatalf("got %v", err)
		}
		constraint := "department_id"
		if db.postgres {
			constraint = "people_department_id_fkey"
		}
		db.equal(*gone, softdelete.ParentGoneError{Table: "people", Constraint: constraint, Key: []any{int64(1)}, Parent: "departments", ParentKey: []any{int64(1)}})
		db.want(`SELECT count(*) FROM {twin:people}`, "2")
	})
}

func TestNothingToRestore(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`CREATE TABLE other (id integer PRIMARY KEY)`)
		for _, key := range []any{1, "1", "abc", "99999999999999999999", int64(1) << 40, nil, 1.5, []string{"x"}} {
			_, err := db.twins.Restore(db.ctx(), db.DB, "departments", softdelete.Key(key))
			var missing *softdelete.NotFoundError
			if !errors.As(err, &missing) || missing.Table != "departments" {
				t.Errorf("key %v: got %v", key, err)
			}
		}
		_, err := db.twins.Restore(db.ctx(), db.DB, "departments", softdelete.Key(1, 2))
		var key *softdelete.KeyError
		if !errors.As(err, &key) {
			t.Errorf("got %v", err)
		}
		for _, table := range []string{"other", "nowhere", `x"; DROP TABLE people; --`, ""} {
			_, err = db.twins.Restore(db.ctx(), db.DB, table, softdelete.Key(1))
			var not *softdelete.NotInstalledError
			if !errors.As(err, &not) || not.Table != table {
				t.Errorf("table %s: got %v", table, err)
			}
		}
		if _, err := db.twins.Restore(db.ctx(), db.DB, "departments", softdelete.Filter{}); err == nil {
			t.Error("an empty filter restored everything")
		}
	})
}
