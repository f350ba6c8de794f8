package softdelete

import (
	"context"
	"fmt"
	"regexp"
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

// A pgGuard is a constraint or unique index of a twin.
type pgGuard struct {
	name       string
	constraint bool
	ours       bool // the key that we make
}

// inspect reads what is to know of a twin that is there.
func (p *pgPlan) inspect(ctx context.Context, db DB) error {
	if p.twin == nil {
		return nil
	}
	err := each(ctx, db, `
		SELECT c.conname, true, c.contype = 'p' AND ARRAY['`+timeColumn+`', '`+idColumn+`']::name[] = ARRAY(
			SELECT a.attname FROM unnest(c.conkey) WITH ORDINALITY k(attnum, n) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum ORDER BY k.n)
		FROM pg_constraint c
		WHERE c.conrelid = $1::bigint::oid AND c.contype IN ('p', 'u', 'x', 'f', 'c')
		UNION ALL
		SELECT x.relname, false, false
		FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
		WHERE i.indrelid = $1::bigint::oid AND i.indisunique AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
		ORDER BY 1`, []any{p.twin.oid}, func(scan scanner) error {
		var g pgGuard
		err := scan(&g.name, &g.constraint, &g.ours)
		p.guards = append(p.guards, g)
		return err
	})
	if err != nil {
		return err
	}
	if err := p.vetoes(ctx, db); err != nil {
		return err
	}
	if _, ours := p.twin.column(idColumn); ours {
		err := db.QueryRowContext(ctx, `SELECT coalesce((SELECT s.seqcache FROM pg_sequence s WHERE s.seqrelid = pg_get_serial_sequence($1, '`+idColumn+`')::regclass), 0)`,
			p.twinName()).Scan(&p.cache)
		if err != nil {
			return err
		}
	}
	if p.memory, err = pgRemembered(ctx, db, p.live, p.twin); err != nil {
		return err
	}
	if _, ours := p.twin.column(idColumn); ours || p.twin.kind != "r" {
		return nil
	}
	return db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM `+p.twinName()+`)`).Scan(&p.occupied)
}

// vetoes finds what could keep rows out of the twin without an error. Whoever made it has to decide.
func (p *pgPlan) vetoes(ctx context.Context, db DB) error {
	return each(ctx, db, `
		SELECT 'TRIGGER', t.tgname FROM pg_trigger t
		WHERE t.tgrelid = $1::bigint::oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & 7 = 7 -- for rows, BEFORE, INSERT
		UNION ALL
		SELECT 'RULE', r.rulename FROM pg_rewrite r WHERE r.ev_class = $1::bigint::oid AND r.ev_type = '3' AND r.is_instead
		ORDER BY 1, 2`, []any{p.twin.oid}, func(scan scanner) error {
		var what, name string
		if err := scan(&what, &name); err != nil {
			return err
		}
		p.add(ForeignTrigger, name, fmt.Sprintf("a row that it keeps out of the twin is lost; unless you are sure of it: DROP %s %s ON %s", what, quote(name), p.twinName()))
		return nil
	})
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

var formerFunction = regexp.MustCompile(`EXECUTE FUNCTION ([^ ]+\.)?(soft_delete|soft_restore|prevent_deletion)\(\)$`)

// former tells triggers of the Python toolset.
func (t pgTrigger) former() bool { return formerFunction.MatchString(t.def) }

// former drops triggers of the Python toolset that stand beside ours: PostgreSQL cut their names off, we do not.
func (p *pgPlan) former() {
	ours := map[string]bool{}
	for _, suffix := range []string{"_soft_delete", "_soft_restore", "_prevent_deletion"} {
		ours[fitName(p.table+suffix)] = true
	}
	for _, onName := range []string{p.liveName(), p.twinName()} {
		on := p.live
		if onName == p.twinName() {
			on = p.twin
		}
		for _, name := range sortedKeys(on.triggers) {
			if tr := on.triggers[name]; tr.former() && !ours[name] {
				p.add(ForeignTrigger, name, "of the Python toolset, on "+onName, fmt.Sprintf("DROP TRIGGER IF EXISTS %s ON %s", quote(name), onName))
				p.undo(tr.recreate(name, onName)...)
				p.lock(onName, lockAll)
			}
		}
	}
}

// recreate makes a trigger again as it was.
func (t pgTrigger) recreate(name, onName string) []string {
	sql := []string{strings.Replace(t.def, "CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1)}
	comment := "NULL"
	if t.mark != "" {
		comment = literal(t.mark)
	}
	return append(sql, fmt.Sprintf("COMMENT ON TRIGGER %s ON %s IS %s", quote(name), onName, comment))
}

// sameTrigger compares a trigger as the server writes it with our definition. They differ in quotes, and in a condition,
// which is left out.
func sameTrigger(def, name, definition string) bool {
	plain := func(text string) string {
		text = strings.NewReplacer(`"`, "", ` E'`, ` '`, `(E'`, `('`, `\\`, `\`).Replace(text)
		from, to := strings.Index(text, " WHEN ("), strings.LastIndex(text, ") EXECUTE FUNCTION")
		if from >= 0 && to > from {
			text = text[:from] + text[to+1:]
		}
		return text
	}
	return plain(def) == plain("CREATE TRIGGER "+name+" "+definition)
}

// refuseTwin keeps Install from a twin of another role, whose functions could not be trusted with its rows.
func (p *pgPlan) refuseTwin() {
	if p.twin == nil || !p.twin.foreign {
		return
	}
	for i := range p.changes {
		if p.changes[i].refused == nil {
			p.changes[i].refused = &TableError{p.table, fmt.Sprintf("has a twin that belongs to role %q: let one role own both (ALTER TABLE %s OWNER TO %s)", p.twin.owner, p.twinName(), quote(p.live.owner))}
		}
	}
}
