package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// listFlags: deleted rows, newest deletion first.
func listFlags(fs *flag.FlagSet) softDeleteAction {
	filters := declareFilters(fs)
	limit := fs.Int("limit", 0, "at most so many rows; 0 for all")
	return softDeleteAction{
		prepare: func() error {
			if *limit < 0 {
				return errors.New("-limit takes a positive number")
			}
			return filters.parse(time.Now())
		},
		run: func(ctx context.Context, c *softDeleteCommand) error {
			table := c.tables[0]
			tell := func(int) {}
			if isTerminal(c.stderr) && !isTerminal(c.stdout) { // rows go elsewhere: the bar does not disturb them
				total, err := c.twins.Count(ctx, c.db, table, filters.all...)
				if err != nil {
					return err
				}
				if *limit > 0 {
					total = min(total, int64(*limit))
				}
				r := newReport(c.stderr, int(total))
				tell = r.at
				defer func() { r.bar(); fmt.Fprintln(c.stderr) }()
			}
			out, n := newEncoder(c.stdout), 0
			for row, err := range c.twins.List(ctx, c.db, table, filters.all...) {
				if err != nil {
					return err
				}
				if err := out.Encode(listedRow(row)); err != nil {
					return err
				}
				n++
				tell(n)
				if n == *limit {
					break
				}
			}
			return nil
		},
	}
}

// A listed row is one line of JSON.
type listed struct {
	Table     string              `json:"table"`
	Key       []any               `json:"key"`
	Deletion  softdelete.Deletion `json:"deletion,omitempty"`
	DeletedAt time.Time           `json:"deleted_at"`
	Row       fields              `json:"row"`
}

func listedRow(r softdelete.Row) listed {
	l := listed{Table: r.Table, Key: plainKey(r.Key), Deletion: r.Deletion, DeletedAt: r.DeletedAt}
	for _, column := range r.Columns() {
		value, _ := r.Value(column)
		l.Row = append(l.Row, field{column, plainValue(value)})
	}
	return l
}

// fields are a JSON object in the order of the columns.
type fields []field

type field struct {
	name  string
	value any
}

