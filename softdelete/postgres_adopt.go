package softdelete

import (
	"fmt"
	"slices"
	"strings"
)

// ownColumns are our columns of a twin in their order.
var ownColumns = []struct{ name, typ, fill string }{
	{idColumn, "bigint", ""},
	{txColumn, "xid8", "pg_current_xact_id()"},
	{timeColumn, pgTimestamp, "statement_timestamp()"},
	{extraColumn, "jsonb", ""},
}

// adopt gives a twin what it lacks of ours, and takes from it what could refuse a deleted row. A twin of the Python
// toolset lacks all of it.
func (p *pgPlan) adopt() error {
	if err := p.adoptable(); err != nil {
		return err
	}
	var sql []string
	_, ours := p.twin.column(idColumn)
	if !ours {
		for _, name := range sortedKeys(p.twin.triggers) { // they would fire below
			if p.twin.triggers[name].former() {
				sql = append(sql, fmt.Sprintf("DROP TRIGGER IF EXISTS %s ON %s", quote(name), p.twinName()))
			}
		}
		sql = append(sql, p.relax()...)
		sql = append(sql, p.own()...)
		p.add(AdoptableTwin, twinName(p.table), "its rows stay; its keys, constraints and triggers give way to ours", sql...)
		p.adopted = true
		p.lock(p.twinName(), lockAll)
		return nil
	}
	if relax := p.relax(); relax != nil {
		p.add(ConstrainedTwin, twinName(p.table), "a row that it refuses could not be deleted", relax...)
		p.lock(p.twinName(), lockAll)
	}
	if p.cache == 1 {
		sequence := "deleted." + quote(ownName("seq", p.table))
		p.add(Outdated, ownName("seq", p.table), "a sequence that hands out ids one by one", fmt.Sprintf("ALTER SEQUENCE IF EXISTS %s CACHE %d", sequence, idCache))
	}
	if own := p.own(); own != nil {
		p.add(MissingColumn, strings.Join(p.lacking(), ", "), "of the twin, altered by hand", own...)
		p.lock(p.twinName(), lockAll)
	}
	return nil
}

// keep leaves an adopted twin adopted: the functions of the Python toolset, which copy by position, would stumble over
// our columns, while its services work with our triggers as with its own.
func (p *pgPlan) keep() {
	if !p.adopted {
		return
	}
	for i := range p.changes {
		p.changes[i].undo, p.changes[i].before = nil, ""
	}
	p.changes[0].undo = []string{dollar("DO ", fmt.Sprintf("\nBEGIN\n  RAISE NOTICE '%%', %s;\nEND\n", literal(p.twinName()+" was adopted and stays, with its rows and triggers")))}
}

// adoptable says why a table in the place of a twin cannot become one.
func (p *pgPlan) adoptable() error {
	refused := func(format string, args ...any) error {
		return &TableError{p.table, fmt.Sprintf("has a table %s that cannot be its twin: ", p.twinName()) + fmt.Sprintf(format, args...)}
	}
	if p.twin.kind != "r" {
		return refused("it is no plain table; move it away or drop it")
	}
	for _, own := range ownColumns {
		if c, ok := p.twin.column(own.name); ok && c.typ != own.typ {
			return refused("its column %s has type %s and not %s; run ALTER TABLE %s DROP COLUMN %s and install again", own.name, c.typ, own.typ, p.twinName(), own.name)
		}
	}
	if _, ours := p.twin.column(idColumn); ours {
		return nil
	}
	for _, name := range append(slices.Clone(p.live.key), "deleted_at") {
		if _, ok := p.twin.column(name); !ok {
			return refused("it has no column %q; this package did not make it: move it away or drop it", name)
		}
	}
	if c, _ := p.twin.column("deleted_at"); !strings.HasPrefix(c.typ, "timestamp") && c.typ != "date" {
		return refused("its column deleted_at has type %s; move it away or drop it", c.typ)
	}
	if n := p.misplaced(); n >= 0 && p.occupied {
		return refused("column %d is %q and that of the table %q. The Python toolset copies by position, so that its rows may hold values under wrong names. "+
			"Compare them; where they do, rename the columns of the twin into the order of the table; where they do not, move the rows by name: "+
			"ALTER TABLE %s RENAME TO another name, install, INSERT INTO %[4]s (columns) SELECT columns FROM the other", n+1, p.twin.columns[n].name, p.live.columns[n].name, p.twinName())
	}
	return nil
}

