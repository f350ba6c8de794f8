CREATE OR REPLACE FUNCTION deleted.softdelete_unchanged(live oid) RETURNS void
LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Fails when a table has changed since the snapshot of a REPEATABLE READ or SERIALIZABLE transaction: its rows then have
-- columns and types that this transaction does not find in the catalogue. Of what it finds there, a version that was
-- replaced since bears the number of who replaced it (xmax, without an epoch), as does one whose change was rolled back.
DECLARE
  now bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('repeatable read', 'serializable') THEN
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = live)
    OR EXISTS (
      SELECT FROM (
        SELECT c.xmax FROM pg_class c WHERE c.oid = live AND c.xmax <> '0'
        UNION ALL
        SELECT a.xmax FROM pg_attribute a WHERE a.attrelid = live AND a.xmax <> '0') v
      WHERE pg_xact_status((now + ((v.xmax::text::bigint - now + 2147483648) & 4294967295) - 2147483648)::text::xid8) = 'committed')
  THEN
    RAISE EXCEPTION 'table % was changed after this transaction began, which reads it as it was before', live::regclass
      USING ERRCODE = 'serialization_failure', HINT = 'Run the transaction again.';
  END IF;
END
$softdelete$
