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

// Writers delete and restore the same few trees at random; whatever they meet, no row is lost and none doubled. What
// the server undid over a deadlock is tried again until it is done. TOOLSET_SOFTDELETE_FOR says how long (3s).
func TestWritersDeleteAndRestoreAtOnce(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE p (id integer PRIMARY KEY, boss_id integer REFERENCES p ON DELETE SET NULL);
			CREATE TABLE c (id integer PRIMARY KEY, p_id integer NOT NULL REFERENCES p ON DELETE CASCADE)`)
		db.install("c", "p")
		const parents, children, writers = 6, 4, 16
		db.SetMaxOpenConns(writers)
		for p := range parents {
			db.do(`INSERT INTO p (id, boss_id) VALUES ($1, NULL)`, p)
			for c := range children {
				db.do(`INSERT INTO c (id, p_id) VALUES ($1, $2)`, p*children+c, p)
			}
		}
		db.do(`UPDATE p SET boss_id = 0 WHERE id <> 0`)

		deadline := time.Now().Add(softdeleteFor(t))
		atLeast := deadline.Add(time.Minute) // what a busy machine gets until something was deleted and restored
		var deleted, restored, refused, deadlocks atomic.Int64
		goesOn := func() bool {
			return time.Now().Before(deadline) || (deleted.Load() == 0 || restored.Load() == 0) && time.Now().Before(atLeast)
		}
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				r := rand.New(rand.NewPCG(uint64(w), 1))
				for goesOn() {
					table, id, del := randomStep(r, parents, children)
					err := db.step(table, id, del, &deleted, &restored)
					for stateOf(err) == "40P01" {
						deadlocks.Add(1)
						err = db.step(table, id, del, &deleted, &restored)
					}
					var gone *softdelete.ParentGoneError
					var missing *softdelete.NotFoundError
					var conflict *softdelete.ConflictError
					switch state := stateOf(err); {
					case errors.As(err, &gone), errors.As(err, &missing), errors.As(err, &conflict), state == "23503":
						refused.Add(1)
					case err != nil:
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		t.Logf("%d deleted, %d restored, %d refused, %d deadlocks", deleted.Load(), restored.Load(), refused.Load(), deadlocks.Load())
		if deleted.Load() == 0 || restored.Load() == 0 {
			t.Error("nothing happened")
		}
		db.want(`SELECT id, count(*) FROM (SELECT id FROM p UNION ALL SELECT id FROM {twin:p}) a GROUP BY id HAVING count(*) <> 1`)
		db.want(`SELECT id, count(*) FROM (SELECT id, p_id FROM c UNION ALL SELECT id, p_id FROM {twin:c}) a GROUP BY id HAVING count(*) <> 1 OR max(p_id) <> id / 4`)
		db.want(`SELECT count(*) FROM (SELECT id FROM c UNION ALL SELECT id FROM {twin:c}) a`, fmt.Sprint(parents*children))
		db.want(`SELECT count(*) FROM (SELECT id FROM p UNION ALL SELECT id FROM {twin:p}) a`, fmt.Sprint(parents))
		db.clean("c", "p")
	})
}

func randomStep(r *rand.Rand, parents, children int) (table string, id int, del bool) {
	table, id = "p", r.IntN(parents)
	if r.IntN(3) == 0 {
		table, id = "c", r.IntN(parents*children)
	}
	return table, id, r.IntN(2) == 0
}

func (b *base) step(table string, id int, del bool, deleted, restored *atomic.Int64) error {
	if del {
		result, err := b.ExecContext(b.ctx(), fmt.Sprintf(`DELETE FROM %s WHERE id = %d`, table, id))
		if err == nil {
			n, _ := result.RowsAffected()
			deleted.Add(n)
		}
		return err
	}
	back, err := b.twins.Restore(b.ctx(), b.DB, table, softdelete.Key(id))
	restored.Add(int64(len(back.Rows)))
	return err
}

func stateOf(err error) string {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState()
	}
	return ""
}

// Of two that restore the same row one does it and the other finds nothing.
func TestOneRowIsRestoredOnce(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		for range 5 {
			db.do(`DELETE FROM departments WHERE id = 1`)
			var done, missed atomic.Int64
			var wg sync.WaitGroup
			for range 6 {
				wg.Go(func() {
					_, err := db.twins.Restore(db.ctx(), db.DB, "departments", softdelete.Key(1))
					var missing *softdelete.NotFoundError
					switch {
					case err == nil:
						done.Add(1)
					case errors.As(err, &missing):
						missed.Add(1)
					default:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			db.equal([]int64{done.Load(), missed.Load()}, []int64{1, 5})
		}
	})
}
