CREATE OR REPLACE FUNCTION deleted.softdelete_unlink() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Remembers a link that ON DELETE SET NULL cuts. Arguments: the foreign key, then the columns to keep.
BEGIN
  PERFORM deleted.softdelete_owned(TG_RELID);
  INSERT INTO deleted.softdelete_links (child, fk, old)
  SELECT coalesce((SELECT c.relname FROM pg_partition_ancestors(TG_RELID) a
      JOIN pg_constraint k ON k.conrelid = a.relid AND k.contype = 'f' AND k.conparentid = 0 AND k.conname = TG_ARGV[0]
      JOIN pg_class c ON c.oid = a.relid LIMIT 1), TG_TABLE_NAME), TG_ARGV[0], jsonb_object_agg(k, to_jsonb(OLD) -> k) FROM unnest(TG_ARGV[1:]) k;
  RETURN NULL;
END
$softdelete$
