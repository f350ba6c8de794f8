CREATE OR REPLACE FUNCTION deleted.softdelete_on_update() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $softdelete$
-- UPDATE twin SET deleted_at = NULL: of each key the newest of these rows goes back, older ones stay deleted.
DECLARE
  live regclass := to_regclass(format('public.%I', TG_ARGV[0]));
  cols record;
  sent bigint;
  came bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM new_rows n WHERE n.deleted_at IS NULL) THEN
    RETURN NULL;
  END IF;
  IF live IS NULL THEN
    RAISE EXCEPTION 'rows of % cannot go back: there is no table public.%', TG_RELID::regclass, quote_ident(TG_ARGV[0]);
  END IF;
  cols := deleted.softdelete_columns(live, TG_RELID);
  EXECUTE format('WITH b AS (SELECT DISTINCT ON (%1$s) n.* FROM new_rows n WHERE n.deleted_at IS NULL ORDER BY %1$s, n.softdelete_id DESC),
      gone AS (DELETE FROM %2$s t USING b WHERE t.softdelete_id = b.softdelete_id)
      INSERT INTO %3$s (%4$s) OVERRIDING SYSTEM VALUE SELECT %5$s FROM b',
    deleted.softdelete_key(live, 'n.%I', ', '), TG_RELID::regclass, live, cols.names, cols.exprs);
  GET DIAGNOSTICS came = ROW_COUNT;
  EXECUTE format('SELECT count(*) FROM (SELECT DISTINCT %s FROM new_rows n WHERE n.deleted_at IS NULL) k', deleted.softdelete_key(live, 'n.%I', ', ')) INTO sent;
  PERFORM deleted.softdelete_arrived(live, sent, came);
  EXECUTE format('UPDATE %s t SET deleted_at = o.deleted_at FROM old_rows o
      WHERE o.softdelete_id = t.softdelete_id AND o.deleted_at IS NOT NULL AND t.deleted_at IS NULL', TG_RELID::regclass);
  RETURN NULL;
END
$softdelete$
