package softdelete

import (
	"context"
	"database/sql"
	"errors"
	"slices"
)

// pgTable is a table, or a twin, as it is in the database.
type pgTable struct {
	oid      int64
	kind     string // of pg_class
	owner    string
	foreign  bool   // another role than the session's owns it
	inherits bool   // has children by inheritance, or is one; partitions are not meant
	root     string // of which it is a partition; empty where it is none
	parts    []pgPart

	rowSecurity bool
	forced      bool // on the owner too
	insertable  bool // the owner may insert, by a policy or without one
	columns     []pgColumn
	key         []string
	triggers    map[string]pgTrigger
	indexes     map[string]bool
}

type pgColumn struct {
	name      string
	typ       string // qualified, with modifiers
	base      string // qualified, without modifiers
	mod       int    // the modifier, as in pg_attribute
	collation string // qualified and quoted; empty for the type's own
	fill      string // expression that fills rows older than the column; empty for none
	notNull   bool
	bare      string // the type beneath a domain that is NOT NULL; empty for another type
	moment    bool   // of a date or time type, or a domain of one
	computed  string // ALTER COLUMN ... DROP of what gives the column its values: EXPRESSION or IDENTITY; empty for none
}

type pgTrigger struct {
	enabled bool
	mark    string // the comment that we put on ours
	def     string // as the server writes it
}

// pgLink is a foreign key ON DELETE SET NULL that references a table.
type pgLink struct {
	child   string
	name    string
	columns []string
	keep    []string // those and the primary key of the child
}

func (t *pgTable) column(name string) (pgColumn, bool) {
	i := slices.IndexFunc(t.columns, func(c pgColumn) bool { return c.name == name })
	if i < 0 {
		return pgColumn{}, false
	}
	return t.columns[i], true
}

// pgRead reads a table; nil where there is none.
func pgRead(ctx context.Context, db DB, schema, name string) (*pgTable, error) {
	t := &pgTable{triggers: map[string]pgTrigger{}, indexes: map[string]bool{}}
	err := db.QueryRowContext(ctx, `
		SELECT c.oid::bigint, c.relkind::text, pg_get_userbyid(c.relowner), pg_get_userbyid(c.relowner) <> current_user, c.relkind = 'r' AND NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid)),
			CASE WHEN c.relispartition THEN pg_partition_root(c.oid)::regclass::text ELSE '' END,
			c.relrowsecurity, c.relrowsecurity AND c.relforcerowsecurity,
			(SELECT r.rolsuper OR r.rolbypassrls FROM pg_roles r WHERE r.oid = c.relowner)
				OR EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = c.oid AND y.polpermissive AND y.polcmd IN ('a', '*')
					AND EXISTS (SELECT FROM unnest(y.polroles) r(id) WHERE r.id = 0 OR pg_has_role(c.relowner, r.id, 'USAGE')))
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relname = $2`, schema, name).Scan(&t.oid, &t.kind, &t.owner, &t.foreign, &t.inherits, &t.root, &t.rowSecurity, &t.forced, &t.insertable)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, `
		SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid::regtype::text, a.atttypmod,
			CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) ELSE '' END,
			CASE WHEN a.attgenerated = '' AND a.attidentity = '' THEN coalesce(pg_get_expr(d.adbin, d.adrelid), '') ELSE '' END,
			a.attnotnull, t.typcategory = 'D', CASE WHEN t.typtype = 'd' AND t.typnotnull THEN format_type(t.typbasetype, t.typtypmod) ELSE '' END, CASE WHEN a.attgenerated <> '' THEN 'EXPRESSION' WHEN a.attidentity <> '' THEN 'IDENTITY' ELSE '' END
		FROM pg_attribute a
		JOIN pg_type t ON t.oid = a.atttypid
		LEFT JOIN pg_collation co ON co.oid = a.attcollation
		LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
		LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY a.attnum`, []any{t.oid}, func(scan scanner) error {
		var c pgColumn
		err := scan(&c.name, &c.typ, &c.base, &c.mod, &c.collation, &c.fill, &c.notNull, &c.moment, &c.bare, &c.computed)
		t.columns = append(t.columns, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, `
		SELECT a.attname
		FROM pg_index i
		CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(attnum, n)
		JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
		WHERE i.indrelid = $1::bigint::oid AND i.indisprimary AND k.n <= i.indnkeyatts
		ORDER BY k.n`, []any{t.oid}, func(scan scanner) error {
		var name string
		err := scan(&name)
		t.key = append(t.key, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, `
		SELECT tgname, tgenabled IN ('O', 'A'), coalesce(obj_description(oid, 'pg_trigger'), ''), pg_get_triggerdef(oid)
		FROM pg_trigger WHERE tgrelid = $1::bigint::oid AND NOT tgisinternal`, []any{t.oid}, func(scan scanner) error {
		var name string
		var tr pgTrigger
		err := scan(&name, &tr.enabled, &tr.mark, &tr.def)
		t.triggers[name] = tr
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, `
		SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indrelid = $1::bigint::oid AND i.indisvalid`, []any{t.oid}, func(scan scanner) error {
		var name string
		err := scan(&name)
		t.indexes[name] = true
		return err
	})
	if err == nil && t.kind == "p" {
		t.parts, err = pgPartitions(ctx, db, t.oid)
	}
	return t, err
}

// pgLinks reads the foreign keys ON DELETE SET NULL that reference a table. A child without a primary key has no row
// that could be found again, and one outside of schema public is not ours.
func pgLinks(ctx context.Context, db DB, table string) ([]pgLink, error) {
	var links []pgLink
	err := each(ctx, db, `
		SELECT child.relname, c.conname, fk.attname, p.indexrelid IS NOT NULL AND fk.attnum = ANY(p.indkey::smallint[]), fk.attnum = ANY(c.conkey)
		FROM pg_constraint c
		JOIN pg_class child ON child.oid = c.conrelid AND child.relkind IN ('r', 'p') AND child.relnamespace = 'public'::regnamespace
		JOIN pg_class parent ON parent.oid = coalesce(pg_partition_root(c.confrelid), c.confrelid) AND parent.relnamespace = 'public'::regnamespace
		JOIN pg_index p ON p.indrelid = c.conrelid AND p.indisprimary
		JOIN pg_attribute fk ON fk.attrelid = c.conrelid AND (fk.attnum = ANY(c.conkey) OR fk.attnum = ANY(p.indkey::smallint[]))
		WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confdeltype = 'n' AND parent.relname = $1
		ORDER BY child.relname, c.conname, fk.attnum`, []any{table}, func(scan scanner) error {
		var child, name, col string
		var inKey, inLink bool
		if err := scan(&child, &name, &col, &inKey, &inLink); err != nil {
			return err
		}
		if n := len(links); n == 0 || links[n-1].child != child || links[n-1].name != name {
			links = append(links, pgLink{child: child, name: name})
		}
		l := &links[len(links)-1]
		l.keep = append(l.keep, col)
		if inLink {
			l.columns = append(l.columns, col)
		}
		return nil
	})
	return links, err
}
