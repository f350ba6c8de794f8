CREATE OR REPLACE FUNCTION deleted.softdelete_match(fk oid, child text, parent text) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The condition that a foreign key states, between two aliases.
SELECT string_agg(format('%s.%I = %s.%I', child, a.attname, parent, f.attname), ' AND ' ORDER BY k.n)
FROM pg_constraint c
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(a, f, n)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.a
JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.f
WHERE c.oid = fk
$softdelete$
