package softdelete_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// A server that is killed amid deletes and restores holds after it all of each transaction or nothing of it, and all
// that was acknowledged.
func TestServerKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	server := testenv.StartPostgres(t, "fsync = off") // the machine goes on: what the server wrote is there
	db := &base{TB: t, DB: testenv.Open(t, server.URL), twins: softdelete.Postgres(softdelete.Config{}), postgres: true}
	db.do(`CREATE TABLE p (id integer PRIMARY KEY);
		CREATE TABLE c (id integer PRIMARY KEY, p_id integer NOT NULL REFERENCES p ON DELETE CASCADE);
		CREATE TABLE l (id integer PRIMARY KEY, p_id integer REFERENCES p ON DELETE SET NULL);
		CREATE TABLE journal (p_id integer, n bigint, deleted boolean)`)
	db.install("p", "c", "l")
	const writers, children = 4, 20
	db.do(`INSERT INTO p (id) SELECT generate_series(1, 4); INSERT INTO c (id, p_id) SELECT i, 1 + i % 4 FROM generate_series(1, 80) i; INSERT INTO l (id, p_id) SELECT i, 1 + i % 4 FROM generate_series(1, 80) i`)

	acknowledged := make([]atomic.Int64, writers) // number of the last transaction of each writer
	for range 3 {
		var total atomic.Int64
		enough := make(chan struct{})
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for { // until the server is gone
					n := acknowledged[w].Load() + 1
					if err := db.flip(w+1, n); err != nil {
						return
					}
					acknowledged[w].Store(n)
					if total.Add(1) == 60 {
						close(enough)
					}
				}
			})
		}
		select {
		case <-enough:
		case <-time.After(time.Minute):
			t.Error("the writers do not get on")
		}
		server.Kill(t)
		wg.Wait()
		server.Start(t)

		for w := range writers {
			var n int64
			var deleted bool
			if err := db.QueryRow(`SELECT n, deleted FROM journal WHERE p_id = $1 ORDER BY n DESC LIMIT 1`, w+1).Scan(&n, &deleted); err != nil {
				t.Fatal(err)
			}
			if last := acknowledged[w].Load(); n != last && n != last+1 { // the answer to the last one may be lost
				t.Errorf("writer %d: transaction %d was acknowledged, the journal ends with %d", w, last, n)
			}
			acknowledged[w].Store(n)
			want := [2]string{"1 20 20", "0 0 0"}
			if deleted {
				want = [2]string{"0 0 0", "1 20 0"}
			}
			const count = `SELECT (SELECT count(*) FROM %[2]sp WHERE id = %[1]d), (SELECT count(*) FROM %[2]sc WHERE p_id = %[1]d), (SELECT count(*) FROM %[3]s WHERE p_id = %[1]d)`
			db.want(fmt.Sprintf(count, w+1, "public.", "public.l"), want[0])
			db.want(fmt.Sprintf(count, w+1, "deleted.deleted_", "deleted.deleted_l"), want[1])
			links := 0
			if deleted {
				links = children
			}
			db.want(fmt.Sprintf(`SELECT count(*) FROM deleted.softdelete_links WHERE (old ->> 'p_id')::int = %d`, w+1), fmt.Sprint(links))
		}
		db.want(`SELECT count(*) FROM l`, "80")
		db.clean("p", "c", "l")
	}
}

// flip deletes or restores one row with its cascade and notes it, in one transaction.
func (b *base) flip(id int, n int64) error {
	ctx, cancel := context.WithTimeout(b.ctx(), 20*time.Second)
	defer cancel()
	tx, err := b.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	result, err := tx.ExecContext(ctx, `DELETE FROM p WHERE id = $1`, id)
	if err != nil {
		return err
	}
	deleted, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if deleted == 0 {
		if _, err := b.twins.Restore(ctx, tx, "p", softdelete.Key(id)); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO journal VALUES ($1, $2, $3)`, id, n, deleted == 1); err != nil {
		return err
	}
	return tx.Commit()
}
