CREATE OR REPLACE FUNCTION deleted.softdelete_clash(idx oid, live oid, OUT deleted_rows text, OUT live_rows text, OUT match text)
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- For an index that keeps rows apart (unique, or of an exclusion): what to select from the twin as b and from the table
-- as l, and the condition under which two of these exclude each other, by the operators of the index. $1 are the ids and $2 the
-- times of the rows of the twin.
DECLARE
  parts text;
  pred text;
BEGIN
  SELECT string_agg(format('%s AS softdelete_%s', pg_get_indexdef(idx, n.n::int, false), n.n), ', ' ORDER BY n.n), coalesce(pg_get_expr(i.indpred, i.indrelid), 'true'),
    string_agg(format(CASE WHEN i.indnullsnotdistinct THEN '(b.softdelete_%1$s OPERATOR(%2$I.%3$s) l.softdelete_%1$s OR num_nulls(b.softdelete_%1$s, l.softdelete_%1$s) = 2)'
      ELSE 'b.softdelete_%1$s OPERATOR(%2$I.%3$s) l.softdelete_%1$s' END, n.n, s.nspname, o.oprname), ' AND ' ORDER BY n.n)
  INTO parts, pred, match
  FROM pg_index i
  CROSS JOIN LATERAL unnest(i.indclass::oid[]) WITH ORDINALITY AS n(class, n)
  JOIN pg_opclass c ON c.oid = n.class
  LEFT JOIN pg_constraint x ON x.conindid = idx AND x.contype = 'x'
  LEFT JOIN pg_amop p ON p.amopfamily = c.opcfamily AND p.amoplefttype = c.opcintype AND p.amoprighttype = c.opcintype AND p.amopstrategy = 3
  JOIN pg_operator o ON o.oid = coalesce(x.conexclop[n.n], p.amopopr)
  JOIN pg_namespace s ON s.oid = o.oprnamespace
  WHERE i.indexrelid = idx AND n.n <= i.indnkeyatts AND (i.indisunique OR x.oid IS NOT NULL)
  GROUP BY i.indpred, i.indrelid;
  deleted_rows := format('SELECT softdelete_at, softdelete_id, %s, %s FROM %s WHERE softdelete_at = ANY ($2) AND softdelete_id = ANY ($1) AND %s',
    deleted.softdelete_key(live, '%I', ', '), parts, deleted.softdelete_twin(live), pred);
  live_rows := format('SELECT tableoid AS softdelete_table, ctid AS softdelete_ctid, %s, %s FROM %s WHERE %s', deleted.softdelete_key(live, '%I', ', '), parts, deleted.softdelete_only(live), pred);
END
$softdelete$
