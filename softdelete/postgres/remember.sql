CREATE OR REPLACE FUNCTION deleted.softdelete_remember(live regclass, twin regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Notes the numbers of a table's columns, which a renaming does not change, as a comment on the twin.
BEGIN
  EXECUTE format('COMMENT ON COLUMN %s.softdelete_id IS %L', twin, (
    SELECT json_build_object('table', live::oid::bigint, 'columns', json_object_agg(a.attname, a.attnum))
    FROM pg_attribute a WHERE a.attrelid = live AND a.attnum > 0 AND NOT a.attisdropped));
END
$softdelete$
