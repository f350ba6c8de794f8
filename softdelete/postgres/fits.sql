CREATE OR REPLACE FUNCTION deleted.softdelete_fits(value text, was text, typ text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Whether a value of one type, as text, loses nothing in another: its text stays, or comes back from there. A JSON
-- document may change its text.
DECLARE
  there text;
  back text;
BEGIN
  EXECUTE format('SELECT ($1::%s)::text', typ) INTO there USING value;
  IF there = value OR typ IN ('json', 'jsonb') THEN
    RETURN true;
  END IF;
  EXECUTE format('SELECT ($1::%s)::text', was) INTO back USING there;
  RETURN back IS NOT DISTINCT FROM value;
EXCEPTION WHEN OTHERS THEN
  RETURN false;
END
$softdelete$
