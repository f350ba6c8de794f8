CREATE OR REPLACE FUNCTION deleted.softdelete_tree(root oid, ids bigint[], ats timestamptz[]) RETURNS deleted.softdelete_batch[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET enable_mergejoin = off SET jit = off AS $softdelete$
<<tree>>
-- The deleted rows given and all that went with them: rows of the same deletion that reference one of them.
-- Only a hash join takes all conditions at once: many rows of one deletion have transaction and time in common.
-- To the planner what is switched off is so dear that it would compile every plan (jit), half a second each.
DECLARE
  work deleted.softdelete_batch[] := ARRAY[ROW(root, 0, ids, ats)::deleted.softdelete_batch];
  depth int := 0;
  grown boolean := true;
  found bigint[];
  fk record;
BEGIN
  WHILE grown LOOP
    grown := false;
    FOR fk IN
      SELECT deleted.softdelete_root(c.conrelid) AS child, b.live AS parent, b.ids, b.ats,
        deleted.softdelete_twin(c.conrelid) AS twin, deleted.softdelete_match(c.oid, 'c', 'p') AS match
      FROM unnest(work) b
      JOIN pg_constraint c ON c.contype = 'f' AND c.conparentid = 0 AND deleted.softdelete_root(c.confrelid) = b.live
      WHERE b.depth = tree.depth
      ORDER BY c.oid
    LOOP
      CONTINUE WHEN fk.twin IS NULL;
      EXECUTE format('SELECT array_agg(DISTINCT c.softdelete_id)
          FROM %s p JOIN %s c ON %s AND c.softdelete_tx = p.softdelete_tx AND c.softdelete_at = p.softdelete_at
          WHERE p.softdelete_at = ANY ($3) AND p.softdelete_id = ANY ($1) AND c.softdelete_at = ANY ($3) AND c.softdelete_id <> ALL ($2)',
        deleted.softdelete_twin(fk.parent), fk.twin, fk.match)
      INTO found USING fk.ids, deleted.softdelete_ids(work, fk.child), fk.ats;
      IF found IS NOT NULL THEN
        work := work || ROW(fk.child, depth + 1, found, fk.ats)::deleted.softdelete_batch;
        grown := true;
      END IF;
    END LOOP;
    depth := depth + 1;
  END LOOP;
  RETURN work;
END
$softdelete$
