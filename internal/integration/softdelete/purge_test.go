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
