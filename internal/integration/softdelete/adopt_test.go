package softdelete_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// formerOn is a database as a service of the Python toolset leaves it.
func formerOn(t testing.TB) *base {
	t.Helper()
	db := onPostgres(t)
	db.do(testenv.FormerFunctions)
	db.do(testenv.FormerShop)
	db.do(testenv.FormerTriggers("person") + testenv.FormerTriggers("purchase"))
	for _, transaction := range testenv.FormerRows {
		db.do(transaction)
	}
	db.want(`SELECT id FROM deleted.deleted_purchase ORDER BY id`, "1", "2", "5", "6")
	return db
}

func TestAdoptTwinsOfThePythonToolset(t *testing.T) {
	t.Parallel()
	db := formerOn(t)
	kept := db.rows(`SELECT id, deleted_at::text, created_at::text, name, code, amount FROM deleted.deleted_person`)
	drift := db.kinds("person", "purchase")
	for _, want := range []string{"adoptable twin deleted_person", "adoptable twin deleted_purchase", "retyped column person_id", "outdated person_soft_delete"} {
		if !strings.Contains(drift, want) {
			t.Errorf("no %q in %s", want, drift)
		}
	}
	plan, err := db.twins.Plan(db.ctx(), db.DB, "person", "purchase")
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(plan.Up, "\n"); !strings.Contains(text, `person: adoptable twin "deleted_person" (its rows stay;`) {
		t.Errorf("the plan does not tell of the adoption:\n%s", text)
	}
	db.install("person", "purchase")
	db.install("person", "purchase")
	db.equal(db.rows(`SELECT id, deleted_at::text, created_at::text, name, code, amount FROM deleted.deleted_person`), kept)
	db.want(`SELECT tgname::text, tgenabled::text FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE p.proname IN ('soft_delete', 'soft_restore', 'prevent_deletion')`)

	// rows of before, newest deletion first
	db.equal(db.list(db.DB, "purchase"), "purchase(5) purchase(2) purchase(1) purchase(6)")
	db.do(`DELETE FROM purchase WHERE id = 3`)
	db.equal(db.list(db.DB, "purchase"), "purchase(3) purchase(5) purchase(2) purchase(1) purchase(6)")
	db.restore("purchase", softdelete.Key(3))
	db.equal(db.list(db.DB, "purchase", softdelete.WentWith("person", softdelete.Key(1))), "purchase(2) purchase(1)")
	db.equal(db.restore("person", softdelete.Key(1)), "person(1) purchase(1) purchase(2)")
	db.want(`SELECT id, name, code, amount, deleted_at, created_at = '2020-01-01 00:00:00+00' FROM person ORDER BY id`, "1 Ann a 1.50 <nil> true", "2 Bob b 2.00 <nil> false", "3 Cid c 3.00 <nil> false")

	// its writer and reader
	db.do(`DELETE FROM purchase WHERE person_id = 2`)
	db.do(`DELETE FROM person WHERE id = 2`)
	db.want(`SELECT id, name, amount, deleted_at IS NOT NULL FROM deleted.deleted_person`, "2 Bob 2.00 true")
	err = db.try(`DELETE FROM deleted.deleted_person WHERE id = 2`)
	if err == nil || !strings.Contains(err.Error(), "Deletion from tables in `deleted` schema is forbidden.") {
		t.Errorf("got %v", err)
	}
	db.do(`SET search_path = deleted; UPDATE deleted_person SET deleted_at = NULL WHERE id = 2; RESET search_path`)
	db.do(`UPDATE deleted.deleted_purchase SET deleted_at = NULL WHERE id IN (3, 5, 6)`)
	db.want(`SELECT id FROM purchase ORDER BY id`, "1", "2", "3", "5", "6")

	// one id twice, which its key did not allow
	for range 2 {
		db.do(`DELETE FROM purchase WHERE id = 6`)
		db.do(`INSERT INTO purchase (id, person_id, title) VALUES (6, 3, 'again')`)
	}
	db.want(`SELECT id, title FROM deleted.deleted_purchase ORDER BY softdelete_id`, "6 six", "6 again")
	n, err := db.twins.Purge(db.ctx(), db.DB, "purchase", time.Now().Add(time.Hour))
	db.equal([]any{n, err}, []any{int64(2), nil})

	// triggers that it puts back are found and give way again
	db.do(`DROP TRIGGER person_soft_delete ON person; DROP TRIGGER person_soft_restore ON deleted.deleted_person; DROP TRIGGER person_prevent_deletion ON deleted.deleted_person;` + testenv.FormerTriggers("person"))
	db.equal(db.kinds("person"), "outdated person_soft_delete, outdated person_soft_restore, outdated person_prevent_deletion")
	db.install("person", "purchase")
}

