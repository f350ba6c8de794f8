CREATE OR REPLACE FUNCTION deleted.softdelete_owned(live oid) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Fails when a table has got another owner than the function that is about to read its rows with its own rights.
BEGIN
  IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = live AND pg_get_userbyid(c.relowner) = current_user) THEN
    RAISE EXCEPTION 'soft delete was installed by another role than the one that owns %', live::regclass
      USING ERRCODE = 'insufficient_privilege', HINT = 'Let one role own the table, its twin and the functions of schema deleted.';
  END IF;
END
$softdelete$
