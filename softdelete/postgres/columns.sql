CREATE OR REPLACE FUNCTION deleted.softdelete_columns(live oid, twin oid, OUT names text, OUT exprs text)
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- How a row of the twin, alias b, becomes a row of the table: by name, generated columns left out.
SELECT
  string_agg(quote_ident(l.attname), ', ' ORDER BY l.attnum),
  string_agg(CASE
    WHEN l.attname = 'deleted_at' THEN 'NULL'
    WHEN t.atttypid = l.atttypid AND t.atttypmod = l.atttypmod THEN 'b.' || quote_ident(l.attname)
    ELSE format('CASE WHEN b.softdelete_extra ? %L THEN (jsonb_populate_record(NULL::%s, b.softdelete_extra)).%I ELSE %s END',
      l.attname, live::regclass, l.attname,
      CASE WHEN t.attname IS NOT NULL
        THEN format('CAST(b.%I::text AS %s)', l.attname, format_type(l.atttypid, l.atttypmod))
        ELSE coalesce(pg_get_expr(d.adbin, d.adrelid), 'NULL') END)
    END, ', ' ORDER BY l.attnum)
FROM pg_attribute l
LEFT JOIN pg_attribute t ON t.attrelid = twin AND t.attname = l.attname AND t.attnum > 0 AND NOT t.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = l.attrelid AND d.adnum = l.attnum
WHERE l.attrelid = live AND l.attnum > 0 AND NOT l.attisdropped AND l.attgenerated = ''
$softdelete$
