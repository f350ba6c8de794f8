CREATE OR REPLACE FUNCTION deleted.softdelete_blocked(idx oid, live oid, work deleted.softdelete_batch[]) RETURNS TABLE (id bigint, row_key text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The deleted rows that an index keeps away: by a row of the table, or by a newer one among themselves.
DECLARE
  clash record := deleted.softdelete_clash(idx, live);
BEGIN
  IF clash.match IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format('WITH away AS MATERIALIZED (SELECT b.softdelete_id FROM (%1$s) b WHERE EXISTS (SELECT FROM (%2$s) l WHERE %3$s) UNION SELECT unnest($3))
      SELECT b.softdelete_id, %4$s FROM (%1$s) b WHERE b.softdelete_id IN (SELECT a.softdelete_id FROM away a) ORDER BY b.softdelete_id',
    clash.deleted_rows, clash.live_rows, clash.match, deleted.softdelete_row_key(live, 'b'))
    USING deleted.softdelete_ids(work, live), deleted.softdelete_ats(work, live), deleted.softdelete_older(idx, live, work);
END
$softdelete$
