CREATE OR REPLACE FUNCTION deleted.softdelete_unblock(idx oid, live oid, work deleted.softdelete_batch[], path text) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Deletes the rows of the table that an index sets before deleted ones, as any DELETE does: they are kept in their turn.
-- Answers with their keys.
DECLARE
  clash record := deleted.softdelete_clash(idx, live);
  places tid[];
  tabs oid[];
  key text;
  n int;
BEGIN
  IF clash.match IS NULL THEN
    RETURN;
  END IF;
  EXECUTE format('SELECT array_agg(l.softdelete_table), array_agg(l.softdelete_ctid) FROM (%s) l WHERE EXISTS (SELECT FROM (%s) b WHERE %s)',
    clash.live_rows, clash.deleted_rows, clash.match) INTO tabs, places USING deleted.softdelete_ids(work, live), deleted.softdelete_ats(work, live);
  FOR n IN 1 .. coalesce(cardinality(tabs), 0) LOOP
    key := format('DELETE FROM %s l WHERE l.ctid OPERATOR(pg_catalog.=) $1 AND l.tableoid OPERATOR(pg_catalog.=) $2 RETURNING pg_catalog.jsonb_build_array(%s)::text',
      live::regclass, deleted.softdelete_key(live, 'l.%I', ', '));
    PERFORM set_config('search_path', path, true);
    EXECUTE key INTO key USING places[n], tabs[n];
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    IF key IS NOT NULL THEN -- otherwise a cascade took it just before
      RETURN NEXT key;
    END IF;
  END LOOP;
END
$softdelete$
