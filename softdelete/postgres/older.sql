CREATE OR REPLACE FUNCTION deleted.softdelete_older(idx oid, live oid, work deleted.softdelete_batch[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET jit = off AS $softdelete$
-- The deleted rows that an index keeps away by a newer one among themselves. The twin has no such index: only a hash join takes
-- many rows. jit is off as in softdelete_tree.
DECLARE
  clash record := deleted.softdelete_clash(idx, live);
  ids bigint[];
BEGIN
  EXECUTE format('SELECT array_agg(b.softdelete_id) FROM (%1$s) b WHERE EXISTS (SELECT FROM (%1$s) l WHERE (l.softdelete_at, l.softdelete_id) > (b.softdelete_at, b.softdelete_id) AND %2$s)',
    clash.deleted_rows, clash.match) INTO ids USING deleted.softdelete_ids(work, live), deleted.softdelete_ats(work, live);
  RETURN ids;
END
$softdelete$
