CREATE OR REPLACE FUNCTION deleted.softdelete_part(tab text, name name, typ oid) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- A column as a part of a key in JSON. What JSON would write in a way of its own (arrays, rows, JSON itself) is the type's
-- own text, so that every key can be asked for as it was told. The text means the same under every search_path.
SELECT format(CASE WHEN t.typcategory IN ('A', 'C', 'U') THEN 'pg_catalog.format(''%%s'', %I.%I)' ELSE '%I.%I' END, tab, name)
FROM pg_type t WHERE t.oid = typ
$softdelete$
