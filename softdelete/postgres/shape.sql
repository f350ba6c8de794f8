CREATE OR REPLACE FUNCTION deleted.softdelete_shape(live oid) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Columns and types as one text: a capture function compares it with what it was made for.
SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
FROM pg_attribute a
WHERE a.attrelid = live AND a.attnum > 0 AND NOT a.attisdropped
$softdelete$
