package softdelete

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A twin is what List and Restore need to know of a table and its twin as they are now.
type twin struct {
	table   string   // as the database spells it
	from    string   // the twin, qualified and quoted
	key     []column // of the primary key, in its order
	columns []string // of the twin, without ours
}

type column struct {
	name   string
	typ    string // PostgreSQL: qualified, as the twin has it
	equals string // PostgreSQL: the operator by which the primary key is unique
	own    bool   // PostgreSQL: a part of a key is the type's own text, as in softdelete_part
}

func (tw twin) keyNames() []string {
	names := make([]string, len(tw.key))
	for i, c := range tw.key {
		names[i] = c.name
	}
	return names
}

// page is how many rows List reads at once: some hundred keep round trips rare and memory small.
const page = 500

func (t *Twins) list(ctx context.Context, db DB, table string, filters []Filter, yield func(Row) bool) error {
	tw, err := t.dialect.describe(ctx, db, table)
	if err != nil {
		return err
	}
	var args []any
	where, ok, err := t.where(ctx, db, tw, filters, &args)
	if err != nil || !ok {
		return err
	}
	deletion, micros, key := t.dialect.listed(tw)
	var last *place
	for {
		query := fmt.Sprintf("SELECT t.%s, %s, %s, %s", idColumn, deletion, micros, key)
		if len(tw.columns) > 0 {
			query += ", " + quotedList("t.", tw.columns)
		}
		query += " FROM " + tw.from + " t"
		conds := where
		order, after := t.dialect.newestFirst(last)
		if last != nil {
			conds = append(slices.Clone(where), after)
		}
		if len(conds) > 0 {
			query += " WHERE " + strings.Join(conds, " AND ")
		}
		query += fmt.Sprintf(" ORDER BY %s LIMIT %d", order, page)
		rows, oldest, err := readPage(ctx, db, tw, query, args)
		if err != nil {
			return fmt.Errorf("softdelete: list deleted rows of %s: %w", table, err)
		}
		for _, r := range rows {
			if !yield(r) {
				return nil
			}
		}
		if len(rows) < page {
			return nil
		}
		last = &oldest
	}
}

func readPage(ctx context.Context, db DB, tw twin, query string, args []any) (rows []Row, oldest place, err error) {
	found, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, oldest, err
	}
	defer found.Close()
	for found.Next() {
		var key string
		r := Row{Ref: Ref{Table: tw.table}, columns: tw.columns, values: make([]any, len(tw.columns))}
		into := []any{&oldest.id, &r.Deletion, &oldest.at, &key}
		for i := range r.values {
			into = append(into, &r.values[i])
		}
		if err := found.Scan(into...); err != nil {
			return nil, oldest, err
		}
		if r.Key, err = decodeKey(key); err != nil {
			return nil, oldest, err
		}
		r.DeletedAt = time.UnixMicro(oldest.at).UTC()
		rows = append(rows, r)
	}
	return rows, oldest, found.Err()
}

// roots are the rows that a filter chooses, the newest deletion of each key.
func (t *Twins) roots(ctx context.Context, db DB, table string, filters ...Filter) (twin, places, error) {
	tw, err := t.dialect.describe(ctx, db, table)
	if err != nil {
		return twin{}, places{}, err
	}
	var args []any
	where, ok, err := t.where(ctx, db, tw, filters, &args)
	if err != nil || !ok {
		return tw, places{}, err
	}
	rows, err := db.QueryContext(ctx, t.dialect.roots(tw, where), args...)
	if err != nil {
		return tw, places{}, fmt.Errorf("softdelete: find deleted rows of %s: %w", table, err)
	}
	defer rows.Close()
	var found places
	for rows.Next() {
		var row place
		if err := rows.Scan(&row.id, &row.at); err != nil {
			return tw, places{}, err
		}
		found.add(row)
	}
	slices.Sort(found.ids)
	return tw, found, rows.Err()
}

func (t *Twins) where(ctx context.Context, db DB, tw twin, filters []Filter, args *[]any) (where []string, ok bool, err error) {
	for _, f := range flat(filters) {
		if f.key != nil && len(f.key) != len(tw.key) {
			return nil, false, &KeyError{Table: tw.table, Columns: tw.keyNames(), Parts: len(f.key)}
		}
		conds, ok := t.dialect.conditions(f, tw, args)
		if !ok {
			return nil, false, nil
		}
		where = append(where, conds...)
		if f.with == nil {
			continue
		}
		origin, roots, err := t.roots(ctx, db, f.with.table, f.with.filters...)
		if err != nil {
			return nil, false, err
		}
		tree, err := t.dialect.tree(ctx, db, origin, roots)
		if err != nil {
			return nil, false, fmt.Errorf("softdelete: find what went with %s: %w", f.with.table, err)
		}
		if len(tree[tw.table].ids) == 0 {
			return nil, false, nil
		}
		where = append(where, t.dialect.members(tree[tw.table], args))
	}
	return where, true, nil
}

// decodeKeys reads keys, a line each. Most are one integer, which needs no JSON decoder.
func decodeKeys(text string, yield func(key []any)) error {
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(line, "["), "]"), 10, 64); err == nil {
			yield([]any{n})
			continue
		}
		key, err := decodeKey(line)
		if err != nil {
			return err
		}
		yield(key)
	}
	return nil
}

// decodeKey reads a key that SQL wrote as a JSON array. A part that is no scalar stays JSON text: a jsonb column takes it
// as it is, and a restore that has happened must not fail over the name of a row.
func decodeKey(text string) ([]any, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal([]byte(text), &parts); err != nil {
		return nil, fmt.Errorf("key %s: %w", text, err)
	}
	key := make([]any, len(parts))
	for i, part := range parts {
		d := json.NewDecoder(bytes.NewReader(part))
		d.UseNumber()
		if err := d.Decode(&key[i]); err != nil {
			return nil, fmt.Errorf("key %s: %w", text, err)
		}
		switch p := key[i].(type) {
		case json.Number:
			if n, err := p.Int64(); err == nil {
				key[i] = n
			} else {
				key[i] = p.String()
			}
		case map[string]any: // see sqlite.jsonKey
			b, ok := blob(p)
			key[i] = b
			if !ok {
				key[i] = string(part)
			}
		case []any:
			key[i] = string(part)
		}
	}
	return key, nil
}
