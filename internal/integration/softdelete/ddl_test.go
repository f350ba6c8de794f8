package softdelete_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// Sessions delete, restore and purge while others change the tables, install and check. What meets a lock, a deadlock or a
// name that has just changed tries again; no row is lost, none doubled, and in the end everything works.
func TestSchemaChangesBesideTraffic(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.SetMaxOpenConns(16)
	db.do(`CREATE TABLE p (id integer PRIMARY KEY, v text, n integer); CREATE TABLE c (id integer, p_id integer REFERENCES p ON DELETE CASCADE, v text, PRIMARY KEY (id, p_id)) PARTITION BY HASH (id);
		CREATE TABLE c0 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE c1 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 1); CREATE TABLE idle (id integer PRIMARY KEY)`)
	db.install("p", "c", "idle")
	const rows = 40
	db.do(fmt.Sprintf(`INSERT INTO p (id, v, n) SELECT i, 'v' || i, i FROM generate_series(1, %d) i; INSERT INTO c (id, p_id, v) SELECT i, i, 'c' || i FROM p, generate_series(id, id) i`, rows))

	deadline := time.Now().Add(softdeleteFor(t))
	var deleted, restored, changed atomic.Int64
	goesOn := func() bool {
		return time.Now().Before(deadline) || (deleted.Load() == 0 || restored.Load() == 0 || changed.Load() == 0) && time.Now().Before(deadline.Add(time.Minute))
	}
	var wg sync.WaitGroup
	again := func(err error) bool {
		var gone *softdelete.ParentGoneError
		var missing *softdelete.NotFoundError
		var conflict *softdelete.ConflictError
		switch stateOf(err) {
		case "40P01", "55P03", "23503":
			return true
		}
		return errors.Is(err, softdelete.ErrLocked) || errors.As(err, &gone) || errors.As(err, &missing) || errors.As(err, &conflict)
	}
	run := func(what string, n *atomic.Int64, f func(r *rand.Rand) error) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(len(what)), 7))
			for goesOn() {
				err := f(r)
				switch {
				case err == nil:
					n.Add(1)
				case !again(err):
					t.Errorf("%s: %v", what, err)
					return
				}
			}
		})
	}
	var others atomic.Int64
	for i := range 4 {
		run(fmt.Sprint("delete ", i), &deleted, func(r *rand.Rand) error {
			table := []string{"p", "p", "c", "c0", "c1"}[r.IntN(5)]
			return db.try(fmt.Sprintf(`DELETE FROM %s WHERE id = %d`, table, 1+r.IntN(rows)))
		})
		run(fmt.Sprint("restore ", i), &restored, func(r *rand.Rand) error {
			if i == 0 {
				return db.try(fmt.Sprintf(`UPDATE deleted.deleted_p SET deleted_at = NULL WHERE id = %d`, 1+r.IntN(rows)))
			}
			table := []string{"p", "c"}[r.IntN(2)]
			which := softdelete.Key(1 + r.IntN(rows))
			if table == "c" {
				id := 1 + r.IntN(rows)
				which = softdelete.Key(id, id)
			}
			_, err := db.twins.Restore(db.ctx(), db.DB, table, which)
			return err
		})
	}
	for name, changes := range map[string][]string{
		"p": {`ALTER TABLE p ADD w integer DEFAULT 3`, `ALTER TABLE p RENAME w TO x`, `ALTER TABLE p ALTER x TYPE bigint`, `TRUNCATE p, c`, `ALTER TABLE p DROP x`,
			`ALTER TABLE p ALTER n TYPE bigint`, `CREATE INDEX p_v ON p (v)`, `ALTER TABLE p ALTER n TYPE integer`, `DROP INDEX p_v`, `VACUUM FULL deleted.deleted_p`, `ANALYZE p`},
		"c": {`ALTER TABLE c ADD w text`, `ALTER TABLE c DETACH PARTITION c1; ALTER TABLE c ATTACH PARTITION c1 FOR VALUES WITH (MODULUS 2, REMAINDER 1)`, `ALTER TABLE c DROP w`,
			`ALTER TABLE idle RENAME TO lazy; ALTER TABLE lazy RENAME TO idle`},
	} {
		i := 0
		run("change of "+name, &changed, func(*rand.Rand) error {
			err := db.try(changes[i%len(changes)])
			if stateOf(err) == "P0001" && changes[i%len(changes)] == `TRUNCATE p, c` {
				err = nil // refused, as it should be
			}
			if err == nil {
				i++
			}
			return err
		})
	}
	run("install", &others, func(*rand.Rand) error { return db.twins.Install(db.ctx(), db.DB, "p", "c", "idle") })
	run("check", &others, func(*rand.Rand) error { _, err := db.twins.Check(db.ctx(), db.DB, "p", "c"); return err })
	run("purge", &others, func(*rand.Rand) error { _, err := db.twins.Purge(db.ctx(), db.DB, "p", longAgo); return err })
	wg.Wait()
	t.Logf("%d deletes, %d restores, %d changes, %d others", deleted.Load(), restored.Load(), changed.Load(), others.Load())

	if err := db.twins.Install(db.ctx(), db.DB, "p", "c", "idle"); err != nil {
		t.Error(err)
	}
	db.want(`SELECT id FROM (SELECT id, v, n FROM p UNION ALL SELECT id, v, n FROM deleted.deleted_p) a GROUP BY id HAVING count(*) <> 1 OR max(v) IS DISTINCT FROM 'v' || id OR max(n) IS DISTINCT FROM id`)
	db.want(`SELECT id FROM (SELECT id, v FROM c UNION ALL SELECT id, v FROM deleted.deleted_c) a GROUP BY id HAVING count(*) <> 1 OR max(v) IS DISTINCT FROM 'c' || id`)
	db.want(`SELECT (SELECT count(*) FROM p) + (SELECT count(*) FROM deleted.deleted_p), (SELECT count(*) FROM c) + (SELECT count(*) FROM deleted.deleted_c)`, fmt.Sprint(rows, " ", rows))
	db.do(`DELETE FROM p; DELETE FROM c; UPDATE deleted.deleted_p SET deleted_at = NULL; UPDATE deleted.deleted_c SET deleted_at = NULL`)
	db.want(`SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM c)`, fmt.Sprint(rows, " ", rows))
}
