CREATE OR REPLACE FUNCTION deleted.softdelete_retype(twin regclass, name text, was text, typ text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Gives a column of a twin another type. What would lose something there, or be none, goes into softdelete_extra.
DECLARE
  aside text := format('UPDATE %s t SET softdelete_extra = coalesce(t.softdelete_extra, ''{}'') || jsonb_build_object(%L, jsonb_build_object(''type'', %L, ''text'', t.%I::text)) WHERE ',
    twin, name, was, name);
BEGIN
  BEGIN -- all rows at once, which is fast
    EXECUTE aside || format('t.%1$I::text::%2$s::text <> t.%1$I::text AND t.%1$I::text::%2$s::text::%3$s::text <> t.%1$I::text', name, typ, was);
  EXCEPTION WHEN OTHERS THEN -- one by one
    EXECUTE aside || format('t.%1$I IS NOT NULL AND NOT deleted.softdelete_fits(t.%1$I::text, %2$L, %3$L)', name, was, typ);
  END;
  EXECUTE format('ALTER TABLE %1$s ALTER COLUMN %2$I TYPE %3$s USING CASE WHEN softdelete_extra ? %2$L THEN NULL ELSE %2$I::text::%3$s END', twin, name, typ);
END
$softdelete$
