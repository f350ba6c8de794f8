CREATE OR REPLACE FUNCTION deleted.softdelete_twin(live oid) RETURNS regclass
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The twin of a table; NULL where it has none.
SELECT t.oid::regclass
FROM pg_class l
JOIN pg_class t ON t.relname = deleted.softdelete_name('deleted_' || l.relname)
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'deleted'
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'softdelete_id'
WHERE l.oid = deleted.softdelete_root(live) AND l.relnamespace = 'public'::regnamespace
$softdelete$
