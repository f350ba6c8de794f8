package softdelete

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// A DB is a database, a connection or a transaction: *sql.DB, *sql.Conn and *sql.Tx fit.
type DB interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// A Config says how twins are handled. Its zero value is useful.
type Config struct {
	// LockTimeout bounds how long Install waits for the locks that it needs before it gives up with ErrLocked, and is
	// written into plans; on SQLite it bounds Restore outside of a transaction, too, unless the connection's busy_timeout
	// is longer. Default: 5 s.
	LockTimeout time.Duration
	// KeepTruncated makes TRUNCATE of a table, which is refused otherwise, keep the rows as one DELETE of all would; with
	// CASCADE those of every table that was installed so. PostgreSQL only; SQLite has no TRUNCATE.
	KeepTruncated bool
}

// Twins is a handle for one kind of database. It holds no connection and no state, and is safe for concurrent use.
// Make one with Postgres or SQLite.
type Twins struct {
	dialect dialect
}

// Postgres makes a handle for PostgreSQL 15 and later, with any driver of database/sql.
func Postgres(cfg Config) *Twins {
	return &Twins{dialect: postgres{lockTimeout: lockTimeout(cfg), truncates: cfg.KeepTruncated}}
}

// SQLite makes a handle for SQLite 3.45 and later, with any driver of database/sql. Connections need foreign_keys and
// recursive_triggers switched on: see SQLiteConnector.
func SQLite(cfg Config) *Twins { return &Twins{dialect: sqlite{lockTimeout: lockTimeout(cfg)}} }

func lockTimeout(cfg Config) time.Duration {
	if cfg.LockTimeout <= 0 {
		return 5 * time.Second
	}
	return cfg.LockTimeout
}

// A dialect is what differs between the databases.
type dialect interface {
	install(ctx context.Context, db DB, tables []string) error
	check(ctx context.Context, db DB, tables []string) ([]Drift, error)
	plan(ctx context.Context, db DB, tables []string) (Plan, error)

	// describe reads table and twin as they are now.
	describe(ctx context.Context, db DB, table string) (twin, error)
	// conditions turns a filter into SQL on the alias t; ok is false where nothing can match.
	conditions(f Filter, tw twin, args *[]any) (where []string, ok bool)
	// members is a condition on the alias t: its id is one of ids.
	members(rows places, args *[]any) string
	// roots is a query of id and time of the rows that match, the newest deletion of each key.
	roots(tw twin, where []string) string
	// tree finds what went with the roots, the roots included, by table.
	tree(ctx context.Context, db DB, root twin, roots places) (map[string]places, error)
	// restore moves rows back, all or none; errLost says that someone else was faster.
	restore(ctx context.Context, db DB, root twin, roots places, how restoring) (Restored, error)
	// purge deletes one batch for good, after what the batch before ended with; last is nil when nothing is left to do.
	purge(ctx context.Context, db DB, tw twin, before time.Time, after *place, batch int) (n int64, last *place, err error)
	// listed are the SQL expressions of a row's deletion, time (µs since 1970) and key on the alias t.
	listed(tw twin) (deletion, micros, key string)
	// newestFirst is the order of List, and the condition that a row comes after another one in it.
	newestFirst(after *place) (order, cond string)
}

// A place is where a row stands in its twin: when it was deleted (µs since 1970) and its id.
type place struct{ at, id int64 }

// places are rows of one twin.
type places struct {
	ids   []int64
	times []int64 // when they were deleted, each once; in µs. PostgreSQL finds an id by its time
}

func (p *places) add(row place) {
	p.ids = append(p.ids, row.id)
	if n := len(p.times); n > 0 && p.times[n-1] == row.at { // mostly it is one deletion
		return
	}
	if i, found := slices.BinarySearch(p.times, row.at); !found {
		p.times = slices.Insert(p.times, i, row.at)
	}
}

// errLost: a row that was found deleted a moment ago is no longer there.
var errLost = errors.New("softdelete: the deleted row is gone")

