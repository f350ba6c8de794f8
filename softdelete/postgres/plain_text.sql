CREATE OR REPLACE FUNCTION deleted.softdelete_plain_text() RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Makes values write themselves as text that every session reads alike; answers with the settings of before.
DECLARE
  before text[] := ARRAY[current_setting('datestyle'), current_setting('intervalstyle'), current_setting('extra_float_digits')];
BEGIN
  PERFORM deleted.softdelete_set('{"ISO, MDY",postgres,1}');
  RETURN before;
END
$softdelete$
