package softdelete_test

import (
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// Links that no restore can ask for again do not pile up.
func TestRestoresLeaveNoLinksBehind(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE par (id integer PRIMARY KEY); CREATE TABLE kid (id integer PRIMARY KEY, p integer REFERENCES par ON DELETE SET NULL)`)
		db.install("par", "kid")
		db.do(`INSERT INTO par (id) VALUES (1), (2); INSERT INTO kid (id, p) VALUES (1, 1), (2, 2), (3, 2)`)
		db.do(`DELETE FROM par`)
		db.do(`UPDATE {twin:par} SET deleted_at = NULL WHERE id = 1`)
		db.want(`SELECT count(*) FROM kid WHERE p IS NOT NULL`, "0")
		db.equal(db.restore("par", softdelete.Key(2)), "par(2) | kid(2) kid(3)") // the links of the other row are kept
		db.do(`DELETE FROM par WHERE id = 2`)
		db.equal(db.restore("par", softdelete.Key(2), softdelete.RowOnly()), "par(2)")
		links := `SELECT count(*) FROM softdelete_links`
		if db.postgres {
			links = `SELECT count(*) FROM deleted.softdelete_links`
		}
		db.want(links, "0")
	})
}

// A link is known by what the foreign key takes for equal, and set again whatever other columns the row has.
func TestLinksOfEveryType(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE EXTENSION citext; CREATE DOMAIN amount AS integer NOT NULL;
		CREATE TABLE a (id citext, at timestamptz, PRIMARY KEY (id, at));
		CREATE TYPE pair AS (x integer, y text);
		CREATE TABLE b (id amount, doc jsonb, list text[], two pair, PRIMARY KEY (id, doc, list, two), a_id citext, a_at timestamptz, n amount, "odd %s ""x""" integer, FOREIGN KEY (a_id, a_at) REFERENCES a ON DELETE SET NULL)`)
	db.install("a")
	db.do(`INSERT INTO a VALUES ('Ann', '2026-01-01 12:00+00'), ('Bob', '2026-01-01 12:00+00')`)
	db.do(`INSERT INTO b VALUES (1, '"s"', '{a,NULL}', '(1,"a b")', 'ANN', '2026-01-01 12:00+00', 1), (2, '{"a": 1.50}', '{}', '(,)', 'bob', '2026-01-01 12:00+00', 2)`)
	tx, err := db.BeginTx(db.ctx(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`SET LOCAL timezone = 'Asia/Tokyo'`, `DELETE FROM a`} {
		if _, err := tx.ExecContext(db.ctx(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	db.want(`SELECT id, a_id FROM b ORDER BY id`, "1 <nil>", "2 <nil>")
	back, err := db.twins.Restore(db.ctx(), db.DB, "a", softdelete.Key("ann", "2026-01-01 12:00+00"))
	if err != nil {
		t.Fatal(err)
	}
	db.equal(len(back.Rows), 1)
	db.want(`SELECT id, a_id, a_at = '2026-01-01 12:00+00' FROM b ORDER BY id`, "1 ANN true", "2 <nil> <nil>")
}