func TestAdoptedTwinsKeepNothingThatRefusesRows(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(testenv.FormerFunctions)
	name := strings.Repeat("b", 53) // PostgreSQL cuts the names of its triggers
	db.do(fmt.Sprintf(`CREATE TABLE %[1]s (id int PRIMARY KEY, deleted_at timestamptz, n int, dbl int GENERATED ALWAYS AS (n * 2) STORED);
		CREATE TABLE deleted.deleted_%[1]s (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, deleted_at timestamptz, n int NOT NULL CHECK (n > 0), dbl int GENERATED ALWAYS AS (n * 2) STORED);
		CREATE UNIQUE INDEX odd ON deleted.deleted_%[1]s (n)`, name))
	db.do(testenv.FormerTriggers(name))
	if got := db.kinds(name); !strings.Contains(got, "foreign trigger "+name+"_soft_del") {
		t.Error(got)
	}
	db.install(name)
	db.do(`INSERT INTO ` + name + ` (id, n) VALUES (1, -1), (2, -1), (3, NULL)`)
	db.do(`DELETE FROM ` + name)
	db.want(`SELECT id, n, dbl FROM deleted.deleted_`+name+` ORDER BY id`, "1 -1 -2", "2 -1 -2", "3 <nil> <nil>")
	db.want(`SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'bbb%'`, "6")
	db.equal(db.restore(name, softdelete.Key(2)), name+"(2)")
}

// The server cuts off long names, and so the other toolset has twins under names that are not ours.
func TestATwinWhoseNameWasCutOff(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	name := strings.Repeat("ä", 29) // the cut goes through a letter
	db.do(testenv.FormerFunctions)
	db.do(`CREATE TABLE ` + name + ` (id int PRIMARY KEY, deleted_at timestamptz); CREATE TABLE deleted.deleted_` + name + ` (id int PRIMARY KEY, deleted_at timestamptz);
		INSERT INTO deleted.deleted_` + name + ` VALUES (1, now())`)
	var bad *softdelete.TableError
	err := db.twins.Install(db.ctx(), db.DB, name)
	if !errors.As(err, &bad) {
		t.Fatalf("got %v", err)
	}
	_, statement, ok := strings.Cut(bad.Reason, "run ")
	if !ok {
		t.Fatal(bad.Reason)
	}
	db.do(statement) // what it says to run
	db.install(name)
	db.equal(db.restore(name, softdelete.Key(1)), name+"(1)")
}

// What the other toolset has copied by position, a restore by name would corrupt.
func TestATwinInAnotherOrderIsNotAdopted(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(testenv.FormerFunctions)
	db.do(`CREATE TABLE t (id int PRIMARY KEY, first text, last text, deleted_at timestamptz);
		CREATE TABLE deleted.deleted_t (id int PRIMARY KEY, last text, first text, deleted_at timestamptz);` + testenv.FormerTriggers("t") + `
		INSERT INTO t VALUES (1, 'FIRST', 'LAST'); DELETE FROM t`)
	var bad *softdelete.TableError
	if err := db.twins.Install(db.ctx(), db.DB, "t"); !errors.As(err, &bad) || !strings.Contains(bad.Reason, `column 2 is "last" and that of the table "first"`) {
		t.Fatalf("got %v", err)
	}
	db.do(`ALTER TABLE deleted.deleted_t RENAME last TO x; ALTER TABLE deleted.deleted_t RENAME first TO last; ALTER TABLE deleted.deleted_t RENAME x TO first`)
	db.install("t")
	db.restore("t", softdelete.Key(1))
	db.want(`SELECT first, last FROM t`, "FIRST LAST")

	db.do(`CREATE TABLE u (id int PRIMARY KEY, first text, last text, deleted_at timestamptz);
		CREATE TABLE deleted.deleted_u (id int PRIMARY KEY, last text, first text, deleted_at timestamptz)`)
	if err := db.twins.Install(db.ctx(), db.DB, "u"); err != nil { // no rows, no harm
		t.Fatal(err)
	}
	db.equal(db.kinds("u"), "reordered columns ")
	db.do(`INSERT INTO u VALUES (1, 'FIRST', 'LAST'); DELETE FROM u`)
	db.want(`SELECT first, last FROM deleted.deleted_u`, "FIRST LAST")
}

