package softdelete_test

import (
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// An operator that somebody made in public for a more exact type is not what a restore compares with.
func TestRestoreUsesTheOperatorsOfTheKeys(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE par (id integer PRIMARY KEY, n varchar(20) UNIQUE);
		CREATE TABLE kid (k varchar(20) PRIMARY KEY, p varchar(20) REFERENCES par (n) ON DELETE CASCADE);
		CREATE TABLE fan (k varchar(20), p varchar(20) REFERENCES par (n) ON DELETE SET NULL, i integer, PRIMARY KEY (k, i))`)
	db.install("par", "kid", "fan")
	db.do(`CREATE FUNCTION public.evil(varchar, varchar) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran as %', current_user; END $$;
		CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.evil);
		CREATE FUNCTION public.evil(jsonb, jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran as %', current_user; END $$;
		CREATE OPERATOR public.-> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = public.evil);
		CREATE OPERATOR public.->> (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = public.evil);
		CREATE OPERATOR public.? (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = public.evil)`)
	db.do(`INSERT INTO par (id, n) VALUES (1, 'Ann'); INSERT INTO kid (k, p) VALUES ('x', 'Ann'); INSERT INTO fan (k, p, i) VALUES ('y', 'Ann', 1)`)
	db.do(`DELETE FROM par`)
	db.equal(db.restore("par", softdelete.Key(1)), "par(1) kid(x) | fan(y,1)")
	db.want(`SELECT p FROM fan`, "Ann")
	db.do(`DELETE FROM par`)
	db.do(`UPDATE deleted.deleted_par SET deleted_at = NULL`)
	db.want(`SELECT n FROM par`, "Ann")
}

// A type outside of pg_catalog and public compares as it means to.
func TestForeignKeysOfATypeInAnotherSchema(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	if err := db.try(`CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext`); err != nil {
		t.Skip(err)
	}
	db.do(`CREATE TABLE par (n ext.citext PRIMARY KEY); CREATE TABLE kid (id integer PRIMARY KEY, p ext.citext REFERENCES par ON DELETE CASCADE)`)
	db.install("par", "kid")
	db.do(`INSERT INTO par (n) VALUES ('Ann'); INSERT INTO kid (id, p) VALUES (1, 'ANN'); DELETE FROM par`)
	db.equal(db.restore("par", softdelete.Key("Ann")), "par(Ann) kid(1)")
}

// Columns that a primary key merely includes are no part of it.
func TestPrimaryKeyThatIncludesColumns(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE a (id integer, n text, PRIMARY KEY (id) INCLUDE (n)); CREATE TABLE b (id integer, a_id integer REFERENCES a ON DELETE SET NULL, PRIMARY KEY (id) INCLUDE (a_id))`)
	db.install("a", "b")
	db.do(`INSERT INTO a (id, n) VALUES (1, 'x'); INSERT INTO b (id, a_id) VALUES (1, 1); DELETE FROM a`)
	db.equal(db.restore("a", softdelete.Key(1)), "a(1) | b(1)")
	db.do(`DELETE FROM a`)
	db.do(`UPDATE deleted.deleted_a SET deleted_at = NULL`)
	db.want(`SELECT id, n FROM a`, "1 x")
}

// Keys in filters are compared as the primary key does, whatever the session finds in its search_path.
func TestFiltersUseTheOperatorsOfTheKeys(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.SetMaxOpenConns(1) // SET search_path holds on
	if err := db.try(`CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext`); err != nil {
		t.Skip(err)
	}
	db.do(`CREATE TABLE par (n varchar(20), c ext.citext, PRIMARY KEY (n, c)); CREATE TABLE kid (id bigint PRIMARY KEY, n varchar(20), c ext.citext, FOREIGN KEY (n, c) REFERENCES par ON DELETE CASCADE)`)
	db.install("par", "kid")
	db.do(`INSERT INTO par (n, c) VALUES ('x', 'Ann'); INSERT INTO kid (id, n, c) VALUES (1, 'x', 'ann'); DELETE FROM par`)
	db.do(`CREATE SCHEMA evil`)
	for _, types := range [][2]string{{"varchar", "varchar"}, {"xid8", "xid8"}, {"timestamptz", "timestamptz"}, {"bigint", "bigint"}, {"text", "bigint"}, {"numeric", "integer"}, {"bigint", "interval"}, {"timestamptz", "interval"}, {"oid", "oid"}} {
		for _, op := range []string{"=", "<", ">=", "||", "*", "+"} {
			db.do(`CREATE OR REPLACE FUNCTION evil.ran(` + types[0] + `, ` + types[1] + `) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran'; END $$;
				CREATE OPERATOR evil.` + op + ` (LEFTARG = ` + types[0] + `, RIGHTARG = ` + types[1] + `, FUNCTION = evil.ran)`)
		}
	}
	db.do(`CREATE FUNCTION evil.format(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran'; END $$;
		CREATE FUNCTION evil.jsonb_build_array(varchar, ext.citext) RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran'; END $$`)
	db.do(`SET search_path = evil`)
	count := func(want int64, filters ...softdelete.Filter) {
		t.Helper()
		n, err := db.twins.Count(db.ctx(), db.DB, "par", filters...)
		db.equal([]any{n, err}, []any{want, nil})
		var rows int64
		for _, err := range db.twins.List(db.ctx(), db.DB, "par", filters...) {
			if err != nil {
				t.Fatal(err)
			}
			rows++
		}
		db.equal(rows, want)
	}
	count(1, softdelete.Key("x", "ANN"))
	count(0, softdelete.Key("X", "ANN"))
	count(1, softdelete.Since(longAgo), softdelete.WentWith("par", softdelete.Key("x", "ann")))
	count(0, softdelete.Before(longAgo))
	for row, err := range db.twins.List(db.ctx(), db.DB, "par") {
		if err != nil {
			t.Fatal(err)
		}
		count(1, softdelete.InDeletion(row.Deletion))
	}
	db.equal(db.restore("par", softdelete.Key("x", "aNN")), "par(x,Ann) kid(1)")
	db.do(`DELETE FROM public.par`)
	n, err := db.twins.Purge(db.ctx(), db.DB, "par", time.Now().Add(time.Hour))
	db.equal([]any{n, err}, []any{int64(1), nil})
}
