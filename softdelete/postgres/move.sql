CREATE OR REPLACE FUNCTION deleted.softdelete_move(tables oid[], work deleted.softdelete_batch[], path text, OUT tabs text[], OUT keys text[])
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET work_mem = '64MB' SET jit = off AS $softdelete$
-- Moves rows from their twins into their tables, in one statement: foreign keys are checked at its end, so that
-- cycles and self references need no order. The statement itself runs under the search_path of the caller, as an
-- INSERT of his would: triggers of the tables may count on it. Answers with the keys that came, a line each.
DECLARE
  steps text[] := '{}';
  moved text[] := '{}';
  cols record;
  answer record;
  statement text;
  deferred text := (SELECT string_agg(format('%I.%I', s.nspname, c.conname), ', ') FROM pg_constraint c JOIN pg_namespace s ON s.oid = c.connamespace
    WHERE c.conrelid = ANY (tables) AND c.contype IN ('p', 'u', 'x') AND c.condeferred);
  n int;
BEGIN
  FOR n IN 1 .. cardinality(tables) LOOP
    PERFORM deleted.softdelete_unchanged(tables[n]);
    cols := deleted.softdelete_columns(tables[n], deleted.softdelete_twin(tables[n]));
    steps := steps || format('w%1$s AS MATERIALIZED (SELECT * FROM ROWS FROM (pg_catalog.unnest(deleted.softdelete_depths($1, %3$L::oid)), pg_catalog.unnest(deleted.softdelete_ids($1, %3$L::oid))) w(depth, id)),
      b%1$s AS (DELETE FROM %2$s t USING w%1$s w WHERE t.softdelete_id OPERATOR(pg_catalog.=) w.id AND t.softdelete_at OPERATOR(pg_catalog.=) ANY (deleted.softdelete_ats($1, %3$L::oid)) RETURNING w.depth AS softdelete_depth, t.*),
      i%1$s AS (INSERT INTO %4$s (%5$s) OVERRIDING SYSTEM VALUE SELECT %6$s FROM b%1$s b RETURNING 1)',
      n, deleted.softdelete_twin(tables[n]), tables[n], tables[n]::regclass, cols.names, cols.exprs);
    moved := moved || format('SELECT %1$s AS n, (SELECT pg_catalog.count(*) FROM w%1$s) AS sought, (SELECT pg_catalog.count(*) FROM b%1$s) AS sent, (SELECT pg_catalog.count(*) FROM i%1$s) AS came,
        (SELECT pg_catalog.string_agg(%2$s, E''\n'' ORDER BY b.softdelete_depth, b.softdelete_at, b.softdelete_id) FROM b%1$s b) AS keys',
      n, deleted.softdelete_row_key(tables[n], 'b'));
  END LOOP;
  statement := 'WITH ' || array_to_string(steps, ', ') || ' ' || array_to_string(moved, ' UNION ALL ');
  IF deferred IS NOT NULL THEN -- a conflict at the end of the transaction would know no strategy
    EXECUTE 'SET CONSTRAINTS ' || deferred || ' IMMEDIATE';
  END IF;
  PERFORM set_config('softdelete.moving', 'on', true), set_config('search_path', path, true);
  FOR answer IN EXECUTE statement USING work LOOP -- the whole statement has run when its first row is there
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    IF answer.sought <> answer.sent THEN
      RAISE EXCEPTION 'somebody else restores or purges these rows' USING ERRCODE = 'TW404';
    END IF;
    PERFORM deleted.softdelete_arrived(tables[answer.n], answer.sent, answer.came);
    tabs[answer.n] := (SELECT c.relname FROM pg_class c WHERE c.oid = tables[answer.n]);
    keys[answer.n] := answer.keys;
  END LOOP;
  PERFORM set_config('softdelete.moving', 'off', true);
  IF deferred IS NOT NULL THEN
    EXECUTE 'SET CONSTRAINTS ' || deferred || ' DEFERRED';
  END IF;
END
$softdelete$
