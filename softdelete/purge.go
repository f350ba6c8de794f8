package softdelete

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A PurgeOption changes what one Purge does.
type PurgeOption func(*purging)

type purging struct {
	batch    int
	progress func(purged int64)
}

// Batch says how many rows Purge deletes at once. Default: 5,000; a larger batch is faster and holds locks longer.
func Batch(rows int) PurgeOption { return func(p *purging) { p.batch = rows } }

// OnPurged is called after each batch of Purge with the number of rows that are gone so far.
func OnPurged(f func(purged int64)) PurgeOption { return func(p *purging) { p.progress = f } }

// Purge deletes for good the rows of table that were deleted before a point in time, by the clock of the database, and
// says how many. What a transaction at work holds locked stays. It goes in batches: on a *sql.DB each is a transaction
// of its own, so that locks are short and what is done stays done when a later batch fails; in the caller's transaction
// all is one. Memory does not grow with the number of rows.
//
// On PostgreSQL it calls deleted.softdelete_purge, which runs as its owner: whoever purges needs EXECUTE on that function
// and USAGE on schema deleted, and can purge every twin. Errors: *NotInstalledError, or the database's own.
func (t *Twins) Purge(ctx context.Context, db DB, table string, before time.Time, opts ...PurgeOption) (int64, error) {
	p := purging{batch: 5000}
	for _, opt := range opts {
		opt(&p)
	}
	if p.batch <= 0 {
		return 0, fmt.Errorf("softdelete: purge of %s: a batch of %d rows; it has to be at least 1", table, p.batch)
	}
	if before.IsZero() {
		return 0, errors.New("softdelete: purge of " + table + ": the time is zero; give the time before which deleted rows go")
	}
	tw, err := t.dialect.describe(ctx, db, table)
	if err != nil {
		return 0, err
	}
	var total int64
	for after := (*place)(nil); ; {
		n, last, err := t.dialect.purge(ctx, db, tw, before, after, p.batch)
		if err != nil {
			return total, fmt.Errorf("softdelete: purge of %s: %w", table, err)
		}
		total += n
		if n > 0 && p.progress != nil {
			p.progress(total)
		}
		if last == nil {
			return total, nil
		}
		after = last
	}
}

// Count is how many rows List would find.
func (t *Twins) Count(ctx context.Context, db DB, table string, filters ...Filter) (int64, error) {
	tw, err := t.dialect.describe(ctx, db, table)
	if err != nil {
		return 0, err
	}
	var args []any
	where, ok, err := t.where(ctx, db, tw, filters, &args)
	if err != nil || !ok {
		return 0, err
	}
	query := "SELECT count(*) FROM " + tw.from + " t"
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	var n int64
	if err := db.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("softdelete: count deleted rows of %s: %w", table, err)
	}
	return n, nil
}

func (pg postgres) purge(ctx context.Context, db DB, tw twin, before time.Time, after *place, batch int) (n int64, last *place, err error) {
	var at, id sql.NullInt64
	if after != nil {
		at, id = sql.NullInt64{Int64: after.at, Valid: true}, sql.NullInt64{Int64: after.id, Valid: true}
	}
	err = db.QueryRowContext(ctx, `SELECT purged, `+pgMicros("last_at")+`, last_id FROM deleted.softdelete_purge($1, `+pgTime("$2")+`, `+pgTime("$3")+`, $4, $5)`,
		tw.table, micros(before), nullText(at), id, batch).Scan(&n, &at, &id)
	if at.Valid && id.Valid {
		last = &place{at.Int64, id.Int64}
	}
	return n, last, err
}

func nullText(n sql.NullInt64) sql.NullString {
	return sql.NullString{String: strconv.FormatInt(n.Int64, 10), Valid: n.Valid}
}

func (s sqlite) purge(ctx context.Context, db DB, tw twin, before time.Time, after *place, batch int) (n int64, last *place, err error) {
	from, to := int64(-1), int64(-1)
	if after != nil {
		from = after.id
	}
	err = s.atomically(ctx, db, func(db DB) error {
		if _, err := db.ExecContext(ctx, "UPDATE softdelete_state SET moving = -1"); err != nil {
			return err
		}
		where := fmt.Sprintf("%[1]s IN (SELECT %[1]s FROM %[2]s WHERE %[1]s > ?1 AND %[3]s < ?2 ORDER BY %[1]s LIMIT ?3)", idColumn, tw.from, timeColumn)
		limit := before.Add(time.Millisecond - 1).UnixMilli()
		if err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT coalesce(max(%s), -1) FROM %s WHERE %s", idColumn, tw.from, where), from, limit, batch).Scan(&to); err != nil {
			return err
		}
		result, err := db.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s", tw.from, where), from, limit, batch)
		if err != nil {
			return err
		}
		if n, err = result.RowsAffected(); err != nil {
			return err
		}
		_, err = db.ExecContext(ctx, "UPDATE softdelete_state SET moving = 0")
		return err
	})
	if to >= 0 {
		last = &place{id: to}
	}
	return n, last, err
}
