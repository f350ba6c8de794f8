CREATE OR REPLACE FUNCTION deleted.softdelete_orphan(work deleted.softdelete_row[])
RETURNS TABLE (tab text, con text, row_key text, parent text, parent_key text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $softdelete$
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
    WHERE c.contype = 'f' AND c.conrelid IN (SELECT w.live FROM unnest(work) w)
    GROUP BY c.oid
    ORDER BY c.oid
  LOOP
    amid := '';
    IF fk.parent_twin IS NOT NULL THEN
      amid := format('AND NOT EXISTS (SELECT FROM unnest($1) v JOIN %s p ON p.softdelete_id = v.id WHERE v.live = %L::oid AND %s)',
        fk.parent_twin, fk.confrelid, fk.match);
    END IF;
    EXECUTE format('SELECT jsonb_build_array(%s)::text, jsonb_build_array(%s)::text FROM unnest($1) w JOIN %s c ON c.softdelete_id = w.id
        WHERE w.live = %L::oid AND %s AND NOT EXISTS (SELECT FROM %s p WHERE %s) %s LIMIT 1',
      deleted.softdelete_key(fk.conrelid, 'c.%I', ', '), fk.refs, fk.twin, fk.conrelid, fk.present, fk.confrelid::regclass, fk.match, amid)
    INTO row_key, parent_key USING work;
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
