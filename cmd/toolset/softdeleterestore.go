package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// restoreFlags: rows go back with all that went with them.
func restoreFlags(fs *flag.FlagSet) softDeleteAction {
	filters := declareFilters(fs)
	rowOnly := fs.Bool("row-only", false, "without what went with the rows")
	onConflict := fs.String("on-conflict", "fail", "what happens to rows that the table refuses: fail, skip or overwrite")
	dryRun := fs.Bool("dry-run", false, "restore, tell what came back, and undo it")
	var opts []softdelete.RestoreOption
	return softDeleteAction{
		prepare: func(c *softDeleteCommand) error {
			if err := filters.parse(time.Now(), c.sqlite); err != nil {
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
				if err == nil && *dryRun && !c.sqlite {
					_, err = db.ExecContext(ctx, "SET CONSTRAINTS ALL IMMEDIATE") // a commit would check what is deferred
				}
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
