package softdelete

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

const pgTimestamp = "timestamp with time zone"

// changes is everything that is missing, in the order in which it can be made.
func (pg postgres) changes(ctx context.Context, db DB, tables []string) ([]change, error) {
	installed := map[string]string{} // functions of schema deleted and their text
	// A function that runs as its owner and that everybody may call counts as another text: it is made again, and closed.
	err := each(ctx, db, `
		SELECT p.proname, CASE WHEN p.prosecdef AND EXISTS (
				SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
			THEN '' ELSE p.prosrc END
		FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'deleted'`,
		nil, func(scan scanner) error {
			var name, body string
			err := scan(&name, &body)
			installed[name] = body
			return err
		})
	if err != nil {
		return nil, err
	}
	all, err := pg.shared(ctx, db, installed)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		live, err := pgRead(ctx, db, "public", table)
		if err != nil {
			return nil, err
		}
		if live == nil {
			return nil, pgMissing(ctx, db, table)
		}
		if err := pgSuitable(table, live); err != nil {
			return nil, err
		}
		if err := pgMoved(ctx, db, table, live); err != nil {
			return nil, err
		}
		tw, err := pgRead(ctx, db, "deleted", twinName(table))
		if err != nil {
			return nil, err
		}
		if tw == nil {
			if err := pgCutOff(ctx, db, table); err != nil {
				return nil, err
			}
		}
		links, err := pgLinks(ctx, db, table)
		if err != nil {
			return nil, err
		}
		p := pgPlan{table: table, live: live, twin: tw, functions: installed, truncates: pg.truncates}
		if err := p.inspect(ctx, db); err != nil {
			return nil, err
		}
		if err := p.make(); err != nil {
			return nil, err
		}
		for _, l := range links {
			child, err := pgRead(ctx, db, "public", l.child)
			if err != nil {
				return nil, err
			}
			p.link(l, child)
			p.refuse(l.child, child)
		}
		p.parted()
		p.rowSecurity()
		if err := p.rights(ctx, db); err != nil {
			return nil, err
		}
		p.refuse(table, live)
		p.refuseTwin()
		p.keep()
		all = append(all, p.changes...)
	}
	return pgStrangers(ctx, db, tables, all)
}

// shared is what all tables need.
func (pg postgres) shared(ctx context.Context, db DB, installed map[string]string) ([]change, error) {
	var schema, batch, times, links bool
	err := db.QueryRowContext(ctx, `
		SELECT to_regnamespace('deleted') IS NOT NULL, to_regtype('deleted.softdelete_batch') IS NOT NULL,
			EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = to_regclass('deleted.softdelete_batch') AND a.attname = 'ats'), to_regclass('deleted.softdelete_links') IS NOT NULL`,
	).Scan(&schema, &batch, &times, &links)
	if err != nil {
		return nil, err
	}
	var all []change
	add := func(ok bool, name string, sql ...string) {
		if !ok {
			all = append(all, change{Drift: Drift{Kind: MissingObject, Name: name}, sql: sql})
		}
	}
	add(schema, "deleted", `CREATE SCHEMA IF NOT EXISTS deleted`)
	add(batch, "softdelete_batch", dollar("DO ", `
BEGIN
  IF to_regtype('deleted.softdelete_batch') IS NULL THEN
    CREATE TYPE deleted.softdelete_batch AS (live oid, depth int, ids bigint[], ats timestamptz[]);
  END IF;
END
`))
	if batch && !times {
		all = append(all, change{Drift: Drift{Kind: Outdated, Name: "softdelete_batch"}, sql: []string{`ALTER TYPE deleted.softdelete_batch ADD ATTRIBUTE ats timestamptz[]`}})
	}
	add(links, "softdelete_links", `CREATE TABLE IF NOT EXISTS deleted.softdelete_links (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, child text NOT NULL, fk text NOT NULL, old jsonb NOT NULL,
		softdelete_tx xid8 NOT NULL DEFAULT pg_current_xact_id(), softdelete_at timestamptz NOT NULL DEFAULT statement_timestamp())`,
		`CREATE INDEX IF NOT EXISTS softdelete_links_deletion ON deleted.softdelete_links (softdelete_tx, softdelete_at)`,
		`COMMENT ON TABLE deleted.softdelete_links IS 'Links that ON DELETE SET NULL cut, so that a restore can set them again'`)

	files, err := fs.Glob(postgresFunctions, "postgres/*.sql")
	if err != nil {
		return nil, err
	}
	var functions, callers []change // SQL functions are checked when made: what they call comes first
	for _, file := range files {
		text, err := postgresFunctions.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := ownPrefix + strings.TrimSuffix(path.Base(file), ".sql")
		_, body, _ := strings.Cut(string(text), "$softdelete$")
		body, _, _ = strings.Cut(body, "$softdelete$")
		if c, missing := pgFunction("", name, body, string(text), installed); missing {
			if name == ownPrefix+"twin" {
				callers = append(callers, c)
			} else {
				functions = append(functions, c)
			}
		}
	}
	drops, grants, err := pgEarlier(ctx, db)
	if err != nil {
		return nil, err
	}
	skipping, err := pgSkipping(ctx, db)
	return slices.Concat(all, drops, functions, callers, grants, skipping), err
}

