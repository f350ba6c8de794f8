CREATE OR REPLACE FUNCTION deleted.softdelete_on_update() RETURNS trigger
LANGUAGE plpgsql AS $softdelete$
-- UPDATE twin SET deleted_at = NULL: of each key the newest of these rows goes back, older ones stay deleted. The
-- INSERT runs under the search_path of the UPDATE, since triggers of the table may count on it; all else does not.
DECLARE
  path text := pg_catalog.current_setting('search_path');
  live regclass;
  cols record;
  ids bigint[];
  ats timestamptz[];
  links bigint[];
  statement text;
  sent bigint;
  came bigint;
BEGIN
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  IF EXISTS (SELECT FROM new_rows n WHERE n.deleted_at IS NULL) THEN
    live := to_regclass(format('public.%I', TG_ARGV[0]));
    IF live IS NULL THEN
      RAISE EXCEPTION 'rows of % cannot go back: there is no table public.%', TG_RELID::regclass, quote_ident(TG_ARGV[0]);
    END IF;
    EXECUTE format('LOCK TABLE ONLY %s IN ROW EXCLUSIVE MODE', live); -- as the INSERT will do, but before columns are read
    PERFORM deleted.softdelete_unchanged(live);
    EXECUTE format('SELECT array_agg(b.softdelete_id), array_agg(DISTINCT b.softdelete_at) FROM (SELECT DISTINCT ON (%1$s) n.softdelete_at, n.softdelete_id FROM new_rows n WHERE n.deleted_at IS NULL ORDER BY %1$s, n.softdelete_at DESC, n.softdelete_id DESC) b',
      deleted.softdelete_key(live, 'n.%I', ', ')) INTO ids, ats;
    links := deleted.softdelete_links_of(ARRAY[live::oid], ARRAY[ROW(live, 0, ids, ats)::deleted.softdelete_batch]);
    cols := deleted.softdelete_columns(live, TG_RELID);
    statement := format('WITH w AS MATERIALIZED (SELECT pg_catalog.unnest($1) AS id),
        b AS MATERIALIZED (SELECT n.* FROM new_rows n JOIN w ON n.softdelete_id OPERATOR(pg_catalog.=) w.id),
        gone AS (DELETE FROM %s t USING b WHERE t.softdelete_at OPERATOR(pg_catalog.=) b.softdelete_at AND t.softdelete_id OPERATOR(pg_catalog.=) b.softdelete_id RETURNING 1),
        here AS (INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM b RETURNING 1)
        SELECT (SELECT pg_catalog.count(*) FROM gone), (SELECT pg_catalog.count(*) FROM here)',
      TG_RELID::regclass, live, cols.names, cols.exprs);
    PERFORM set_config('search_path', path, true);
    EXECUTE statement INTO sent, came USING ids;
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    IF sent < cardinality(ids) THEN -- they would be there twice
      RAISE EXCEPTION 'row security of % keeps % rows from being deleted there', TG_RELID::regclass, cardinality(ids) - sent
        USING ERRCODE = 'insufficient_privilege', HINT = 'Who restores needs a policy FOR DELETE as well.';
    END IF;
    PERFORM deleted.softdelete_arrived(live, cardinality(ids), came);
    DELETE FROM deleted.softdelete_links l WHERE l.id = ANY(links); -- nothing asks for them again
    EXECUTE format('UPDATE %s t SET deleted_at = o.deleted_at FROM old_rows o JOIN new_rows n USING (softdelete_id)
        WHERE t.softdelete_at = n.softdelete_at AND t.softdelete_id = n.softdelete_id AND o.deleted_at IS NOT NULL AND t.deleted_at IS NULL', TG_RELID::regclass);
  END IF;
  PERFORM set_config('search_path', path, true);
  RETURN NULL;
END
$softdelete$
