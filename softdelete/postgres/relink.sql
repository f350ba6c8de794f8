CREATE OR REPLACE FUNCTION deleted.softdelete_relink(links bigint[], path text) RETURNS TABLE (tab text, row_key text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Sets links again that ON DELETE SET NULL cut, where nobody has set them since; under the caller's search_path, as
-- softdelete_move does.
DECLARE
  fk record;
  statement text;
BEGIN
  FOR fk IN
    SELECT c.conrelid, l.child,
      string_agg(format('%I = r.%1$I', a.attname), ', ') AS assign,
      string_agg(format('(pg_catalog.num_nulls(c.%I) OPERATOR(pg_catalog.=) 1 OR c.%1$I OPERATOR(%I.%s) r.%1$I)', a.attname, s.nspname, o.oprname), ' AND ') AS same,
      format('pg_catalog.num_nulls(%s) OPERATOR(pg_catalog.>) 0', string_agg(format('c.%I', a.attname), ', ')) AS cut, c.conname,
      -- only what was kept: a domain of another column may refuse NULL
      (SELECT string_agg(format(CASE WHEN t.typcategory IN ('A', 'C') OR y.atttypid IN ('json'::regtype, 'jsonb'::regtype) THEN '(SELECT r.%1$I FROM pg_catalog.jsonb_to_record(l.old) r(%1$I %3$s)) AS %1$I'
          ELSE 'CAST(l.old OPERATOR(pg_catalog.->>) %2$L::text AS %3$s) AS %1$I' END, y.attname, y.attname, format_type(y.atttypid, y.atttypmod)), ', ' ORDER BY y.attnum)
        FROM pg_attribute y JOIN pg_type t ON t.oid = y.atttypid
        WHERE y.attrelid = c.conrelid AND y.attnum > 0 AND NOT y.attisdropped
          AND (y.attnum = ANY (c.conkey) OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisprimary AND y.attnum = ANY (i.indkey::smallint[])))) AS kept
    FROM (SELECT DISTINCT k.child, k.fk FROM deleted.softdelete_links k WHERE k.id = ANY(links)) l
    JOIN pg_constraint c ON c.contype = 'f' AND c.conparentid = 0 AND c.conname = l.fk AND c.conrelid = to_regclass(format('public.%I', l.child))
    CROSS JOIN LATERAL unnest(c.conkey, c.conffeqop) AS k(a, op)
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.a
    JOIN pg_operator o ON o.oid = k.op
    JOIN pg_namespace s ON s.oid = o.oprnamespace
    GROUP BY c.oid, l.child
    ORDER BY l.child, c.oid
  LOOP
    -- rows are found by their keys: IS NULL would let an index of the links be taken, and each link read all that are cut
    statement := format('WITH r AS MATERIALIZED (SELECT %8$s FROM deleted.softdelete_links l
          WHERE l.id OPERATOR(pg_catalog.=) ANY($1) AND l.child OPERATOR(pg_catalog.=) %1$L::text AND l.fk OPERATOR(pg_catalog.=) %3$L::text)
        UPDATE public.%1$I c SET %2$s FROM r WHERE %4$s AND %5$s AND %6$s
        RETURNING %1$L::text, %7$s',
      fk.child, fk.assign, fk.conname, deleted.softdelete_key(fk.conrelid, 'c.%1$I %2$s r.%1$I', ' AND '),
      fk.same, fk.cut, deleted.softdelete_row_key(fk.conrelid, 'c'), fk.kept);
    PERFORM set_config('search_path', path, true);
    RETURN QUERY EXECUTE statement USING links;
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  END LOOP;
  DELETE FROM deleted.softdelete_links l WHERE l.id = ANY(links);
END
$softdelete$
