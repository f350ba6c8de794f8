CREATE OR REPLACE FUNCTION deleted.softdelete_row_key(live oid, tab text) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The primary key of a row of a table or its twin, in a query where it is called tab, as a JSON array in text.
SELECT 'pg_catalog.jsonb_build_array(' || string_agg(deleted.softdelete_part(tab, a.attname, a.atttypid), ', ' ORDER BY k.n) || ')::text'
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k(attnum, n)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = live AND i.indisprimary AND k.n <= i.indnkeyatts
$softdelete$
