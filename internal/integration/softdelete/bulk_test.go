package softdelete_test

import (
	"context"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// What a restore does about each of many rows does not take as long as all of them each time: with 20,000 rows a way
// that grows with their square takes minutes.
func TestManyRowsThatDoNotComeBack(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (id integer PRIMARY KEY, p integer REFERENCES p ON DELETE CASCADE DEFERRABLE, u integer UNIQUE); CREATE INDEX ON c (p)`)
	db.install("p", "c")
	const rows = 20_000
	db.do(`INSERT INTO p SELECT i FROM generate_series(1, $1) i`, rows)
	db.do(`INSERT INTO c SELECT i, i, i FROM generate_series(1, $1) i`, rows)
	db.do(`DELETE FROM p`)
	ctx, cancel := context.WithTimeout(db.ctx(), time.Minute)
	defer cancel()
	restore := func(what, table string, s softdelete.Strategy, restored, skipped, overwritten int) {
		t.Helper()
		start := time.Now()
		back, err := db.twins.Restore(ctx, db.DB, table, softdelete.Since(longAgo), softdelete.OnConflict(s))
		if err != nil || len(back.Rows) != restored || len(back.Skipped) != skipped || len(back.Overwritten) != overwritten {
			t.Fatalf("%s: %d restored, %d skipped, %d overwritten, %v", what, len(back.Rows), len(back.Skipped), len(back.Overwritten), err)
		}
		t.Logf("%s: %v", what, time.Since(start))
	}
	restore("parents", "p", softdelete.Fail, 2*rows, 0, 0)
	db.do(`DELETE FROM p`)
	restore("parents that are gone", "c", softdelete.Skip, 0, rows, 0)
	db.do(`INSERT INTO p SELECT i FROM generate_series(1, $1) i`, rows)
	db.do(`INSERT INTO c SELECT i + $1, i, i FROM generate_series(1, $1) i`, rows)
	restore("taken by living rows", "c", softdelete.Skip, 0, rows, 0)
	restore("overwritten", "c", softdelete.Overwrite, rows, 0, rows)
	db.do(`DELETE FROM c`)
	restore("taken among themselves", "c", softdelete.Skip, rows, rows, 0)
}
