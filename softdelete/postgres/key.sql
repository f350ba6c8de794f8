CREATE OR REPLACE FUNCTION deleted.softdelete_key(live oid, pattern text, separator text) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The columns of the primary key, each put into a pattern for format() with the operator by which the key is unique.
SELECT string_agg(format(pattern, a.attname, format('OPERATOR(%I.%s)', s.nspname, o.oprname)), separator ORDER BY k.n)
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey::smallint[], i.indclass::oid[]) WITH ORDINALITY AS k(attnum, class, n)
JOIN pg_opclass c ON c.oid = k.class
JOIN pg_amop p ON p.amopfamily = c.opcfamily AND p.amoplefttype = c.opcintype AND p.amoprighttype = c.opcintype AND p.amopstrategy = 3
JOIN pg_operator o ON o.oid = p.amopopr
JOIN pg_namespace s ON s.oid = o.oprnamespace
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = live AND i.indisprimary
$softdelete$
