CREATE OR REPLACE FUNCTION deleted.softdelete_capture(live oid, twin oid) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The statement that captures old_rows of a table that has changed since Install: what the twin cannot take as it is
-- goes into softdelete_extra.
WITH same AS (
  SELECT l.attname::text AS name, l.attnum
  FROM pg_attribute l
  JOIN pg_attribute t ON t.attrelid = twin AND t.attname = l.attname AND t.attnum > 0 AND NOT t.attisdropped
    AND t.atttypid = l.atttypid AND t.atttypmod = l.atttypmod
  WHERE l.attrelid = live AND l.attnum > 0 AND NOT l.attisdropped AND l.attname <> 'deleted_at'
)
SELECT format('INSERT INTO %s (%s, deleted_at, softdelete_extra) SELECT %s, now(), nullif(to_jsonb(o.*) - %L::text[], ''{}'') FROM old_rows o',
  twin::regclass,
  string_agg(quote_ident(name), ', ' ORDER BY attnum),
  string_agg('o.' || quote_ident(name), ', ' ORDER BY attnum),
  array_agg(name) || 'deleted_at'::text)
FROM same
$softdelete$
