CREATE OR REPLACE FUNCTION deleted.softdelete_without(work deleted.softdelete_batch[], tab oid, gone bigint[]) RETURNS deleted.softdelete_batch[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Work without some rows of one table.
SELECT array_agg(ROW(b.live, b.depth, CASE WHEN b.live = tab THEN ARRAY(SELECT i FROM unnest(b.ids) i WHERE i <> ALL (gone)) ELSE b.ids END, b.ats)::deleted.softdelete_batch)
FROM unnest(work) b
WHERE b.live <> tab OR NOT b.ids <@ gone
$softdelete$
