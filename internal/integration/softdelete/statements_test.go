package softdelete_test

import (
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// Every way of PostgreSQL to delete a row keeps it.
func TestEveryStatementThatDeletes(t *testing.T) {
	t.Parallel()
	ways := map[string]string{
		"returning":     `WITH gone AS (DELETE FROM a WHERE id < 3 RETURNING *) INSERT INTO log SELECT id FROM gone`,
		"using":         `DELETE FROM a USING log l WHERE l.id = 0 AND a.id < 3`,
		"merge":         `MERGE INTO a USING (VALUES (1), (2)) v (id) ON a.id = v.id WHEN MATCHED THEN DELETE`,
		"merge of both": `MERGE INTO a USING (VALUES (1), (2), (3)) v (id) ON a.id = v.id WHEN MATCHED AND v.id = 3 THEN UPDATE SET big = a.big WHEN MATCHED THEN DELETE`,
		"view":          `CREATE VIEW v AS SELECT id FROM a WHERE id < 3; DELETE FROM v`,
		"rule":          `CREATE RULE r AS ON DELETE TO log DO ALSO DELETE FROM a WHERE id < 3; DELETE FROM log`,
		"instead of": `CREATE VIEW v AS SELECT 1 AS id FROM log; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM a WHERE id < 3; RETURN OLD; END $$;
			CREATE TRIGGER t INSTEAD OF DELETE ON v FOR EACH ROW EXECUTE FUNCTION f(); DELETE FROM v`,
		"cursor":    `DO $$ DECLARE c CURSOR FOR SELECT * FROM a WHERE id < 3 FOR UPDATE; BEGIN FOR r IN c LOOP DELETE FROM a WHERE CURRENT OF c; END LOOP; END $$`,
		"loop":      `DO $$ BEGIN FOR i IN 1 .. 2 LOOP DELETE FROM a WHERE id = i; END LOOP; END $$`,
		"savepoint": `BEGIN; SAVEPOINT s; DELETE FROM a; ROLLBACK TO s; DELETE FROM a WHERE id < 3; COMMIT`,
		"caught":    `DO $$ BEGIN BEGIN DELETE FROM a; RAISE 'no'; EXCEPTION WHEN OTHERS THEN NULL; END; DELETE FROM a WHERE id < 3; END $$`,
		"prepared":  `PREPARE p AS DELETE FROM a WHERE id = $1; EXECUTE p(1); EXECUTE p(2)`,
		"temporary": `CREATE TEMP TABLE deleted_a (id integer); CREATE TEMP TABLE pg_attribute (attname text); CREATE TEMP TABLE old_rows (id integer); DELETE FROM a WHERE id < 3`,
		"another":   `CREATE SCHEMA s; CREATE TABLE s.a (id integer); SET search_path = s; DELETE FROM public.a WHERE id < 3`,
		"deferred":  `BEGIN; SET CONSTRAINTS ALL DEFERRED; DELETE FROM a WHERE id < 3; COMMIT`,
	}
	for name, statement := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := onPostgres(t)
			db.SetMaxOpenConns(1) // what a session has set holds on
			db.do(`CREATE TABLE a (id integer PRIMARY KEY, twice integer GENERATED ALWAYS AS (id * 2) STORED, n integer GENERATED ALWAYS AS IDENTITY, s serial, big text);
				CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE); CREATE TABLE log (id integer)`)
			db.install("a", "b")
			db.do(`INSERT INTO a (id, big) SELECT i, (SELECT string_agg(md5(i || ' ' || j), '') FROM generate_series(1, 2000) j) FROM generate_series(1, 3) i; INSERT INTO b (id, a_id) SELECT id + 10, id FROM a; INSERT INTO log VALUES (0)`)
			all := db.rows(`SELECT id, twice, n, s, md5(big) FROM a ORDER BY id`)
			db.do(statement)
			db.want(`SELECT id FROM public.a`, "3")
			db.want(`SELECT id, deleted_at IS NOT NULL FROM deleted.deleted_a ORDER BY id`, "1 true", "2 true")
			db.want(`SELECT id FROM deleted.deleted_b ORDER BY id`, "11", "12")
			db.equal(db.restore("a", softdelete.Key(2)), "a(2) b(12)")
			db.do(`UPDATE deleted.deleted_a SET deleted_at = NULL; UPDATE deleted.deleted_b SET deleted_at = NULL`)
			db.want(`SELECT id, twice, n, s, md5(big) FROM public.a ORDER BY id`, all...)
			db.want(`SELECT id, a_id FROM public.b ORDER BY id`, "11 1", "12 2", "13 3")
			db.want(`SELECT count(*) FROM deleted.deleted_a`, "0")
		})
	}
}
