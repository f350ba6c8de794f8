CREATE OR REPLACE FUNCTION deleted.softdelete_only(live oid) RETURNS text
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- A table in a query, without those that inherit from it: keys are of one table. A partitioned one has no rows but theirs.
SELECT format(CASE c.relkind WHEN 'p' THEN '%s' ELSE 'ONLY %s' END, c.oid::regclass) FROM pg_class c WHERE c.oid = live
$softdelete$
