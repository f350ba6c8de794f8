package softdelete

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Queries of this file run under the search_path of the caller, where somebody may have made operators and functions:
// whatever could be found there is qualified.

func (pg postgres) conditions(f Filter, tw twin, args *[]any) ([]string, bool) {
	arg := func(v any) string {
		*args = append(*args, v)
		return "$" + strconv.Itoa(len(*args))
	}
	var where []string
	for i, part := range f.key {
		c := tw.key[i]
		text, ok := pgText(part, c.typ)
		if !ok {
			return nil, false
		}
		where = append(where, fmt.Sprintf("t.%s %s %s::pg_catalog.text::%s", quote(c.name), c.equals, arg(text), c.typ))
	}
	if f.deletion != "" {
		tx, at, ok := strings.Cut(string(f.deletion), "@")
		if !ok || !integer(tx, 64) || !integer(at, 64) {
			return nil, false
		}
		where = append(where, fmt.Sprintf("t.%s %s %s::pg_catalog.text::pg_catalog.xid8 AND t.%s %s %s", txColumn, pgOp("="), arg(tx), timeColumn, pgOp("="), pgTime(arg(at))))
	}
	if !f.since.IsZero() {
		where = append(where, fmt.Sprintf("t.%s %s %s", timeColumn, pgOp(">="), pgTime(arg(micros(f.since)))))
	}
	if !f.before.IsZero() {
		where = append(where, fmt.Sprintf("t.%s %s %s", timeColumn, pgOp("<"), pgTime(arg(micros(f.before)))))
	}
	return where, true
}

func pgOp(name string) string { return "OPERATOR(pg_catalog." + name + ")" }