// Install makes the tables soft-deletable, or brings what it made before up to date: missing columns created_at,
// updated_at and deleted_at, the trigger that keeps updated_at, the twin with every column of the table, and all
// triggers. It happens in one transaction (in the caller's, when db is a *sql.Tx) and does nothing where nothing is
// missing, so that every process may call it at start, several at once too. What it would do Plan shows.
//
// It is safe beside running traffic, on PostgreSQL in this way: all locks are taken first, SHARE ROW EXCLUSIVE for
// triggers (reads go on), ACCESS EXCLUSIVE for columns and for a twin that is changed. A lock is waited for only while
// no other is held, or for 40 ms, so that sessions at work wait but are never the victim of a deadlock; where that does
// not succeed within Config.LockTimeout it gives up. Columns of a table and triggers are made in a moment; indexes,
// other types and the adoption of a twin take time that grows with the rows of the twin.
//
// A twin that the Python toolset has made is adopted with its rows: its keys, constraints and triggers give way to
// ours, services of the Python toolset go on working with it, and rows that one of its transactions deleted count as one
// deletion. A twin whose columns stand in another order than the table's is refused while it has rows, since that
// toolset copies by position.
//
// Tables are bare names as the database stores them ("people", "MyTable"), in schema public on PostgreSQL. Errors:
// *TableError, *SettingsError (SQLite), ErrLocked, or the database's own.
func (t *Twins) Install(ctx context.Context, db DB, tables ...string) error {
	tables, err := named(tables)
	if err != nil {
		return err
	}
	return t.dialect.install(ctx, db, tables)
}

// Check lists how tables, twins and triggers differ from what Install would make of them; nothing means all is well.
// It changes nothing. Errors are those of Install.
func (t *Twins) Check(ctx context.Context, db DB, tables ...string) ([]Drift, error) {
	tables, err := named(tables)
	if err != nil {
		return nil, err
	}
	return t.dialect.check(ctx, db, tables)
}

// named drops doubles and sorts, so that processes that install the same tables lock them in one order.
func named(tables []string) ([]string, error) {
	if len(tables) == 0 {
		return nil, errors.New("softdelete: no table named; give the names of the tables to keep")
	}
	tables = slices.Sorted(slices.Values(tables))
	return slices.Compact(tables), nil
}

// Restore puts deleted rows of table back, and with each all that went with it in the same deletion: rows that
// reference it, directly or through others, and links to it that ON DELETE SET NULL cut (unless someone has set them
// since). What was deleted before or after stays deleted. Of several deletions of one key the newest comes back.
//
// It is all or nothing: after an error listed here nothing has changed, and a transaction given as db goes on being
// usable. Without a transaction Restore is atomic by itself.
//
//   - *NotFoundError: nothing deleted matches which
//   - *ConflictError: a constraint of the live table refuses a row, for example because its unique e-mail is taken
//   - *ParentGoneError: a row references one that is neither there nor comes back with it
//   - *NotInstalledError: the table has no twin
//   - *KeyError: the key has not as many parts as the primary key
//
// Any other error is the database's own (a trigger of yours, a broken connection) and leaves the transaction as such
// an error does.
func (t *Twins) Restore(ctx context.Context, db DB, table string, which Filter, opts ...RestoreOption) (Restored, error) {
	var o restoring
	for _, opt := range opts {
		opt(&o)
	}
	if which.empty() {
		return Restored{}, fmt.Errorf("softdelete: restore of %s: the filter chooses nothing; give for example softdelete.Key(id)", table)
	}
	for range 10 {
		tw, roots, err := t.roots(ctx, db, table, which)
		if err != nil {
			return Restored{}, err
		}
		if len(roots.ids) == 0 {
			return Restored{}, &NotFoundError{Table: table, Key: which.key}
		}
		o.tell(0, len(roots.ids))
		back, err := t.dialect.restore(ctx, db, tw, roots, o)
		if err == nil {
			o.tell(len(back.Rows), len(back.Rows))
		}
		if errors.Is(err, errLost) && ctx.Err() == nil {
			continue // restored or purged by someone else meanwhile: look again
		}
		return back, err
	}
	return Restored{}, fmt.Errorf("softdelete: restore of %s: rows that can be read cannot be locked (%w); does row security hide them from updates?", table, errLost)
}

// List walks the deleted rows of table that match all filters, newest deletion first. It reads in pages, so that
// memory stays flat, other statements may run on db inside the loop, and leaving the loop early costs nothing. An
// error ends the walk and is its last value; the errors are those of Restore, but nothing found is no error.
//
// Inside the transaction of a DELETE it tells what went with a row:
//
//	for row, err := range twins.List(ctx, tx, "people", softdelete.WentWith("departments", softdelete.Key(id))) { ... }
func (t *Twins) List(ctx context.Context, db DB, table string, filters ...Filter) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		if err := t.list(ctx, db, table, filters, func(r Row) bool { return yield(r, nil) }); err != nil {
			yield(Row{}, err)
		}
	}
}
