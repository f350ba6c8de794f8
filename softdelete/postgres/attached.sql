CREATE OR REPLACE FUNCTION deleted.softdelete_attached(part oid) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Fails when a table is no partition any more: its rows have no place to come back to.
BEGIN
  IF pg_partition_root(part) IS NULL THEN
    RAISE EXCEPTION '% was detached from the table whose deleted rows are kept', part::regclass
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = format('To keep its rows too, install soft delete for it. To delete them for good, ALTER TABLE %s DISABLE TRIGGER USER.', part::regclass);
  END IF;
END
$softdelete$
