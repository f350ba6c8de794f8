package softdelete_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// list is what List finds, as keys.
func (b *base) list(db softdelete.DB, table string, filters ...softdelete.Filter) string {
	b.Helper()
	var all []string
	for row, err := range b.twins.List(b.ctx(), db, table, filters...) {
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, ref(row.Ref))
	}
	return strings.Join(all, " ")
}

func TestWhatWentWithADepartment(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`INSERT INTO people (id, name, email, department_id) VALUES (4, 'Dan', NULL, 1)`)
		db.do(`DELETE FROM people WHERE id = 2`)
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.ExecContext(db.ctx(), `DELETE FROM departments WHERE id = 1`); err != nil {
			t.Fatal(err)
		}
		var found []string
		for row, err := range db.twins.List(db.ctx(), tx, "people", softdelete.WentWith("departments", softdelete.Key(1))) {
			if err != nil {
				t.Fatal(err)
			}
			var p struct {
				id         int64
				name       string
				email      *string
				null       sql.NullString
				department int32
			}
			err := row.Scan(softdelete.Column("id", &p.id), softdelete.Column("name", &p.name), softdelete.Column("email", &p.email),
				softdelete.Column("email", &p.null), softdelete.Column("department_id", &p.department))
			if err != nil {
				t.Fatal(err)
			}
			if age := time.Since(row.DeletedAt); age < -time.Minute || age > time.Minute {
				t.Errorf("deleted at %v", row.DeletedAt)
			}
			// other statements may run on the same transaction meanwhile
			var n int
			if err := tx.QueryRowContext(db.ctx(), `SELECT count(*) FROM people`).Scan(&n); err != nil || n != 1 {
				t.Errorf("%d people, %v", n, err)
			}
			found = append(found, fmt.Sprintln(row.Key, p.id, p.name, p.email != nil, p.null.String, p.department))
		}
		slices.Sort(found) // a cascade reaches rows in an order of the database's own
		db.equal(found, []string{"[1] 1 Ann true ann@x 1\n", "[4] 4 Dan false  1\n"})
		db.equal(db.list(tx, "notes", softdelete.WentWith("departments", softdelete.Key(1))), "notes(1)")
		db.equal(db.list(tx, "departments", softdelete.WentWith("departments", softdelete.Key(1))), "departments(1)")
		db.equal(db.list(tx, "people", softdelete.WentWith("departments", softdelete.Key(2))), "")
		db.equal(db.list(tx, "people", softdelete.WentWith("people", softdelete.Key(2))), "people(2)")
	})
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		start := time.Now().Add(-time.Hour)
		db.do(`DELETE FROM notes WHERE id = 1`)
		db.do(`DELETE FROM people WHERE id = 2`)
		db.do(`DELETE FROM notes WHERE id = 3`)
		db.do(`INSERT INTO notes (id) VALUES (1)`)
		db.do(`DELETE FROM notes WHERE id = 1`)
		db.equal(db.list(db.DB, "notes"), "notes(1) notes(3) notes(2) notes(1)")
		db.equal(db.list(db.DB, "notes", softdelete.Key(1)), "notes(1) notes(1)")
		db.equal(db.list(db.DB, "notes", softdelete.Key("abc")), "")
		db.equal(db.list(db.DB, "notes", softdelete.Since(start)), "notes(1) notes(3) notes(2) notes(1)")
		db.equal(db.list(db.DB, "notes", softdelete.Before(start)), "")
		db.equal(db.list(db.DB, "notes", softdelete.Since(start), softdelete.Key(3)), "notes(3)")

		var person softdelete.Row
		for row, err := range db.twins.List(db.ctx(), db.DB, "people") {
			if err != nil {
				t.Fatal(err)
			}
			person = row
		}
		db.equal(db.list(db.DB, "notes", softdelete.InDeletion(person.Deletion)), "notes(2)")
		db.equal(db.list(db.DB, "notes", softdelete.Since(person.DeletedAt), softdelete.Before(person.DeletedAt)), "")
		for _, d := range []softdelete.Deletion{"", "x", "1@x", "999999", "1@1; DROP TABLE notes"} {
			db.equal(db.list(db.DB, "notes", softdelete.InDeletion(d)), "")
		}
		db.equal(strings.Join(person.Columns(), " "), "id name email department_id created_at updated_at deleted_at")
		if err := person.Scan(softdelete.Column("nope", new(string))); err == nil || !strings.Contains(err.Error(), `no column "nope"`) {
			t.Errorf("got %v", err)
		}
		db.equal(db.restore("people", softdelete.InDeletion(person.Deletion)), "people(2) notes(2)")

		for _, table := range []string{"nowhere", `x"y`} {
			n := 0
			for _, err := range db.twins.List(db.ctx(), db.DB, table) {
				if n++; err == nil {
					t.Errorf("%s: no error", table)
				}
			}
			db.equal(n, 1)
		}
	})
}

func TestListOfManyRowsInPages(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE a (id integer PRIMARY KEY)`)
		db.install("a")
		const n = 1200 // two full pages and a bit
		db.do(`INSERT INTO a (id) WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 1200) SELECT i FROM s`)
		db.do(`DELETE FROM a`)
		seen := map[int64]bool{}
		for row, err := range db.twins.List(db.ctx(), db.DB, "a") {
			if err != nil {
				t.Fatal(err)
			}
			seen[row.Key[0].(int64)] = true
		}
		db.equal(len(seen), n)
		for range db.twins.List(db.ctx(), db.DB, "a") {
			break
		}
		back, err := db.twins.Restore(db.ctx(), db.DB, "a", softdelete.Since(time.Unix(0, 0)))
		if err != nil {
			t.Fatal(err)
		}
		db.equal(len(back.Keys("a")), n)
		db.want(`SELECT count(*) FROM a`, "1200")
	})
}

// A key of JSON is told, listed and found as the text that it is.
func TestKeysOfJSON(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TYPE pair AS (x integer, y text); CREATE TABLE a (id jsonb PRIMARY KEY); CREATE TABLE b (id integer[], two pair, PRIMARY KEY (id, two))`)
	db.install("a", "b")
	db.do(`INSERT INTO a VALUES ('{"n": 1.50}'), ('{"blob": 1}'), ('[1, 2]'), ('7'); INSERT INTO b VALUES ('{1,2}', '(1,x)')`)
	db.do(`DELETE FROM a; DELETE FROM b`)
	for row, err := range db.twins.List(db.ctx(), db.DB, "a") {
		if err != nil {
			t.Fatal(err)
		}
		if n, err := db.twins.Count(db.ctx(), db.DB, "a", softdelete.Key(row.Key...)); n != 1 || err != nil {
			t.Errorf("%v: found %d, %v", row.Key, n, err)
		}
	}
	db.equal(db.restore("a", softdelete.Key(`{"n": 1.5}`)), `a({"n": 1.50})`)
	db.equal(db.restore("b", softdelete.Key("{1,2}", "(1,x)")), `b({1,2},(1,x))`)
}
