package softdelete

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
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
			all = append(all, change{Drift: Drift{Kind: MissingObject, Name: t.name}, sql: []string{t.sql}})
		}
	}
	all = append(all, change{Drift: Drift{Kind: MissingObject, Name: "softdelete_links_deletion"}, sql: []string{`CREATE INDEX softdelete_links_deletion ON softdelete_links (deletion)`}})
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
		all = append(all, change{Drift: Drift{Kind: MissingObject, Name: "row of softdelete_state"}, sql: []string{`INSERT INTO softdelete_state (id) VALUES (1)`}})
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
	p.changes = append(p.changes, change{Drift: Drift{Table: p.live.name, Kind: kind, Name: name, Detail: detail}, sql: sql})
}

func (p *sqlitePlan) make(name string) error {
	switch {
	case p.live == nil:
		return &TableError{name, "does not exist"}
	case p.live.kind != "table":
		return &TableError{name, "is no table but a view: name the tables beneath it"}
	case len(p.live.key) == 0:
		return &TableError{name, "has no primary key, so no row of it could be named: add one"}
	case slices.ContainsFunc(p.live.columns, func(c sqliteColumn) bool { return strings.HasPrefix(fold(c.name), ownPrefix) }):
		return &TableError{name, fmt.Sprintf("has a column whose name begins with %q, which is kept for twins: rename it", ownPrefix)}
	}
	if err := p.moved(); err != nil {
		return err
	}
	typ := "TIMESTAMP" // drivers make time.Time of it
	if p.live.strict {
		typ = "TEXT"
	}
	for _, c := range timestamps {
		if !p.live.has(c) {
			p.add(MissingColumn, c, "of the table", fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", quote(p.live.name), c, typ))
			p.live.columns = append(p.live.columns, sqliteColumn{name: c, typ: typ})
		}
	}
	tw := p.schema.table(twinName(p.live.name))
	switch {
	case tw == nil:
		p.add(MissingTwin, twinName(p.live.name), "", p.twinDefinition(twinName(p.live.name), p.twinColumns(nil)))
	case !tw.has(idColumn):
		return &TableError{name, fmt.Sprintf("has a table %s that this package did not make; move it away or drop it", quote(tw.name))}
	default:
		p.mendTwin(tw)
	}
	p.index("key", quotedList("", p.live.key))
	p.index("deletion", deletionColumn)
	p.triggers()
	return nil
}

func (p *sqlitePlan) twin() string { return quote(twinName(p.live.name)) }

// twinColumns are the columns of the table and those that only the twin still has.
func (p *sqlitePlan) twinColumns(tw *sqliteTable) []sqliteColumn {
	var columns []sqliteColumn
	for _, c := range p.live.columns {
		columns = append(columns, sqliteColumn{name: c.name, typ: p.live.twinType(c), dflt: c.dflt})
	}
	if tw != nil {
		for _, c := range tw.columns {
			if !p.live.has(c.name) && !strings.HasPrefix(c.name, ownPrefix) {
				columns = append(columns, c)
			}
		}
	}
	return columns
}

func (c sqliteColumn) definition() string { return strings.TrimSpace(quote(c.name) + " " + c.typ) }

// fill is the column's default as an expression. A bare word after DEFAULT is a text, in an expression a column.
func (c sqliteColumn) fill() string {
	switch word := fold(strings.Trim(c.dflt, "\"")); {
	case strings.ContainsFunc(word, func(r rune) bool { return r != '_' && r < 0x80 && !unicode.IsLetter(r) && !unicode.IsDigit(r) }),
		word == "", word[0] >= '0' && word[0] <= '9',
		slices.Contains([]string{"null", "true", "false", "current_time", "current_date", "current_timestamp"}, word):
		return "(" + c.dflt + ")"
	}
	return literal(strings.Trim(c.dflt, "\""))
}

func (p *sqlitePlan) twinDefinition(name string, columns []sqliteColumn) string {
	var defs []string
	for _, c := range columns {
		defs = append(defs, c.definition())
	}
	defs = append(defs,
		idColumn+" INTEGER PRIMARY KEY AUTOINCREMENT",
		deletionColumn+" INTEGER NOT NULL DEFAULT 0",
		timeColumn+" INTEGER NOT NULL DEFAULT 0") // ms since 1970
	return fmt.Sprintf("CREATE TABLE %s (\n\t%s)", quote(name), strings.Join(defs, ",\n\t"))
}

func (p *sqlitePlan) mendTwin(tw *sqliteTable) {
	var rebuild []string
	var added, retyped []int
	for _, c := range p.twinColumns(tw) {
		i := slices.IndexFunc(tw.columns, func(had sqliteColumn) bool { return sameName(had.name, c.name) })
		switch {
		case i < 0:
			added = append(added, len(p.changes))
			sql := []string{fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", p.twin(), c.definition())}
			if c.dflt != "" { // what ADD COLUMN gave the rows of the table, if it had any; it takes constants only
				sql = append(sql, fmt.Sprintf("UPDATE %s SET %s = %s", p.twin(), quote(c.name), c.fill()))
			}
			p.add(MissingColumn, c.name, "of the twin", sql...)
		case !p.live.has(c.name):
			p.add(ExtraColumn, c.name, "rows deleted before it was dropped keep its values")
		case !sameName(tw.columns[i].typ, c.typ):
			retyped = append(retyped, len(p.changes))
			rebuild = p.rebuild(tw)
			p.add(RetypedColumn, c.name, fmt.Sprintf("the table has %s, the twin %s", c.typ, tw.columns[i].typ))
		}
	}
	if retyped != nil { // one rebuild does all
		for _, i := range added {
			p.changes[i].sql = nil
		}
		p.changes[retyped[0]].sql = rebuild
	}
}

// rebuild makes the twin anew, since SQLite cannot change a column's type. Triggers that name the twin go first, or
// it could not be renamed; the next round of Install makes them and the indexes again.
func (p *sqlitePlan) rebuild(tw *sqliteTable) []string {
	var sql, into, from []string
	for _, suffix := range sqliteTriggers {
		sql = append(sql, "DROP TRIGGER IF EXISTS "+quote(fitName(p.live.name+suffix)))
	}
	columns := p.twinColumns(tw)
	for _, c := range append(slices.Clone(columns), sqliteColumn{name: idColumn}, sqliteColumn{name: deletionColumn}, sqliteColumn{name: timeColumn}) {
		switch {
		case tw.has(c.name):
			into, from = append(into, quote(c.name)), append(from, quote(c.name))
		case c.dflt != "":
			into, from = append(into, quote(c.name)), append(from, c.fill())
		}
	}
	const fresh = "softdelete_new"
	return append(sql, p.twinDefinition(fresh, columns),
		fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", fresh, strings.Join(into, ", "), strings.Join(from, ", "), p.twin()),
		"DROP TABLE "+p.twin(), fmt.Sprintf("ALTER TABLE %s RENAME TO %s", fresh, p.twin()))
}

func (p *sqlitePlan) index(what, columns string) {
	name := ownName(what, p.live.name)
	if !p.schema.indexes[fold(name)] {
		p.add(MissingObject, name, "", fmt.Sprintf("CREATE INDEX %s ON %s (%s)", quote(name), p.twin(), columns))
	}
}
