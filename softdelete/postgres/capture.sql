CREATE OR REPLACE FUNCTION deleted.softdelete_capture(live oid, twin oid, source text) RETURNS text
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The statement that captures rows of a table that has changed since Install: what the twin cannot take as it is goes
-- into softdelete_extra.
DECLARE
  statement text;
BEGIN
  PERFORM deleted.softdelete_owned(live);
  WITH same AS (
    SELECT l.attname::text AS name, l.attnum
    FROM pg_attribute l
    JOIN pg_attribute t ON t.attrelid = twin AND t.attname = l.attname AND t.attnum > 0 AND NOT t.attisdropped
      AND t.atttypid = l.atttypid AND t.atttypmod = l.atttypmod
    WHERE l.attrelid = live AND l.attnum > 0 AND NOT l.attisdropped AND l.attname <> 'deleted_at'
  )
  SELECT format('INSERT INTO %s (%sdeleted_at, softdelete_extra) SELECT %snow(), %s FROM %s o',
    twin::regclass,
    coalesce(string_agg(quote_ident(name) || ', ', '' ORDER BY attnum), ''),
    coalesce(string_agg('o.' || quote_ident(name) || ', ', '' ORDER BY attnum), ''),
    -- format() takes a type's own text: a conversion that somebody made does not run here
    (SELECT coalesce(string_agg(format('jsonb_build_object(%1$L, jsonb_build_object(''type'', %2$L, ''text'', CASE num_nulls(o.%1$I) WHEN 0 THEN format(''%%s'', o.%1$I) END))',
        a.attname, format_type(a.atttypid, a.atttypmod)), ' || '), 'NULL')
      FROM pg_attribute a
      WHERE a.attrelid = live AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'deleted_at' AND a.attname NOT IN (SELECT s.name FROM same s)),
    source)
  INTO statement FROM same;
  RETURN statement;
END
$softdelete$
