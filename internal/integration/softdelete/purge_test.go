package softdelete_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

func TestPurgeByAgeInBatches(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		for i := range 25 {
			db.do(fmt.Sprintf(`INSERT INTO notes (id) VALUES (%d)`, 100+i))
		}
		db.do(`DELETE FROM notes WHERE id >= 100`)
		var old softdelete.Row
		for row, err := range db.twins.List(db.ctx(), db.DB, "notes") {
			if err != nil {
				t.Fatal(err)
			}
			old = row
		}
		n, err := db.twins.Purge(db.ctx(), db.DB, "notes", old.DeletedAt.Add(-time.Hour))
		db.equal([]any{n, err}, []any{int64(0), nil})
		n, err = db.twins.Count(db.ctx(), db.DB, "notes")
		db.equal([]any{n, err}, []any{int64(25), nil})

		var steps []int64
		n, err = db.twins.Purge(db.ctx(), db.DB, "notes", old.DeletedAt.Add(time.Hour), softdelete.Batch(10), softdelete.OnPurged(func(n int64) { steps = append(steps, n) }))
		db.equal([]any{n, err}, []any{int64(25), nil})
		db.equal(steps, []int64{10, 20, 25})
		db.want(`SELECT count(*) FROM {twin:notes}`, "0")

		// and the twin is as guarded as before
		db.do(`DELETE FROM notes WHERE id = 3`)
		if err := db.try(`DELETE FROM {twin:notes}`); err == nil {
			t.Error("a plain DELETE is not refused")
		}
		if _, err := db.twins.Purge(db.ctx(), db.DB, "notes", time.Time{}); err == nil {
			t.Error("no time, no error")
		}
		var not *softdelete.NotInstalledError
		if _, err := db.twins.Purge(db.ctx(), db.DB, "nowhere", time.Now()); !errors.As(err, &not) {
			t.Errorf("got %v", err)
		}
	})
}

// Who may call the function purges, and nobody else; without rights on the twin.
func TestPurgeNeedsTheFunctionOnly(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	companyOn(db)
	db.do(`DELETE FROM notes WHERE id = 3`)
	role := db.role("purger")
	db.do(`GRANT USAGE ON SCHEMA deleted TO ` + role)
	const call = `SELECT deleted.softdelete_purge('notes', 'infinity', NULL, NULL, 10)`
	if err := db.as(role, call); stateOf(err) != "42501" {
		t.Errorf("purged without rights: %v", err)
	}
	db.do(`GRANT EXECUTE ON FUNCTION deleted.softdelete_purge TO ` + role)
	if err := db.as(role, call); err != nil {
		t.Error(err)
	}
	db.want(`SELECT count(*) FROM {twin:notes}`, "0")
	db.clean("notes")
}

// A row that a restore at work holds stays, and so do the links that the restore will set again.
func TestPurgeLeavesTheLinksOfRowsThatStay(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE par (id integer PRIMARY KEY); CREATE TABLE kid (id integer PRIMARY KEY, p integer REFERENCES par ON DELETE SET NULL)`)
	db.install("par")
	db.do(`INSERT INTO par VALUES (1), (2); INSERT INTO kid VALUES (1, 1), (2, 2)`)
	db.do(`DELETE FROM par WHERE id = 1`)
	db.do(`DELETE FROM par WHERE id = 2`)
	tx, err := db.BeginTx(db.ctx(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(db.ctx(), `SELECT FROM deleted.deleted_par WHERE id = 1 FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	if n, err := db.twins.Purge(db.ctx(), db.DB, "par", time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	db.want(`SELECT old ->> 'id' FROM deleted.softdelete_links`, "1")
	db.equal(db.restore("par", softdelete.Key(1)), "par(1) | kid(1)")
}
