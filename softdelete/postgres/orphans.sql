CREATE OR REPLACE FUNCTION deleted.softdelete_orphans(work deleted.softdelete_batch[], only_deferrable boolean)
RETURNS TABLE (live oid, id bigint, con text, row_key text, parent text, parent_key text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = on SET jit = off AS $softdelete$
-- The rows that cannot come back because one that they reference is neither there nor among them. What is checked at
-- once the server itself finds, so that a restore asks for deferrable foreign keys only. Rows of a table are found by
-- its index; those of a twin, which has none for that, by a hash join.
DECLARE
  fk record;
  amid text;
  lost bigint[];
BEGIN
  FOR fk IN
    SELECT c.oid, c.conname, deleted.softdelete_root(c.conrelid) AS child, deleted.softdelete_root(c.confrelid) AS root, c.confrelid, p.relname AS parent, deleted.softdelete_twin(c.conrelid) AS twin,
      deleted.softdelete_twin(c.confrelid) AS parent_twin, deleted.softdelete_match(c.oid, 'c', 'p') AS match,
      format('num_nulls(%s) = 0', string_agg(format('c.%I', a.attname), ', ')) AS present,
      string_agg(deleted.softdelete_part('c', a.attname, a.atttypid), ', ' ORDER BY k.n) AS refs
    FROM pg_constraint c
    JOIN pg_class p ON p.oid = c.confrelid
    CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(a, n)
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.a
    WHERE c.contype = 'f' AND c.conparentid = 0 AND deleted.softdelete_root(c.conrelid) IN (SELECT b.live FROM unnest(work) b) AND (c.condeferrable OR NOT only_deferrable)
    GROUP BY c.oid, p.relname
    ORDER BY c.oid
  LOOP
    PERFORM set_config('enable_nestloop', 'on', true);
    EXECUTE format('SELECT array_agg(c.softdelete_id) FROM %s c WHERE c.softdelete_at = ANY ($2) AND c.softdelete_id = ANY ($1) AND %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)',
      fk.twin, fk.present, deleted.softdelete_only(fk.confrelid), fk.match) INTO lost USING deleted.softdelete_ids(work, fk.child), deleted.softdelete_ats(work, fk.child);
    CONTINUE WHEN lost IS NULL;
    amid := '';
    IF fk.parent_twin IS NOT NULL THEN
      amid := format('AND NOT EXISTS (SELECT FROM %s p WHERE p.softdelete_at = ANY ($4) AND p.softdelete_id = ANY ($2) AND %s)', fk.parent_twin, fk.match);
    END IF;
    PERFORM set_config('enable_nestloop', 'off', true);
    RETURN QUERY EXECUTE format('SELECT %s::oid, c.softdelete_id, %L, %s, %L, jsonb_build_array(%s)::text FROM %s c
        WHERE c.softdelete_at = ANY ($3) AND c.softdelete_id = ANY ($1) %s ORDER BY c.softdelete_id',
      fk.child, fk.conname, deleted.softdelete_row_key(fk.child, 'c'), fk.parent, fk.refs, fk.twin, amid)
    USING lost, deleted.softdelete_ids(work, fk.root), deleted.softdelete_ats(work, fk.child), deleted.softdelete_ats(work, fk.root);
  END LOOP;
END
$softdelete$
