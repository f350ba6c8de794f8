package softdelete

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"
)

// pgCutOff looks for a twin whose long name PostgreSQL has cut off, as it did to the Python toolset: beside it ours
// would be a second one.
func pgCutOff(ctx context.Context, db DB, table string) error {
	whole := "deleted_" + table
	if len(whole) <= maxName {
		return nil
	}
	cut := whole[:maxName]
	for !utf8.ValidString(cut) {
		cut = cut[:len(cut)-1]
	}
	old, err := pgRead(ctx, db, "deleted", cut)
	if err != nil || old == nil {
		return err
	}
	return &TableError{table, fmt.Sprintf("has a twin whose name was cut off: run ALTER TABLE deleted.%s RENAME TO %s", quote(cut), quote(twinName(table)))}
}

// pgMissing says where a table is that is not in schema public, or how it is spelled there.
func pgMissing(ctx context.Context, db DB, table string) error {
	reason := "does not exist in schema public (give its bare name, spelled as in the database)"
	bare := table[strings.LastIndexByte(table, '.')+1:]
	err := each(ctx, db, `
		SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'f') AND lower(c.relname) IN (lower($1), lower($2)) AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'deleted')
		ORDER BY n.nspname <> 'public', n.nspname, c.relname LIMIT 1`, []any{table, bare}, func(scan scanner) error {
		var schema, name string
		err := scan(&schema, &name)
		if schema == "public" {
			reason += fmt.Sprintf("; there is a table %q", name)
		} else {
			reason += fmt.Sprintf("; it is in schema %[1]q, and twins are for tables of schema public: run ALTER TABLE %[2]s.%[3]s SET SCHEMA public", schema, quote(schema), quote(name))
		}
		return err
	})
	if err != nil {
		return err
	}
	return &TableError{table, reason}
}

// pgMoved finds what a renaming of a table has left behind: its triggers still fill the twin of the former name, beside a
// twin of the new one or for a table that has got the former name since.
func pgMoved(ctx context.Context, db DB, table string, live *pgTable) error {
	own := fitName(table + "_soft_delete")
	return each(ctx, db, `
		SELECT c.relname, t.tgname, t.tgrelid = $1::bigint::oid, coalesce(substring(f.prosrc FROM 'INSERT INTO (deleted[.]"(?:[^"]|"")+")'), 'a twin of another name')
		FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
		WHERE f.pronamespace = to_regnamespace('deleted') AND f.proname = t.tgname AND f.prosrc LIKE '%deleted.softdelete_capture(%' AND t.tgparentid = 0
			AND (t.tgrelid = $1::bigint::oid) <> (f.proname = $2)`, []any{live.oid, own}, func(scan scanner) error {
		var on, trigger, twin string
		var here bool
		if err := scan(&on, &trigger, &here, &twin); err != nil {
			return err
		}
		if !here && trigger != own {
			return nil
		}
		if here {
			was := "had another name"
			if former, whole := strings.CutSuffix(trigger, "_soft_delete"); whole { // a long name ends with a hash
				was = "was " + former
			}
			return &TableError{table, fmt.Sprintf("%s when soft delete was installed, and its deleted rows go to %s: rename it back; or, to keep the new name, DROP TRIGGER %s ON public.%s, install, and move the rows of that twin by name",
				was, twin, quote(trigger), quote(table))}
		}
		return &TableError{table, fmt.Sprintf("has a twin that is filled by table %s, which had this name before: install that one under its new name first, see there", on)}
	})
}
