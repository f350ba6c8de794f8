CREATE OR REPLACE FUNCTION deleted.softdelete_set(settings text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Sets what softdelete_plain_text changes, until the transaction ends at most.
BEGIN
  PERFORM set_config('datestyle', settings[1], true), set_config('intervalstyle', settings[2], true), set_config('extra_float_digits', settings[3], true);
END
$softdelete$
