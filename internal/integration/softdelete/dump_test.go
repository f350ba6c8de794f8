package softdelete_test

import (
	"bytes"
	"os/exec"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// What pg_dump writes and psql reads works on as before, deleted rows and all.
func TestDumpOfTheDatabase(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"pg_dump", "psql"} {
		if _, err := exec.LookPath(program); err != nil {
			testenv.Missing(t, "no %s", program)
		}
	}
	from, to := testenv.Postgres(t), testenv.Postgres(t)
	twins := softdelete.Postgres(softdelete.Config{KeepTruncated: true})
	db := &base{TB: t, DB: testenv.Open(t, from), twins: twins, postgres: true}
	db.do(`CREATE TYPE mood AS ENUM ('ok', 'bad'); CREATE DOMAIN title AS text CHECK (VALUE <> '');
		CREATE TABLE p (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood, n title, same boolean, twice integer GENERATED ALWAYS AS (1 + 1) STORED, "odd ""n'ame" int);
		CREATE TABLE c (id integer, day date, p_id integer REFERENCES p ON DELETE CASCADE, l_id integer REFERENCES p ON DELETE SET NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
		CREATE TABLE c1 PARTITION OF c FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`)
	db.install("p", "c")
	db.do(`INSERT INTO p (m, n, "odd ""n'ame") VALUES ('bad', 'x', 7), ('ok', 'y', 8); INSERT INTO c (id, day, p_id, l_id) VALUES (1, '2026-05-05', 1, NULL), (2, '2026-05-06', NULL, 1); DELETE FROM p WHERE id = 1`)
	db.do(`ALTER TABLE p ADD later integer; DELETE FROM p`) // kept aside

	dump, err := exec.CommandContext(db.ctx(), "pg_dump", from).Output()
	if err != nil {
		t.Fatal(err)
	}
	read := exec.CommandContext(db.ctx(), "psql", "-qX", "-v", "ON_ERROR_STOP=1", to)
	read.Stdin = bytes.NewReader(dump)
	if out, err := read.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	copied := &base{TB: t, DB: testenv.Open(t, to), twins: twins, postgres: true}
	copied.equal(copied.kinds("p", "c"), db.kinds("p", "c"))
	copied.equal(copied.restore("p", softdelete.Key(1)), "p(1) c(1,2026-05-05) | c(2,2026-05-06)")
	copied.want(`SELECT id, m, n, twice, "odd ""n'ame" FROM p`, "1 bad x 2 7")
	copied.install("p", "c")
	copied.do(`DELETE FROM p; DELETE FROM c1`)
	copied.do(`VACUUM FULL ANALYZE deleted.deleted_p`)
	copied.equal(copied.restore("p", softdelete.Key(1)), "p(1) c(1,2026-05-05)")
	copied.equal(copied.restore("p", softdelete.Key(2)), "p(2)")
	copied.want(`SELECT id, later FROM p ORDER BY id`, "1 <nil>", "2 <nil>")
	copied.do(`INSERT INTO p (n) VALUES ('z')`) // the identity goes on
	copied.want(`SELECT max(id) FROM p`, "3")
	copied.do(`UPDATE deleted.deleted_c SET deleted_at = NULL`)
	copied.want(`SELECT count(*) FROM c`, "2")
}
