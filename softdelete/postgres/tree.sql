CREATE OR REPLACE FUNCTION deleted.softdelete_tree(root oid, ids bigint[]) RETURNS deleted.softdelete_row[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $softdelete$
-- The deleted rows given and all that went with them: rows of the same deletion that reference one of them.
DECLARE
  front deleted.softdelete_row[];
  found deleted.softdelete_row[];
  batch deleted.softdelete_row[];
  total deleted.softdelete_row[];
  depth int := 0;
  fk record;
BEGIN
  SELECT array_agg(ROW(root, i, 0)::deleted.softdelete_row) INTO front FROM unnest(ids) i;
  total := front;
  WHILE front IS NOT NULL LOOP
    depth := depth + 1;
    found := NULL;
    FOR fk IN
      SELECT c.conrelid AS child, c.confrelid AS parent, deleted.softdelete_twin(c.conrelid) AS twin,
        deleted.softdelete_match(c.oid, 'c', 'p') AS match
      FROM pg_constraint c
      WHERE c.contype = 'f' AND c.confrelid IN (SELECT f.live FROM unnest(front) f) AND deleted.softdelete_twin(c.conrelid) IS NOT NULL
      ORDER BY c.oid
    LOOP
      EXECUTE format('SELECT array_agg(DISTINCT ROW($1, c.softdelete_id, $2)::deleted.softdelete_row)
          FROM unnest($3) f
          JOIN %s p ON p.softdelete_id = f.id
          JOIN %s c ON %s AND c.softdelete_tx = p.softdelete_tx AND c.softdelete_at = p.softdelete_at
          WHERE f.live = $4 AND NOT EXISTS (SELECT FROM unnest($5) a WHERE a.live = $1 AND a.id = c.softdelete_id)',
        deleted.softdelete_twin(fk.parent), fk.twin, fk.match)
      INTO batch USING fk.child, depth, front, fk.parent, total || found;
      found := found || batch;
    END LOOP;
    total := total || found;
    front := found;
  END LOOP;
  RETURN total;
END
$softdelete$
