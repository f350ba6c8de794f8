package softdelete

import (
	"errors"
	"fmt"
	"strings"
)

// ErrLocked says that Install, or Restore on SQLite, waited too long for a lock that another session holds. Nothing has
// changed; call it again.
var ErrLocked = errors.New("softdelete: another session holds a lock that is needed; try again, or wait longer (Config.LockTimeout, busy_timeout)")

// A TableError says why a table cannot be made soft-deletable.
type TableError struct {
	Table  string
	Reason string // what is wrong and what would be right
}

func (e *TableError) Error() string { return fmt.Sprintf("softdelete: table %q %s", e.Table, e.Reason) }

// A NotInstalledError says that a table has no twin, or one that lacks columns of ours.
type NotInstalledError struct {
	Table string
	Lacks []string // columns that the twin has lost; nil where there is no twin
}

func (e *NotInstalledError) Error() string {
	if e.Lacks != nil {
		return fmt.Sprintf("softdelete: the twin of table %q lacks %s: run Twins.Install for it, or toolset softdelete sync", e.Table, strings.Join(e.Lacks, ", "))
	}
	return fmt.Sprintf("softdelete: table %q has no twin: run Twins.Install for it, or toolset softdelete sync", e.Table)
}

// A NotFoundError says that nothing deleted matches: it never was, was restored already, or was purged.
type NotFoundError struct {
	Table string
	Key   []any // nil where the rows were not chosen by key
}

func (e *NotFoundError) Error() string {
	if e.Key == nil {
		return fmt.Sprintf("softdelete: no deleted row of %q matches", e.Table)
	}
	return fmt.Sprintf("softdelete: no deleted row of %q with key %s", e.Table, keyText(e.Key))
}

// A KeyError says that a key has not as many parts as the table's primary key.
type KeyError struct {
	Table   string
	Columns []string // of the primary key
	Parts   int      // given
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("softdelete: the key of table %q is (%s), got %d parts", e.Table, strings.Join(e.Columns, ", "), e.Parts)
}

// A ConflictError says that a constraint of the live table refuses a row that was to come back: unique, primary key,
// exclusion, check or NOT NULL; a deleted value would be lost or cut in the type that its column has now (PostgreSQL); or
// a BEFORE INSERT trigger of yours kept the row away.
type ConflictError struct {
	Table      string
	Constraint string // its name; on SQLite the index, or the columns of the key; of a NOT NULL or a type the column; may be empty
	Key        []any  // of the row that was to come back; nil where the database does not tell
	Detail     string // the database's own words; may show values of columns, so mind where it goes

	state string
	cause error
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("softdelete: row %s of %q cannot come back: constraint %q refuses it", keyText(e.Key), e.Table, e.Constraint)
}

// SQLState is the SQLSTATE of the violation, for example "23505" for a unique one.
func (e *ConflictError) SQLState() string { return e.state }

// Unwrap is the driver's error, where there was one.
func (e *ConflictError) Unwrap() error { return e.cause }

// A ParentGoneError says that a row cannot come back because one that it references is not there. Restore that first,
// or restore this row through it.
type ParentGoneError struct {
	Table      string
	Constraint string // the foreign key; on SQLite its columns
	Key        []any  // of the row that was to come back; nil where the database does not tell
	Parent     string // the table of the row that is missing
	ParentKey  []any  // what the row references there; nil where the database does not tell
}

func (e *ParentGoneError) Error() string {
	return fmt.Sprintf("softdelete: row %s of %q cannot come back: its row %s of %q is gone (%s); restore that one",
		keyText(e.Key), e.Table, keyText(e.ParentKey), e.Parent, e.Constraint)
}

// SQLState is "23503", a foreign key violation.
func (e *ParentGoneError) SQLState() string { return "23503" }

// A SettingsError says that a SQLite connection lacks settings without which deletions get lost.
type SettingsError struct{ Off []string }

func (e *SettingsError) Error() string {
	return fmt.Sprintf("softdelete: %s off on this SQLite connection: open the database through softdelete.SQLiteConnector",
		strings.Join(e.Off, " and "))
}

func keyText(key []any) string {
	if key == nil {
		return "(?)"
	}
	parts := make([]string, len(key))
	for i, k := range key {
		if b, ok := k.([]byte); ok {
			parts[i] = fmt.Sprintf("%x", b)
			continue
		}
		parts[i] = fmt.Sprint(k)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
