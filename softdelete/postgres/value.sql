CREATE OR REPLACE FUNCTION deleted.softdelete_value(value text, was text, typ text, live oid, name text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- A deleted value as text for a column that has another type now; fails when it would lose something there.
BEGIN
  IF value IS NOT NULL AND NOT deleted.softdelete_fits(value, was, typ) THEN
    RAISE EXCEPTION 'a deleted value of column % of %, of type %, does not fit its type now, %', quote_ident(name), live::regclass, was, typ
      USING ERRCODE = 'integrity_constraint_violation', TABLE = (SELECT relname FROM pg_class WHERE oid = live), CONSTRAINT = name,
        DETAIL = format('The deleted value is of type %s, the column of type %s.', was, typ);
  END IF;
  RETURN value;
END
$softdelete$
