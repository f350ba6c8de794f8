CREATE OR REPLACE FUNCTION deleted.softdelete_purge(tab text, before timestamptz, after_at timestamptz, after_id bigint, n int, OUT purged bigint, OUT last_at timestamptz, OUT last_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Deletes for good up to n rows of a twin that were deleted before a point in time, the oldest first, after the row that
-- the call before ended with (NULL: from the first). Runs as its owner: whoever may call it needs no rights on the twin.
-- last_at and last_id are NULL when nothing is left to do.
DECLARE
  twin regclass := deleted.softdelete_twin(to_regclass(format('public.%I', tab)));
BEGIN
  IF twin IS NULL THEN
    RAISE EXCEPTION 'table % has no twin', quote_ident(tab) USING ERRCODE = 'undefined_table';
  END IF;
  PERFORM deleted.softdelete_owned(twin);
  PERFORM set_config('softdelete.moving', 'on', true);
  EXECUTE format('WITH old AS (SELECT t.softdelete_at, t.softdelete_id FROM %1$s t
        WHERE (t.softdelete_at, t.softdelete_id) > ($1, $2) AND t.softdelete_at < $3 ORDER BY t.softdelete_at, t.softdelete_id LIMIT $4 FOR UPDATE SKIP LOCKED),
      gone AS (DELETE FROM %1$s t USING old WHERE t.softdelete_at = old.softdelete_at AND t.softdelete_id = old.softdelete_id RETURNING t.softdelete_at, t.softdelete_id)
      SELECT (SELECT count(*) FROM gone), g.softdelete_at, g.softdelete_id FROM (SELECT) one LEFT JOIN (SELECT * FROM gone ORDER BY 1 DESC, 2 DESC LIMIT 1) g ON true', twin)
    INTO purged, last_at, last_id USING coalesce(after_at, '-infinity'), coalesce(after_id, 0), before, n;
  PERFORM set_config('softdelete.moving', 'off', true);
  IF last_at IS NULL THEN
    -- a row that stays, because somebody holds it, keeps its links
    EXECUTE format('DELETE FROM deleted.softdelete_links l WHERE l.softdelete_at < $1
      AND EXISTS (SELECT FROM pg_constraint c WHERE c.contype = ''f'' AND c.conname = l.fk AND c.conrelid = to_regclass(format(''public.%%I'', l.child)) AND c.confrelid = to_regclass(format(''public.%%I'', $2)))
      AND NOT EXISTS (SELECT FROM %s t WHERE t.softdelete_at = l.softdelete_at AND t.softdelete_tx = l.softdelete_tx)', twin) USING before, tab;
  END IF;
END
$softdelete$
