package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// purgeFlags: rows go for good.
func purgeFlags(fs *flag.FlagSet) softDeleteAction {
	before := fs.String("before", "", "rows deleted before: 2026-01-31, 2026-01-31T12:00:00Z, or 90d ago")
	batch := fs.Int("batch", 5000, "rows of one transaction")
	dryRun := fs.Bool("dry-run", false, "only tell what would go")
	var limit time.Time
	return softDeleteAction{
		prepare: func(*softDeleteCommand) (err error) {
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
