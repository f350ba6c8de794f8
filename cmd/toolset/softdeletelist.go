package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// listFlags: deleted rows, newest deletion first.
func listFlags(fs *flag.FlagSet) softDeleteAction {
	filters := declareFilters(fs)
	limit := fs.Int("limit", 0, "at most so many rows; 0 for all")
	return softDeleteAction{
		prepare: func(c *softDeleteCommand) error {
			if *limit < 0 {
				return errors.New("-limit takes a positive number")
			}
			return filters.parse(time.Now(), c.sqlite)
		},
		run: func(ctx context.Context, c *softDeleteCommand) error {
			table := c.tables[0]
			tell := func(int) {}
			if isTerminal(c.stderr) && !isTerminal(c.stdout) { // rows go elsewhere: the bar does not disturb them
				total, err := c.twins.Count(ctx, c.db, table, filters.all...)
				if err != nil {
					return err
				}
				if *limit > 0 {
					total = min(total, int64(*limit))
				}
				r := newReport(c.stderr, int(total))
				tell = r.at
				defer func() { r.bar(); fmt.Fprintln(c.stderr) }()
			}
			out, n := newEncoder(c.stdout), 0
			for row, err := range c.twins.List(ctx, c.db, table, filters.all...) {
				if err != nil {
					return err
				}
				if err := out.Encode(listedRow(row)); err != nil {
					return err
				}
				n++
				tell(n)
				if n == *limit {
					break
				}
			}
			if n == 0 && len(filters.all) > 0 {
				fmt.Fprintf(c.stderr, "no deleted row of %q matches\n", table)
			}
			return nil
		},
	}
}

// A listed row is one line of JSON.
type listed struct {
	Table     string              `json:"table"`
	Key       []any               `json:"key"`
	Deletion  softdelete.Deletion `json:"deletion,omitempty"`
	DeletedAt time.Time           `json:"deleted_at"`
	Row       fields              `json:"row"`
}

func listedRow(r softdelete.Row) listed {
	l := listed{Table: r.Table, Key: plainKey(r.Key), Deletion: r.Deletion, DeletedAt: r.DeletedAt}
	for _, column := range r.Columns() {
		value, _ := r.Value(column)
		l.Row = append(l.Row, field{column, plainValue(value)})
	}
	return l
}

// fields are a JSON object in the order of the columns.
type fields []field

type field struct {
	name  string
	value any
}

func (f fields) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	out := newEncoder(&b)
	for i, pair := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := out.Encode(pair.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := out.Encode(pair.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

func plainKey(key []any) []any {
	plain := make([]any, len(key))
	for i, part := range key {
		plain[i] = plainValue(part)
	}
	return plain
}
