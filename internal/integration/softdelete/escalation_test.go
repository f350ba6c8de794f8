package softdelete_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// role makes a role that lives as long as the test.
func (b *base) role(purpose string) string {
	b.Helper()
	var role string
	if err := b.QueryRow(`SELECT quote_ident($1::text || '_' || md5(current_database()))`, purpose).Scan(&role); err != nil {
		b.Fatal(err)
	}
	b.do(`CREATE ROLE ` + role)
	b.Cleanup(func() { // the context of the test has ended
		if _, err := b.Exec(`DROP OWNED BY ` + role + ` CASCADE; DROP ROLE ` + role); err != nil {
			b.Error(err)
		}
	})
	return role
}

// as runs one string of statements as another role, in a session of its own.
func (b *base) as(role, statements string) error {
	b.Helper()
	conn, err := b.Conn(b.ctx())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(b.ctx(), `SET ROLE `+role); err != nil {
		b.Fatal(err)
	}
	_, err = conn.ExecContext(b.ctx(), statements)
	if _, err := conn.ExecContext(b.ctx(), `ROLLBACK; RESET ROLE`); err != nil {
		b.Error(err)
	}
	return err
}

// cast is a type whose conversion to JSON tries to get the rights of whoever runs it.
const cast = `CREATE TYPE %[1]s.e AS ENUM ('a');
	CREATE FUNCTION %[1]s.f(%[1]s.e) RETURNS json LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'escalated to %%', current_user; END $$;
	CREATE CAST (%[1]s.e AS json) WITH FUNCTION %[1]s.f(%[1]s.e);`

func TestNobodyElseRunsWhatRunsAsTheInstaller(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE departments (id integer PRIMARY KEY); CREATE TABLE people (id integer PRIMARY KEY, d integer REFERENCES departments ON DELETE SET NULL)`)
	db.install("departments", "people")
	const open = `SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
		WHERE p.pronamespace = 'deleted'::regnamespace AND p.prosecdef AND a.grantee = 0 ORDER BY 1`
	db.want(open)

	role := db.role("low")
	db.do(`GRANT USAGE ON SCHEMA deleted TO ` + role + `; GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA deleted TO ` + role)
	err := db.as(role, fmtCast("pg_temp")+`
		CREATE TEMP TABLE x (v pg_temp.e); INSERT INTO x VALUES ('a');
		CREATE TRIGGER g AFTER UPDATE ON x FOR EACH ROW EXECUTE FUNCTION deleted.softdelete_unlink('fk', 'v');
		UPDATE x SET v = 'a'`)
	if stateOf(err) != "42501" {
		t.Errorf("the function of a trigger serves others: %v", err)
	}

	// an install that left them open is mended
	db.do(`GRANT EXECUTE ON FUNCTION deleted.softdelete_unlink(), deleted.people_soft_delete() TO PUBLIC`)
	db.equal(db.kinds("people"), "outdated softdelete_unlink, outdated people_soft_delete")
	db.install("people")
	db.want(open)
}

func fmtCast(schema string) string { return fmt.Sprintf(cast, schema) }

func TestInstallRefusesTheTableOfAnotherRole(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	role := db.role("owner")
	db.do(`CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE b (id integer PRIMARY KEY); CREATE TABLE c (id integer PRIMARY KEY, b_id integer REFERENCES b ON DELETE SET NULL)`)
	db.do(`ALTER TABLE a OWNER TO ` + role + `; ALTER TABLE c OWNER TO ` + role)
	for table, foreign := range map[string]string{"a": "a", "b": "c"} {
		var bad *softdelete.TableError
		if err := db.twins.Install(db.ctx(), db.DB, table); !errors.As(err, &bad) || bad.Table != foreign || !strings.Contains(bad.Reason, "run Install as the table's owner") {
			t.Errorf("install %s: got %v", table, err)
		}
		if _, err := db.twins.Check(db.ctx(), db.DB, table); err != nil {
			t.Errorf("check %s: %v", table, err)
		}
	}
	db.want(`SELECT count(*) FROM pg_namespace WHERE nspname = 'deleted'`, "0")

	db.do(`ALTER TABLE c OWNER TO CURRENT_USER; ALTER TABLE a OWNER TO CURRENT_USER`)
	db.install("a", "b")
	db.do(`INSERT INTO a (id) VALUES (1), (2); INSERT INTO b (id) VALUES (1); INSERT INTO c (id, b_id) VALUES (1, 1)`)

	// a table that is given away afterwards
	db.do(`GRANT ALL ON SCHEMA public TO ` + role)
	db.do(`ALTER TABLE a OWNER TO ` + role)
	if err := db.as(role, `DELETE FROM a WHERE id = 2`); err != nil {
		t.Error(err)
	}
	if err := db.twins.Install(db.ctx(), db.DB, "a"); err != nil { // nothing is missing
		t.Error(err)
	}
	if err := db.as(role, fmtCast("public")+`ALTER TABLE a ADD v public.e; INSERT INTO a (id, v) VALUES (3, 'a'); DELETE FROM a`); stateOf(err) != "42501" {
		t.Errorf("a changed table of another owner: %v", err)
	}
	db.do(`ALTER TABLE c OWNER TO ` + role)
	if err := db.try(`DELETE FROM b`); stateOf(err) != "42501" {
		t.Errorf("a link of another owner's table: %v", err)
	}
}