// Times travel as microseconds in text: no driver, session or time zone changes them.
func micros(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

func pgTime(arg string) string {
	return fmt.Sprintf("(TIMESTAMP WITH TIME ZONE 'epoch' %s (%s::pg_catalog.text::bigint %s INTERVAL '1 microsecond'))", pgOp("+"), arg, pgOp("*"))
}

// pgMicros is a time as microseconds since 1970, and pgTimes an array of times from such.
func pgMicros(time string) string {
	return "(EXTRACT(epoch FROM " + time + ") " + pgOp("*") + " 1000000)::bigint"
}

func pgTimes(arg string) string {
	return "ARRAY(SELECT " + pgTime("m") + " FROM pg_catalog.unnest(" + arg + "::pg_catalog.text::bigint[]) m)"
}

func (pg postgres) listed(tw twin) (deletion, micros, key string) {
	micros = pgMicros("t." + timeColumn)
	deletion = fmt.Sprintf("CASE WHEN t.%s IS NULL THEN '' ELSE pg_catalog.concat(t.%[1]s, '@', %s) END", txColumn, micros)
	parts := quoted("t.", tw.keyNames())
	for i, c := range tw.key {
		if c.own {
			parts[i] = "pg_catalog.format('%s', " + parts[i] + ")"
		}
	}
	return deletion, micros, "pg_catalog.jsonb_build_array(" + strings.Join(parts, ", ") + ")::pg_catalog.text"
}

func (pg postgres) newestFirst(after *place) (order, cond string) {
	if after != nil {
		cond = fmt.Sprintf("(t.%s, t.%s) %s (%s, %d)", timeColumn, idColumn, pgOp("<"), pgTime(literal(strconv.FormatInt(after.at, 10))), after.id)
	}
	return fmt.Sprintf("t.%s DESC, t.%s DESC", timeColumn, idColumn), cond
}

func (pg postgres) roots(tw twin, where []string) string {
	key := quotedList("t.", tw.keyNames())
	query := fmt.Sprintf("SELECT DISTINCT ON (%s) t.%s, %s FROM %s t", key, idColumn, pgMicros("t."+timeColumn), tw.from)
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	order, _ := pg.newestFirst(nil)
	return query + " ORDER BY " + key + ", " + order
}

func (pg postgres) members(rows places, args *[]any) string {
	*args = append(*args, pgArray(rows.ids), pgArray(rows.times))
	n := len(*args)
	return fmt.Sprintf("t.%s %s ANY (%s) AND t.%s %[2]s ANY ($%[5]d::pg_catalog.text::bigint[])", timeColumn, pgOp("="), pgTimes("$"+strconv.Itoa(n)), idColumn, n-1)
}

func pgArray(ids []int64) string {
	b := []byte{'{'}
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(append(b, '}'))
}

// appendArray reads what pgArray writes.
func appendArray(ids []int64, text string) ([]int64, error) {
	for part := range strings.SplitSeq(strings.Trim(text, "{}"), ",") {
		if part == "" {
			continue
		}
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (pg postgres) tree(ctx context.Context, db DB, root twin, roots places) (map[string]places, error) {
	tree := map[string]places{}
	err := each(ctx, db, `
		SELECT c.relname, w.ids::pg_catalog.text, ARRAY(SELECT `+pgMicros("a")+` FROM pg_catalog.unnest(w.ats) a)::pg_catalog.text
		FROM pg_catalog.unnest(deleted.softdelete_tree(pg_catalog.to_regclass(pg_catalog.format('public.%I', $1::pg_catalog.text)), $2::pg_catalog.text::bigint[], `+pgTimes("$3")+`)) w
		JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) w.live`, []any{root.table, pgArray(roots.ids), pgArray(roots.times)}, func(scan scanner) error {
		var table, ids, times string
		if err := scan(&table, &ids, &times); err != nil {
			return err
		}
		rows := tree[table]
		var err error
		if rows.ids, err = appendArray(rows.ids, ids); err != nil {
			return err
		}
		rows.times, err = appendArray(rows.times, times)
		tree[table] = rows
		return err
	})
	return tree, err
}

func (pg postgres) restore(ctx context.Context, db DB, root twin, roots places, how restoring) (Restored, error) {
	var back Restored
	var refused error
	err := each(ctx, db, `
		SELECT outcome, coalesce(tab, ''), row_key, coalesce(con, ''), coalesce(parent, ''), parent_key, coalesce(state, ''), coalesce(detail, '')
		FROM deleted.softdelete_restore($1, $2::pg_catalog.text::bigint[], `+pgTimes("$5")+`, $3, $4, pg_catalog.current_setting('search_path'))`,
		[]any{root.table, pgArray(roots.ids), !how.rowOnly, how.conflict.String(), pgArray(roots.times)}, func(scan scanner) error {
			var outcome, table, constraint, parent, state, detail string
			var keyText, parentText sql.NullString
			if err := scan(&outcome, &table, &keyText, &constraint, &parent, &parentText, &state, &detail); err != nil {
				return err
			}
			if outcome == "moved" {
				return decodeKeys(keyText.String, func(key []any) { back.Rows = append(back.Rows, Ref{table, key}) })
			}
			key, err := nullKey(keyText)
			if err != nil {
				return err
			}
			parentKey, err := nullKey(parentText)
			if err != nil {
				return err
			}
			conflict := &ConflictError{Table: table, Constraint: constraint, Key: key, Detail: detail, state: state}
			gone := &ParentGoneError{Table: table, Constraint: constraint, Key: key, Parent: parent, ParentKey: parentKey}
			switch outcome {
			case "linked":
				back.Relinked = append(back.Relinked, Ref{table, key})
			case "overwritten":
				back.Overwritten = append(back.Overwritten, Ref{table, key})
			case "skipped":
				back.Skipped = append(back.Skipped, Skipped{Ref{table, key}, conflict})
			case "skipped parent":
				back.Skipped = append(back.Skipped, Skipped{Ref{table, key}, gone})
			case "lost":
				refused = errLost
			case "conflict":
				refused = conflict
			case "parent":
				refused = gone
			}
			return nil
		})
	if err != nil {
		return Restored{}, fmt.Errorf("softdelete: restore of %s: %w", root.table, err)
	}
	if refused != nil {
		return Restored{}, refused
	}
	return back, nil
}

func nullKey(text sql.NullString) ([]any, error) {
	if !text.Valid {
		return nil, nil
	}
	return decodeKey(text.String)
}

// pgText is a part of a key as text for its column. It is not ok where no row can have it: PostgreSQL would end the
// transaction over "abc" in an integer column.
func pgText(part any, typ string) (text string, ok bool) {
	text, ok = textOf(part)
	if !ok || strings.ContainsRune(text, 0) {
		return "", false
	}
	switch typ {
	case "pg_catalog.int2":
		return text, integer(text, 16)
	case "pg_catalog.int4":
		return text, integer(text, 32)
	case "pg_catalog.int8":
		return text, integer(text, 64)
	case "pg_catalog.uuid":
		plain := strings.ReplaceAll(text, "-", "")
		_, err := hex.DecodeString(plain)
		return plain, err == nil && len(plain) == 32
	}
	return text, true
}

func integer(text string, bits int) bool {
	_, err := strconv.ParseInt(text, 10, bits)
	return err == nil
}
