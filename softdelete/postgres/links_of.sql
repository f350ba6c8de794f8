CREATE OR REPLACE FUNCTION deleted.softdelete_links_of(tables oid[], work deleted.softdelete_batch[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_nestloop = off SET enable_mergejoin = off SET jit = off AS $softdelete$
-- The links to these rows that their deletion cut, by the operators of the foreign key: texts that differ may be equal. Where
-- the twin has another type than the table the operators may not fit, and an array or row is no text that its type reads:
-- there JSON is compared. Only a hash join takes all
-- conditions at once: many rows and links of one deletion have transaction and time in common. jit is off as in softdelete_tree.
DECLARE
  fk record;
  batch bigint[];
  total bigint[] := '{}';
BEGIN
  FOR fk IN
    SELECT c.conname, child.relname AS child, deleted.softdelete_root(c.confrelid) AS parent,
      string_agg(CASE WHEN t.atttypid = f.atttypid AND y.typcategory NOT IN ('A', 'C') AND a.atttypid <> 'jsonb'::regtype THEN format('p.%I OPERATOR(%I.%s) r.softdelete_%s', f.attname, s.nspname, o.oprname, k.n)
        ELSE format('r.softdelete_old -> %L = to_jsonb(p.%I)', a.attname, f.attname) END, ' AND ' ORDER BY k.n) AS match,
      coalesce(string_agg(format(', CAST(l.old ->> %L AS %s) AS softdelete_%s', a.attname, format_type(a.atttypid, a.atttypmod), k.n), '' ORDER BY k.n)
        FILTER (WHERE t.atttypid = f.atttypid AND y.typcategory NOT IN ('A', 'C') AND a.atttypid <> 'jsonb'::regtype), '') AS cols
    FROM pg_constraint c
    JOIN pg_class child ON child.oid = c.conrelid
    CROSS JOIN LATERAL unnest(c.conkey, c.confkey, c.conpfeqop) WITH ORDINALITY AS k(a, f, op, n)
    JOIN pg_operator o ON o.oid = k.op
    JOIN pg_namespace s ON s.oid = o.oprnamespace
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.a
    JOIN pg_type y ON y.oid = a.atttypid
    JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.f
    LEFT JOIN pg_attribute t ON t.attrelid = deleted.softdelete_twin(c.confrelid) AND t.attname = f.attname AND NOT t.attisdropped
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confdeltype = 'n' AND deleted.softdelete_root(c.confrelid) = ANY(tables)
    GROUP BY c.oid, child.relname
  LOOP
    EXECUTE format('WITH r AS MATERIALIZED (SELECT l.id AS softdelete_id, l.softdelete_tx, l.softdelete_at, l.old AS softdelete_old%2$s
          FROM deleted.softdelete_links l
          WHERE l.child = %4$L AND l.fk = %5$L AND l.softdelete_at = ANY ($2)
            AND l.softdelete_tx = ANY (ARRAY(SELECT DISTINCT d.softdelete_tx FROM %1$s d WHERE d.softdelete_at = ANY ($2) AND d.softdelete_id = ANY ($1))))
        SELECT array_agg(r.softdelete_id) FROM %1$s p JOIN r ON r.softdelete_tx = p.softdelete_tx AND r.softdelete_at = p.softdelete_at AND %3$s
        WHERE p.softdelete_at = ANY ($2) AND p.softdelete_id = ANY ($1)',
      deleted.softdelete_twin(fk.parent), fk.cols, fk.match, fk.child, fk.conname)
    INTO batch USING deleted.softdelete_ids(work, fk.parent), deleted.softdelete_ats(work, fk.parent);
    total := total || batch;
  END LOOP;
  RETURN total;
END
$softdelete$
