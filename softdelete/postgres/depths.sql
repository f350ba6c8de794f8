CREATE OR REPLACE FUNCTION deleted.softdelete_depths(work deleted.softdelete_batch[], live oid) RETURNS int[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- How far from the chosen rows each row of one table is, in the order of softdelete_ids.
SELECT ARRAY(SELECT b.depth FROM unnest(work) b CROSS JOIN LATERAL unnest(b.ids) WHERE b.live = softdelete_depths.live)
$softdelete$
