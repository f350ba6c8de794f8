CREATE OR REPLACE FUNCTION deleted.softdelete_key(live oid, pattern text, separator text) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The columns of the primary key, each put into a pattern for format().
SELECT string_agg(format(pattern, a.attname), separator ORDER BY k.n)
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(attnum, n)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = live AND i.indisprimary
$softdelete$
