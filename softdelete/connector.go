package softdelete

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

// SQLiteConnector wraps a connector of any SQLite driver so that every connection has foreign_keys and
// recursive_triggers on: without the first nothing cascades, without the second INSERT OR REPLACE deletes rows behind
// the back of triggers.
//
//	base, err := sqlite.NewConnector("file:hrm.db?_pragma=busy_timeout(5000)") // modernc.org/sqlite
//	db := sql.OpenDB(softdelete.SQLiteConnector(base))
//
// A driver whose DSN can set the two needs no wrapper; Install and Check tell when they are off.
func SQLiteConnector(base driver.Connector) driver.Connector { return sqliteConnector{base} }

type sqliteConnector struct{ driver.Connector }

func (c sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, pragma := range []string{"PRAGMA foreign_keys = ON", "PRAGMA recursive_triggers = ON"} {
		err := errors.New("its connections have no ExecContext")
		if e, ok := conn.(driver.ExecerContext); ok {
			_, err = e.ExecContext(ctx, pragma, nil)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("softdelete: %s, driver %T: %w", pragma, c.Driver(), err), conn.Close())
		}
	}
	return conn, nil
}
