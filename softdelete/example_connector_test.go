package softdelete_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// printing stands for the connector of a driver, such as sqlite.NewConnector makes one.
type printing struct{}

func (printing) Connect(context.Context) (driver.Conn, error) { return printingConn{}, nil }
func (printing) Driver() driver.Driver                        { return nil }

type printingConn struct{ driver.Conn }

func (printingConn) Close() error { return nil }
func (printingConn) ExecContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Result, error) {
	fmt.Println(query)
	return driver.ResultNoRows, nil
}

func ExampleSQLiteConnector() {
	db := sql.OpenDB(softdelete.SQLiteConnector(printing{}))
	defer db.Close()
	_, _ = db.Exec("DELETE FROM people WHERE id = 1")
	// Output:
	// PRAGMA foreign_keys = ON
	// PRAGMA recursive_triggers = ON
	// DELETE FROM people WHERE id = 1
}
