package softdelete

import (
	"context"
	"slices"
	"strings"
)

// sqliteSchema is all tables of the main database. Names are looked up as SQLite does, whatever their case.
type sqliteSchema struct {
	tables   map[string]*sqliteTable
	triggers map[string]sqliteTrigger
	indexes  map[string]bool
}

type sqliteTable struct {
	name    string
	kind    string // table or view
	sql     string
	strict  bool
	columns []sqliteColumn
	key     []string
	links   []sqliteFK // its foreign keys
}

type sqliteColumn struct {
	name      string
	typ       string
	generated bool
	dflt      string
}

type sqliteTrigger struct{ table, sql string }

// sqliteFK is a foreign key.
type sqliteFK struct {
	child   *sqliteTable
	parent  string
	columns []string
	refs    []string
	setNull bool
}

func (f sqliteFK) name() string { return strings.Join(f.columns, ", ") }

// match is the condition that the key states, between the child's alias c and the parent's.
func (f sqliteFK) match(parent string) string {
	conds := make([]string, len(f.columns))
	for i, c := range f.columns {
		conds[i] = parent + "." + quote(f.refs[i]) + " = c." + quote(c)
	}
	return strings.Join(conds, " AND ")
}

func (s *sqliteSchema) table(name string) *sqliteTable { return s.tables[fold(name)] }

// twin is the table's twin; nil where it has none, or where t is nil.
func (s *sqliteSchema) twin(t *sqliteTable) *sqliteTable {
	if t == nil {
		return nil
	}
	tw := s.table(twinName(t.name))
	if tw == nil || !tw.has(idColumn) {
		return nil
	}
	return tw
}

// references are the foreign keys to a table.
func (s *sqliteSchema) references(to *sqliteTable) []sqliteFK {
	var found []sqliteFK
	for _, name := range sortedKeys(s.tables) {
		for _, fk := range s.tables[name].links {
			if sameName(fk.parent, to.name) {
				found = append(found, fk)
			}
		}
	}
	return found
}

func (t *sqliteTable) has(column string) bool {
	return slices.ContainsFunc(t.columns, func(c sqliteColumn) bool { return sameName(c.name, column) })
}

// twinType is the type of a column in the twin, which is no STRICT table: ANY would turn '007' into 7 there.
func (t *sqliteTable) twinType(c sqliteColumn) string {
	if t.strict && sameName(c.typ, "ANY") {
		return ""
	}
	return c.typ
}

// described says what List and Restore need to know.
func (t *sqliteTable) described(tw *sqliteTable) twin {
	d := twin{table: t.name, from: quote(tw.name)}
	for _, k := range t.key {
		d.key = append(d.key, column{name: k})
	}
	for _, c := range tw.columns {
		if !strings.HasPrefix(c.name, ownPrefix) {
			d.columns = append(d.columns, c.name)
		}
	}
	return d
}

func sqliteRead(ctx context.Context, db DB) (*sqliteSchema, error) {
	s := &sqliteSchema{tables: map[string]*sqliteTable{}, triggers: map[string]sqliteTrigger{}, indexes: map[string]bool{}}
	err := each(ctx, db, `SELECT type, name, tbl_name, coalesce(sql, '') FROM main.sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'`,
		nil, func(scan scanner) error {
			var kind, name, table, sql string
			err := scan(&kind, &name, &table, &sql)
			switch kind {
			case "table", "view":
				s.tables[fold(name)] = &sqliteTable{name: name, kind: kind, sql: sql}
			case "trigger":
				s.triggers[fold(name)] = sqliteTrigger{table, sql}
			case "index":
				s.indexes[fold(name)] = true
			}
			return err
		})
	if err != nil {
		return nil, err
	}
	// names mean what is temporary first: rows would go there
	err = each(ctx, db, `SELECT m.name FROM temp.sqlite_schema t JOIN main.sqlite_schema m ON lower(m.name) = lower(t.name)
		WHERE t.type IN ('table', 'view') AND m.type IN ('table', 'view') ORDER BY m.name LIMIT 1`, nil, func(scan scanner) error {
		hidden := &TableError{Reason: "is hidden by a temporary table of this connection: drop that one, or use another connection"}
		if err := scan(&hidden.Table); err != nil {
			return err
		}
		return hidden
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, `
		SELECT m.name, x.name, x.type, x.pk, x.hidden, coalesce(x.dflt_value, '') FROM main.sqlite_schema m, pragma_table_xinfo(m.name, 'main') x
		WHERE m.type = 'table' AND x.hidden <> 1 ORDER BY m.name, x.cid`, nil, func(scan scanner) error {
		var table string
		var place, hidden int
		var c sqliteColumn
		if err := scan(&table, &c.name, &c.typ, &place, &hidden, &c.dflt); err != nil {
			return err
		}
		if t := s.table(table); t != nil {
			c.generated = hidden > 1
			t.columns = append(t.columns, c)
			if place > 0 {
				t.key = append(t.key, make([]string, max(0, place-len(t.key)))...)
				t.key[place-1] = c.name
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict`, nil, func(scan scanner) error {
		var name string
		err := scan(&name)
		if t := s.table(name); t != nil {
			t.strict = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	last := -1
	err = each(ctx, db, `
		SELECT m.name, f.id, f."table", f."from", coalesce(f."to", ''), f.on_delete = 'SET NULL'
		FROM main.sqlite_schema m, pragma_foreign_key_list(m.name, 'main') f
		WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq`, nil, func(scan scanner) error {
		var table, parent, from, to string
		var id int
		var setNull bool
		if err := scan(&table, &id, &parent, &from, &to, &setNull); err != nil {
			return err
		}
		t := s.table(table)
		if t == nil {
			return nil
		}
		if len(t.links) == 0 || id != last {
			t.links = append(t.links, sqliteFK{child: t, parent: parent, setNull: setNull})
		}
		last = id
		fk := &t.links[len(t.links)-1]
		fk.columns = append(fk.columns, from)
		if p := s.table(parent); to == "" && p != nil && len(p.key) >= len(fk.columns) {
			to = p.key[len(fk.columns)-1] // REFERENCES without columns means the primary key
		}
		fk.refs = append(fk.refs, to)
		return nil
	})
	return s, err
}

// fold lowers the letters that SQLite compares without regard to case: those of ASCII.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

func sameName(a, b string) bool { return fold(a) == fold(b) }
