package softdelete

import (
	"context"
	"fmt"
	"slices"
)

// script is what Install runs and Plan shows: settings and locks, then the changes.
func (pg postgres) script(changes []change) ([]step, error) {
	for _, c := range changes {
		if len(c.sql) > 0 && c.refused != nil {
			return nil, c.refused
		}
	}
	todo := steps(changes)
	if len(todo) == 0 {
		return nil, nil
	}
	alone := step{"One at a time.", fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(installLock))}
	return slices.Concat([]step{pinning(pg.lockTimeout), alone}, locking(changes, pg.lockTimeout), todo, []step{unpinning()}), nil
}

func (pg postgres) plan(ctx context.Context, db DB, tables []string) (Plan, error) {
	var p Plan
	err := pg.pinned(ctx, db, func(db DB) error {
		changes, err := pg.changes(ctx, db, tables)
		if err != nil {
			return err
		}
		up, err := pg.script(changes)
		if err != nil || len(up) == 0 {
			return err
		}
		if err := pgBefore(ctx, db, changes); err != nil {
			return err
		}
		alone := step{"One at a time.", fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(installLock))}
		down := slices.Concat([]step{pinning(pg.lockTimeout), alone}, unlocking(changes, pg.lockTimeout), undoing(changes))
		if slices.ContainsFunc(changes, func(c change) bool { return c.Table == "" && c.Kind == MissingObject }) {
			down = append(down, step{"takes back what all tables share, once no twin is left", dropShared})
		}
		p = newPlan(changes, up, append(down, unpinning()))
		return nil
	})
	return p, err
}

// pgBefore lets functions that are replaced come back as they are.
func pgBefore(ctx context.Context, db DB, changes []change) error {
	for i := range changes {
		c := &changes[i]
		if c.before == "" {
			continue
		}
		err := each(ctx, db, `SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'deleted'::regnamespace AND p.proname = $1`,
			[]any{c.before}, func(scan scanner) error {
				var definition string
				err := scan(&definition)
				c.undo = append(c.undo, definition)
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// dropTwin drops a twin unless it holds rows. Its triggers go with it, or go on guarding and restoring the rows.
func dropTwin(twin string) string {
	return dollar("DO ", fmt.Sprintf(`
BEGIN
  IF to_regclass(%[1]s) IS NULL THEN
    RETURN;
  END IF;
  IF EXISTS (SELECT FROM %[2]s) THEN
    RAISE NOTICE '%% holds deleted rows and stays', %[1]s;
  ELSE
    DROP TABLE %[2]s;
  END IF;
END
`, literal(twin), twin))
}

var dropShared = dollar("DO ", `
DECLARE
  f regprocedure;
BEGIN
  IF EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
      WHERE c.relnamespace = to_regnamespace('deleted') AND a.attname = 'softdelete_id' AND NOT a.attisdropped) THEN
    RETURN;
  END IF;
  FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = to_regnamespace('deleted') AND p.proname LIKE 'softdelete\_%' LOOP
    EXECUTE 'DROP FUNCTION ' || f;
  END LOOP;
  DROP TABLE IF EXISTS deleted.softdelete_links;
  DROP TYPE IF EXISTS deleted.softdelete_batch;
  DROP SCHEMA IF EXISTS deleted;
EXCEPTION WHEN dependent_objects_still_exist THEN -- a trigger or table that somebody else has made: all of it stays
  RAISE NOTICE 'schema deleted is in use and stays';
END
`)
