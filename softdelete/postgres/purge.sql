CREATE OR REPLACE FUNCTION deleted.softdelete_purge(tab text, before timestamptz, after bigint, n int, OUT purged bigint, OUT last bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Deletes for good up to n rows of a twin that were deleted before a point in time, from a softdelete_id on. Runs as its
-- owner: whoever may call it needs no rights on the twin. last is NULL when nothing is left to do.
DECLARE
  twin regclass := deleted.softdelete_twin(to_regclass(format('public.%I', tab)));
BEGIN
  IF twin IS NULL THEN
    RAISE EXCEPTION 'table % has no twin', quote_ident(tab) USING ERRCODE = 'undefined_table';
  END IF;
  PERFORM deleted.softdelete_owned(twin);
  PERFORM set_config('softdelete.moving', 'on', true);
  EXECUTE format('WITH old AS (SELECT t.softdelete_id FROM %1$s t WHERE t.softdelete_id > $1 AND t.softdelete_at < $2 ORDER BY t.softdelete_id LIMIT $3 FOR UPDATE SKIP LOCKED),
      gone AS (DELETE FROM %1$s t USING old WHERE t.softdelete_id = old.softdelete_id RETURNING t.softdelete_id)
      SELECT count(*), max(softdelete_id) FROM gone', twin)
    INTO purged, last USING after, before, n;
  PERFORM set_config('softdelete.moving', 'off', true);
  IF last IS NULL THEN
    DELETE FROM deleted.softdelete_links l WHERE l.softdelete_at < before
      AND EXISTS (SELECT FROM pg_constraint c WHERE c.contype = 'f' AND c.conname = l.fk AND c.conrelid = to_regclass(format('public.%I', l.child)) AND c.confrelid = to_regclass(format('public.%I', tab)));
  END IF;
END
$softdelete$
