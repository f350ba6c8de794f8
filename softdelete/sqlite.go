package softdelete

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// sqlite has triggers for each row only, and no procedures: triggers capture, Go restores.
//
// What belongs to one deletion is told by the table softdelete_state. The BEFORE DELETE trigger of the outermost row
// takes a new number and the AFTER DELETE trigger captures under it; the foreign keys' actions run between the two,
// so that whatever they delete finds the number taken.
type sqlite struct {
	lockTimeout time.Duration
}

func (s sqlite) install(ctx context.Context, db DB, tables []string) error {
	return s.atomically(ctx, db, func(db DB) error {
		if err := s.settings(ctx, db); err != nil {
			return err
		}
		_, err := s.make(ctx, db, tables)
		return err
	})
}

// make does what install does, and says what it was.
func (s sqlite) make(ctx context.Context, db DB, tables []string) ([]change, error) {
	var made []change
	for range 4 { // columns that one round adds change what the next finds
		changes, err := s.changes(ctx, db, tables)
		if err != nil {
			return nil, err
		}
		todo := steps(changes)
		for _, step := range todo {
			if _, err := db.ExecContext(ctx, step.text()); err != nil {
				return nil, fmt.Errorf("softdelete: install, %s: %w", step.what, err)
			}
		}
		if len(todo) == 0 {
			return made, nil
		}
		made = append(made, changes...)
	}
	return nil, errors.New("softdelete: install does not come to an end: another session seems to change the schema")
}

// plan tries what install would do and takes it back.
func (s sqlite) plan(ctx context.Context, db DB, tables []string) (Plan, error) {
	errTried := errors.New("tried")
	var p Plan
	err := s.atomically(ctx, db, func(db DB) error {
		if err := s.settings(ctx, db); err != nil {
			return err
		}
		made, err := s.make(ctx, db, tables)
		if err != nil {
			return err
		}
		p = newPlan(made, steps(made), sqliteUndoing(made))
		return errTried
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return p, err
}

// sqliteUndoing drops the triggers of tables that have got their twins by these changes.
func sqliteUndoing(made []change) []step {
	var down []step
	for _, c := range made {
		if c.Kind != MissingTwin {
			continue
		}
		for _, suffix := range sqliteTableTriggers {
			name := fitName(c.Table + suffix)
			down = append(down, step{"takes back the trigger " + name, "DROP TRIGGER IF EXISTS " + quote(name)})
		}
	}
	return down
}

func (s sqlite) check(ctx context.Context, db DB, tables []string) ([]Drift, error) {
	if c, ok := db.(interface {
		Conn(context.Context) (*sql.Conn, error)
	}); ok {
		conn, err := c.Conn(ctx)
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		db = conn
	}
	if err := s.settings(ctx, db); err != nil {
		return nil, err
	}
	changes, err := s.changes(ctx, db, tables)
	return drifts(changes), err
}

// settings fails unless the connection is set up as SQLiteConnector does.
func (s sqlite) settings(ctx context.Context, db DB) error {
	var off []string
	for _, name := range []string{"foreign_keys", "recursive_triggers"} {
		var on bool
		if err := db.QueryRowContext(ctx, "PRAGMA "+name).Scan(&on); err != nil {
			return fmt.Errorf("softdelete: is this SQLite? PRAGMA %s: %w", name, err)
		}
		if !on {
			off = append(off, name)
		}
	}
	if off != nil {
		return &SettingsError{Off: off}
	}
	return nil
}

// atomically runs f on one connection, all or nothing: in a transaction of its own that has the right to write from
// the start (one that asks for it later is refused, not made to wait), or in a savepoint of the caller's.
func (s sqlite) atomically(ctx context.Context, db DB, f func(DB) error) error {
	begin, commit, rollback := "SAVEPOINT softdelete", "RELEASE softdelete", []string{"ROLLBACK TO softdelete", "RELEASE softdelete"}
	if c, ok := db.(interface {
		Conn(context.Context) (*sql.Conn, error)
	}); ok {
		conn, err := c.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		db, begin, commit, rollback = conn, "BEGIN IMMEDIATE", "COMMIT", []string{"ROLLBACK"}
		var before int64
		if err := db.QueryRowContext(ctx, "PRAGMA busy_timeout").Scan(&before); err != nil {
			return err
		}
		if millis := s.lockTimeout.Milliseconds(); before < millis {
			if _, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", millis)); err != nil {
				return err
			}
			defer func() {
				_, _ = db.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("PRAGMA busy_timeout = %d", before))
			}()
		}
	}
	if _, err := db.ExecContext(ctx, begin); err != nil {
		return locked(err)
	}
	err := f(db)
	if err == nil {
		_, err = db.ExecContext(ctx, commit)
	}
	if err != nil {
		for _, statement := range rollback {
			_, _ = db.ExecContext(context.WithoutCancel(ctx), statement) // err says what went wrong
		}
	}
	return locked(err)
}

// locked marks SQLITE_BUSY, for drivers that tell the result code as modernc.org/sqlite does.
func locked(err error) error {
	if sqliteCode(err)&0xff == 5 {
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	}
	return err
}

func sqliteCode(err error) int {
	var coded interface{ Code() int }
	if errors.As(err, &coded) {
		return coded.Code()
	}
	return 0
}

func (s sqlite) describe(ctx context.Context, db DB, table string) (twin, error) {
	schema, err := sqliteRead(ctx, db)
	if err != nil {
		return twin{}, fmt.Errorf("softdelete: look up %s: %w", table, err)
	}
	live := schema.table(table)
	tw := schema.twin(live)
	if tw == nil {
		return twin{}, &NotInstalledError{Table: table}
	}
	return live.described(tw), nil
}
