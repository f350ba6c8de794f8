CREATE OR REPLACE FUNCTION deleted.softdelete_on_delete() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Runs when a statement is done: a trigger for each row would lock each row. The text is what services that read twins know.
BEGIN
  IF EXISTS (SELECT FROM old_rows o WHERE o.deleted_at IS NOT NULL) THEN
    RAISE EXCEPTION 'Deletion from tables in `deleted` schema is forbidden. You can only restore records to the public schema. To do this set deleted_at = null.';
  END IF;
  RETURN NULL;
END
$softdelete$
