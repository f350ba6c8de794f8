CREATE OR REPLACE FUNCTION deleted.softdelete_without(work deleted.softdelete_batch[], tab oid, gone bigint[]) RETURNS deleted.softdelete_batch[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Work without some rows of one table.
SELECT array_agg(ROW(b.live, b.depth, rest.ids, b.ats)::deleted.softdelete_batch)
FROM unnest(work) b
CROSS JOIN LATERAL (SELECT CASE WHEN b.live = tab THEN ARRAY(SELECT unnest(b.ids) EXCEPT SELECT unnest(gone)) ELSE b.ids END AS ids) rest
WHERE cardinality(rest.ids) > 0
$softdelete$
