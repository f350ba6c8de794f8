package softdelete

import (
	"context"
	"strings"
)

// A Plan is the SQL that Install would run, for a migration of your own. Each statement begins with a comment that
// tells what it is for; none ends with a semicolon. They belong into one transaction, in their order.
//
// Up may run again after Down. Down takes back what Up made, and destroys no data: a twin that holds rows stays, with
// the triggers that guard and restore them, and so does a column that holds values; an adopted twin stays ours. On
// SQLite, whose statements cannot decide, Down takes the triggers from the table only, and Up does not run again: make
// a new plan.
type Plan struct {
	Drifts []Drift // what Up mends
	Up     []string
	Down   []string
}

// Empty says that nothing is missing.
func (p Plan) Empty() bool { return len(p.Up) == 0 }

// Plan says what Install would do, statement by statement, and how to take it back. It changes nothing; on SQLite it
// tries the statements in a transaction and rolls back, which takes the right to write for that moment. What Check
// finds and no statement mends (ExtraColumn, ReorderedColumns) is not in it. Errors are those of Install.
//
// On PostgreSQL the first statements set lock_timeout to Config.LockTimeout and search_path to pg_catalog for the
// transaction, and take every lock that is needed; the last one sets both back.
func (t *Twins) Plan(ctx context.Context, db DB, tables ...string) (Plan, error) {
	tables, err := named(tables)
	if err != nil {
		return Plan{}, err
	}
	return t.dialect.plan(ctx, db, tables)
}

// A step is a statement with what it is for.
type step struct {
	what string
	sql  string
}

func (s step) text() string { return comment(s.what) + s.sql }

// comment is a line of SQL that holds any text. Readers of migrations must not take it for an annotation of theirs.
func comment(text string) string {
	text = strings.NewReplacer("\n", " ", "\r", " ", "+goose", "+ goose", "atlas:", "atlas :").Replace(text)
	return "-- " + text + "\n"
}

// steps are the statements of changes, in their order.
func steps(changes []change) []step {
	var all []step
	for _, c := range changes {
		for _, statement := range c.sql {
			all = append(all, step{c.Drift.String(), statement})
		}
	}
	return all
}

// undoing are the statements that take changes back, the last change first.
func undoing(changes []change) []step {
	var all []step
	for i := len(changes) - 1; i >= 0; i-- {
		for _, statement := range changes[i].undo {
			all = append(all, step{"takes back " + changes[i].Drift.String(), statement})
		}
	}
	return all
}

func newPlan(changes []change, up, down []step) Plan {
	var p Plan
	for _, c := range changes {
		if len(c.sql) > 0 {
			p.Drifts = append(p.Drifts, c.Drift)
		}
	}
	for _, s := range up {
		p.Up = append(p.Up, s.text())
	}
	for _, s := range down {
		p.Down = append(p.Down, s.text())
	}
	return p
}
