CREATE OR REPLACE FUNCTION deleted.softdelete_columns(live oid, twin oid, OUT names text, OUT exprs text)
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- How a row of the twin, alias b, becomes a row of the table: by name, generated columns left out. What is kept in
-- softdelete_extra goes before the column of the twin. The text means the same under every search_path.
SELECT
  string_agg(quote_ident(l.attname), ', ' ORDER BY l.attnum),
  string_agg(CASE
    WHEN l.attname = 'deleted_at' THEN 'NULL'
    ELSE format('CASE WHEN b.softdelete_extra IS NULL OR NOT b.softdelete_extra OPERATOR(pg_catalog.?) %1$L::text THEN %4$s '
        'ELSE CAST(deleted.softdelete_value(b.softdelete_extra OPERATOR(pg_catalog.->) %1$L::text OPERATOR(pg_catalog.->>) ''text''::text, b.softdelete_extra OPERATOR(pg_catalog.->) %1$L::text OPERATOR(pg_catalog.->>) ''type''::text, %2$L, %3$L::oid, %1$L) AS %2$s) END',
      l.attname, format_type(l.atttypid, l.atttypmod), live,
      CASE
        WHEN t.atttypid = l.atttypid AND t.atttypmod = l.atttypmod THEN 'b.' || quote_ident(l.attname)
        WHEN t.attname IS NOT NULL THEN format('CAST(deleted.softdelete_value(b.%1$I::text, %2$L, %3$L, %4$L::oid, %1$L) AS %3$s)',
          l.attname, format_type(t.atttypid, t.atttypmod), format_type(l.atttypid, l.atttypmod), live)
        ELSE coalesce(pg_get_expr(d.adbin, d.adrelid), 'NULL') END)
    END, ', ' ORDER BY l.attnum)
FROM pg_attribute l
LEFT JOIN pg_attribute t ON t.attrelid = twin AND t.attname = l.attname AND t.attnum > 0 AND NOT t.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = l.attrelid AND d.adnum = l.attnum
WHERE l.attrelid = live AND l.attnum > 0 AND NOT l.attisdropped AND l.attgenerated = ''
$softdelete$
