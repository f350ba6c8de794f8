CREATE OR REPLACE FUNCTION deleted.softdelete_root(tab oid) RETURNS oid
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The table that a table is a partition of, at any depth, or the table itself: that one has the twin.
SELECT coalesce(pg_partition_root(tab)::oid, tab)
$softdelete$
