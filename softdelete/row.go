package softdelete

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// A Ref names a row by table and primary key. Parts of the key are int64, string, bool or []byte, in the order of the
// key's columns, and fit as arguments of a query and of Key. What is no number, boolean or text is the text that PostgreSQL
// writes and reads: "{1,2}" of an array, "(1,a)" of a row, JSON of jsonb.
type Ref struct {
	Table string
	Key   []any
}

// Restored tells what a Restore brought back.
type Restored struct {
	// Rows are the rows that came back: tables that are referenced before those that reference them.
	Rows []Ref
	// Relinked are rows that were there all the time, or came back as well, and reference a restored row again.
	Relinked []Ref
	// Overwritten are live rows that were deleted because they were in the way; see Overwrite. Their cascades are not
	// listed here; List finds them.
	Overwritten []Ref
	// Skipped are rows that stay deleted; see Skip.
	Skipped []Skipped
}

// A Skipped row stays deleted because the live table refuses it.
type Skipped struct {
	Ref
	Err error // *ConflictError or *ParentGoneError
}

// Keys are the keys of the rows of one table that came back, in order.
func (r Restored) Keys(table string) [][]any {
	var keys [][]any
	for _, row := range r.Rows {
		if row.Table == table {
			keys = append(keys, row.Key)
		}
	}
	return keys
}

// A Row is a deleted row as List finds it.
type Row struct {
	Ref
	Deletion  Deletion
	DeletedAt time.Time // of the statement, by the clock of the database, in UTC

	columns []string
	values  []any
}

// Columns are the names of the row's columns, in the order of the twin.
func (r Row) Columns() []string { return slices.Clone(r.columns) }

// Value is what the driver gave for the column; ok is false where the twin has no such column.
func (r Row) Value(column string) (value any, ok bool) {
	i := slices.Index(r.columns, column)
	if i < 0 {
		return nil, false
	}
	return r.values[i], true
}

// Scan copies columns into variables, converted as sql.Rows.Scan converts. All errors are reported at once.
//
//	err := row.Scan(softdelete.Column("id", &p.ID), softdelete.Column("email", &p.Email))
func (r Row) Scan(columns ...ColumnScan) error {
	var errs []error
	for _, c := range columns {
		value, ok := r.Value(c.name)
		if !ok {
			errs = append(errs, fmt.Errorf("softdelete: the twin of %s has no column %q; it has %q", r.Table, c.name, r.columns))
			continue
		}
		if err := c.set(value); err != nil {
			errs = append(errs, fmt.Errorf("softdelete: column %q of %s: %w", c.name, r.Table, err))
		}
	}
	return errors.Join(errs...)
}

// A ColumnScan is one column for Row.Scan; make it with Column.
type ColumnScan struct {
	name string
	set  func(any) error
}

// Column says where Row.Scan puts a column. NULL needs a pointer, an interface or a sql.Scanner such as sql.Null.
func Column[T any](name string, into *T) ColumnScan {
	return ColumnScan{name: name, set: func(value any) error {
		if value == nil && !takesNull(into) {
			return fmt.Errorf("it is NULL, which %T cannot hold; use sql.Null[%[1]T] or a pointer", *into)
		}
		if s, ok := any(into).(sql.Scanner); ok {
			return s.Scan(value)
		}
		var n sql.Null[T] // reaches the conversions of database/sql
		if err := n.Scan(value); err != nil {
			return err
		}
		*into = n.V
		return nil
	}}
}

func takesNull[T any](into *T) bool {
	if _, ok := any(into).(sql.Scanner); ok {
		return true
	}
	switch reflect.TypeFor[T]().Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice:
		return true
	}
	return false
}
