package softdelete

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// postgres does its work in functions of schema deleted, which Install creates from the files in postgres/: one round
// trip restores a whole tree, conflicts come back as rows and not as a driver's error, and psql can call them too.
type postgres struct {
	lockTimeout time.Duration
	truncates   bool // TRUNCATE keeps the rows
}

//go:embed postgres/*.sql
var postgresFunctions embed.FS

// installLock keeps processes that install at once from creating the same object twice. Any constant will do.
const installLock = 0x736f667464656c // "softdel"

func (pg postgres) install(ctx context.Context, db DB, tables []string) error {
	err := pg.pinned(ctx, db, func(db DB) error {
		if _, err := db.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(installLock)); err != nil {
			return err
		}
		changes, err := pg.changes(ctx, db, tables)
		if err != nil {
			return err
		}
		todo, err := pg.script(changes)
		if err != nil {
			return err
		}
		for _, s := range todo {
			if _, err := db.ExecContext(ctx, s.text()); err != nil {
				return fmt.Errorf("softdelete: install, %s: %w", s.what, err)
			}
		}
		return nil
	})
	switch sqlState(err) {
	case "55P03":
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	case "42501":
		return fmt.Errorf("%w; who installs owns the tables and their twins, and may create schema deleted: GRANT CREATE ON DATABASE ... TO the role, or run it as the owner; where row security is forced on him: ALTER TABLE ... NO FORCE ROW LEVEL SECURITY until it is done", err)
	}
	return err
}

func (pg postgres) check(ctx context.Context, db DB, tables []string) ([]Drift, error) {
	var found []change
	err := pg.pinned(ctx, db, func(db DB) (err error) {
		found, err = pg.changes(ctx, db, tables)
		return err
	})
	return drifts(found), err
}

// pinned runs f in a transaction (the caller's, if db is one) in which names resolve in one way, whatever the
// session's search_path, no lock is waited for too long, and a policy that would hide rows of a twin is an error. The
// settings are put back.
func (pg postgres) pinned(ctx context.Context, db DB, f func(DB) error) error {
	if b, ok := db.(interface {
		BeginTx(context.Context, *sql.TxOptions) (*sql.Tx, error)
	}); ok {
		tx, err := b.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // does nothing after a commit
		if err := pg.pinned(ctx, tx, f); err != nil {
			return err
		}
		return tx.Commit()
	}
	const set = `SELECT set_config('search_path', $1, true), set_config('lock_timeout', $2, true), set_config('row_security', $3, true)`
	var path, timeout, security string
	if err := db.QueryRowContext(ctx, `SELECT current_setting('search_path'), current_setting('lock_timeout'), current_setting('row_security')`).Scan(&path, &timeout, &security); err != nil {
		return err
	}
	millis := strconv.FormatInt(pg.lockTimeout.Milliseconds(), 10)
	if _, err := db.ExecContext(ctx, set, "pg_catalog, pg_temp", millis, "off"); err != nil {
		return err
	}
	err := f(db)
	if _, reset := db.ExecContext(ctx, set, path, timeout, security); reset != nil && err == nil {
		err = reset // after an error of f the transaction is lost anyway
	}
	return err
}

// sqlState is the SQLSTATE of an error of any driver that tells it as pgx and lib/pq do.
func sqlState(err error) string {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState()
	}
	return ""
}

func (pg postgres) describe(ctx context.Context, db DB, table string) (twin, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT a.attname, pg_catalog.concat(pg_catalog.quote_ident(tn.nspname), '.', pg_catalog.quote_ident(t.typname)), coalesce(k.n - 1, -1), t.typcategory IN ('A', 'C', 'U'),
			CASE WHEN s.nspname IS NULL THEN '' ELSE pg_catalog.concat('OPERATOR(', pg_catalog.quote_ident(s.nspname), '.', o.oprname, ')') END
		FROM pg_catalog.pg_class c
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
		JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
		LEFT JOIN pg_catalog.pg_attribute l ON l.attrelid = pg_catalog.to_regclass(pg_catalog.format('public.%I', $1::pg_catalog.text)) AND l.attname = a.attname AND NOT l.attisdropped
		LEFT JOIN pg_catalog.pg_index i ON i.indrelid = l.attrelid AND i.indisprimary
		LEFT JOIN LATERAL ROWS FROM (pg_catalog.unnest(i.indkey::smallint[]), pg_catalog.unnest(i.indclass::pg_catalog.oid[])) WITH ORDINALITY AS k(attnum, class, n) ON k.attnum = l.attnum AND k.n <= i.indnkeyatts
		LEFT JOIN pg_catalog.pg_opclass p ON p.oid = k.class
		LEFT JOIN pg_catalog.pg_amop m ON m.amopfamily = p.opcfamily AND m.amoplefttype = p.opcintype AND m.amoprighttype = p.opcintype AND m.amopstrategy = 3
		LEFT JOIN pg_catalog.pg_operator o ON o.oid = m.amopopr
		LEFT JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace
		WHERE c.oid = pg_catalog.to_regclass(pg_catalog.format('deleted.%I', $2::pg_catalog.text)) AND pg_catalog.to_regclass(pg_catalog.format('public.%I', $1::pg_catalog.text)) IS NOT NULL
		ORDER BY a.attnum`, table, twinName(table))
	if err != nil {
		return twin{}, fmt.Errorf("softdelete: look up %s: %w", table, err)
	}
	defer rows.Close()
	tw := twin{table: table, from: "deleted." + quote(twinName(table))}
	key := map[int]column{}
	ours := map[string]bool{}
	for rows.Next() {
		var c column
		var place int
		if err := rows.Scan(&c.name, &c.typ, &place, &c.own, &c.equals); err != nil {
			return twin{}, err
		}
		if strings.HasPrefix(c.name, ownPrefix) {
			ours[c.name] = true
		} else {
			tw.columns = append(tw.columns, c.name)
		}
		if place >= 0 {
			key[place] = c
		}
	}
	if err := rows.Err(); err != nil {
		return twin{}, err
	}
	for _, place := range slices.Sorted(maps.Keys(key)) {
		tw.key = append(tw.key, key[place])
	}
	if len(ours) == 0 {
		return twin{}, &NotInstalledError{Table: table}
	}
	var lacks []string
	for _, own := range ownColumns {
		if !ours[own.name] {
			lacks = append(lacks, own.name)
		}
	}
	if lacks == nil && len(tw.key) == 0 {
		lacks = []string{"a column of the primary key"}
	}
	if lacks != nil {
		return twin{}, &NotInstalledError{Table: table, Lacks: lacks}
	}
	return tw, nil
}
