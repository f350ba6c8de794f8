CREATE OR REPLACE FUNCTION deleted.softdelete_move(tables oid[], work deleted.softdelete_batch[])
RETURNS TABLE (live oid, id bigint, row_key text)
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $softdelete$
-- Moves rows from their twins into their tables, in one statement: foreign keys are checked at its end, so that
-- cycles and self references need no order.
DECLARE
  steps text[] := '{}';
  moved text[] := '{}';
  cols record;
  n int;
BEGIN
  FOR n IN 1 .. cardinality(tables) LOOP
    cols := deleted.softdelete_columns(tables[n], deleted.softdelete_twin(tables[n]));
    steps := steps || format('b%s AS (DELETE FROM %s t WHERE t.softdelete_id = ANY (deleted.softdelete_ids($1, %L::oid)) RETURNING t.*)',
      n, deleted.softdelete_twin(tables[n]), tables[n]);
    steps := steps || format('i%s AS (INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM b%s b ORDER BY b.softdelete_id RETURNING 1)',
      n, tables[n]::regclass, cols.names, cols.exprs, n);
    moved := moved || format('SELECT %L::oid, b.softdelete_id, jsonb_build_array(%s)::text FROM b%s b
        WHERE deleted.softdelete_arrived(%1$L::oid, (SELECT count(*) FROM b%3$s), (SELECT count(*) FROM i%3$s))',
      tables[n], deleted.softdelete_key(tables[n], 'b.%I', ', '), n);
  END LOOP;
  PERFORM set_config('softdelete.moving', 'on', true);
  RETURN QUERY EXECUTE 'WITH ' || array_to_string(steps, ', ') || ' ' || array_to_string(moved, ' UNION ALL ') USING work;
  PERFORM set_config('softdelete.moving', 'off', true);
END
$softdelete$
