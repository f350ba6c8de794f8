package softdelete

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// pgMemory is what softdelete_remember has noted, and what it would note now.
type pgMemory struct {
	note      string // the comment as it is
	then, now struct {
		Table   int64
		Columns map[string]int
	}
}

func pgRemembered(ctx context.Context, db DB, live, twin *pgTable) (pgMemory, error) {
	var m pgMemory
	var now string
	err := db.QueryRowContext(ctx, `
		SELECT coalesce((SELECT col_description(t.attrelid, t.attnum) FROM pg_attribute t WHERE t.attrelid = $2::bigint::oid AND t.attname = '`+idColumn+`'), ''),
			json_build_object('table', $1::bigint, 'columns', json_object_agg(a.attname, a.attnum))::text
		FROM pg_attribute a WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped`,
		live.oid, twin.oid).Scan(&m.note, &now)
	if err != nil {
		return m, err
	}
	if json.Unmarshal([]byte(m.note), &m.then) != nil {
		m.then.Table = 0 // somebody else's comment
	}
	return m, json.Unmarshal([]byte(now), &m.now)
}

// remember notes the columns of now, and on the way back those of before.
func (p *pgPlan) remember(c *change) {
	c.sql = append(c.sql, fmt.Sprintf("SELECT deleted.softdelete_remember(%s, %s)", literal(p.liveName()), literal(p.twinName())))
	if p.memory.note != "" {
		c.undo = append(c.undo, fmt.Sprintf("COMMENT ON COLUMN %s.%s IS %s", p.twinName(), idColumn, literal(p.memory.note)))
	}
}

// renamed is the name that a column of the table had when its number was noted; empty where it is no other.
func (m pgMemory) renamed(column string) string {
	n, ok := m.now.Columns[column]
	if !ok || m.then.Table != m.now.Table { // another table, for example from a dump
		return ""
	}
	for name, number := range m.then.Columns {
		if number == n && name != column {
			return name
		}
	}
	return ""
}

// renames follows columns of the table that have got other names. One that took the name of another column it leaves:
// rows deleted since are kept under the names of now, so that no renaming is right for all.
func (p *pgPlan) renames() {
	for _, c := range p.live.columns {
		was := p.memory.renamed(c.name)
		i := slices.IndexFunc(p.twin.columns, func(t pgColumn) bool { return t.name == was })
		if was == "" || i < 0 {
			continue
		}
		_, still := p.memory.now.Columns[was] // one that this plan adds again is another
		if _, known := p.twin.column(c.name); still || known {
			p.add(RenamedColumn, c.name, fmt.Sprintf("was %q and took the name of another column; rows deleted before have the value under the former name, and Install leaves it there", was))
			continue
		}
		sql := p.rename(was, c.name)
		if p.twin.columns[i].typ == c.typ {
			sql = append(sql, p.unpack(c))
		}
		p.add(RenamedColumn, c.name, fmt.Sprintf("was %q", was), sql...)
		p.undo(p.rename(c.name, was)...)
		p.lock(p.twinName(), lockAll)
		p.twin.columns[i].name = c.name
	}
}

// rename gives a column of the twin another name, and what is kept aside for it.
func (p *pgPlan) rename(from, to string) []string {
	return []string{
		fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s TO %s", p.twinName(), quote(from), quote(to)),
		fmt.Sprintf("UPDATE %[1]s SET %[2]s = (%[2]s - %[3]s) || jsonb_build_object(%[4]s, %[2]s -> %[3]s) WHERE %[2]s ? %[3]s AND NOT %[2]s ? %[4]s",
			p.twinName(), extraColumn, literal(from)+"::text", literal(to)+"::text"),
	}
}

// order tells of columns that stand in another order in the twin.
func (p *pgPlan) order() {
	var live, tw []string
	for _, c := range p.live.columns {
		if _, ok := p.twin.column(c.name); ok {
			live = append(live, c.name)
		}
	}
	for _, c := range p.twin.columns {
		if _, ok := p.live.column(c.name); ok {
			tw = append(tw, c.name)
		}
	}
	if !slices.Equal(live, tw) {
		p.add(ReorderedColumns, "", fmt.Sprintf("the table has %s, the twin %s; rows are copied by name, so that it does no harm",
			strings.Join(live, ", "), strings.Join(tw, ", ")))
	}
}

// maybeRenamed is a hint for one missing and one extra column of the same type, whose numbers nobody has noted.
func (p *pgPlan) maybeRenamed(missing pgColumn) string {
	var extra, lacking []pgColumn
	for _, c := range p.twin.columns {
		if _, ok := p.live.column(c.name); !ok && !strings.HasPrefix(c.name, ownPrefix) {
			extra = append(extra, c)
		}
	}
	for _, c := range p.live.columns {
		if _, ok := p.twin.column(c.name); !ok {
			lacking = append(lacking, c)
		}
	}
	if p.memory.then.Table == p.memory.now.Table || len(extra) != 1 || len(lacking) != 1 || extra[0].typ != missing.typ {
		return ""
	}
	return fmt.Sprintf("; if it is %q renamed, run this first: ALTER TABLE %s RENAME COLUMN %s TO %s",
		extra[0].name, p.twinName(), quote(extra[0].name), quote(missing.name))
}

// dropEmpty drops a column unless a row has a value in it.
func dropEmpty(table, column string) string {
	return dollar("DO ", fmt.Sprintf(`
BEGIN
  IF EXISTS (SELECT FROM %[1]s WHERE %[2]s IS NOT NULL) THEN
    RAISE NOTICE '%%', %[3]s;
  ELSE
    ALTER TABLE %[1]s DROP COLUMN IF EXISTS %[2]s;
  END IF;
END
`, table, quote(column), literal(fmt.Sprintf("column %s of %s holds values and stays", quote(column), table))))
}