// misplaced is the first place at which a twin that was filled by position has another column than the table, or -1.
func (p *pgPlan) misplaced() int {
	for i := range min(len(p.live.columns), len(p.twin.columns)) {
		if p.live.columns[i].name != p.twin.columns[i].name {
			return i
		}
	}
	return -1
}

// relax takes away what could refuse a row: any key, so that one row can be deleted twice, and what only the table
// demands.
func (p *pgPlan) relax() []string {
	var sql []string
	alter := "ALTER TABLE " + p.twinName() + " "
	for _, g := range p.guards {
		switch {
		case g.ours:
		case g.constraint:
			sql = append(sql, alter+"DROP CONSTRAINT IF EXISTS "+quote(g.name))
		default:
			sql = append(sql, "DROP INDEX IF EXISTS deleted."+quote(g.name))
		}
	}
	for _, c := range p.twin.columns {
		if strings.HasPrefix(c.name, ownPrefix) {
			continue
		}
		if c.computed != "" {
			sql = append(sql, alter+"ALTER COLUMN "+quote(c.name)+" DROP "+c.computed+" IF EXISTS")
		}
		if c.notNull {
			sql = append(sql, alter+"ALTER COLUMN "+quote(c.name)+" DROP NOT NULL")
		}
		if _, filled := p.live.column(c.name); !filled && c.bare != "" {
			sql = append(sql, alter+"ALTER COLUMN "+quote(c.name)+" TYPE "+c.bare)
		}
	}
	return sql
}

// lacking are the names of what a twin has not of ours.
func (p *pgPlan) lacking() []string {
	var names []string
	for _, own := range ownColumns {
		switch c, ok := p.twin.column(own.name); {
		case !ok, own.fill != "" && c.fill == "", own.name == idColumn && c.computed != "IDENTITY":
			names = append(names, own.name)
		}
	}
	if !slices.ContainsFunc(p.guards, func(g pgGuard) bool { return g.ours }) {
		names = append(names, ownName("pkey", p.table))
	}
	return names
}

// own makes our columns. Rows that are there get the time of their deletion, which is what orders them; since the Python
// toolset writes the time of the transaction, rows of one cascade have it in common. Transaction 0, which is
// none, says so: what has one time there counts as one deletion.
func (p *pgPlan) own() []string {
	lacking := p.lacking()
	if lacking == nil {
		return nil
	}
	lacks := func(name string) bool { _, ok := p.twin.column(name); return !ok }
	alter := "ALTER TABLE " + p.twinName() + " "
	sequence := "deleted." + quote(ownName("seq", p.table))
	identity := p.identity()
	var sql, add, set []string
	for _, own := range ownColumns {
		if !lacks(own.name) {
			continue
		}
		definition := fmt.Sprintf("ADD COLUMN IF NOT EXISTS %s %s", own.name, own.typ)
		if own.name == idColumn {
			definition += " " + identity
		}
		add = append(add, definition)
	}
	if add != nil {
		sql = append(sql, alter+strings.Join(add, ", "))
	}
	rows := "t.deleted_at IS NOT NULL"
	if lacks(timeColumn) {
		set = append(set, timeColumn+" = t.deleted_at")
		rows += " AND t." + timeColumn + " IS NULL"
	}
	if lacks(txColumn) {
		set = append(set, txColumn+" = '0'")
		rows += " AND t." + txColumn + " IS NULL"
	}
	if set != nil {
		sql = append(sql, fmt.Sprintf("UPDATE %s t SET %s WHERE %s", p.twinName(), strings.Join(set, ", "), rows))
	}
	for _, own := range ownColumns {
		if own.fill != "" && slices.Contains(lacking, own.name) {
			sql = append(sql, alter+"ALTER COLUMN "+own.name+" SET DEFAULT "+own.fill)
		}
	}
	if slices.Contains(lacking, idColumn) {
		if !lacks(idColumn) { // somebody has dropped its identity
			sql = append(sql, alter+"ALTER COLUMN "+idColumn+" SET NOT NULL", alter+"ALTER COLUMN "+idColumn+" ADD "+identity)
		}
		sql = append(sql, fmt.Sprintf("SELECT setval(%s, (SELECT coalesce(max(%s), 0) + 1 FROM %s), false)", literal(sequence), idColumn, p.twinName()))
	}
	if key := ownName("pkey", p.table); slices.Contains(lacking, key) {
		sql = append(sql, alter+"DROP CONSTRAINT IF EXISTS "+quote(key),
			fmt.Sprintf("UPDATE %s SET %s = 'epoch' WHERE %[2]s IS NULL", p.twinName(), timeColumn), // by hand: nobody knows when
			alter+"ADD "+p.key())
	}
	return sql
}