// No row that is deleted or restored while the twins are adopted is lost, none is doubled, and no session fails.
func TestAdoptBesideTraffic(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.SetMaxOpenConns(12)
	db.do(testenv.FormerFunctions)
	const rows = 60
	db.do(`CREATE TABLE thing (id int PRIMARY KEY, deleted_at timestamptz, name text); CREATE TABLE deleted.deleted_thing (id int PRIMARY KEY, deleted_at timestamptz, name text NOT NULL);` +
		testenv.FormerTriggers("thing") + `INSERT INTO thing SELECT i, NULL, 'n' || i FROM generate_series(1, 60) i`)
	ctx, stop := context.WithCancel(db.ctx())
	var moves atomic.Int64
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	for w := range 6 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 7))
			for ctx.Err() == nil {
				id := w*10 + 1 + r.IntN(10) // rows of its own: what fails, fails by the adoption
				statement := `DELETE FROM thing WHERE id = $1`
				if r.IntN(2) == 0 {
					statement = `UPDATE deleted.deleted_thing SET deleted_at = NULL WHERE id = $1`
				}
				if err := db.try(statement, id); err != nil && ctx.Err() == nil {
					t.Errorf("%s: %v", statement, err)
					return
				}
				moves.Add(1)
			}
		})
	}
	await(t, func() bool { return moves.Load() > 200 })
	before := moves.Load()
	start := time.Now()
	if err := db.twins.Install(db.ctx(), db.DB, "thing"); err != nil {
		t.Error(err)
	}
	t.Logf("%d moves, adopted within %v", before, time.Since(start))
	before = moves.Load()
	await(t, func() bool { return moves.Load() > before+200 })
	stop()
	wg.Wait()
	db.want(`SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE name = 'n' || id) FROM (SELECT id, name FROM thing UNION ALL SELECT id, name FROM deleted.deleted_thing) a`,
		fmt.Sprintf("%[1]d %[1]d %[1]d", rows))
	db.clean("thing")
}

// Install changes triggers and twins under the hands of sessions that delete and restore whole trees: none fails.
func TestInstallBesideTraffic(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.SetMaxOpenConns(12)
	db.do(`CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, p_id int NOT NULL REFERENCES p ON DELETE CASCADE, l_id int REFERENCES p ON DELETE SET NULL)`)
	db.install("p", "c")
	db.do(`INSERT INTO p (id) SELECT i FROM generate_series(0, 11) i; INSERT INTO c (id, p_id) SELECT i, i / 4 FROM generate_series(0, 47) i`)
	ctx, stop := context.WithCancel(db.ctx())
	var moves atomic.Int64
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	// before the traffic, so that it takes no locks of its own
	db.do(`ALTER TABLE c ADD COLUMN more int; ALTER TABLE p RENAME COLUMN created_at TO made_at; ALTER TABLE deleted.deleted_c ADD CHECK (id >= 0); DROP TRIGGER p_soft_truncate ON p`)
	for w := range 6 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 3))
			for ctx.Err() == nil {
				id := w*2 + r.IntN(2)
				err := db.try(`DELETE FROM p WHERE id = $1`, id)
				if err == nil {
					_, err = db.twins.Restore(db.ctx(), db.DB, "p", softdelete.Key(id))
				}
				if err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
				moves.Add(1)
			}
		})
	}
	plan := db.plan("p", "c")
	install := func() {
		before := moves.Load()
		await(t, func() bool { return moves.Load() > before+50 })
		start := time.Now()
		if err := db.twins.Install(db.ctx(), db.DB, "p", "c"); err != nil {
			t.Error(err)
		}
		t.Logf("installed within %v", time.Since(start))
		before = moves.Load()
		await(t, func() bool { return moves.Load() > before+50 })
	}
	install()
	db.run(plan.Down)
	install()
	stop()
	wg.Wait()
	db.want(`SELECT count(*), (SELECT count(DISTINCT id) FROM p) FROM c`, "48 12")
	db.clean("p", "c")
}

func await(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) || t.Failed() {
			t.Fatal("it does not come to that")
		}
	}
}
