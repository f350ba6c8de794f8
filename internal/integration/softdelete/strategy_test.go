package softdelete_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

var longAgo = time.Unix(0, 0)

func skipped(back softdelete.Restored) []string {
	var all []string
	for _, s := range back.Skipped {
		all = append(all, ref(s.Ref))
	}
	slices.Sort(all)
	return all
}

func TestSkipLeavesOutWhatCannotComeBack(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)
		db.do(`INSERT INTO people (id, name, email, department_id) VALUES (9, 'Eve', 'bob@x', 2)`)
		back, err := db.twins.Restore(db.ctx(), db.DB, "departments", softdelete.Key(1), softdelete.OnConflict(softdelete.Skip))
		if err != nil {
			t.Fatal(err)
		}
		db.equal(refs(back), "departments(1) people(1) notes(1)")
		db.equal(skipped(back), []string{"notes(2)", "people(2)"})
		for _, s := range back.Skipped {
			var conflict *softdelete.ConflictError
			var gone *softdelete.ParentGoneError
			if s.Table == "people" && !errors.As(s.Err, &conflict) || s.Table == "notes" && !errors.As(s.Err, &gone) {
				t.Errorf("%v: %v", s.Ref, s.Err)
			}
		}
		db.want(`SELECT id FROM {twin:people}`, "2")
		db.want(`SELECT id FROM {twin:notes}`, "2")

		// a row whose parent is gone, and one that a CHECK refuses
		db.do(`DELETE FROM departments WHERE id = 2`)
		back, err = db.twins.Restore(db.ctx(), db.DB, "people", softdelete.Key(3), softdelete.OnConflict(softdelete.Skip))
		if err != nil {
			t.Fatal(err)
		}
		db.equal(refs(back), "")
		db.equal(skipped(back), []string{"notes(3)", "people(3)"})
		db.do(`CREATE TABLE a (id integer PRIMARY KEY, n integer CHECK (n > 0))`)
		db.install("a")
		db.do(`INSERT INTO a (id, n) VALUES (1, 1), (2, 2); DELETE FROM a; UPDATE {twin:a} SET n = -1 WHERE id = 1`)
		back, err = db.twins.Restore(db.ctx(), db.DB, "a", softdelete.Since(longAgo), softdelete.OnConflict(softdelete.Skip))
		if err != nil {
			t.Fatal(err)
		}
		db.equal(refs(back), "a(2)")
		db.equal(skipped(back), []string{"a(1)"})
	})
}

func TestOverwriteKeepsWhatWasInTheWay(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)
		db.do(`INSERT INTO people (id, name, email, department_id) VALUES (9, 'Eve', 'bob@x', 2), (1, 'Fay', 'fay@x', 2); INSERT INTO notes (id, person_id) VALUES (90, 9)`)
		back, err := db.twins.Restore(db.ctx(), db.DB, "departments", softdelete.Key(1), softdelete.OnConflict(softdelete.Overwrite))
		if err != nil {
			t.Fatal(err)
		}
		db.equal(refs(back), "departments(1) people(1) people(2) notes(1) notes(2)")
		var over []string
		for _, r := range back.Overwritten {
			over = append(over, ref(r))
		}
		slices.Sort(over)
		db.equal(over, []string{"people(1)", "people(9)"})
		db.want(`SELECT id, name FROM people ORDER BY id`, "1 Ann", "2 Bob", "3 Cid")
		db.want(`SELECT id, name FROM {twin:people} ORDER BY id`, "1 Fay", "9 Eve")
		db.want(`SELECT id FROM {twin:notes}`, "90")

		// of two deleted rows that exclude each other the newer comes back
		db.do(`DELETE FROM people WHERE id = 3; INSERT INTO people (id, name, email, department_id) VALUES (4, 'Cid2', 'cid@x', 2); DELETE FROM people WHERE id = 4`)
		back, err = db.twins.Restore(db.ctx(), db.DB, "people", softdelete.Since(longAgo), softdelete.RowOnly(), softdelete.OnConflict(softdelete.Skip))
		if err != nil {
			t.Fatal(err)
		}
		db.equal(refs(back), "people(4)")
		db.equal(skipped(back), []string{"people(1)", "people(3)", "people(9)"})
	})
}

// What overwriting cannot help changes nothing.
func TestOverwriteIsAllOrNothing(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE a (id integer PRIMARY KEY, n integer CHECK (n > 0), u text UNIQUE)`)
		db.install("a")
		db.do(`INSERT INTO a (id, n, u) VALUES (1, 1, 'x'), (2, 1, 'y'); DELETE FROM a; UPDATE {twin:a} SET n = -1 WHERE id = 1; INSERT INTO a (id, n, u) VALUES (3, 1, 'y')`)
		_, err := db.twins.Restore(db.ctx(), db.DB, "a", softdelete.Since(longAgo), softdelete.OnConflict(softdelete.Overwrite))
		var conflict *softdelete.ConflictError
		if !errors.As(err, &conflict) {
			t.Fatalf("got %v", err)
		}
		db.want(`SELECT id FROM a`, "3")
		db.want(`SELECT id FROM {twin:a} ORDER BY id`, "1", "2")
	})
}

// A constraint that waits for the end of the transaction does not wait with a restore, and goes on waiting after it.
func TestDeferredConstraintsKnowStrategies(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE places (id integer PRIMARY KEY, rank integer, UNIQUE (rank) DEFERRABLE INITIALLY DEFERRED);
		CREATE TABLE parts (id integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parts DEFAULT;
		CREATE TABLE spans (id integer PRIMARY KEY, span int4range, EXCLUDE USING gist (span WITH &&) DEFERRABLE INITIALLY DEFERRED)`)
	db.install("places", "parts", "spans")
	db.do(`INSERT INTO places VALUES (1, 1), (2, 2); INSERT INTO parts VALUES (1), (2); INSERT INTO spans VALUES (1, '[1,5)'), (2, '[7,9)')`)
	db.do(`DELETE FROM places; DELETE FROM parts; DELETE FROM spans`)
	db.do(`INSERT INTO places VALUES (3, 1), (4, 3); INSERT INTO parts VALUES (1); INSERT INTO spans VALUES (3, '[4,6)')`)
	for table, living := range map[string]int{"places": 3, "parts": 1, "spans": 3} {
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		restore := func(s softdelete.Strategy) (softdelete.Restored, error) {
			return db.twins.Restore(db.ctx(), tx, table, softdelete.Since(longAgo), softdelete.OnConflict(s))
		}
		var conflict *softdelete.ConflictError
		if _, err := restore(softdelete.Fail); !errors.As(err, &conflict) || conflict.Table != table {
			t.Errorf("%s: got %v", table, err)
		}
		back, err := restore(softdelete.Skip)
		if err != nil {
			t.Fatal(table, err)
		}
		db.equal([]any{refs(back), skipped(back)}, []any{table + "(2)", []string{table + "(1)"}})
		if table == "places" {
			if _, err := tx.ExecContext(db.ctx(), `UPDATE places SET rank = 3 WHERE id = 2; UPDATE places SET rank = 2 WHERE id = 4`); err != nil {
				t.Error(err)
			}
		}
		if back, err = restore(softdelete.Overwrite); err != nil {
			t.Fatal(table, err)
		}
		db.equal([]any{refs(back), len(back.Overwritten), ref(back.Overwritten[0])}, []any{table + "(1)", 1, fmt.Sprintf("%s(%d)", table, living)})
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
	}
}
