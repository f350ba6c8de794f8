CREATE OR REPLACE FUNCTION deleted.softdelete_on_update() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $softdelete$
-- UPDATE twin SET deleted_at = NULL: of each key the newest of these rows goes back, older ones stay deleted.
DECLARE
  live regclass := to_regclass(format('public.%I', TG_ARGV[0]));
  cols record;
  ids bigint[];
  links bigint[];
  came bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM new_rows n WHERE n.deleted_at IS NULL) THEN
    RETURN NULL;
  END IF;
  IF live IS NULL THEN
    RAISE EXCEPTION 'rows of % cannot go back: there is no table public.%', TG_RELID::regclass, quote_ident(TG_ARGV[0]);
  END IF;
  EXECUTE format('SELECT array_agg(b.softdelete_id) FROM (SELECT DISTINCT ON (%1$s) n.softdelete_id FROM new_rows n WHERE n.deleted_at IS NULL ORDER BY %1$s, n.softdelete_id DESC) b',
    deleted.softdelete_key(live, 'n.%I', ', ')) INTO ids;
  links := deleted.softdelete_links_of(ARRAY[live::oid], ARRAY[ROW(live, 0, ids)::deleted.softdelete_batch]);
  cols := deleted.softdelete_columns(live, TG_RELID);
  EXECUTE format('WITH b AS (SELECT n.* FROM new_rows n WHERE n.softdelete_id = ANY ($1)),
      gone AS (DELETE FROM %s t WHERE t.softdelete_id = ANY ($1))
      INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM b ORDER BY b.softdelete_id',
    TG_RELID::regclass, live, cols.names, cols.exprs) USING ids;
  GET DIAGNOSTICS came = ROW_COUNT;
  PERFORM deleted.softdelete_arrived(live, cardinality(ids), came);
  DELETE FROM deleted.softdelete_links l WHERE l.id = ANY(links); -- nothing asks for them again
  EXECUTE format('UPDATE %s t SET deleted_at = o.deleted_at FROM old_rows o
      WHERE o.softdelete_id = t.softdelete_id AND o.deleted_at IS NOT NULL AND t.deleted_at IS NULL', TG_RELID::regclass);
  RETURN NULL;
END
$softdelete$
