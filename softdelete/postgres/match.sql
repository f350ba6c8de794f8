CREATE OR REPLACE FUNCTION deleted.softdelete_match(fk oid, child text, parent text) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The condition that a foreign key states, between two aliases, with the operators that it uses itself: what = means
-- would depend on the search_path.
SELECT string_agg(format('%s.%I OPERATOR(%I.%s) %s.%I', parent, f.attname, s.nspname, o.oprname, child, a.attname), ' AND ' ORDER BY k.n)
FROM pg_constraint c
CROSS JOIN LATERAL unnest(c.conkey, c.confkey, c.conpfeqop) WITH ORDINALITY AS k(a, f, op, n)
JOIN pg_operator o ON o.oid = k.op
JOIN pg_namespace s ON s.oid = o.oprnamespace
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.a
JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.f
WHERE c.oid = fk
$softdelete$
