CREATE OR REPLACE FUNCTION deleted.softdelete_name(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- A name that PostgreSQL would cut off becomes a prefix and a hash; see fitName.
DECLARE
  prefix text := name;
BEGIN
  IF octet_length(name) <= 63 THEN
    RETURN name;
  END IF;
  prefix := left(name, 46);
  WHILE octet_length(prefix) > 46 LOOP
    prefix := left(prefix, -1);
  END LOOP;
  RETURN prefix || '_' || left(encode(sha256(convert_to(name, 'UTF8')), 'hex'), 16);
END
$softdelete$
