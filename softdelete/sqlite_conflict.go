package softdelete

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// conflict finds out why the table refused a row: not from the error's text but by asking the database. What is no
// conflict comes back as it is.
func (m *sqliteMove) conflict(ctx context.Context, t *sqliteTable, cause error) error {
	uniques, unclear, err := m.uniques(ctx, t)
	if err != nil {
		return cause
	}
	for _, u := range uniques {
		conds := make([]string, len(u.columns))
		for i, c := range u.columns {
			conds[i] = fmt.Sprintf("l.%s COLLATE %s = b.%[1]s", quote(c), quote(u.collations[i]))
		}
		query := fmt.Sprintf("SELECT %s FROM %s b WHERE b.%s IN (SELECT value FROM json_each(?1)) AND EXISTS (SELECT 1 FROM %s l WHERE %s) LIMIT 1",
			sqliteKey("b.", t.key), quote(m.schema.twin(t).name), idColumn, quote(t.name), strings.Join(conds, " AND "))
		var key string
		if err := m.db.QueryRowContext(ctx, query, sqliteIDs(m.ids[t.name])).Scan(&key); err != nil {
			if err == sql.ErrNoRows {
				continue
			}
			return cause
		}
		decoded, err := decodeKey(key)
		if err != nil {
			return cause
		}
		return &ConflictError{Table: t.name, Constraint: u.name, Key: decoded, Detail: cause.Error(), state: "23505", cause: cause}
	}
	state, ok := map[int]string{2067: "23505", 1555: "23505", 2579: "23505", 1299: "23502", 275: "23514"}[sqliteCode(cause)]
	if !ok {
		return cause
	}
	c := &ConflictError{Table: t.name, Detail: cause.Error(), state: state, cause: cause}
	if state == "23505" && len(unclear) == 1 {
		c.Constraint = unclear[0]
	}
	return c
}

type sqliteUnique struct {
	name       string
	columns    []string
	collations []string
}

// uniques are the unique keys of a table; unclear are the names of those over expressions or parts of the rows.
func (m *sqliteMove) uniques(ctx context.Context, t *sqliteTable) (uniques []sqliteUnique, unclear []string, err error) {
	// a primary key may have no index of its own
	pk := sqliteUnique{name: strings.Join(t.key, ", "), columns: t.key}
	for range t.key {
		pk.collations = append(pk.collations, "BINARY")
	}
	uniques = append(uniques, pk)
	fresh := true
	err = each(ctx, m.db, `
		SELECT l.name, l.origin = 'c', l.partial, coalesce(x.name, ''), x.coll, x.seqno
		FROM pragma_index_list(?1) l, pragma_index_xinfo(l.name) x
		WHERE l."unique" AND x.key ORDER BY l.seq, x.seqno`, []any{t.name}, func(scan scanner) error {
		var name, column, collation string
		var named, partial bool
		var place int
		if err := scan(&name, &named, &partial, &column, &collation, &place); err != nil {
			return err
		}
		if place == 0 {
			uniques = append(uniques, sqliteUnique{})
			fresh = true
		}
		u := &uniques[len(uniques)-1]
		if partial || column == "" {
			if fresh {
				unclear = append(unclear, name)
			}
			fresh = false
		}
		u.columns = append(u.columns, column)
		u.collations = append(u.collations, collation)
		u.name = strings.Join(u.columns, ", ")
		if named {
			u.name = name
		}
		if !fresh {
			u.name = ""
		}
		return nil
	})
	uniques = slices.DeleteFunc(uniques, func(u sqliteUnique) bool { return u.name == "" })
	return uniques, unclear, err
}

// sqliteValue is a part of a key as an argument; ok is false for NULL.
func sqliteValue(part any) (value any, ok bool) {
	value, err := driver.DefaultParameterConverter.ConvertValue(part)
	if err == nil {
		return value, value != nil
	}
	r := reflect.ValueOf(part) // a UUID type without a Value method is stored as its bytes
	if r.Kind() == reflect.Array && r.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, r.Len())
		reflect.Copy(reflect.ValueOf(b), r)
		return b, true
	}
	return nil, false
}
