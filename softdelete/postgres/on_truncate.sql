CREATE OR REPLACE FUNCTION deleted.softdelete_on_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
BEGIN
  RAISE EXCEPTION 'TRUNCATE of % is refused: it would lose rows that soft delete keeps', TG_RELID::regclass
    USING HINT = 'Use DELETE.';
END
$softdelete$
