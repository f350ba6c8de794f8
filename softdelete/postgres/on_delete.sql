CREATE OR REPLACE FUNCTION deleted.softdelete_on_delete() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- The text is what services that read twins know.
BEGIN
  RAISE EXCEPTION 'Deletion from tables in `deleted` schema is forbidden. You can only restore records to the public schema. To do this set deleted_at = null.';
END
$softdelete$
