CREATE OR REPLACE FUNCTION deleted.softdelete_blocked(idx oid, live oid, work deleted.softdelete_batch[]) RETURNS TABLE (id bigint, row_key text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The deleted rows that an index keeps away: by a row of the table, or by a newer one among themselves.
DECLARE
  clash record := deleted.softdelete_clash(idx, live);
BEGIN
  IF clash.match IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE format('SELECT b.softdelete_id, jsonb_build_array(%s)::text FROM (%s) b
      WHERE EXISTS (SELECT FROM (%s) l WHERE %s) OR EXISTS (SELECT FROM (%2$s) l WHERE (l.softdelete_at, l.softdelete_id) > (b.softdelete_at, b.softdelete_id) AND %4$s) ORDER BY b.softdelete_id',
    deleted.softdelete_key(live, 'b.%I', ', '), clash.deleted_rows, clash.live_rows, clash.match) USING deleted.softdelete_ids(work, live), deleted.softdelete_ats(work, live);
END
$softdelete$
