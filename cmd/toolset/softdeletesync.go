package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// syncFlags: print, apply or write down what is missing.
func syncFlags(fs *flag.FlagSet) softDeleteAction {
	apply := fs.Bool("apply", false, "do it, in one transaction")
	out := fs.String("out", "", "write a migration into this directory")
	format := fs.String("format", "", "of the migration: goose, golang-migrate or atlas")
	name := fs.String("name", "softdelete", "of the migration, behind its version")
	return softDeleteAction{
		prepare: func(*softDeleteCommand) error {
			switch {
			case *apply && *out != "":
				return errors.New("-apply and -out exclude each other: either it is done now, or by the migration")
			case *out == "" && *format != "":
				return errors.New("-format belongs to -out DIRECTORY")
			case *out != "" && !slices.Contains(migrationFormats, *format):
				return fmt.Errorf("-out wants -format: %s", strings.Join(migrationFormats, ", "))
			case *name == "" || strings.ContainsFunc(*name, func(r rune) bool {
				return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
			}):
				return errors.New("-name takes letters, digits, - and _")
			}
			return nil
		},
		run: func(ctx context.Context, c *softDeleteCommand) error {
			plan, err := c.twins.Plan(ctx, c.db, c.tables...)
			if err != nil {
				return err
			}
			if plan.Empty() {
				fmt.Fprintln(c.stderr, "nothing is missing")
				return nil
			}
			switch s := newScript(c.tables, plan, c.sqlite); {
			case *apply:
				if err := c.twins.Install(ctx, c.db, c.tables...); err != nil {
					return err
				}
				for _, d := range plan.Drifts {
					fmt.Fprintln(c.stdout, "mended", d)
				}
				return nil
			case *out != "":
				return c.write(migration{dir: *out, format: *format, name: *name, now: time.Now()}, s)
			default:
				_, err := io.WriteString(c.stdout, s.transaction())
				return err
			}
		},
	}
}

func (c *softDeleteCommand) write(m migration, s script) error {
	files, fresh, err := m.write(s)
	if err != nil {
		return err
	}
	if !fresh {
		fmt.Fprintf(c.stderr, "%s has it all and waits to be run\n", files[0])
		return nil
	}
	for _, file := range files {
		fmt.Fprintln(c.stdout, file)
	}
	return nil
}

// kinds are what -allow takes.
var kinds = []softdelete.Kind{
	softdelete.MissingTwin, softdelete.MissingColumn, softdelete.RetypedColumn, softdelete.RenamedColumn, softdelete.ExtraColumn,
	softdelete.ReorderedColumns, softdelete.MissingTrigger, softdelete.DisabledTrigger, softdelete.Outdated, softdelete.MissingObject,
	softdelete.AdoptableTwin, softdelete.ConstrainedTwin, softdelete.ForeignTrigger, softdelete.Rights, softdelete.RowSecurity,
}

// checkFlags: list every drift.
func checkFlags(fs *flag.FlagSet) softDeleteAction {
	asJSON := fs.Bool("json", false, "one JSON object a line")
	allow := fs.String("allow", "", "kinds of drift that do not count, separated by commas, such as \"extra column,reordered columns\"")
	var allowed []softdelete.Kind
	return softDeleteAction{
		prepare: func(*softDeleteCommand) error {
			for _, text := range strings.FieldsFunc(*allow, func(r rune) bool { return r == ',' }) {
				kind := softdelete.Kind(strings.TrimSpace(text))
				if !slices.Contains(kinds, kind) {
					return fmt.Errorf("-allow does not know %q; kinds are %q", kind, kinds)
				}
				allowed = append(allowed, kind)
			}
			return nil
		},
		run: func(ctx context.Context, c *softDeleteCommand) error {
			drift, err := c.twins.Check(ctx, c.db, c.tables...)
			if err != nil {
				return err
			}
			count := 0
			out := newEncoder(c.stdout)
			for _, d := range drift {
				ok := slices.Contains(allowed, d.Kind)
				if !ok {
					count++
				}
				if !*asJSON {
					fmt.Fprintln(c.stdout, d)
					continue
				}
				err := out.Encode(struct {
					Table   string          `json:"table,omitempty"`
					Kind    softdelete.Kind `json:"kind"`
					Name    string          `json:"name,omitempty"`
					Detail  string          `json:"detail,omitempty"`
					Allowed bool            `json:"allowed"`
				}{d.Table, d.Kind, d.Name, d.Detail, ok})
				if err != nil {
					return err
				}
			}
			if count > 0 {
				return fmt.Errorf("%d differences; \"toolset softdelete sync -tables %s\" shows what mends them", count, strings.Join(c.tables, ","))
			}
			return nil
		},
	}
}
