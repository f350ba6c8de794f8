CREATE OR REPLACE FUNCTION deleted.softdelete_fits(value text, was text, typ text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Whether a value of one type, as text, loses nothing in another: its text stays, or comes back from there. A JSON
-- document may change its text. Whoever restores may write what softdelete_extra says the type was: only a type of somebody
-- who is trusted anyway is asked, since a type can run code.
DECLARE
  there text;
  back text;
BEGIN
  EXECUTE format('SELECT ($1::%s)::text', typ) INTO there USING value;
  IF there = value OR typ IN ('json', 'jsonb') THEN
    RETURN true;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_type t JOIN pg_roles r ON r.oid = t.typowner WHERE t.oid = to_regtype(was)
      AND (r.rolsuper OR r.oid = (SELECT f.proowner FROM pg_proc f WHERE f.oid = 'deleted.softdelete_fits'::regproc))) THEN
    RETURN false;
  END IF;
  EXECUTE format('SELECT ($1::%s)::text', was) INTO back USING there;
  RETURN back IS NOT DISTINCT FROM value;
EXCEPTION WHEN OTHERS THEN
  RETURN false;
END
$softdelete$
