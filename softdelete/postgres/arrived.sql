CREATE OR REPLACE FUNCTION deleted.softdelete_arrived(live oid, sent bigint, came bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Fails when a BEFORE INSERT trigger kept rows away that have left the twin.
BEGIN
  IF sent <> came THEN
    RAISE EXCEPTION 'a trigger of % kept % rows from coming back', live::regclass, sent - came
      USING ERRCODE = 'integrity_constraint_violation', TABLE = (SELECT relname FROM pg_class WHERE oid = live), CONSTRAINT = 'BEFORE INSERT trigger';
  END IF;
END
$softdelete$
