CREATE OR REPLACE FUNCTION deleted.softdelete_links_of(tables oid[], work deleted.softdelete_batch[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The links to these rows that their deletion cut, by the operators of the foreign key: texts that differ may be equal. Where
-- the twin has another type than the table, the operators may not fit, and the texts have to do.
DECLARE
  fk record;
  batch bigint[];
  total bigint[] := '{}';
BEGIN
  FOR fk IN
    SELECT c.conname, child.relname AS child, deleted.softdelete_root(c.confrelid) AS parent,
      string_agg(CASE WHEN t.atttypid = f.atttypid THEN format('p.%I OPERATOR(%I.%s) r.%I', f.attname, s.nspname, o.oprname, a.attname)
        ELSE format('l.old -> %L = to_jsonb(p.%I)', a.attname, f.attname) END, ' AND ' ORDER BY k.n) AS match,
      string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY k.n) AS cols
    FROM pg_constraint c
    JOIN pg_class child ON child.oid = c.conrelid
    CROSS JOIN LATERAL unnest(c.conkey, c.confkey, c.conpfeqop) WITH ORDINALITY AS k(a, f, op, n)
    JOIN pg_operator o ON o.oid = k.op
    JOIN pg_namespace s ON s.oid = o.oprnamespace
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.a
    JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.f
    LEFT JOIN pg_attribute t ON t.attrelid = deleted.softdelete_twin(c.confrelid) AND t.attname = f.attname AND NOT t.attisdropped
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confdeltype = 'n' AND deleted.softdelete_root(c.confrelid) = ANY(tables)
    GROUP BY c.oid, child.relname
  LOOP
    EXECUTE format('SELECT array_agg(l.id) FROM %s p
        JOIN (deleted.softdelete_links l CROSS JOIN LATERAL jsonb_to_record(l.old) r(%s)) ON l.softdelete_tx = p.softdelete_tx AND l.softdelete_at = p.softdelete_at AND %s
        WHERE p.softdelete_at = ANY ($2) AND p.softdelete_id = ANY ($1) AND l.softdelete_at = ANY ($2) AND l.child = %L AND l.fk = %L',
      deleted.softdelete_twin(fk.parent), fk.cols, fk.match, fk.child, fk.conname)
    INTO batch USING deleted.softdelete_ids(work, fk.parent), deleted.softdelete_ats(work, fk.parent);
    total := total || batch;
  END LOOP;
  RETURN total;
END
$softdelete$
