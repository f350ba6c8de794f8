CREATE OR REPLACE FUNCTION deleted.softdelete_unpack(twin regclass, name text, typ text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $softdelete$
-- Moves what softdelete_extra keeps for a column into the column, where it fits.
BEGIN
  EXECUTE format('UPDATE %1$s t SET %2$I = (t.softdelete_extra -> %3$L ->> ''text'')::%4$s, softdelete_extra = nullif(t.softdelete_extra - %3$L, ''{}'')
      WHERE t.softdelete_extra ? %3$L AND (t.softdelete_extra -> %3$L -> ''text'' = ''null''
        OR deleted.softdelete_fits(t.softdelete_extra -> %3$L ->> ''text'', t.softdelete_extra -> %3$L ->> ''type'', %4$L))',
    twin, name, name, typ);
END
$softdelete$
