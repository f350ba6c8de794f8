package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// An outcome prints what happened, or would, to rows: for people on a terminal, else a line of JSON each.
type outcome struct {
	*softDeleteCommand

	dryRun   bool
	terminal bool
}

// manyRows are more than a terminal is good for; their number has to do.
const manyRows = 100

func (o outcome) restored(back softdelete.Restored) error {
	var rows []softdelete.Ref
	many := o.terminal && len(back.Rows) > manyRows
	if !many {
		rows = back.Rows
	}
	for _, kind := range []struct {
		name string
		refs []softdelete.Ref
	}{{"restored", rows}, {"relinked", back.Relinked}, {"overwritten", back.Overwritten}} {
		for _, r := range kind.refs {
			if err := o.row(kind.name, r, nil); err != nil {
				return err
			}
		}
	}
	for _, s := range back.Skipped {
		if err := o.row("skipped", s.Ref, s.Err); err != nil {
			return err
		}
	}
	if o.terminal {
		would := ""
		if o.dryRun {
			would = "would be "
		}
		fmt.Fprintf(o.stdout, "%srestored: %s; relinked %d, overwritten %d, skipped %d\n", would, perTable(back.Rows), len(back.Relinked), len(back.Overwritten), len(back.Skipped))
		return nil
	}
	key := "restored"
	if o.dryRun {
		key = "would_restore"
	}
	return o.line(map[string]any{key: len(back.Rows), "relinked": len(back.Relinked), "overwritten": len(back.Overwritten), "skipped": len(back.Skipped)})
}

func perTable(rows []softdelete.Ref) string {
	counts := map[string]int{}
	var order []string
	for _, r := range rows {
		if counts[r.Table] == 0 {
			order = append(order, r.Table)
		}
		counts[r.Table]++
	}
	var parts []string
	for _, table := range order {
		parts = append(parts, fmt.Sprintf("%d of %s", counts[table], table))
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func (o outcome) row(what string, r softdelete.Ref, why error) error {
	if o.dryRun {
		what = "would be " + what
	}
	var text strings.Builder
	if err := newEncoder(&text).Encode(plainKey(r.Key)); err != nil {
		return err
	}
	key := json.RawMessage(strings.TrimSpace(text.String()))
	if o.terminal {
		text := what + " " + r.Table + " " + string(key)
		if why != nil {
			text += ": " + why.Error()
		}
		_, err := fmt.Fprintln(o.stdout, text)
		return err
	}
	line := struct {
		Outcome string          `json:"outcome"`
		Table   string          `json:"table"`
		Key     json.RawMessage `json:"key"`
		Error   string          `json:"error,omitempty"`
	}{Outcome: what, Table: r.Table, Key: key}
	if why != nil {
		line.Error = why.Error()
	}
	return o.line(line)
}

func (o outcome) line(value any) error { return newEncoder(o.stdout).Encode(value) }
