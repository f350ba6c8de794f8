CREATE OR REPLACE FUNCTION deleted.softdelete_unlink() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Remembers a link that ON DELETE SET NULL cuts. Arguments: the foreign key, then the columns to keep. It runs for each
-- row: what it can do without a query or another function it does so.
DECLARE
  child text := TG_TABLE_NAME;
  kept jsonb := to_jsonb(OLD);
  it record;
BEGIN
  SELECT c.relispartition AS part, pg_get_userbyid(c.relowner) = current_user AS owned INTO it FROM pg_class c WHERE c.oid = TG_RELID;
  IF NOT it.owned THEN
    PERFORM deleted.softdelete_owned(TG_RELID);
  END IF;
  IF it.part THEN -- the foreign key may be that of a table above
    child := coalesce((SELECT c.relname FROM pg_partition_ancestors(TG_RELID) a
      JOIN pg_constraint k ON k.conrelid = a.relid AND k.contype = 'f' AND k.conparentid = 0 AND k.conname = TG_ARGV[0]
      JOIN pg_class c ON c.oid = a.relid LIMIT 1), child);
  END IF;
  INSERT INTO deleted.softdelete_links (child, fk, old) VALUES (child, TG_ARGV[0], (SELECT jsonb_object_agg(k, kept -> k) FROM unnest(TG_ARGV[1:]) k));
  RETURN NULL;
END
$softdelete$
