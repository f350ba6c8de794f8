CREATE OR REPLACE FUNCTION deleted.softdelete_touch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Keeps updated_at, unless the statement itself sets it.
BEGIN
  IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END
$softdelete$
