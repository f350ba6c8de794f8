package softdelete

import (
	"context"
	"fmt"
)

// pgRights finds who has too few rights on a twin or too many: who restores needs SELECT, UPDATE of deleted_at and DELETE there,
// SELECT and DELETE on softdelete_links and USAGE on the schema, and nobody needs more.
const pgRights = `
	WITH twin AS (SELECT c.oid, c.relowner, c.relacl FROM pg_class c WHERE c.oid = $1::bigint::oid),
	granted AS (
		SELECT a.grantee AS who, array_agg(a.privilege_type) AS has FROM twin t CROSS JOIN LATERAL (
			SELECT r.grantee, r.privilege_type FROM aclexplode(t.relacl) r
			UNION ALL
			SELECT r.grantee, r.privilege_type FROM pg_attribute c CROSS JOIN aclexplode(c.attacl) r
			WHERE c.attrelid = t.oid AND c.attname = 'deleted_at' AND r.privilege_type = 'UPDATE') a
		WHERE a.grantee <> t.relowner GROUP BY a.grantee)
	SELECT CASE who WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(who)) END,
		array_to_string(ARRAY(SELECT p FROM unnest(has) p WHERE p IN ('INSERT', 'TRUNCATE', 'REFERENCES', 'TRIGGER')
			OR p = 'DELETE' AND NOT 'UPDATE' = ANY (has) OR p IN ('UPDATE', 'DELETE') AND who = 0 ORDER BY 1), ', '),
		array_to_string(ARRAY(SELECT p FROM (VALUES ('SELECT'), ('DELETE')) v(p), twin t
			WHERE who <> 0 AND 'UPDATE' = ANY (has) AND NOT has_table_privilege(who, t.oid, p)), ', '),
		who <> 0 AND 'UPDATE' = ANY (has) AND NOT has_schema_privilege(who, 'deleted', 'USAGE'),
		array_to_string(ARRAY(SELECT p FROM (VALUES ('SELECT'), ('DELETE')) v(p)
			WHERE who <> 0 AND 'UPDATE' = ANY (has) AND NOT has_table_privilege(who, to_regclass('deleted.softdelete_links'), p)), ', ')
	FROM granted ORDER BY 1`

// rights tells of rights that Install leaves to those who give them.
func (p *pgPlan) rights(ctx context.Context, db DB) error {
	if p.fresh || p.adopted {
		return nil
	}
	err := each(ctx, db, pgRights, []any{p.twin.oid}, func(scan scanner) error {
		var who, excess, lacking, links string
		var schema bool
		if err := scan(&who, &excess, &lacking, &schema, &links); err != nil {
			return err
		}
		if excess != "" {
			p.add(Rights, who, fmt.Sprintf("may do more on the twin than a restore needs: REVOKE %s ON %s FROM %s", excess, p.twinName(), who))
		}
		if lacking != "" {
			p.add(Rights, who, fmt.Sprintf("may restore in part only: GRANT %s ON %s TO %s", lacking, p.twinName(), who))
		}
		if schema {
			p.add(Rights, who, fmt.Sprintf("may not restore: GRANT USAGE ON SCHEMA deleted TO %s", who))
		}
		if links != "" {
			p.add(Rights, who, fmt.Sprintf("may not restore: GRANT %s ON deleted.softdelete_links TO %s", links, who))
		}
		return nil
	})
	if err != nil {
		return err
	}
	// deletes run what captures as its owner
	return each(ctx, db, `
		SELECT f.oid::regprocedure::text, quote_ident(pg_get_userbyid(f.proowner)), quote_ident(pg_get_userbyid(l.relowner)),
			NOT has_table_privilege(f.proowner, t.oid, 'INSERT') OR NOT has_schema_privilege(f.proowner, 'deleted', 'USAGE')
		FROM pg_proc f, pg_class l, pg_class t
		WHERE f.pronamespace = to_regnamespace('deleted') AND f.proname = $1 AND l.oid = $2::bigint::oid AND t.oid = $3::bigint::oid AND f.proowner <> l.relowner`,
		[]any{fitName(p.table + "_soft_delete"), p.live.oid, p.twin.oid}, func(scan scanner) error {
			var function, owner, live string
			var fails bool
			if err := scan(&function, &owner, &live, &fails); err != nil {
				return err
			}
			what := "deletes fail once the table changes"
			if fails {
				what = "deletes fail"
			}
			p.add(Rights, function, fmt.Sprintf("it runs as %s, but the table belongs to %s, so that %s: ALTER FUNCTION %s OWNER TO %[2]s, and so all of schema deleted", owner, live, what, function))
			return nil
		})
}

// rowSecurity compares the row security of table and twin. Install switches it on, which shows the twin's rows to
// nobody but its owner until policies are made there: which rows somebody may see and restore is not ours to guess.
func (p *pgPlan) rowSecurity() {
	secure := p.live.rowSecurity
	for _, part := range p.live.parts {
		secure = secure || part.rowSecurity
	}
	alter := "ALTER TABLE " + p.twinName()
	if secure && !p.twin.rowSecurity {
		p.add(RowSecurity, twinName(p.table), "the table has row security and the twin has not: who may read the twin sees the deleted rows of all. "+
			"Install switches it on; then CREATE POLICY ... ON "+p.twinName()+" for those who list and restore", alter+" ENABLE ROW LEVEL SECURITY")
		if !p.fresh {
			p.undo(alter + " DISABLE ROW LEVEL SECURITY")
			p.lock(p.twinName(), lockAll)
		}
	}
	if p.live.forced && !p.twin.forced {
		p.add(RowSecurity, twinName(p.table), fmt.Sprintf("the table forces row security on its owner and the twin does not. On %s make policies for role %s, one of them FOR INSERT WITH CHECK (true), or deletes fail; then %s FORCE ROW LEVEL SECURITY",
			p.twinName(), quote(p.live.owner), alter))
	}
	if p.twin.forced && !p.twin.insertable {
		p.add(RowSecurity, twinName(p.table), fmt.Sprintf("deletes fail: it forces row security on its owner and has no policy that lets him insert. CREATE POLICY softdelete_capture ON %s FOR INSERT TO %s WITH CHECK (true)", p.twinName(), quote(p.twin.owner)))
	}
}

// pgSkipping finds whose deletes no trigger sees, and who may purge but not get at the function.
func pgSkipping(ctx context.Context, db DB) ([]change, error) {
	var all []change
	err := each(ctx, db, `
		SELECT coalesce(quote_ident(pg_get_userbyid(nullif(s.setrole, 0))), 'every role'), 'session_replication_role = replica is set for it: no trigger runs, and what it deletes is lost'
		FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c(setting)
		WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())) AND c.setting = 'session_replication_role=replica'
		UNION ALL
		SELECT quote_ident(pg_get_userbyid(a.grantee)), format('may not purge: GRANT USAGE ON SCHEMA deleted TO %I', pg_get_userbyid(a.grantee))
		FROM pg_proc p CROSS JOIN aclexplode(p.proacl) a
		WHERE p.pronamespace = to_regnamespace('deleted') AND p.proname = 'softdelete_purge' AND a.grantee NOT IN (0, p.proowner) AND NOT has_schema_privilege(a.grantee, 'deleted', 'USAGE')
		ORDER BY 1, 2`, nil, func(scan scanner) error {
		c := change{Drift: Drift{Kind: Rights}}
		err := scan(&c.Name, &c.Detail)
		all = append(all, c)
		return err
	})
	return all, err
}
