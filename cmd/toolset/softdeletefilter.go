package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// filterFlags choose deleted rows, for list and restore.
type filterFlags struct {
	key      keyFlag
	deletion string
	since    string
	before   string
	wentWith string

	all []softdelete.Filter // after parse
}

func declareFilters(fs *flag.FlagSet) *filterFlags {
	f := &filterFlags{}
	fs.Var(&f.key, "key", "only the row with this key, as list shows it; of several columns: a JSON array, or -key for each column in the order of the key")
	fs.StringVar(&f.deletion, "deletion", "", "only rows that went in this deletion, as list names it")
	fs.StringVar(&f.deletion, "transaction", "", "the same")
	fs.StringVar(&f.since, "since", "", "only rows deleted then or later: 2026-01-31, 2026-01-31T12:00:00Z, or 24h or 7d ago")
	fs.StringVar(&f.before, "before", "", "only rows deleted before")
	fs.StringVar(&f.wentWith, "went-with", "", "only rows that went together with that one: TABLE=KEY")
	return f
}

// Deletions, as list names them.
var (
	deletionOnPostgres = regexp.MustCompile(`^[0-9]{1,20}@-?[0-9]{1,18}$`)
	deletionOnSQLite   = regexp.MustCompile(`^[0-9]{1,18}$`)
)

func (f *filterFlags) parse(now time.Time, sqlite bool) error {
	if f.key.parts != nil {
		f.all = append(f.all, softdelete.Key(f.key.parts...))
	}
	if f.deletion != "" {
		form, example := deletionOnPostgres, "81273@1764000000000000"
		if sqlite {
			form, example = deletionOnSQLite, "17"
		}
		if !form.MatchString(f.deletion) {
			return fmt.Errorf("-deletion: %q names none: want what list shows as \"deletion\", such as %s", f.deletion, example)
		}
		f.all = append(f.all, softdelete.InDeletion(softdelete.Deletion(f.deletion)))
	}
	since, before := now, now
	for _, bound := range []struct {
		flag, text string
		into       *time.Time
		filter     func(time.Time) softdelete.Filter
	}{{"-since", f.since, &since, softdelete.Since}, {"-before", f.before, &before, softdelete.Before}} {
		if bound.text == "" {
			continue
		}
		t, err := pointInTime(bound.text, now)
		if err != nil {
			return fmt.Errorf("%s: %w", bound.flag, err)
		}
		*bound.into = t
		f.all = append(f.all, bound.filter(t))
	}
	switch {
	case since.After(now):
		return fmt.Errorf("-since: %s has not come yet: nothing was deleted since", since.Format(time.RFC3339))
	case f.since != "" && f.before != "" && !since.Before(before):
		return fmt.Errorf("-since %s is not before -before %s: nothing was deleted between", f.since, f.before)
	}
	if f.wentWith != "" {
		table, text, ok := strings.Cut(f.wentWith, "=")
		var key keyFlag
		if !ok || table == "" || key.Set(text) != nil {
			return errors.New("-went-with takes TABLE=KEY, such as departments=7")
		}
		f.all = append(f.all, softdelete.WentWith(table, softdelete.Key(key.parts...)))
	}
	return nil
}

// A keyFlag is a primary key: a value for each column, or one JSON array.
type keyFlag struct{ parts []any }

func (k *keyFlag) String() string { return "" }

func (k *keyFlag) Set(text string) error {
	if !strings.HasPrefix(text, "[") {
		k.parts = append(k.parts, text)
		return nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var parts []any
	if err := d.Decode(&parts); err != nil || d.More() || len(parts) == 0 {
		return errors.New(`a key of several columns is a JSON array, such as ["a", 1]; a part that begins with [ stands in one, such as ["[1,5)"]`)
	}
	for i, part := range parts {
		if n, ok := part.(json.Number); ok {
			parts[i] = n.String()
			if whole, err := n.Int64(); err == nil {
				parts[i] = whole
			}
		}
	}
	k.parts = append(k.parts, parts...)
	return nil
}

// pointInTime reads a time, a date (UTC), or how long ago.
func pointInTime(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("%q is no point in time: want 2026-01-31, 2026-01-31T12:00:00Z, or 24h or 7d for so long ago", text)
}
