package softdelete

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Within one statement SQLite's clock stands still, so that equal times mean one statement.
const (
	sqliteMillis = `CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`
	sqliteNow    = `strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')`
	// a restore by Go marks itself with -1, one by a trigger with the time of its statement
	sqliteMoving = `(SELECT moving IN (-1, ` + sqliteMillis + `) FROM softdelete_state)`
)

var sqliteShared = []struct{ name, sql string }{
	{"softdelete_state", `CREATE TABLE softdelete_state (id INTEGER PRIMARY KEY CHECK (id = 1), deletion INTEGER NOT NULL DEFAULT 0, depth INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL DEFAULT 0, moving INTEGER NOT NULL DEFAULT 0)`},
	{"softdelete_links", `CREATE TABLE softdelete_links (id INTEGER PRIMARY KEY, deletion INTEGER NOT NULL, child TEXT NOT NULL, fk TEXT NOT NULL, parent_key TEXT NOT NULL, row_key TEXT NOT NULL)`},
}

func (s sqlite) changes(ctx context.Context, db DB, tables []string) ([]change, error) {
	schema, err := sqliteRead(ctx, db)
	if err != nil {
		return nil, err
	}
	var all []change
	for _, t := range sqliteShared {
		if schema.table(t.name) == nil {
			all = append(all, change{Drift{Kind: MissingObject, Name: t.name}, []string{t.sql}})
		}
	}
	all = append(all, change{Drift{Kind: MissingObject, Name: "softdelete_links_deletion"}, []string{`CREATE INDEX softdelete_links_deletion ON softdelete_links (deletion)`}})
	if schema.indexes["softdelete_links_deletion"] {
		all = all[:len(all)-1]
	}
	var filled bool
	if schema.table("softdelete_state") != nil {
		if err := db.QueryRowContext(ctx, `SELECT count(*) = 1 FROM softdelete_state`).Scan(&filled); err != nil {
			return nil, err
		}
	}
	if !filled {
		all = append(all, change{Drift{Kind: MissingObject, Name: "row of softdelete_state"}, []string{`INSERT INTO softdelete_state (id) VALUES (1)`}})
	}
	for _, name := range tables {
		p := sqlitePlan{schema: schema, live: schema.table(name)}
		if err := p.make(name); err != nil {
			return nil, err
		}
		all = append(all, p.changes...)
	}
	return all, nil
}

// sqlitePlan works out the changes of one table.
type sqlitePlan struct {
	schema  *sqliteSchema
	live    *sqliteTable
	changes []change
}

func (p *sqlitePlan) add(kind Kind, name, detail string, sql ...string) {
	p.changes = append(p.changes, change{Drift{Table: p.live.name, Kind: kind, Name: name, Detail: detail}, sql})
}

func (p *sqlitePlan) make(name string) error {
	switch {
	case p.live == nil:
		return &TableError{name, "does not exist"}
	case p.live.kind != "table":
		return &TableError{name, "is no table but a view: name the tables beneath it"}
	case len(p.live.key) == 0:
		return &TableError{name, "has no primary key, so no row of it could be named: add one"}
	case slices.ContainsFunc(p.live.columns, func(c sqliteColumn) bool { return strings.HasPrefix(strings.ToLower(c.name), ownPrefix) }):
		return &TableError{name, fmt.Sprintf("has a column whose name begins with %q, which is kept for twins: rename it", ownPrefix)}
	}
	for _, c := range pgTimestamps {
		if !p.live.has(c.name) {
			p.add(MissingColumn, c.name, "of the table", fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s TIMESTAMP", quote(p.live.name), c.name))
			p.live.columns = append(p.live.columns, sqliteColumn{name: c.name, typ: "TIMESTAMP"})
		}
	}
	tw := p.schema.table(twinName(p.live.name))
	switch {
	case tw == nil:
		p.add(MissingTwin, twinName(p.live.name), "", p.twinDefinition())
	case !tw.has(idColumn):
		return &TableError{name, fmt.Sprintf("has a table %s that this package did not make; move it away or drop it", quote(tw.name))}
	default:
		p.mendTwin(tw)
	}
	p.index("_key", quotedList("", p.live.key))
	p.index("_deletion", deletionColumn)
	p.triggers()
	return nil
}

func (p *sqlitePlan) twin() string { return quote(twinName(p.live.name)) }

func (p *sqlitePlan) twinDefinition() string {
	var defs []string
	for _, c := range p.live.columns {
		defs = append(defs, strings.TrimSpace(quote(c.name)+" "+c.typ))
	}
	defs = append(defs,
		idColumn+" INTEGER PRIMARY KEY AUTOINCREMENT",
		deletionColumn+" INTEGER NOT NULL DEFAULT 0",
		timeColumn+" INTEGER NOT NULL DEFAULT 0") // ms since 1970
	return fmt.Sprintf("CREATE TABLE %s (\n\t%s)", p.twin(), strings.Join(defs, ",\n\t"))
}

func (p *sqlitePlan) mendTwin(tw *sqliteTable) {
	retyped := false
	for _, c := range p.live.columns {
		i := slices.IndexFunc(tw.columns, func(had sqliteColumn) bool { return strings.EqualFold(had.name, c.name) })
		switch {
		case i < 0:
			sql := fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", p.twin(), strings.TrimSpace(quote(c.name)+" "+c.typ))
			if c.dflt != "" { // what ADD COLUMN gave the rows of the table; it takes constants only
				sql += " DEFAULT " + c.dflt
			}
			p.add(MissingColumn, c.name, "of the twin", sql)
		case !strings.EqualFold(tw.columns[i].typ, c.typ):
			retyped = true
			p.add(RetypedColumn, c.name, fmt.Sprintf("the table has %s, the twin %s", c.typ, tw.columns[i].typ))
		}
	}
	for _, c := range tw.columns {
		if !p.live.has(c.name) && !strings.HasPrefix(c.name, ownPrefix) {
			p.add(ExtraColumn, c.name, "rows deleted before it was dropped keep its values")
		}
	}
	if retyped && len(p.live.columns) <= len(tw.columns) { // else columns first; the next round rebuilds
		p.rebuild(tw)
	}
}

// rebuild makes the twin anew, since SQLite cannot change a column's type. Triggers go first: renaming a table
// would rewrite them.
func (p *sqlitePlan) rebuild(tw *sqliteTable) {
	var sql []string
	for _, name := range sortedKeys(p.schema.triggers) {
		t := p.schema.triggers[name]
		if strings.EqualFold(t.table, tw.name) || strings.Contains(t.sql, quote(tw.name)) {
			sql = append(sql, "DROP TRIGGER "+quote(name))
		}
	}
	keep := slices.DeleteFunc(tw.names(), func(c string) bool { return !p.live.has(c) && !strings.HasPrefix(c, ownPrefix) })
	cols := quotedList("", keep)
	sql = append(sql, "ALTER TABLE "+p.twin()+" RENAME TO softdelete_old", p.twinDefinition(),
		fmt.Sprintf("INSERT INTO %s (%s) SELECT %[2]s FROM softdelete_old", p.twin(), cols), "DROP TABLE softdelete_old")
	p.changes[len(p.changes)-1].sql = sql
}

func (p *sqlitePlan) index(suffix, columns string) {
	name := fitName(twinName(p.live.name) + suffix)
	if !p.schema.indexes[strings.ToLower(name)] {
		p.add(MissingObject, name, "", fmt.Sprintf("CREATE INDEX %s ON %s (%s)", quote(name), p.twin(), columns))
	}
}
