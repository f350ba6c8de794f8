package softdelete

import (
	"context"
	"fmt"
)

// A pgPart is a partition of a table, at any depth: what a DELETE or TRUNCATE names decides whose statement triggers
// run, so that each needs its own.
type pgPart struct {
	schema, name string
	pgTable
}

func (p pgPart) qualified() string { return quote(p.schema) + "." + quote(p.name) }

// pgPartitions reads the partitions of a table with their triggers.
func pgPartitions(ctx context.Context, db DB, root int64) ([]pgPart, error) {
	var parts []pgPart
	err := each(ctx, db, `
		SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner), pg_get_userbyid(c.relowner) <> current_user, c.relrowsecurity,
			coalesce(t.tgname, ''), coalesce(t.tgenabled IN ('O', 'A'), false), coalesce(obj_description(t.oid, 'pg_trigger'), ''), coalesce(pg_get_triggerdef(t.oid), '')
		FROM pg_partition_tree($1::bigint::oid) p
		JOIN pg_class c ON c.oid = p.relid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
		WHERE p.level > 0
		ORDER BY n.nspname, c.relname, t.tgname`, []any{root}, func(scan scanner) error {
		var p pgPart
		var trigger string
		var tr pgTrigger
		if err := scan(&p.oid, &p.schema, &p.name, &p.kind, &p.owner, &p.foreign, &p.rowSecurity, &trigger, &tr.enabled, &tr.mark, &tr.def); err != nil {
			return err
		}
		if n := len(parts); n == 0 || parts[n-1].oid != p.oid {
			p.triggers = map[string]pgTrigger{}
			parts = append(parts, p)
		}
		if trigger != "" {
			parts[len(parts)-1].triggers[trigger] = tr
		}
		return nil
	})
	return parts, err
}

// pgColumns is how many columns a table can have.
const pgColumns = 1600

// pgSuitable says why a table cannot have a twin.
func pgSuitable(table string, live *pgTable) error {
	refused := func(format string, args ...any) error { return &TableError{table, fmt.Sprintf(format, args...)} }
	switch {
	case live.root != "":
		return refused("is a partition of %s: name that table, its partitions are kept with it", live.root)
	case live.kind == "f":
		return refused("is a foreign table, which can have no primary key and deletes elsewhere: install on the server that holds the rows")
	case live.kind != "r" && live.kind != "p":
		return refused("is no table but a view or the like: name the tables beneath it")
	case len(live.key) == 0:
		return refused("has no primary key, so no row of it could be named: add one, such as ALTER TABLE public.%s ADD PRIMARY KEY (id)", quote(table))
	}
	columns := len(live.columns) + len(ownColumns)
	for _, name := range timestamps {
		if _, ok := live.column(name); !ok {
			columns++
		}
	}
	if columns > pgColumns {
		return refused("would need %d columns in its twin, and a table of PostgreSQL can have %d: its own, created_at, updated_at, deleted_at and %d of ours; split it", columns, pgColumns, len(ownColumns))
	}
	for _, c := range live.columns {
		switch {
		case hasOwnPrefix(c.name):
			return refused("has a column %q, a name kept for twins: rename it", c.name)
		case c.name == "deleted_at" && !c.moment: // no DELETE could write its time there
			return refused("has a column deleted_at of type %s, and the time of a deletion has to fit there: rename it, or give it type %s", c.typ, pgTimestamp)
		case c.name == "deleted_at" && c.notNull:
			return refused("has a column deleted_at that is NOT NULL, and it is NULL in every row that comes back: ALTER TABLE public.%s ALTER COLUMN deleted_at DROP NOT NULL", quote(table))
		}
	}
	return nil
}

// parted puts triggers on the partitions. A row that an UPDATE moves to another partition is deleted and inserted
// there, which no trigger for statements sees as a deletion.
func (p *pgPlan) parted() {
	for i := range p.live.parts {
		part := &p.live.parts[i]
		p.watch(&part.pgTable, part.qualified(), part.name)
		p.refuse(part.qualified(), &part.pgTable)
	}
}
