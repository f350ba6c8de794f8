CREATE OR REPLACE FUNCTION deleted.softdelete_alone(live oid) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Fails when tables inherit from a table since Install: a statement's trigger would take their rows for rows of this one.
BEGIN
  IF EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = live) THEN
    RAISE EXCEPTION 'tables inherit from % since soft delete was installed', live::regclass
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Install it again.';
  END IF;
END
$softdelete$