// earlierFunctions have had other arguments in earlier versions. Functions of one name may stand side by side; who may
// call the earlier may call the one of now.
var earlierFunctions = []string{
	"softdelete_blocked(oid, oid, bigint[])",
	"softdelete_misfits(oid, bigint[], text)",
	"softdelete_purge(text, timestamptz, bigint, int)",
	"softdelete_restore(text, bigint[], boolean, text, text)",
	"softdelete_tree(oid, bigint[])",
	"softdelete_unblock(oid, oid, bigint[], text)",
}

// pgEarlier drops them, and grants the right again once the functions of now are there.
func pgEarlier(ctx context.Context, db DB) (drops, grants []change, err error) {
	for _, f := range earlierFunctions {
		name, _, _ := strings.Cut(f, "(")
		there := false
		c := change{Drift: Drift{Kind: Outdated, Name: f, Detail: "who may call it keeps the right"}}
		err := each(ctx, db, `
			SELECT coalesce(quote_ident(pg_get_userbyid(nullif(a.grantee, 0))), '')
			FROM pg_proc p LEFT JOIN LATERAL aclexplode(p.proacl) a ON a.grantee <> p.proowner
			WHERE p.oid = to_regprocedure($1)`, []any{"deleted." + f}, func(scan scanner) error {
			there = true
			var who string
			if err := scan(&who); err != nil || who == "" {
				return err
			}
			c.sql = append(c.sql, fmt.Sprintf("GRANT EXECUTE ON FUNCTION deleted.%s TO %s", name, who))
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		if there {
			drops = append(drops, change{Drift: c.Drift, sql: []string{"DROP FUNCTION IF EXISTS deleted." + f}})
		}
		if c.sql != nil {
			grants = append(grants, c)
		}
	}
	return drops, grants, nil
}

// pgFunction is the change that makes a function, unless its text is installed. One that runs as its owner is for
// triggers of its owner alone: on a table of their own others could make it run what they like.
func pgFunction(table, name, body, definition string, installed map[string]string) (change, bool) {
	c := change{Drift: Drift{Table: table, Kind: MissingObject, Name: name}, sql: []string{definition}}
	if had, ok := installed[name]; ok {
		if had == body {
			return change{}, false
		}
		c.Kind, c.before = Outdated, name
	} else if table != "" {
		c.undo = []string{fmt.Sprintf("DROP FUNCTION IF EXISTS deleted.%s()", quote(name))}
	}
	if strings.Contains(strings.Replace(definition, body, "", 1), "SECURITY DEFINER") {
		c.sql = append(c.sql, fmt.Sprintf("REVOKE EXECUTE ON FUNCTION deleted.%s FROM PUBLIC", quote(name)))
	}
	return c, true
}

// pgMark is the comment on a trigger by which a later Check knows whether it is what this version makes.
func pgMark(definition string) string {
	sum := sha256.Sum256([]byte(definition))
	return "softdelete " + hex.EncodeToString(sum[:6])
}
