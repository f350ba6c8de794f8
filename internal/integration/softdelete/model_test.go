package softdelete_test

import (
	"maps"
	"slices"
	"strings"
)

// A model is what tables and twins should hold, worked out in Go.
type model struct {
	tables    []*mTable
	deletions int
	cuts      []mCut
}

// An mTable is a table with a key of one or more columns, a column "uid" that tells rows apart for ever, links to other
// tables, and other columns.
type mTable struct {
	name   string
	key    []mColumn
	links  []mLink
	others []mColumn
	parted bool
	rows   []*mRow
}

type mColumn struct{ name, typ string }

// An mLink is a foreign key.
type mLink struct {
	columns []string
	parent  *mTable
	action  string // CASCADE, SET NULL or NO ACTION; all links of one table have the same
}

// An mRow is a row; its values are as the database writes them, NULL is no entry.
type mRow struct {
	uid      int
	table    *mTable
	values   map[string]string
	deletion int // 0: it lives
	newest   int // rises with each deletion
}

// An mCut is a link that a deletion has set to NULL.
type mCut struct {
	deletion  int
	parent    *mTable
	parentKey string
	link      mLink
	child     *mTable
	childKey  string
	oldValues map[string]string
}

func (r *mRow) key() string { return r.part(names(r.table.key)) }

func names(columns []mColumn) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.name
	}
	return all
}

// part is some columns as one text; empty where one of them is NULL.
func (r *mRow) part(columns []string) string {
	var b strings.Builder
	for _, c := range columns {
		v, ok := r.values[c]
		if !ok {
			return ""
		}
		b.WriteString(v + "\x00")
	}
	return b.String()
}

func (t *mTable) live(key string) *mRow {
	for _, r := range t.rows {
		if r.deletion == 0 && r.key() == key {
			return r
		}
	}
	return nil
}

// newestDeleted is what Restore with Key finds.
func (t *mTable) newestDeleted(key string) *mRow {
	var found *mRow
	for _, r := range t.rows {
		if r.deletion != 0 && r.key() == key && (found == nil || r.newest > found.newest) {
			found = r
		}
	}
	return found
}

func (m *model) all() []*mRow {
	var rows []*mRow
	for _, t := range m.tables {
		rows = append(rows, t.rows...)
	}
	return rows
}

// delete removes rows with their cascades; false where a foreign key refuses.
func (m *model) delete(rows []*mRow) bool {
	gone := map[*mRow]bool{}
	for _, r := range rows {
		gone[r] = true
	}
	for grown := true; grown; {
		grown = false
		for _, c := range m.all() {
			if c.deletion != 0 || gone[c] {
				continue
			}
			for _, l := range c.table.links {
				if p := l.parent.live(c.part(l.columns)); l.action == "CASCADE" && p != nil && gone[p] {
					gone[c], grown = true, true
				}
			}
		}
	}
	var cuts []mCut
	for _, c := range m.all() {
		if c.deletion != 0 || gone[c] {
			continue
		}
		for _, l := range c.table.links {
			p := l.parent.live(c.part(l.columns))
			if p == nil || !gone[p] {
				continue
			}
			if l.action != "SET NULL" {
				return false
			}
			old := map[string]string{}
			for _, name := range l.columns {
				old[name] = c.values[name]
			}
			cuts = append(cuts, mCut{m.deletions + 1, l.parent, p.key(), l, c.table, c.key(), old})
		}
	}
	m.deletions++
	for _, cut := range cuts {
		for _, name := range cut.link.columns {
			delete(cut.child.live(cut.childKey).values, name)
		}
	}
	m.cuts = append(m.cuts, cuts...)
	for r := range gone {
		r.deletion, r.newest = m.deletions, m.deletions
	}
	return true
}

// tree is a row and what went with it.
func (m *model) tree(rows []*mRow) map[*mRow]bool {
	tree := map[*mRow]bool{}
	for _, r := range rows {
		tree[r] = true
	}
	for grown := true; grown; {
		grown = false
		for _, c := range m.all() {
			if c.deletion == 0 || tree[c] {
				continue
			}
			for _, l := range c.table.links {
				for p := range tree {
					if p.table == l.parent && p.deletion == c.deletion && p.key() == c.part(l.columns) {
						tree[c], grown = true, true
					}
				}
			}
		}
	}
	return tree
}

// restore brings rows back, all of them or none.
func (m *model) restore(rows []*mRow, cascade bool) bool {
	back := map[*mRow]bool{}
	for _, r := range rows {
		back[r] = true
	}
	if cascade {
		back = m.tree(rows)
	}
	for r := range back {
		if r.table.live(r.key()) != nil {
			return false
		}
		for _, l := range r.table.links {
			parent := r.part(l.columns)
			among := slices.ContainsFunc(slices.Collect(maps.Keys(back)), func(p *mRow) bool { return p.table == l.parent && p.key() == parent })
			if parent != "" && !among && l.parent.live(parent) == nil {
				return false
			}
		}
	}
	was := map[*mRow]int{}
	for r := range back {
		was[r], r.deletion = r.deletion, 0
	}
	m.cuts = slices.DeleteFunc(m.cuts, func(cut mCut) bool {
		mine := slices.ContainsFunc(slices.Collect(maps.Keys(back)), func(p *mRow) bool {
			return p.table == cut.parent && was[p] == cut.deletion && p.key() == cut.parentKey
		})
		if c := cut.child.live(cut.childKey); mine && cascade && c != nil {
			free := true
			for name, old := range cut.oldValues {
				if v, ok := c.values[name]; ok && v != old {
					free = false
				}
			}
			if free {
				maps.Copy(c.values, cut.oldValues)
			}
		}
		return mine
	})
	return true
}
