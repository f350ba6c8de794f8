package softdelete

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

func (s sqlite) conditions(f Filter, tw twin, args *[]any) ([]string, bool) {
	var where []string
	for i, part := range f.key {
		value, ok := sqliteValue(part)
		if !ok {
			return nil, false
		}
		*args = append(*args, value)
		where = append(where, fmt.Sprintf("t.%s = ?%d", quote(tw.key[i].name), len(*args)))
	}
	if f.deletion != "" {
		if !integer(string(f.deletion), 64) {
			return nil, false
		}
		where = append(where, fmt.Sprintf("t.%s = %s", deletionColumn, f.deletion))
	}
	// the database knows milliseconds: a row of this very millisecond counts as deleted before, and not since
	if !f.since.IsZero() {
		where = append(where, fmt.Sprintf("t.%s >= %d", timeColumn, f.since.Add(time.Millisecond-1).UnixMilli()))
	}
	if !f.before.IsZero() {
		where = append(where, fmt.Sprintf("t.%s < %d", timeColumn, f.before.Add(time.Millisecond-1).UnixMilli()))
	}
	return where, true
}

func (s sqlite) listed(tw twin) (deletion, micros, key string) {
	return "CAST(t." + deletionColumn + " AS TEXT)", "t." + timeColumn + " * 1000", sqliteKey("t.", tw.keyNames())
}

func (s sqlite) newestFirst(after *place) (order, cond string) {
	if after != nil {
		cond = fmt.Sprintf("t.%s < %d", idColumn, after.id)
	}
	return "t." + idColumn + " DESC", cond
}

func (s sqlite) roots(tw twin, where []string) string {
	query := fmt.Sprintf("SELECT max(t.%s), 0 FROM %s t", idColumn, tw.from)
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	return query + " GROUP BY " + quotedList("t.", tw.keyNames())
}

func (s sqlite) members(rows places, args *[]any) string {
	*args = append(*args, sqliteIDs(rows.ids))
	return fmt.Sprintf("t.%s IN (SELECT value FROM json_each(?%d))", idColumn, len(*args))
}

// sqliteIDs passes any number of ids as one argument.
func sqliteIDs(ids []int64) string {
	text, err := json.Marshal(ids)
	if err != nil || ids == nil {
		return "[]"
	}
	return string(text)
}

func (s sqlite) tree(ctx context.Context, db DB, root twin, roots places) (map[string]places, error) {
	schema, err := sqliteRead(ctx, db)
	if err != nil {
		return nil, err
	}
	ids, err := schema.tree(ctx, db, schema.table(root.table), roots.ids)
	tree := map[string]places{}
	for table, rows := range ids {
		tree[table] = places{ids: rows}
	}
	return tree, err
}

// tree finds the rows of the same deletion that reference one of the roots, directly or through others.
func (s *sqliteSchema) tree(ctx context.Context, db DB, root *sqliteTable, roots []int64) (map[string][]int64, error) {
	if root == nil {
		return nil, nil
	}
	all := map[string][]int64{root.name: slices.Clone(roots)}
	known := map[string]map[int64]bool{root.name: {}}
	for _, id := range roots {
		known[root.name][id] = true
	}
	for front := maps.Clone(all); len(front) > 0; {
		next := map[string][]int64{}
		for _, name := range slices.Sorted(maps.Keys(front)) {
			parent := s.table(name)
			for _, fk := range s.references(parent) {
				child := s.twin(fk.child)
				if child == nil || slices.Contains(fk.refs, "") {
					continue
				}
				query := fmt.Sprintf(`SELECT c.%s FROM %s p JOIN %s c ON %s AND c.%[5]s = p.%[5]s
					WHERE p.%[1]s IN (SELECT value FROM json_each(?1)) AND p.%[5]s > 0 ORDER BY 1`,
					idColumn, quote(s.twin(parent).name), quote(child.name), fk.match("p"), deletionColumn)
				err := each(ctx, db, query, []any{sqliteIDs(front[name])}, func(scan scanner) error {
					var id int64
					if err := scan(&id); err != nil {
						return err
					}
					if known[fk.child.name] == nil {
						known[fk.child.name] = map[int64]bool{}
					}
					if !known[fk.child.name][id] {
						known[fk.child.name][id] = true
						all[fk.child.name] = append(all[fk.child.name], id)
						next[fk.child.name] = append(next[fk.child.name], id)
					}
					return nil
				})
				if err != nil {
					return nil, err
				}
			}
		}
		front = next
	}
	return all, nil
}

// order sorts tables so that referenced ones come first; a cycle is entered at the first table.
func (s *sqliteSchema) order(first string, tables map[string][]int64) []*sqliteTable {
	rest := slices.Sorted(maps.Keys(tables))
	slices.SortStableFunc(rest, func(a, b string) int { return boolRank(b == first) - boolRank(a == first) })
	var sorted []*sqliteTable
	for len(rest) > 0 {
		i := max(0, slices.IndexFunc(rest, func(name string) bool {
			return !slices.ContainsFunc(s.table(name).links, func(fk sqliteFK) bool {
				p := s.table(fk.parent)
				return p != nil && p.name != name && slices.Contains(rest, p.name)
			})
		}))
		sorted = append(sorted, s.table(rest[i]))
		rest = slices.Delete(rest, i, i+1)
	}
	return sorted
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s sqlite) restore(ctx context.Context, db DB, root twin, roots places, how restoring) (Restored, error) {
	var back Restored
	err := s.atomically(ctx, db, func(db DB) error {
		schema, err := sqliteRead(ctx, db)
		if err != nil {
			return err
		}
		back, err = s.strategic(ctx, db, &sqliteMove{schema: schema, db: db, how: how}, root.table, roots.ids)
		return err
	})
	return back, err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// notNull is the condition that all these columns hold something.
func notNull(prefix string, names []string) string {
	return strings.Join(quoted(prefix, names), " IS NOT NULL AND ") + " IS NOT NULL"
}
