package testenv

import (
	"database/sql"
	"net/url"
	"testing"

	"modernc.org/sqlite"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// OpenSQLite is a pool on a SQLite file, set up as soft delete wants it. It is closed when the test ends.
func OpenSQLite(t testing.TB, file string) *sql.DB {
	t.Helper()
	base, err := sqlite.NewConnector("file:" + (&url.URL{Path: file}).EscapedPath() + "?_pragma=busy_timeout(20000)")
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(softdelete.SQLiteConnector(base))
	t.Cleanup(func() { _ = db.Close() })
	return db
}
