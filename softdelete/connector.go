package softdelete

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
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
		if err := execOn(ctx, conn, pragma); err != nil {
			return nil, errors.Join(fmt.Errorf("softdelete: %s, driver %T: %w", pragma, c.Driver(), err), conn.Close())
		}
	}
	return conn, nil
}

// Close closes the connector that is wrapped, if it wants that; sql.DB.Close calls it.
func (c sqliteConnector) Close() error {
	if closer, ok := c.Connector.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// execOn runs a statement without arguments in whichever way the driver has: all but the last are optional.
func execOn(ctx context.Context, conn driver.Conn, statement string) error {
	if e, ok := conn.(driver.ExecerContext); ok {
		if _, err := e.ExecContext(ctx, statement, nil); !errors.Is(err, driver.ErrSkip) {
			return err
		}
	}
	var prepared driver.Stmt
	var err error
	if p, ok := conn.(driver.ConnPrepareContext); ok {
		prepared, err = p.PrepareContext(ctx, statement)
	} else {
		prepared, err = conn.Prepare(statement)
	}
	if err != nil {
		return err
	}
	if s, ok := prepared.(driver.StmtExecContext); ok {
		_, err = s.ExecContext(ctx, nil)
	} else {
		//lint:ignore SA1019 it is what old drivers have
		_, err = prepared.Exec(nil)
	}
	return errors.Join(err, prepared.Close())
}
