CREATE OR REPLACE FUNCTION deleted.softdelete_unblock(idx oid, live oid, work deleted.softdelete_batch[], path text) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Deletes the rows of the table that an index sets before deleted ones, as any DELETE does: they are kept in their turn.
-- Answers with their keys.
DECLARE
  clash record := deleted.softdelete_clash(idx, live);
  places tid[];
  tabs oid[];
  statement text;
BEGIN
  IF clash.match IS NULL THEN
    RETURN;
  END IF;
  EXECUTE format('SELECT array_agg(l.softdelete_table), array_agg(l.softdelete_ctid) FROM (%s) l WHERE EXISTS (SELECT FROM (%s) b WHERE %s)',
    clash.live_rows, clash.deleted_rows, clash.match) INTO tabs, places USING deleted.softdelete_ids(work, live), deleted.softdelete_ats(work, live);
  statement := format('DELETE FROM %s l USING ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) p(tab, place) WHERE l.ctid OPERATOR(pg_catalog.=) p.place AND l.tableoid OPERATOR(pg_catalog.=) p.tab RETURNING %s',
    live::regclass, deleted.softdelete_row_key(live, 'l'));
  PERFORM set_config('search_path', path, true);
  RETURN QUERY EXECUTE statement USING tabs, places;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
END
$softdelete$
