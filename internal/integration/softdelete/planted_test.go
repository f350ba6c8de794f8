package softdelete_test

import (
	"errors"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// Whoever may restore may write into a twin. What he plants there runs neither in an install nor in a restore of others.
func TestPlantedTypesAreNotRun(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE a (id integer PRIMARY KEY, v integer)`)
	db.install("a")
	role := db.role("app")
	db.do(`CREATE SCHEMA own AUTHORIZATION ` + role)
	db.do(`CREATE SEQUENCE ran; GRANT USAGE ON ran TO PUBLIC; GRANT SELECT, INSERT, DELETE ON a TO ` + role)
	db.do(`GRANT USAGE ON SCHEMA deleted TO ` + role + `; GRANT SELECT, UPDATE, DELETE ON deleted.deleted_a TO ` + role + `; GRANT SELECT, DELETE ON deleted.softdelete_links TO ` + role)
	planted := map[string]string{
		"statement": `integer)::text FROM (SELECT own.evil('x')) x --`,
		"domain":    `own.d`,
		"cast":      `own.e`,
	}
	if err := db.as(role, `
		CREATE FUNCTION own.evil(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('public.ran'); RETURN true; END $$;
		CREATE DOMAIN own.d AS text CHECK (own.evil(VALUE));
		CREATE TYPE own.e AS ENUM ('a');
		CREATE FUNCTION own.made(text) RETURNS own.e LANGUAGE plpgsql AS $$ BEGIN PERFORM own.evil($1); RETURN 'a'; END $$;
		CREATE CAST (text AS own.e) WITH FUNCTION own.made(text)`); err != nil {
		t.Fatal(err)
	}
	for name, typ := range planted {
		for _, column := range []string{"v", "w"} {
			db.do(`INSERT INTO a (id, v) VALUES (1, 7); DELETE FROM a`)
			// 07 is read as 7, so that the type of before is asked whether anything was lost
			if err := db.as(role, `UPDATE deleted.deleted_a SET softdelete_extra = jsonb_build_object('`+column+`', jsonb_build_object('text', '07', 'type', '`+escape(typ)+`'))`); err != nil {
				t.Fatal(err)
			}
			if column == "w" {
				db.do(`ALTER TABLE a ADD w integer`)
			}
			db.install("a")
			_, err := db.twins.Restore(db.ctx(), db.DB, "a", softdelete.Key(1))
			var conflict *softdelete.ConflictError
			if !errors.As(err, &conflict) || conflict.Constraint != column {
				t.Errorf("%s in %s: restored with %v", name, column, err)
			}
			db.want(`SELECT is_called FROM ran`, "false") // which no rollback undoes
			db.do(`SELECT setval('ran', 1, false); ALTER TABLE a DROP COLUMN IF EXISTS w`)
			db.do(`ALTER TABLE deleted.deleted_a DROP COLUMN IF EXISTS w`)
			db.do(`UPDATE deleted.deleted_a SET softdelete_extra = NULL`)
			db.restore("a", softdelete.Key(1))
			db.do(`DELETE FROM a`)
			db.do(`SET softdelete.moving = 'on'; DELETE FROM deleted.deleted_a; RESET softdelete.moving`)
			db.install("a")
		}
	}
}

func escape(text string) string { return strings.ReplaceAll(text, "'", "''") }
