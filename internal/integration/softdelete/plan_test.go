package softdelete_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// run sends statements one by one, as a migration would, in one transaction.
func (b *base) run(statements []string) {
	b.Helper()
	tx, err := b.BeginTx(b.ctx(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range statements {
		if _, err := tx.ExecContext(b.ctx(), s); err != nil {
			b.Fatalf("%s: %v", s, err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

func (b *base) plan(tables ...string) softdelete.Plan {
	b.Helper()
	p, err := b.twins.Plan(b.ctx(), b.DB, tables...)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func TestPlan(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		tables := []string{"departments", "people", "notes"}
		db.do(company)
		before := db.kinds(tables...)
		p := db.plan(tables...)
		if p.Empty() || len(p.Down) == 0 || db.kinds(tables...) != before {
			t.Fatalf("%d statements up, %d down; planned from %s, then there is %s", len(p.Up), len(p.Down), before, db.kinds(tables...))
		}
		for _, s := range slices.Concat(p.Up, p.Down) {
			if !strings.HasPrefix(s, "-- ") || strings.HasSuffix(s, ";") {
				t.Errorf("the form of %q", s)
			}
		}
		again := db.plan(tables...)
		db.equal(again, p) // the same each time
		db.run(p.Up)
		db.clean(tables...)
		if p := db.plan(tables...); !p.Empty() || p.Down != nil || p.Drifts != nil {
			t.Errorf("a second plan: %v", p)
		}
		if p, err := db.twins.Plan(db.ctx(), db.DB, "nowhere"); err == nil {
			t.Errorf("planned %v", p)
		}

		db.do(`DELETE FROM departments WHERE id = 1`)
		db.run(p.Down)
		db.do(`DELETE FROM people`) // no more kept
		db.want(`SELECT count(*) FROM {twin:people}`, "2")
		db.equal(db.restore("departments", softdelete.Key(1)), "departments(1) people(1) people(2) notes(1) notes(2)")
		if db.postgres {
			db.run(p.Up)
		}
		db.install(tables...)
		db.do(`DELETE FROM departments WHERE id = 1`)
		db.want(`SELECT count(*) FROM {twin:people}`, "2")
	})
}

// A plan may be made inside a transaction, and for a part that is missing.
func TestPlanOfLaterColumns(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE a (id integer PRIMARY KEY)`)
		db.install("a")
		db.do(`ALTER TABLE a ADD COLUMN n integer DEFAULT 7`)
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := db.twins.Plan(db.ctx(), tx, "a")
		if err := errors.Join(err, tx.Commit()); err != nil {
			t.Fatal(err)
		}
		db.equal(p.Drifts[0].String(), `a: missing column "n" (of the twin)`)
		db.run(p.Up)
		db.clean("a")
		db.do(`INSERT INTO a (id, n) VALUES (1, 1); DELETE FROM a`)
		db.want(`SELECT id, n FROM {twin:a}`, "1 1")
		db.run(p.Down)
		if db.postgres { // the column holds a value
			db.equal(db.kinds("a"), "outdated a_soft_delete")
		}
		db.restore("a", softdelete.Key(1))
		db.want(`SELECT id, n FROM a`, "1 1")
	})
}

func TestAllFilters(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM people WHERE id = 1`)
		db.do(`DELETE FROM people WHERE id = 2`)
		hour := softdelete.Since(time.Now().Add(-time.Hour))
		past := softdelete.Before(time.Now().Add(-time.Hour))
		db.equal(db.list(db.DB, "people", softdelete.All()), "people(2) people(1)")
		db.equal(db.list(db.DB, "people", softdelete.All(hour, softdelete.Key(1))), "people(1)")
		db.equal(db.list(db.DB, "people", softdelete.All(hour, softdelete.All(softdelete.Key(1), past))), "")
		db.equal(db.list(db.DB, "notes", softdelete.All(hour, softdelete.WentWith("people", softdelete.All(hour, softdelete.Key(2))))), "notes(2)")
		n, err := db.twins.Count(db.ctx(), db.DB, "people", softdelete.All(hour, softdelete.Key(2)))
		db.equal([]any{n, err}, []any{int64(1), nil})
		for _, nothing := range []softdelete.Filter{softdelete.All(), softdelete.All(softdelete.All(), softdelete.Filter{})} {
			if _, err := db.twins.Restore(db.ctx(), db.DB, "people", nothing); err == nil || !strings.Contains(err.Error(), "the filter chooses nothing") {
				t.Errorf("restored by an empty filter: %v", err)
			}
		}
		var missing *softdelete.NotFoundError
		if _, err := db.twins.Restore(db.ctx(), db.DB, "people", softdelete.All(past, softdelete.Key(1))); !errors.As(err, &missing) || missing.Key[0] != 1 {
			t.Errorf("got %v", err)
		}
		var steps [][2]int64
		tell := softdelete.OnRestored(func(done, total int64) { steps = append(steps, [2]int64{done, total}) })
		if _, err := db.twins.Restore(db.ctx(), db.DB, "people", softdelete.All(hour, softdelete.Key(1)), tell); err != nil {
			t.Fatal(err)
		}
		db.equal(steps, [][2]int64{{0, 1}, {2, 2}})
	})
}
