CREATE OR REPLACE FUNCTION deleted.softdelete_misfits(tab oid, work deleted.softdelete_batch[], path text) RETURNS TABLE (id bigint, row_key text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The deleted rows that the table refuses by themselves, for example by a CHECK. Each is tried and taken back.
DECLARE
  twin regclass := deleted.softdelete_twin(tab);
  cols record := deleted.softdelete_columns(tab, twin);
  statement text := format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s b WHERE b.softdelete_at OPERATOR(pg_catalog.=) ANY ($2) AND b.softdelete_id OPERATOR(pg_catalog.=) $1', tab::regclass, cols.names, cols.exprs, twin);
  ats timestamptz[] := deleted.softdelete_ats(work, tab);
  came bigint;
BEGIN
  FOREACH id IN ARRAY deleted.softdelete_ids(work, tab) LOOP
    BEGIN
      PERFORM set_config('softdelete.moving', 'on', true), set_config('search_path', path, true);
      EXECUTE statement USING id, ats;
      GET DIAGNOSTICS came = ROW_COUNT;
      RAISE EXCEPTION USING ERRCODE = 'TW200';
    EXCEPTION
      WHEN SQLSTATE 'TW200' THEN
        CONTINUE WHEN came = 1;
      WHEN foreign_key_violation THEN
        CONTINUE;
      WHEN integrity_constraint_violation THEN
        NULL;
    END;
    EXECUTE format('SELECT %s FROM %s b WHERE b.softdelete_at = ANY ($2) AND b.softdelete_id = $1', deleted.softdelete_row_key(tab, 'b'), twin) INTO row_key USING id, ats;
    RETURN NEXT;
  END LOOP;
END
$softdelete$
