CREATE OR REPLACE FUNCTION deleted.softdelete_orphan(work deleted.softdelete_batch[])
RETURNS TABLE (tab text, con text, row_key text, parent text, parent_key text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The first row that could not come back because one that it references is neither there nor among them.
DECLARE
  fk record;
  amid text;
BEGIN
  FOR fk IN
    SELECT c.oid, c.conname, c.conrelid, c.confrelid, deleted.softdelete_twin(c.conrelid) AS twin,
      deleted.softdelete_twin(c.confrelid) AS parent_twin, deleted.softdelete_match(c.oid, 'c', 'p') AS match,
      string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS present,
      string_agg(format('c.%I', a.attname), ', ' ORDER BY k.n) AS refs
    FROM pg_constraint c
    CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(a, n)
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.a
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.conrelid IN (SELECT b.live FROM unnest(work) b)
    GROUP BY c.oid
    ORDER BY c.oid
  LOOP
    amid := '';
    IF fk.parent_twin IS NOT NULL THEN
      amid := format('AND NOT EXISTS (SELECT FROM %s p WHERE p.softdelete_id = ANY ($2) AND %s)', fk.parent_twin, fk.match);
    END IF;
    EXECUTE format('SELECT jsonb_build_array(%s)::text, jsonb_build_array(%s)::text FROM %s c
        WHERE c.softdelete_id = ANY ($1) AND %s AND NOT EXISTS (SELECT FROM %s p WHERE %s) %s LIMIT 1',
      deleted.softdelete_key(fk.conrelid, 'c.%I', ', '), fk.refs, fk.twin, fk.present, fk.confrelid::regclass, fk.match, amid)
    INTO row_key, parent_key USING deleted.softdelete_ids(work, fk.conrelid), deleted.softdelete_ids(work, fk.confrelid);
    IF row_key IS NOT NULL THEN
      SELECT relname INTO tab FROM pg_class WHERE oid = fk.conrelid;
      SELECT relname INTO parent FROM pg_class WHERE oid = fk.confrelid;
      con := fk.conname;
      RETURN NEXT;
      RETURN;
    END IF;
  END LOOP;
END
$softdelete$
