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
