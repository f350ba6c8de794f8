package softdelete_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// A deletion and a restore that wait for the second phase of their commit are there afterwards, or not at all.
func TestTwoPhaseCommit(t *testing.T) {
	t.Parallel()
	server := testenv.StartPostgres(t, "max_prepared_transactions=4")
	db := &base{TB: t, DB: testenv.Open(t, server.URL), twins: softdelete.Postgres(softdelete.Config{}), postgres: true}
	db.do(`CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (id integer PRIMARY KEY, p_id integer REFERENCES p ON DELETE CASCADE, q_id integer REFERENCES p ON DELETE SET NULL)`)
	db.install("p", "c")
	db.do(`INSERT INTO p (id) VALUES (1), (2); INSERT INTO c (id, p_id) VALUES (1, 1); INSERT INTO c (id, q_id) VALUES (2, 1)`)
	phase := func(body func(tx softdelete.DB) error, end string) {
		t.Helper()
		conn, err := db.Conn(db.ctx())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, step := range []func() error{
			func() error { _, err := conn.ExecContext(db.ctx(), `BEGIN`); return err },
			func() error { return body(conn) },
			func() error { _, err := conn.ExecContext(db.ctx(), `PREPARE TRANSACTION 'x'`); return err },
			func() error { _, err := db.twins.Purge(db.ctx(), db.DB, "p", time.Now().Add(-time.Hour)); return err },
			func() error { _, err := conn.ExecContext(db.ctx(), end+` PREPARED 'x'`); return err },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(tx softdelete.DB) error {
		_, err := tx.ExecContext(db.ctx(), `DELETE FROM p WHERE id = 1`)
		return err
	}
	restore := func(tx softdelete.DB) error {
		_, err := db.twins.Restore(db.ctx(), tx, "p", softdelete.Key(1))
		return err
	}
	const state = `SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM c), (SELECT count(*) FROM deleted.deleted_p), (SELECT count(*) FROM deleted.deleted_c), (SELECT q_id IS NULL FROM c WHERE id = 2)`
	phase(remove, "ROLLBACK")
	db.want(state, "2 2 0 0 false")
	phase(remove, "COMMIT")
	db.want(state, "1 1 1 1 true")
	phase(restore, "ROLLBACK")
	db.want(state, "1 1 1 1 true")
	phase(restore, "COMMIT")
	db.want(state, "2 2 0 0 false")
}

// Sixteen restore one row by three ways while two purge: it goes one way only.
func TestRestoreBesidePurge(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.SetMaxOpenConns(18)
	db.do(`CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (id integer PRIMARY KEY, p_id integer REFERENCES p ON DELETE CASCADE)`)
	db.install("p", "c")
	for n := range 12 {
		db.do(`INSERT INTO p (id) VALUES ($1)`, n)
		db.do(`INSERT INTO c (id, p_id) SELECT $1::integer * 10 + i, $1::integer FROM generate_series(0, 9) i`, n)
		db.do(`DELETE FROM p WHERE id = $1`, n)
		var back, gone atomic.Int64
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				var err error
				switch i % 3 {
				case 0:
					_, err = db.twins.Restore(db.ctx(), db.DB, "p", softdelete.Key(n))
				case 1:
					_, err = db.twins.Restore(db.ctx(), db.DB, "c", softdelete.WentWith("p", softdelete.Key(n)))
				default:
					var result interface{ RowsAffected() (int64, error) }
					if result, err = db.ExecContext(db.ctx(), `UPDATE deleted.deleted_p SET deleted_at = NULL WHERE id = $1`, n); err == nil {
						if n, _ := result.RowsAffected(); n == 0 {
							return
						}
					}
				}
				var missing *softdelete.NotFoundError
				var orphan *softdelete.ParentGoneError
				var conflict *softdelete.ConflictError
				switch {
				case err == nil:
					back.Add(1)
				case !errors.As(err, &missing) && !errors.As(err, &orphan) && !errors.As(err, &conflict) && stateOf(err) != "40P01":
					t.Error(err)
				}
			})
		}
		if n%2 == 0 {
			for range 2 {
				wg.Go(func() {
					purged, err := db.twins.Purge(db.ctx(), db.DB, "p", time.Now().Add(time.Hour))
					if err != nil {
						t.Error(err)
					}
					gone.Add(purged)
				})
			}
		}
		wg.Wait()
		db.want(fmt.Sprintf(`SELECT (SELECT count(*) FROM p WHERE id = %d) + (SELECT count(*) FROM deleted.deleted_p WHERE id = %[1]d) + %d`, n, gone.Load()), "1")
		db.want(fmt.Sprintf(`SELECT count(*) FROM (SELECT id, p_id FROM c UNION ALL SELECT id, p_id FROM deleted.deleted_c) a WHERE p_id = %d`, n), "10")
	}
}

// While a restore brings a child back its parent is deleted again, before or after: the child is never without it.
func TestParentDeletedBesideTheRestoreOfItsChild(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (id integer PRIMARY KEY, p_id integer REFERENCES p ON DELETE CASCADE)`)
	db.install("p", "c")
	db.do(`INSERT INTO p (id) VALUES (1); INSERT INTO c (id, p_id) VALUES (1, 1)`)
	for n := range 20 {
		db.do(`DELETE FROM c`)
		var wg sync.WaitGroup
		for _, step := range []func() error{
			func() error { return db.try(`DELETE FROM p`) },
			func() error { _, err := db.twins.Restore(db.ctx(), db.DB, "c", softdelete.Key(1)); return err },
		} {
			wg.Go(func() {
				var orphan *softdelete.ParentGoneError
				if err := step(); err != nil && !errors.As(err, &orphan) && stateOf(err) != "40P01" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		db.want(`SELECT count(*) FROM c WHERE p_id NOT IN (SELECT id FROM p)`, "0")
		db.want(`SELECT (SELECT count(*) FROM p) + (SELECT count(*) FROM deleted.deleted_p), (SELECT count(*) FROM c) + (SELECT count(*) FROM deleted.deleted_c)`, "1 1")
		if len(db.rows(`SELECT id FROM p`)) == 0 {
			db.restore("p", softdelete.Key(1))
		}
		if len(db.rows(`SELECT id FROM c`)) == 0 {
			db.restore("c", softdelete.Key(1))
		}
		if t.Failed() {
			t.Fatal("in round ", n)
		}
	}
}
