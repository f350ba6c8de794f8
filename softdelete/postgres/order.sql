CREATE OR REPLACE FUNCTION deleted.softdelete_order(tables oid[]) RETURNS oid[]
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Tables in foreign-key order, referenced ones first; a cycle is entered where the list given enters it.
DECLARE
  rest oid[] := tables;
  sorted oid[] := '{}';
  next oid;
BEGIN
  WHILE cardinality(rest) > 0 LOOP
    SELECT u.t INTO next
    FROM unnest(rest) WITH ORDINALITY AS u(t, n)
    ORDER BY EXISTS (SELECT FROM pg_constraint c
        WHERE c.contype = 'f' AND deleted.softdelete_root(c.conrelid) = u.t AND deleted.softdelete_root(c.confrelid) <> u.t AND deleted.softdelete_root(c.confrelid) = ANY(rest)), u.n
    LIMIT 1;
    sorted := sorted || next;
    rest := array_remove(rest, next);
  END LOOP;
  RETURN sorted;
END
$softdelete$
