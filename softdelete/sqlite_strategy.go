package softdelete

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// errSkipped: rows were found that stay; the restore begins again without them.
var errSkipped = errors.New("softdelete: rows are left out")

// strategic restores until no more rows are found that have to stay: to leave one out may leave others without parent.
func (s sqlite) strategic(ctx context.Context, db DB, m *sqliteMove, table string, roots []int64) (Restored, error) {
	m.out = map[string]map[int64]Skipped{}
	for {
		var back Restored
		err := s.atomically(ctx, onConn{db}, func(DB) (err error) {
			back, err = m.restore(ctx, table, roots)
			return err
		})
		switch {
		case errors.Is(err, errSkipped):
			continue
		case err != nil:
			return Restored{}, err
		}
		for _, name := range sortedKeys(m.out) {
			for _, id := range slices.Sorted(maps.Keys(m.out[name])) {
				back.Skipped = append(back.Skipped, m.out[name][id])
			}
		}
		return back, nil
	}
}

// onConn hides what else a DB can do: a savepoint is wanted, not another connection.
type onConn struct{ DB }

func (m *sqliteMove) skip(t *sqliteTable, id int64, key []any, why error) {
	if m.out[t.name] == nil {
		m.out[t.name] = map[int64]Skipped{}
	}
	m.out[t.name][id] = Skipped{Ref{t.name, key}, why}
}

// leaveOut takes the rows that stay out of those that come back.
func (m *sqliteMove) leaveOut() {
	for name, out := range m.out {
		m.ids[name] = slices.DeleteFunc(m.ids[name], func(id int64) bool { _, ok := out[id]; return ok })
		if len(m.ids[name]) == 0 {
			delete(m.ids, name)
		}
	}
}

// moveEach moves rows one by one, the newest first, and looks after each that the table refuses.
func (m *sqliteMove) moveEach(ctx context.Context, t *sqliteTable, back *Restored) ([]Ref, error) {
	all := m.ids[t.name]
	defer func() { m.ids[t.name] = all }()
	var refs []Ref
	ours := map[string]bool{}
	skipped := false
	for _, id := range slices.Backward(slices.Sorted(slices.Values(all))) {
		m.ids[t.name] = []int64{id}
		one, err := m.move(ctx, t)
		var conflict *ConflictError
		if errors.As(err, &conflict) && m.how.conflict == Overwrite {
			gone, failed := m.unblock(ctx, t, id, ours)
			if failed != nil {
				return nil, failed
			}
			if gone != nil {
				back.Overwritten = append(back.Overwritten, gone...)
				one, err = m.move(ctx, t)
			}
		}
		if errors.As(err, &conflict) && (m.how.conflict == Skip || m.how.conflict == Overwrite && m.amongOurs(ctx, t, id, ours)) {
			key, failed := m.keyOf(ctx, t, id)
			if failed != nil {
				return nil, failed
			}
			m.skip(t, id, key, conflict)
			skipped = true
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, r := range one {
			ours[keyText(r.Key)] = true
		}
		refs = append(one, refs...)
	}
	if skipped {
		return nil, errSkipped
	}
	return refs, nil
}

func (m *sqliteMove) keyOf(ctx context.Context, t *sqliteTable, id int64) ([]any, error) {
	var key string
	query := fmt.Sprintf("SELECT %s FROM %s b WHERE b.%s = ?1", sqliteKey("b.", t.key), quote(m.schema.twin(t).name), idColumn)
	if err := m.db.QueryRowContext(ctx, query, id).Scan(&key); err != nil {
		return nil, err
	}
	return decodeKey(key)
}

// blockers are the live rows that a unique key sets before a deleted one.
func (m *sqliteMove) blockers(ctx context.Context, t *sqliteTable, id int64) ([][]any, error) {
	uniques, _, err := m.uniques(ctx, t)
	if err != nil {
		return nil, err
	}
	var keys [][]any
	for _, u := range uniques {
		conds := make([]string, len(u.columns))
		for i, c := range u.columns {
			conds[i] = fmt.Sprintf("l.%s COLLATE %s = b.%[1]s", quote(c), quote(u.collations[i]))
		}
		query := fmt.Sprintf("SELECT %s FROM %s b JOIN %s l ON %s WHERE b.%s = ?1", sqliteKey("l.", t.key), quote(m.schema.twin(t).name), quote(t.name), strings.Join(conds, " AND "), idColumn)
		err := each(ctx, m.db, query, []any{id}, func(scan scanner) error {
			var text string
			if err := scan(&text); err != nil {
				return err
			}
			key, err := decodeKey(text)
			keys = append(keys, key)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// unblock deletes the live rows in the way of a deleted one, unless one of them came back just before.
func (m *sqliteMove) unblock(ctx context.Context, t *sqliteTable, id int64, ours map[string]bool) ([]Ref, error) {
	keys, err := m.blockers(ctx, t, id)
	if err != nil || slices.ContainsFunc(keys, func(key []any) bool { return ours[keyText(key)] }) {
		return nil, err
	}
	var gone []Ref
	conds := make([]string, len(t.key))
	for i, k := range t.key {
		conds[i] = fmt.Sprintf("%s = ?%d", quote(k), i+1)
	}
	for _, key := range keys {
		result, err := m.db.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s", quote(t.name), strings.Join(conds, " AND ")), key...)
		if err != nil {
			return nil, fmt.Errorf("softdelete: restore of %s: delete row %s, which is in the way: %w", t.name, keyText(key), err)
		}
		if n, _ := result.RowsAffected(); n > 0 {
			gone = append(gone, Ref{t.name, key})
		}
	}
	return gone, nil
}

func (m *sqliteMove) amongOurs(ctx context.Context, t *sqliteTable, id int64, ours map[string]bool) bool {
	keys, err := m.blockers(ctx, t, id)
	return err == nil && slices.ContainsFunc(keys, func(key []any) bool { return ours[keyText(key)] })
}