func (f fields) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	out := newEncoder(&b)
	for i, pair := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := out.Encode(pair.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := out.Encode(pair.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

func plainKey(key []any) []any {
	plain := make([]any, len(key))
	for i, part := range key {
		plain[i] = plainValue(part)
	}
	return plain
}

// restoreFlags: rows go back with all that went with them.
func restoreFlags(fs *flag.FlagSet) softDeleteAction {
	filters := declareFilters(fs)
	rowOnly := fs.Bool("row-only", false, "without what went with the rows")
	onConflict := fs.String("on-conflict", "fail", "what happens to rows that the table refuses: fail, skip or overwrite")
	dryRun := fs.Bool("dry-run", false, "restore, tell what came back, and undo it")
	var opts []softdelete.RestoreOption
	return softDeleteAction{
		prepare: func() error {
			if err := filters.parse(time.Now()); err != nil {
				return err
			}
			if len(filters.all) == 0 {
				return errors.New("restore wants to know which rows: -key, -deletion, -since, -before or -went-with")
			}
			strategy, ok := map[string]softdelete.Strategy{"fail": softdelete.Fail, "skip": softdelete.Skip, "overwrite": softdelete.Overwrite}[*onConflict]
			if !ok {
				return fmt.Errorf("-on-conflict is %q: want fail, skip or overwrite", *onConflict)
			}
			opts = append(opts, softdelete.OnConflict(strategy))
			if *rowOnly {
				opts = append(opts, softdelete.RowOnly())
			}
			return nil
		},
		run: func(ctx context.Context, c *softDeleteCommand) error {
			report := newReport(c.stdout, 0)
			opts := append(opts, softdelete.OnRestored(func(done, total int64) {
				report.total, report.seen = int(total), int(done)
				if report.terminal {
					report.bar()
				}
			}))
			which := softdelete.All(filters.all...)
			var back softdelete.Restored
			err := c.maybe(ctx, *dryRun, func(db softdelete.DB) (err error) {
				back, err = c.twins.Restore(ctx, db, c.tables[0], which, opts...)
				return err
			})
			if report.terminal && report.total > 0 {
				fmt.Fprintln(c.stdout)
			}
			if err != nil {
				return err
			}
			return outcome{c, *dryRun, report.terminal}.restored(back)
		},
	}
}

// maybe runs f in a transaction that is rolled back when it is only a trial.
func (c *softDeleteCommand) maybe(ctx context.Context, trial bool, f func(softdelete.DB) error) error {
	if !trial {
		return f(c.db)
	}
	tx, err := c.db.BeginTx(ctx, &sql.TxOptions{})
	if err != nil {
		return err
	}
	return errors.Join(f(tx), tx.Rollback())
}

// purgeFlags: rows go for good.
func purgeFlags(fs *flag.FlagSet) softDeleteAction {
	before := fs.String("before", "", "rows deleted before: 2026-01-31, 2026-01-31T12:00:00Z, or 90d ago")
	batch := fs.Int("batch", 5000, "rows of one transaction")
	dryRun := fs.Bool("dry-run", false, "only tell what would go")
	var limit time.Time
	return softDeleteAction{
		prepare: func() (err error) {
			if *before == "" {
				return errors.New("-before is missing: purge wants to know how old rows have to be, such as 90d")
			}
			if *batch <= 0 {
				return errors.New("-batch takes a positive number")
			}
			if limit, err = pointInTime(*before, time.Now()); err != nil {
				return fmt.Errorf("-before: %w", err)
			}
			return nil
		},
		run: func(ctx context.Context, c *softDeleteCommand) error {
			for _, table := range c.tables {
				total, err := c.twins.Count(ctx, c.db, table, softdelete.Before(limit))
				if err != nil {
					return err
				}
				report := newReport(c.stdout, int(total))
				if *dryRun {
					err = c.wouldPurge(ctx, table, limit, report)
				} else {
					err = c.purge(ctx, table, limit, *batch, report)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (c *softDeleteCommand) purge(ctx context.Context, table string, before time.Time, batch int, report *report) error {
	n, err := c.twins.Purge(ctx, c.db, table, before, softdelete.Batch(batch), softdelete.OnPurged(func(n int64) { report.at(int(n)) }))
	report.seen = int(n)
	o := outcome{c, false, report.terminal}
	if report.terminal {
		report.bar()
		fmt.Fprintf(c.stdout, "\npurged %d of %s\n", n, table)
		return err
	}
	return errors.Join(err, o.line(map[string]any{"table": table, "purged": n, "of": report.total}))
}

// wouldPurge names each row, where it is no terminal.
func (c *softDeleteCommand) wouldPurge(ctx context.Context, table string, before time.Time, report *report) error {
	o := outcome{c, true, report.terminal}
	n := 0
	for row, err := range c.twins.List(ctx, c.db, table, softdelete.Before(before)) {
		if err != nil {
			return err
		}
		n++
		if report.terminal {
			report.at(n)
			continue
		}
		if err := o.row("purged", row.Ref, nil); err != nil {
			return err
		}
	}
	if report.terminal {
		report.seen = n
		report.bar()
		fmt.Fprintf(c.stdout, "\nwould purge %d of %s\n", n, table)
		return nil
	}
	return o.line(map[string]any{"table": table, "would_purge": n})
}

// An outcome prints what happened, or would, to rows: for people on a terminal, else a line of JSON each.
type outcome struct {
	*softDeleteCommand

	dryRun   bool
	terminal bool
}

// manyRows are more than a terminal is good for; their number has to do.
const manyRows = 100

func (o outcome) restored(back softdelete.Restored) error {
	var rows []softdelete.Ref
	many := o.terminal && len(back.Rows) > manyRows
	if !many {
		rows = back.Rows
	}
	for _, kind := range []struct {
		name string
		refs []softdelete.Ref
	}{{"restored", rows}, {"relinked", back.Relinked}, {"overwritten", back.Overwritten}} {
		for _, r := range kind.refs {
			if err := o.row(kind.name, r, nil); err != nil {
				return err
			}
		}
	}
	for _, s := range back.Skipped {
		if err := o.row("skipped", s.Ref, s.Err); err != nil {
			return err
		}
	}
	if o.terminal {
		would := ""
		if o.dryRun {
			would = "would be "
		}
		fmt.Fprintf(o.stdout, "%srestored: %s; relinked %d, overwritten %d, skipped %d\n", would, perTable(back.Rows), len(back.Relinked), len(back.Overwritten), len(back.Skipped))
		return nil
	}
	key := "restored"
	if o.dryRun {
		key = "would_restore"
	}
	return o.line(map[string]any{key: len(back.Rows), "relinked": len(back.Relinked), "overwritten": len(back.Overwritten), "skipped": len(back.Skipped)})
}

func perTable(rows []softdelete.Ref) string {
	counts := map[string]int{}
	var order []string
	for _, r := range rows {
		if counts[r.Table] == 0 {
			order = append(order, r.Table)
		}
		counts[r.Table]++
	}
	var parts []string
	for _, table := range order {
		parts = append(parts, fmt.Sprintf("%d of %s", counts[table], table))
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func (o outcome) row(what string, r softdelete.Ref, why error) error {
	if o.dryRun {
		what = "would be " + what
	}
	key, err := json.Marshal(plainKey(r.Key))
	if err != nil {
		return err
	}
	if o.terminal {
		text := what + " " + r.Table + " " + string(key)
		if why != nil {
			text += ": " + why.Error()
		}
		_, err := fmt.Fprintln(o.stdout, text)
		return err
	}
	line := struct {
		Outcome string          `json:"outcome"`
		Table   string          `json:"table"`
		Key     json.RawMessage `json:"key"`
		Error   string          `json:"error,omitempty"`
	}{Outcome: what, Table: r.Table, Key: key}
	if why != nil {
		line.Error = why.Error()
	}
	return o.line(line)
}

func (o outcome) line(value any) error { return newEncoder(o.stdout).Encode(value) }
