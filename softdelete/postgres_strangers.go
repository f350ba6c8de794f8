package softdelete

import (
	"context"
	"fmt"
)

// pgStrangers adds who could put functions into schema deleted, beside the owners of the tables and superusers: one that
// fits a call of ours better than our own would run with the rights of ours. Install refuses a schema of such a role. It adds
// who may use our triggers, too, for example by default privileges; PUBLIC Install shuts out itself.
func pgStrangers(ctx context.Context, db DB, tables []string, all []change) ([]change, error) {
	err := each(ctx, db, `
		WITH schema AS (SELECT n.oid, n.nspowner, n.nspacl FROM pg_namespace n WHERE n.nspname = 'deleted'),
		owner AS (SELECT c.relowner FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1::text::name[])),
		trusted AS (SELECT relowner AS id FROM owner UNION SELECT r.oid FROM pg_roles r WHERE r.rolsuper),
		whose AS (SELECT quote_ident(pg_get_userbyid(min(relowner))) AS name FROM owner)
		SELECT quote_ident(pg_get_userbyid(s.nspowner)), format('owns schema deleted, whose functions run with the rights of who owns the tables: ALTER SCHEMA deleted OWNER TO %s', w.name), true
		FROM schema s, whose w WHERE s.nspowner NOT IN (SELECT id FROM trusted)
		UNION ALL
		SELECT x.who, format('may make functions in schema deleted, where some run with the rights of who owns the tables: REVOKE CREATE ON SCHEMA deleted FROM %s', x.who), false
		FROM schema s CROSS JOIN aclexplode(s.nspacl) a CROSS JOIN LATERAL (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS who) x
		WHERE a.privilege_type = 'CREATE' AND a.grantee <> s.nspowner AND a.grantee NOT IN (SELECT id FROM trusted)
		UNION ALL
		SELECT quote_ident(pg_get_userbyid(p.proowner)), 'made functions in schema deleted that could run with the rights of who owns the tables; drop them and install again: DROP FUNCTION ' || string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid), false
		FROM schema s JOIN pg_proc p ON p.pronamespace = s.oid AND p.proname LIKE 'softdelete\_%' AND p.prorettype <> 'trigger'::regtype
		WHERE p.proowner NOT IN (SELECT id FROM trusted) GROUP BY p.proowner
		UNION ALL
		SELECT x.who, format('may put a trigger of ours on a table of its own and forge deleted rows: REVOKE EXECUTE ON FUNCTION %s FROM %s', string_agg(p.oid::regprocedure::text, ', ' ORDER BY p.oid), x.who), false
		FROM schema s JOIN pg_proc p ON p.pronamespace = s.oid AND p.prosecdef AND p.prorettype = 'trigger'::regtype CROSS JOIN aclexplode(p.proacl) a
		CROSS JOIN LATERAL (SELECT quote_ident(pg_get_userbyid(a.grantee)) AS who) x
		WHERE a.grantee NOT IN (0, p.proowner) AND a.grantee NOT IN (SELECT id FROM trusted) GROUP BY x.who
		ORDER BY 1, 2`, []any{pgNameArray(tables)}, func(scan scanner) error {
		c := change{Drift: Drift{Kind: Rights}}
		var refused bool
		if err := scan(&c.Name, &c.Detail, &refused); err != nil {
			return err
		}
		for i := range all {
			if refused && all[i].refused == nil {
				all[i].refused = &TableError{tables[0], fmt.Sprintf("cannot have its twin in schema deleted yet: role %s %s", c.Name, c.Detail)}
			}
		}
		all = append(all, c)
		return nil
	})
	return all, err
}
