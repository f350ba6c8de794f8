package softdelete

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// sqliteMove is one restore, inside a transaction or savepoint that atomically holds open.
type sqliteMove struct {
	schema *sqliteSchema
	db     DB
	how    restoring
	ids    map[string][]int64           // of the rows that come back, by table
	out    map[string]map[int64]Skipped // rows that stay, by table
}

type sqliteLink struct {
	id          int64
	fk          sqliteFK
	parent, row []any
}

func (m *sqliteMove) restore(ctx context.Context, table string, roots []int64) (back Restored, err error) {
	cascade := !m.how.rowOnly
	root := m.schema.table(table)
	if lost, err := m.lost(ctx, root, roots); lost || err != nil {
		return back, cmp.Or(err, errLost)
	}
	m.ids = map[string][]int64{root.name: slices.Clone(roots)}
	if cascade {
		if m.ids, err = m.schema.tree(ctx, m.db, root, roots); err != nil {
			return back, err
		}
	}
	m.leaveOut()
	tables := m.schema.order(root.name, m.ids)
	if err := m.orphans(ctx, tables); err != nil {
		return back, err
	}
	links, err := m.links(ctx, tables)
	if err != nil {
		return back, err
	}
	// Foreign keys were looked at, and a cycle of them has no order: they are checked when the transaction ends.
	var deferred bool
	if err := m.db.QueryRowContext(ctx, "PRAGMA defer_foreign_keys").Scan(&deferred); err != nil {
		return back, err
	}
	if !deferred {
		defer func() { // no rollback to a savepoint does this
			_, off := m.db.ExecContext(context.WithoutCancel(ctx), "PRAGMA defer_foreign_keys = OFF")
			err = cmp.Or(err, off)
		}()
	}
	if err := m.exec(ctx, "PRAGMA defer_foreign_keys = ON", "UPDATE softdelete_state SET moving = -1"); err != nil {
		return back, err
	}
	for _, t := range tables {
		move := m.move
		if m.how.conflict != Fail {
			move = func(ctx context.Context, t *sqliteTable) ([]Ref, error) { return m.moveEach(ctx, t, &back) }
		}
		refs, err := move(ctx, t)
		if err != nil {
			return back, err
		}
		back.Rows = append(back.Rows, refs...)
	}
	if err := m.exec(ctx, "UPDATE softdelete_state SET moving = 0"); err != nil {
		return back, err
	}
	for _, l := range links {
		if _, err := m.db.ExecContext(ctx, "DELETE FROM softdelete_links WHERE id = ?1", l.id); err != nil {
			return back, err
		}
		if !cascade {
			continue
		}
		relinked, err := m.relink(ctx, l)
		if err != nil {
			return back, err
		}
		if relinked {
			back.Relinked = append(back.Relinked, Ref{l.fk.child.name, l.row})
		}
	}
	return back, nil
}

func (m *sqliteMove) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := m.db.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (m *sqliteMove) lost(ctx context.Context, t *sqliteTable, ids []int64) (bool, error) {
	tw := m.schema.twin(t)
	if tw == nil {
		return true, nil
	}
	var n int
	query := fmt.Sprintf("SELECT count(*) FROM %s WHERE %s IN (SELECT value FROM json_each(?1))", quote(tw.name), idColumn)
	err := m.db.QueryRowContext(ctx, query, sqliteIDs(ids)).Scan(&n)
	return n < len(ids), err
}

// orphans looks for a row that references one that is neither there nor comes back.
func (m *sqliteMove) orphans(ctx context.Context, tables []*sqliteTable) error {
	for _, t := range tables {
		for _, fk := range t.links {
			parent := m.schema.table(fk.parent)
			if parent == nil || slices.Contains(fk.refs, "") {
				continue
			}
			query := fmt.Sprintf(`SELECT c.%[4]s, %[1]s, %[2]s FROM %[3]s c WHERE c.%[4]s IN (SELECT value FROM json_each(?1)) AND %[5]s
				AND NOT EXISTS (SELECT 1 FROM %[6]s p WHERE %[7]s)`,
				sqliteKey("c.", t.key), sqliteKey("c.", fk.columns), quote(m.schema.twin(t).name), idColumn, notNull("c.", fk.columns),
				quote(parent.name), fk.match("p"))
			args := []any{sqliteIDs(m.ids[t.name])}
			if tw := m.schema.twin(parent); tw != nil {
				query += fmt.Sprintf(" AND NOT EXISTS (SELECT 1 FROM %s p WHERE +p.%s IN (SELECT value FROM json_each(?2)) AND %s)",
					quote(tw.name), idColumn, fk.match("p"))
				args = append(args, sqliteIDs(m.ids[parent.name]))
			}
			var first error
			err := each(ctx, m.db, query, args, func(scan scanner) error {
				var id int64
				var key, parentKey string
				if err := scan(&id, &key, &parentKey); err != nil {
					return err
				}
				gone := &ParentGoneError{Table: t.name, Constraint: fk.name(), Parent: parent.name}
				var err error
				if gone.Key, err = decodeKey(key); err != nil {
					return err
				}
				if gone.ParentKey, err = decodeKey(parentKey); err != nil {
					return err
				}
				first = cmp.Or[error](first, gone)
				if m.how.conflict == Skip {
					m.skip(t, id, gone.Key, gone)
				}
				return nil
			})
			if err != nil {
				return err
			}
			if first != nil && m.how.conflict == Skip {
				return errSkipped
			}
			if first != nil {
				return first
			}
		}
	}
	return nil
}

