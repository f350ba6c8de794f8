CREATE OR REPLACE FUNCTION deleted.softdelete_blocked(idx oid, live oid, work deleted.softdelete_batch[]) RETURNS TABLE (id bigint, row_key text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = on SET jit = off AS $softdelete$
-- The deleted rows that an index keeps away: by a row of the table, or by a newer one among themselves. Rows of the table are
-- found by their index, those of the twin by a hash join: it has no such index.
DECLARE
  clash record := deleted.softdelete_clash(idx, live);
  ids bigint[] := deleted.softdelete_ids(work, live);
  ats timestamptz[] := deleted.softdelete_ats(work, live);
  taken bigint[];
  older bigint[];
BEGIN
  IF clash.match IS NULL THEN
    RETURN;
  END IF;
  EXECUTE format('SELECT array_agg(b.softdelete_id) FROM (%s) b WHERE EXISTS (SELECT FROM (%s) l WHERE %s)', clash.deleted_rows, clash.live_rows, clash.match)
    INTO taken USING ids, ats;
  PERFORM set_config('enable_nestloop', 'off', true);
  EXECUTE format('SELECT array_agg(b.softdelete_id) FROM (%1$s) b WHERE EXISTS (SELECT FROM (%1$s) l WHERE (l.softdelete_at, l.softdelete_id) > (b.softdelete_at, b.softdelete_id) AND %2$s)',
    clash.deleted_rows, clash.match) INTO older USING ids, ats;
  RETURN QUERY EXECUTE format('SELECT b.softdelete_id, %s FROM (%s) b WHERE b.softdelete_id = ANY ($3) ORDER BY b.softdelete_id',
    deleted.softdelete_row_key(live, 'b'), clash.deleted_rows) USING ids, ats, taken || older;
END
$softdelete$
