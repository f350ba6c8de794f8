CREATE OR REPLACE FUNCTION deleted.softdelete_truncated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Keeps the rows that a TRUNCATE is about to remove. It has locked all its tables by now; those below, partitions and
-- heirs, have triggers of their own.
DECLARE
  twin regclass := deleted.softdelete_twin(TG_RELID);
  open regclass;
  settings text[];
BEGIN
  IF twin IS NULL THEN
    RAISE EXCEPTION 'TRUNCATE of % is refused: it has no twin to keep its rows', TG_RELID::regclass;
  END IF;
  IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN -- TRUNCATE removes what this cannot see
    RAISE EXCEPTION 'TRUNCATE of % is refused under isolation level %: rows that this transaction does not see would be lost', TG_RELID::regclass, current_setting('transaction_isolation')
      USING HINT = 'Use READ COMMITTED, or DELETE.';
  END IF;
  IF (SELECT c.relkind FROM pg_class c WHERE c.oid = TG_RELID) = 'p' THEN
    open := (SELECT t.relid FROM pg_partition_tree(TG_RELID) t
      WHERE t.isleaf AND NOT EXISTS (SELECT FROM pg_trigger g
        WHERE g.tgrelid = t.relid AND g.tgfoid = 'deleted.softdelete_truncated'::regproc AND g.tgenabled IN ('O', 'A')) LIMIT 1);
    IF open IS NOT NULL THEN
      RAISE EXCEPTION 'TRUNCATE of % is refused: partition % has no trigger to keep its rows', TG_RELID::regclass, open USING HINT = 'Install soft delete again.';
    END IF;
    RETURN NULL;
  END IF;
  IF row_security_active(TG_RELID) THEN -- TRUNCATE does not ask it
    RAISE EXCEPTION 'TRUNCATE of % is refused: row security is forced on its owner, who would not see all rows to keep', TG_RELID::regclass
      USING ERRCODE = 'insufficient_privilege', HINT = 'Use DELETE, or ALTER TABLE ... NO FORCE ROW LEVEL SECURITY.';
  END IF;
  settings := deleted.softdelete_plain_text();
  EXECUTE deleted.softdelete_capture(TG_RELID, twin, format('ONLY %s', TG_RELID::regclass));
  PERFORM deleted.softdelete_set(settings);
  RETURN NULL;
END
$softdelete$
