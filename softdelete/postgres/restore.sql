CREATE OR REPLACE FUNCTION deleted.softdelete_restore(live text, ids bigint[], ats timestamptz[], cascade boolean, strategy text, path text)
RETURNS TABLE (outcome text, tab text, row_key text, con text, parent text, parent_key text, state text, detail text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Restores rows of a twin by softdelete_id and the times at which they were deleted, by default with all that went with them. All or nothing: what keeps a row
-- away is answered as a row of its own (conflict, parent), and nothing has changed. The strategy says what to do
-- instead: skip the row, or overwrite what is in its way. path is the search_path of the caller. Keys are JSON arrays;
-- moved rows have several, a line each.
DECLARE
  root oid := to_regclass(format('public.%I', live));
  work deleted.softdelete_batch[];
  tables oid[];
  links bigint[];
  moved record;
  linked record;
  orphan record;
  away bigint[];
  keys text[];
  culprit oid;
  sch text;
  idx oid;
  n bigint;
BEGIN
  IF cardinality(ids) > 1000 THEN -- locking a row writes it; the move finds out itself whether somebody was faster
    PERFORM pg_advisory_xact_lock(1937006964, deleted.softdelete_twin(root)::oid::int);
  ELSE
    EXECUTE format('SELECT count(*) FROM (SELECT FROM %s WHERE softdelete_at = ANY ($2) AND softdelete_id = ANY ($1) ORDER BY softdelete_id FOR UPDATE) t',
      deleted.softdelete_twin(root)) INTO n USING ids, ats;
    IF n < cardinality(ids) THEN
      outcome := 'lost';
      RETURN NEXT;
      RETURN;
    END IF;
  END IF;
  work := CASE WHEN cascade THEN deleted.softdelete_tree(root, ids, ats) ELSE ARRAY[ROW(root, 0, ids, ats)::deleted.softdelete_batch] END;
  LOOP
    n := 0;
    FOR orphan IN
      SELECT c.relname, o.live, array_agg(o.id) AS ids, array_agg(o.row_key) AS keys, array_agg(o.con) AS cons, array_agg(o.parent) AS parents, array_agg(o.parent_key) AS parent_keys
      FROM (SELECT DISTINCT ON (r.live, r.id) r.* FROM deleted.softdelete_orphans(work, strategy <> 'skip') WITH ORDINALITY r ORDER BY r.live, r.id, r.ordinality) o
      JOIN pg_class c ON c.oid = o.live
      GROUP BY o.live, c.relname
    LOOP
      IF strategy <> 'skip' THEN
        outcome := 'parent';
        tab := orphan.relname;
        row_key := orphan.keys[1];
        con := orphan.cons[1];
        parent := orphan.parents[1];
        parent_key := orphan.parent_keys[1];
        state := '23503';
        RAISE EXCEPTION USING ERRCODE = 'TW500';
      END IF;
      RETURN QUERY SELECT 'skipped parent', orphan.relname::text, k.*, '23503', NULL FROM unnest(orphan.keys, orphan.cons, orphan.parents, orphan.parent_keys) k;
      work := deleted.softdelete_without(work, orphan.live, orphan.ids);
      n := n + 1;
    END LOOP;
    CONTINUE WHEN n > 0; -- what references those is an orphan by this
    SELECT deleted.softdelete_order(array_agg(t.live ORDER BY t.depth, t.live)) INTO tables
    FROM (SELECT b.live, min(b.depth) AS depth FROM unnest(work) b GROUP BY b.live) t;
    EXIT WHEN tables IS NULL;
    FOREACH culprit IN ARRAY tables LOOP -- as the INSERT will do, but before columns are read
      EXECUTE format('LOCK TABLE ONLY %s IN ROW EXCLUSIVE MODE', culprit::regclass);
    END LOOP;
    links := deleted.softdelete_links_of(tables, work);

    BEGIN
      moved := deleted.softdelete_move(tables, work, path);
      IF cascade THEN
        SELECT array_agg(l.tab) AS tabs, array_agg(l.row_key) AS keys INTO linked FROM deleted.softdelete_relink(links, path) l;
        RETURN QUERY SELECT 'linked', l.tab, l.row_key, NULL, NULL, NULL, NULL, NULL FROM unnest(linked.tabs, linked.keys) l(tab, row_key);
      ELSE
        DELETE FROM deleted.softdelete_links l WHERE l.id = ANY(links); -- nothing asks for them again
      END IF;
      RETURN QUERY SELECT 'moved', m.tab, m.keys, NULL, NULL, NULL, NULL, NULL FROM unnest(moved.tabs, moved.keys) m(tab, keys);
      RETURN;
    EXCEPTION WHEN integrity_constraint_violation THEN -- the whole class 23
      GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, tab = TABLE_NAME, con = CONSTRAINT_NAME, parent = COLUMN_NAME, sch = SCHEMA_NAME, detail = PG_EXCEPTION_DETAIL;
    END;

    -- a partition and its index stand for what they are a part of
    culprit := to_regclass(format('%I.%I', coalesce(nullif(sch, ''), 'public'), tab));
    idx := (SELECT i.indexrelid FROM pg_index i WHERE i.indexrelid = to_regclass(format('%I.%I', coalesce(nullif(sch, ''), 'public'), con)) AND i.indrelid = culprit);
    culprit := coalesce(pg_partition_root(culprit), culprit);
    idx := coalesce(pg_partition_root(idx), idx);
    tab := coalesce((SELECT relname FROM pg_class WHERE oid = culprit), tab);
    con := CASE state WHEN '23502' THEN parent ELSE coalesce((SELECT relname FROM pg_class WHERE oid = idx), con) END;
    row_key := NULL;
    parent := NULL;
    away := NULL;
    keys := NULL;
    IF state = '23503' THEN
      outcome := 'parent';
      SELECT c.relname, o.row_key, o.con, o.parent, o.parent_key INTO orphan FROM deleted.softdelete_orphans(work, false) o JOIN pg_class c ON c.oid = o.live LIMIT 1;
      IF orphan.con IS NULL THEN -- all parents are among the rows: a trigger has kept one away
        FOREACH culprit IN ARRAY tables LOOP
          SELECT array_agg(m.id), array_agg(m.row_key) INTO away, keys FROM deleted.softdelete_misfits(culprit, work, path) m;
          EXIT WHEN away IS NOT NULL;
        END LOOP;
      END IF;
      IF away IS NOT NULL THEN
        tab := (SELECT relname FROM pg_class WHERE oid = culprit);
        con := 'BEFORE INSERT trigger';
        state := '23000';
        detail := NULL;
      ELSIF orphan.con IS NOT NULL THEN
        tab := orphan.relname;
        row_key := orphan.row_key;
        con := orphan.con;
        parent := orphan.parent;
        parent_key := orphan.parent_key;
      ELSE
        parent := (SELECT p.relname FROM pg_constraint c JOIN pg_class p ON p.oid = c.confrelid
          WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conname = con AND c.conrelid = culprit);
      END IF;
      IF away IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'TW500';
      END IF;
    END IF;
    outcome := 'conflict';
    IF away IS NULL AND culprit = ANY (tables) THEN
      IF EXISTS (SELECT FROM pg_index i WHERE i.indexrelid = idx AND i.indisprimary) THEN
        away := deleted.softdelete_older(idx, culprit, work); -- a key went more than once: the newest comes back
        work := deleted.softdelete_without(work, culprit, away);
        CONTINUE WHEN away IS NOT NULL;
      END IF;
      IF strategy = 'overwrite' AND idx IS NOT NULL THEN
        BEGIN
          RETURN QUERY SELECT 'overwritten', tab, u, NULL, NULL, NULL, NULL, NULL FROM deleted.softdelete_unblock(idx, culprit, work, path) u;
          GET DIAGNOSTICS n = ROW_COUNT;
        EXCEPTION WHEN integrity_constraint_violation THEN -- something holds on to the row in the way
          GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, con = CONSTRAINT_NAME, detail = PG_EXCEPTION_DETAIL;
          RAISE EXCEPTION USING ERRCODE = 'TW500';
        END;
        CONTINUE WHEN n > 0;
      END IF;
      IF idx IS NOT NULL THEN
        SELECT array_agg(b.id), array_agg(b.row_key) INTO away, keys FROM deleted.softdelete_blocked(idx, culprit, work) b;
      END IF;
      IF away IS NULL AND strategy = 'skip' THEN
        SELECT array_agg(m.id), array_agg(m.row_key) INTO away, keys FROM deleted.softdelete_misfits(culprit, work, path) m;
      END IF;
    END IF;
    IF away IS NULL OR strategy = 'fail' OR strategy = 'overwrite' AND idx IS NULL THEN
      row_key := keys[1];
      RAISE EXCEPTION USING ERRCODE = 'TW500';
    END IF;
    RETURN QUERY SELECT 'skipped', tab, k, con, NULL, NULL, state, detail FROM unnest(keys) k;
    work := deleted.softdelete_without(work, culprit, away);
  END LOOP;
EXCEPTION
  WHEN SQLSTATE 'TW500' THEN -- undoes all; what is to be answered is set, and answered rows of before are void
    RETURN NEXT;
  WHEN SQLSTATE 'TW404' THEN
    outcome := 'lost';
    RETURN NEXT;
END
$softdelete$
