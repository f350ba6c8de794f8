package softdelete

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"testing"
)

// fakeSQLite is a driver with as little as package driver asks for, or more.
type fakeSQLite struct {
	driver.Connector
	log   *[]string
	conn  func(*fakeConn) driver.Conn
	fails error
}

func (f fakeSQLite) Driver() driver.Driver { return nil }
func (f fakeSQLite) Close() error {
	*f.log = append(*f.log, "connector closed")
	return nil
}

func (f fakeSQLite) Connect(context.Context) (driver.Conn, error) {
	return f.conn(&fakeConn{log: f.log, fails: f.fails}), nil
}

type fakeConn struct {
	driver.Conn
	log   *[]string
	fails error
}

func (c *fakeConn) Prepare(query string) (driver.Stmt, error) {
	return &fakeStmt{conn: c, query: query}, nil
}

func (c *fakeConn) Close() error {
	*c.log = append(*c.log, "closed")
	return nil
}

type fakeStmt struct {
	driver.Stmt
	conn  *fakeConn
	query string
}

func (s *fakeStmt) Close() error { return nil }

func (s *fakeStmt) Exec([]driver.Value) (driver.Result, error) {
	*s.conn.log = append(*s.conn.log, s.query)
	return nil, s.conn.fails
}

// skipping says that it can, and then that this once it cannot.
type skipping struct{ *fakeConn }

func (skipping) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, driver.ErrSkip
}

type direct struct{ *fakeConn }

func (d direct) ExecContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Result, error) {
	*d.log = append(*d.log, query)
	return nil, d.fails
}

func TestSQLiteConnectorSetsUpAnyDriver(t *testing.T) {
	t.Parallel()
	for name, conn := range map[string]func(*fakeConn) driver.Conn{
		"least":    func(c *fakeConn) driver.Conn { return c },
		"skipping": func(c *fakeConn) driver.Conn { return skipping{c} },
		"direct":   func(c *fakeConn) driver.Conn { return direct{c} },
	} {
		var log []string
		c := SQLiteConnector(fakeSQLite{log: &log, conn: conn})
		if _, err := c.Connect(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if closer, ok := c.(interface{ Close() error }); !ok || closer.Close() != nil {
			t.Errorf("%s: the connector cannot be closed", name)
		}
		if want := []string{"PRAGMA foreign_keys = ON", "PRAGMA recursive_triggers = ON", "connector closed"}; !slices.Equal(log, want) {
			t.Errorf("%s: got %q, want %q", name, log, want)
		}

		log = nil
		broken := errors.New("broken")
		if _, err := SQLiteConnector(fakeSQLite{log: &log, conn: conn, fails: broken}).Connect(t.Context()); !errors.Is(err, broken) {
			t.Errorf("%s: got %v", name, err)
		}
		if want := []string{"PRAGMA foreign_keys = ON", "closed"}; !slices.Equal(log, want) {
			t.Errorf("%s: got %q, want %q", name, log, want)
		}
	}
}
