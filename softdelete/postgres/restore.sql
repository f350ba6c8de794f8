CREATE OR REPLACE FUNCTION deleted.softdelete_restore(live text, ids bigint[], cascade boolean)
RETURNS TABLE (outcome text, tab text, row_key text, con text, parent text, parent_key text, state text, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $softdelete$
-- Restores rows of a twin by softdelete_id, by default with all that went with them. All or nothing: a row that
-- cannot come back is answered as a row of its own (conflict, parent), and nothing has changed.
DECLARE
  root oid := to_regclass(format('public.%I', live));
  work deleted.softdelete_batch[];
  tables oid[];
  links bigint[];
  answer record;
  n bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM (SELECT FROM %s WHERE softdelete_id = ANY($1) ORDER BY softdelete_id FOR UPDATE) t',
    deleted.softdelete_twin(root)) INTO n USING ids;
  IF n < cardinality(ids) THEN
    outcome := 'lost';
    RETURN NEXT;
    RETURN;
  END IF;
  IF cascade THEN
    work := deleted.softdelete_tree(root, ids);
  ELSE
    work := ARRAY[ROW(root, 0, ids)::deleted.softdelete_batch];
  END IF;
  SELECT deleted.softdelete_order(array_agg(t.live ORDER BY t.depth, t.live)) INTO tables
  FROM (SELECT b.live, min(b.depth) AS depth FROM unnest(work) b GROUP BY b.live) t;

  SELECT 'parent' AS outcome, o.* INTO answer FROM deleted.softdelete_orphan(work) o;
  IF answer.outcome IS NOT NULL THEN
    RETURN QUERY SELECT answer.outcome, answer.tab, answer.row_key, answer.con, answer.parent, answer.parent_key, '23503', NULL;
    RETURN;
  END IF;
  links := deleted.softdelete_links_of(tables, work);

  BEGIN
    RETURN QUERY
      SELECT 'moved', r.relname::text, m.row_key, NULL, NULL, NULL, NULL, NULL
      FROM deleted.softdelete_move(tables, work) m
      JOIN pg_class r ON r.oid = m.live
      JOIN (SELECT b.live, b.depth, unnest(b.ids) AS id FROM unnest(work) b) w ON w.live = m.live AND w.id = m.id
      ORDER BY array_position(tables, m.live), w.depth, m.id;
    IF NOT cascade THEN
      DELETE FROM deleted.softdelete_links l WHERE l.id = ANY(links); -- nothing asks for them again
      RETURN;
    END IF;
    RETURN QUERY
      SELECT 'linked', l.tab, l.row_key, NULL, NULL, NULL, NULL, NULL
      FROM deleted.softdelete_relink(links) l;
    RETURN;
  EXCEPTION
    WHEN integrity_constraint_violation THEN -- the whole class 23
      GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, tab = TABLE_NAME, con = CONSTRAINT_NAME, parent = COLUMN_NAME, detail = PG_EXCEPTION_DETAIL;
  END;
  -- Rows answered before the violation are void: the caller looks for this one.
  outcome := CASE state WHEN '23503' THEN 'parent' ELSE 'conflict' END;
  IF state = '23502' THEN
    con := parent;
  ELSIF state = '23505' THEN
    row_key := deleted.softdelete_blocker(tab, con, work);
  END IF;
  parent := (SELECT p.relname FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conname = con AND c.conrelid = to_regclass(format('public.%I', tab)));
  RETURN NEXT;
END
$softdelete$
