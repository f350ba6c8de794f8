CREATE OR REPLACE FUNCTION deleted.softdelete_blocker(tab text, con text, work deleted.softdelete_batch[]) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The key of a row that a unique constraint of the live table refuses; NULL where it cannot be told.
DECLARE
  live oid := to_regclass(format('public.%I', tab));
  idx oid := to_regclass(format('public.%I', con));
  parts text;
  pred text;
  answer text;
BEGIN
  SELECT string_agg(pg_get_indexdef(idx, n, false), ', ' ORDER BY n), coalesce(pg_get_expr(i.indpred, i.indrelid), 'true')
  INTO parts, pred
  FROM pg_index i CROSS JOIN LATERAL generate_series(1, i.indnkeyatts) n
  WHERE i.indexrelid = idx AND i.indisunique
  GROUP BY i.indpred, i.indrelid;
  EXECUTE format('SELECT jsonb_build_array(%s)::text FROM %s WHERE softdelete_id = ANY ($1) AND %s AND (%s) IN (SELECT %s FROM %s WHERE %s) LIMIT 1',
    deleted.softdelete_key(live, '%I', ', '), deleted.softdelete_twin(live), pred, parts, parts, live::regclass, pred)
  INTO answer USING deleted.softdelete_ids(work, live);
  RETURN answer;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL; -- the conflict itself is what matters
END
$softdelete$