func (m *sqliteMove) move(ctx context.Context, t *sqliteTable) ([]Ref, error) {
	var refs []Ref
	tw := quote(m.schema.twin(t).name)
	ids := sqliteIDs(m.ids[t.name])
	// json_each keeps the order in which the tree was found: parents first within a table that references itself
	query := fmt.Sprintf("SELECT %s FROM json_each(?1) j JOIN %s b ON b.%s = j.value ORDER BY j.key", sqliteKey("b.", t.key), tw, idColumn)
	err := each(ctx, m.db, query, []any{ids}, func(scan scanner) error {
		var text string
		if err := scan(&text); err != nil {
			return err
		}
		key, err := decodeKey(text)
		refs = append(refs, Ref{t.name, key})
		return err
	})
	if err != nil {
		return nil, err
	}
	var into, from []string
	for _, c := range t.columns {
		switch {
		case c.generated:
		case sameName(c.name, "deleted_at"):
			into, from = append(into, quote(c.name)), append(from, "NULL")
		case m.schema.twin(t).has(c.name): // one that is missing gets its default
			into, from = append(into, quote(c.name)), append(from, "b."+quote(c.name))
		}
	}
	result, err := m.db.ExecContext(ctx, fmt.Sprintf("INSERT OR ABORT INTO %s (%s) SELECT %s FROM json_each(?1) j JOIN %s b ON b.%s = j.value ORDER BY j.key",
		quote(t.name), strings.Join(into, ", "), strings.Join(from, ", "), tw, idColumn), ids)
	if err != nil {
		return nil, m.conflict(ctx, t, err)
	}
	if n, err := result.RowsAffected(); err != nil || n != int64(len(refs)) {
		return nil, cmp.Or[error](err, &ConflictError{Table: t.name, Constraint: "BEFORE INSERT trigger", state: "23000"})
	}
	_, err = m.db.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s IN (SELECT value FROM json_each(?1))", tw, idColumn), ids)
	return refs, err
}

// links finds the links to the rows that their deletion cut.
func (m *sqliteMove) links(ctx context.Context, tables []*sqliteTable) ([]sqliteLink, error) {
	var links []sqliteLink
	for _, t := range tables {
		for _, fk := range m.schema.references(t) {
			if !fk.setNull || slices.Contains(fk.refs, "") {
				continue
			}
			query := fmt.Sprintf(`SELECT l.id, l.parent_key, l.row_key FROM %s p JOIN softdelete_links l ON l.deletion = p.%s
				WHERE p.%s IN (SELECT value FROM json_each(?1)) AND l.child = ?2 AND l.fk = ?3 AND l.parent_key = %s ORDER BY l.id`,
				quote(m.schema.twin(t).name), deletionColumn, idColumn, sqliteKey("p.", fk.refs))
			err := each(ctx, m.db, query, []any{sqliteIDs(m.ids[t.name]), fk.child.name, fk.name()}, func(scan scanner) error {
				l := sqliteLink{fk: fk}
				var parent, row string
				err := scan(&l.id, &parent, &row)
				if err == nil {
					l.parent, err = decodeKey(parent)
				}
				if err == nil {
					l.row, err = decodeKey(row)
				}
				links = append(links, l)
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return links, nil
}

// relink sets a link again, unless somebody has set it meanwhile or its row is gone.
func (m *sqliteMove) relink(ctx context.Context, l sqliteLink) (bool, error) {
	var set, where, cut []string
	var args []any
	for i, c := range l.fk.columns {
		args = append(args, l.parent[i])
		set = append(set, fmt.Sprintf("%s = ?%d", quote(c), len(args)))
		where = append(where, fmt.Sprintf("(%s IS NULL OR %[1]s = ?%[2]d)", quote(c), len(args)))
		cut = append(cut, quote(c)+" IS NULL")
	}
	for i, k := range l.fk.child.key {
		args = append(args, l.row[i])
		where = append(where, fmt.Sprintf("%s = ?%d", quote(k), len(args)))
	}
	result, err := m.db.ExecContext(ctx, fmt.Sprintf("UPDATE OR ABORT %s SET %s WHERE %s AND (%s)",
		quote(l.fk.child.name), strings.Join(set, ", "), strings.Join(where, " AND "), strings.Join(cut, " OR ")), args...)
	if err != nil {
		return false, m.conflict(ctx, l.fk.child, err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
