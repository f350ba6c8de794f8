// Package softdelete_test runs softdelete on real databases: one body for PostgreSQL and SQLite.
package softdelete_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"modernc.org/sqlite"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// base is one database for one test.
type base struct {
	testing.TB
	*sql.DB
	twins    *softdelete.Twins
	postgres bool
}

// both runs a test body on PostgreSQL and on SQLite.
func both(t *testing.T, body func(t *testing.T, db *base)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		body(t, onPostgres(t))
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		body(t, onSQLite(t))
	})
}

func onPostgres(t testing.TB) *base {
	t.Helper()
	db := testenv.PostgresDB(t)
	db.SetMaxOpenConns(8)
	return &base{TB: t, DB: db, twins: softdelete.Postgres(softdelete.Config{}), postgres: true}
}

func onSQLite(t testing.TB) *base {
	t.Helper()
	connector, err := sqlite.NewConnector("file:" + filepath.Join(t.TempDir(), "test.db") + "?_pragma=busy_timeout(20000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(softdelete.SQLiteConnector(connector))
	t.Cleanup(func() { _ = db.Close() })
	return &base{TB: t, DB: db, twins: softdelete.SQLite(softdelete.Config{})}
}

// do runs statements; in the text, $n is a placeholder, {ts} the type of a point in time, {bytes} that of bytes, and
// {twin:t} the twin of t.
func (b *base) do(statement string, args ...any) {
	b.Helper()
	if err := b.try(statement, args...); err != nil {
		b.Fatalf("%s: %v", statement, err)
	}
}

func (b *base) try(statement string, args ...any) error {
	_, err := b.ExecContext(b.ctx(), b.sql(statement), args...)
	return err
}

func (b *base) ctx() context.Context { return b.Context() }

var twinPattern = regexp.MustCompile(`\{twin:([^}]+)\}`)

func (b *base) sql(text string) string {
	if b.postgres {
		text = strings.NewReplacer("{ts}", "timestamptz", "{bytes}", "bytea", "{blob}", `'\x`).Replace(text)
		return twinPattern.ReplaceAllString(text, `deleted."deleted_$1"`)
	}
	text = strings.NewReplacer("{ts}", "TIMESTAMP", "{bytes}", "BLOB", "{blob}", `x'`).Replace(text)
	return twinPattern.ReplaceAllString(text, `"deleted_$1"`)
}

func (b *base) install(tables ...string) {
	b.Helper()
	if err := b.twins.Install(b.ctx(), b.DB, tables...); err != nil {
		b.Fatalf("install: %v", err)
	}
	b.clean(tables...)
}

// clean fails the test when Check finds anything.
func (b *base) clean(tables ...string) {
	b.Helper()
	drift, err := b.twins.Check(b.ctx(), b.DB, tables...)
	if err != nil {
		b.Fatalf("check: %v", err)
	}
	for _, d := range drift {
		b.Errorf("drift: %v", d)
	}
}

// rows are the rows of a query, one text each, for example "1 Ann <nil>".
func (b *base) rows(query string, args ...any) []string {
	b.Helper()
	found, err := b.QueryContext(b.ctx(), b.sql(query), args...)
	if err != nil {
		b.Fatalf("%s: %v", query, err)
	}
	defer found.Close()
	cols, err := found.Columns()
	if err != nil {
		b.Fatal(err)
	}
	all := []string{}
	for found.Next() {
		values, into := make([]any, len(cols)), make([]any, len(cols))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			b.Fatal(err)
		}
		all = append(all, text(values))
	}
	if err := found.Err(); err != nil {
		b.Fatalf("%s: %v", query, err)
	}
	return all
}

func text(values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case []byte:
			parts[i] = fmt.Sprintf("%x", v)
		case time.Time:
			parts[i] = "time"
		default:
			parts[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(parts, " ")
}

// want compares a query's rows.
func (b *base) want(query string, rows ...string) {
	b.Helper()
	got := b.rows(query)
	if len(got) != len(rows) || len(rows) > 0 && !reflect.DeepEqual(got, rows) {
		b.Errorf("%s\n got %q\nwant %q", query, got, rows)
	}
}

func (b *base) restore(table string, which softdelete.Filter, opts ...softdelete.RestoreOption) string {
	b.Helper()
	back, err := b.twins.Restore(b.ctx(), b.DB, table, which, opts...)
	if err != nil {
		b.Fatalf("restore %s: %v", table, err)
	}
	return refs(back)
}

// refs is what came back as one text: "departments(1) people(1) people(2) | notes(1)".
func refs(back softdelete.Restored) string {
	var parts []string
	for _, r := range back.Rows {
		parts = append(parts, ref(r))
	}
	if back.Relinked != nil {
		parts = append(parts, "|")
	}
	for _, r := range back.Relinked {
		parts = append(parts, ref(r))
	}
	return strings.Join(parts, " ")
}

func ref(r softdelete.Ref) string {
	parts := make([]string, len(r.Key))
	for i, k := range r.Key {
		if b, ok := k.([]byte); ok {
			parts[i] = fmt.Sprintf("%x", b)
		} else {
			parts[i] = fmt.Sprint(k)
		}
	}
	return r.Table + "(" + strings.Join(parts, ",") + ")"
}

func (b *base) equal(got, want any) {
	b.Helper()
	if !reflect.DeepEqual(got, want) {
		b.Errorf("got  %v\nwant %v", got, want)
	}
}
