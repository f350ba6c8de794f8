CREATE OR REPLACE FUNCTION deleted.softdelete_ids(work deleted.softdelete_batch[], live oid) RETURNS bigint[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The rows of one table among work.
SELECT ARRAY(SELECT unnest(b.ids) FROM unnest(work) b WHERE b.live = softdelete_ids.live)
$softdelete$
