package softdelete

import (
	"slices"
	"time"
)

// A Filter chooses deleted rows. Make one with Key, InDeletion, WentWith, Since, Before or All; the zero value chooses every
// row, which List accepts and Restore refuses. A Filter is a value and may be used any number of times.
type Filter struct {
	key      []any
	deletion Deletion
	since    time.Time
	before   time.Time
	with     *origin
	all      []Filter
}

type origin struct {
	table   string
	filters []Filter
}

// Key chooses the row with this primary key, one part for each column in the order of the key. A part is what the
// driver takes for the column; integers and UUIDs may also be text, as they come from a path.
func Key(parts ...any) Filter {
	if len(parts) == 0 {
		parts = []any{nil} // matches nothing; an empty key must not mean every row
	}
	return Filter{key: slices.Clone(parts)}
}

// InDeletion chooses the rows that went in one deletion, as Row.Deletion names it.
func InDeletion(d Deletion) Filter {
	if d == "" {
		d = "none"
	}
	return Filter{deletion: d}
}

// WentWith chooses the rows that went together with the chosen rows of another table, or of the same one: all that
// restoring those would bring back. Asked inside the transaction of a DELETE it tells what the cascade took.
func WentWith(table string, which ...Filter) Filter {
	return Filter{with: &origin{table: table, filters: slices.Clone(which)}}
}

// All chooses the rows that every one of the filters chooses; without filters it is the zero value.
func All(filters ...Filter) Filter {
	f := Filter{all: slices.Clone(filters)}
	for _, part := range filters {
		if f.key == nil && part.key != nil {
			f.key = part.key // told by NotFoundError
		}
	}
	return f
}

// Since chooses rows deleted at t or later, by the clock of the database.
func Since(t time.Time) Filter { return Filter{since: t} }

// Before chooses rows deleted before t, by the clock of the database.
func Before(t time.Time) Filter { return Filter{before: t} }

func (f Filter) empty() bool {
	return f.key == nil && f.deletion == "" && f.since.IsZero() && f.before.IsZero() && f.with == nil &&
		!slices.ContainsFunc(f.all, func(part Filter) bool { return !part.empty() })
}

// flat are the filters with those inside All taken out of it.
func flat(filters []Filter) []Filter {
	var all []Filter
	for _, f := range filters {
		if f.all != nil {
			all = append(all, flat(f.all)...)
		} else {
			all = append(all, f)
		}
	}
	return all
}

// A Deletion names what one DELETE statement removed, cascades included. It is comparable and may be stored; its text
// means something to the database it came from only.
//
// On PostgreSQL a deletion is one statement as the server received it: several DELETEs inside one DO block, function
// call or multi-statement string are one; of a row that went in it more than once the newest comes back. On SQLite each
// row that a DELETE names is a deletion of its own, with all that its cascade took.
type Deletion string
