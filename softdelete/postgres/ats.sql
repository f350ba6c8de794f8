CREATE OR REPLACE FUNCTION deleted.softdelete_ats(work deleted.softdelete_batch[], live oid) RETURNS timestamptz[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- When the rows of one table among work were deleted. An id is found by its time: the index of a twin begins with that.
SELECT ARRAY(SELECT DISTINCT unnest(b.ats) FROM unnest(work) b WHERE b.live = softdelete_ats.live)
$softdelete$
