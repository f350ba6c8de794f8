package command

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

const company = `CREATE TABLE departments (id bigint PRIMARY KEY, name text);
	CREATE TABLE people (id bigint PRIMARY KEY, name text, email text UNIQUE, department_id bigint REFERENCES departments ON DELETE CASCADE);
	CREATE TABLE notes (a text, b int, person_id bigint REFERENCES people ON DELETE SET NULL, raw bytea, PRIMARY KEY (a, b));
	INSERT INTO departments VALUES (1, 'Tools'), (2, 'Arms');
	INSERT INTO people VALUES (1, 'Ann', 'ann@x', 1), (2, 'Bob', 'bob@x', 1), (3, 'Cid', 'cid@x', 2);
	INSERT INTO notes VALUES ('x', 1, 1, '\x00ff'), ('y', 2, NULL, 'text')`

func TestSync(t *testing.T) {
	t.Parallel()
	s := newShell(t, binary(t))
	s.exec(company)
	const tables = "departments, people,notes"
	out, errs, code := s.call("check", "-tables", tables)
	if code != 1 || !strings.Contains(out, "people: missing twin \"deleted_people\"\n") || !strings.Contains(errs, `"toolset softdelete sync -tables departments,people,notes" shows what mends them`) {
		t.Errorf("check: exit %d\n%s%s", code, out, errs)
	}
	printed := s.ok("sync", "-tables", tables)
	for _, part := range []string{"-- Soft delete of departments, people, notes", "BEGIN;", "COMMIT;", `public."people" ACCESS EXCLUSIVE`, `-- people: missing trigger "people_soft_delete" (on public."people")`} {
		if !strings.Contains(printed, part) {
			t.Errorf("no %q in %s", part, printed)
		}
	}
	s.want(`SELECT count(*) FROM pg_namespace WHERE nspname = 'deleted'`, "0")
	if out := s.ok("sync", "-tables", tables, "-apply"); !strings.Contains(out, `mended people: missing twin "deleted_people"`) {
		t.Errorf("sync -apply printed %s", out)
	}
	s.clean(tables)
	if out, errs, code := s.call("sync", "-tables", tables, "-apply"); out != "" || code != 0 || errs != "nothing is missing\n" {
		t.Errorf("again: %q %q, exit %d", out, errs, code)
	}
	dir := filepath.Join(t.TempDir(), "migrations")
	if out, errs, code := s.call("sync", "-tables", tables, "-out", dir, "-format", "goose"); out != "" || code != 0 || errs != "nothing is missing\n" {
		t.Errorf("a migration of nothing: %q %q, exit %d", out, errs, code)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a directory for no migration: %v", err)
	}

	// TRUNCATE is refused, or keeps the rows
	if _, err := s.db.Exec(`TRUNCATE notes`); err == nil {
		t.Error("TRUNCATE is not refused")
	}
	s.ok("sync", "-tables", "notes", "-keep-truncated", "-apply")
	s.ok("check", "-tables", "notes", "-keep-truncated")
	s.exec(`TRUNCATE notes`)
	s.want(`SELECT count(*) FROM deleted.deleted_notes`, "2")

	// what it prints does what it says
	other := newShell(t, s.path)
	other.exec(company)
	other.exec(printed)
	other.clean(tables)
}

func TestCheckAsJSON(t *testing.T) {
	t.Parallel()
	s := newShell(t, binary(t))
	s.exec(company)
	s.ok("sync", "-tables", "people", "-apply")
	s.exec(`ALTER TABLE people DROP COLUMN email; ALTER TABLE people RENAME COLUMN name TO "full"; ALTER TABLE people DISABLE TRIGGER people_soft_delete`)
	out, _, code := s.call("check", "-tables", "people", "-json")
	type drift struct {
		Table, Kind, Name, Detail string
		Allowed                   bool
	}
	var found []string
	for line := range strings.Lines(out) {
		var d drift
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		found = append(found, fmt.Sprintf("%s: %s %s %t", d.Table, d.Kind, d.Name, d.Allowed))
	}
	want := "people: renamed column full false; people: extra column email false; people: outdated people_soft_delete false; people: disabled trigger people_soft_delete false"
	if got := strings.Join(found, "; "); got != want || code != 1 {
		t.Errorf("exit %d, got  %s\nwant %s", code, got, want)
	}
	s.ok("sync", "-tables", "people", "-apply")
	if out, errs, code := s.call("check", "-tables", "people"); code != 1 || !strings.Contains(out, `ALTER TABLE deleted."deleted_people" DROP COLUMN "email"`) {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if out := s.ok("check", "-tables", "people", "-allow", "extra column, reordered columns"); !strings.Contains(out, "extra column") {
		t.Errorf("what is allowed is not told: %s", out)
	}
}

func TestListRestorePurge(t *testing.T) {
	t.Parallel()
	s := newShell(t, binary(t))
	s.exec(company)
	s.ok("sync", "-tables", "departments,people,notes", "-apply")
	s.exec(`DELETE FROM people WHERE id = 3`)
	s.exec(`DELETE FROM departments WHERE id = 1`)
	s.exec(`DELETE FROM notes`)

	type row struct {
		Table, Deletion string
		Key             []any
		DeletedAt       string `json:"deleted_at"`
		Row             map[string]any
	}
	list := func(args ...string) (rows []row, keys string) {
		t.Helper()
		for line := range strings.Lines(s.ok(append([]string{"list"}, args...)...)) {
			var r row
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			rows = append(rows, r)
			keys += fmt.Sprint(r.Key)
		}
		return rows, keys
	}
	expect := func(want string, args ...string) {
		t.Helper()
		if _, got := list(args...); got != want {
			t.Errorf("list %q has %s, want %s", args, got, want)
		}
	}
	people, _ := list("-table", "people")
	if p := people[len(people)-1]; p.Table != "people" || p.Row["name"] != "Cid" || p.Row["department_id"] != 2.0 || p.DeletedAt == "" || len(people) != 3 {
		t.Errorf("listed %v", people)
	}
	expect("[3]", "-table", "people", "-key", "3")
	expect("[3]", "-table", "people", "-deletion", people[2].Deletion)
	expect("[3]", "-table", "people", "-transaction", people[2].Deletion, "-since", "1h")
	expect("", "-table", "people", "-before", "1h")
	for _, args := range [][]string{{"-key", "77"}, {"-key", "abc"}, {"-deletion", "1@1"}, {"-went-with", "departments=77"}} {
		if out, errs, code := s.call(append([]string{"list", "-table", "people"}, args...)...); out != "" || code != 0 || errs != "no deleted row of \"people\" matches\n" {
			t.Errorf("list %q: exit %d, %q %q", args, code, out, errs)
		}
	}
	s.fails([]string{"list", "-table", "people", "-went-with", "nowhere=1"}, `table "nowhere" has no twin`)
	expect("[1]", "-table", "people", "-went-with", "departments=1", "-key", "1")
	expect("[y 2]", "-table", "notes", "-key", `["y",2]`)
	expect("[y 2]", "-table", "notes", "-key", "y", "-key", "2")
	notes, _ := list("-table", "notes", "-limit", "1")
	if len(notes) != 1 {
		t.Errorf("-limit 1 lists %d rows", len(notes))
	}
	if all, _ := list("-table", "notes", "-key", "x", "-key", "1"); all[0].Row["raw"] != `\x00ff` {
		t.Errorf("bytes are %v", all[0].Row["raw"])
	}
	if all, _ := list("-table", "notes", "-key", `["y", 2]`); all[0].Row["raw"] != "text" {
		t.Errorf("text is %v", all[0].Row["raw"])
	}

	// a trial says all and changes nothing
	restore := func(want string, args ...string) {
		t.Helper()
		if out := s.ok(append([]string{"restore"}, args...)...); out != want {
			t.Errorf("restore %q printed\n%swant\n%s", args, out, want)
		}
	}
	restore(`{"outcome":"would be restored","table":"departments","key":[1]}
{"outcome":"would be restored","table":"people","key":[1]}
{"outcome":"would be restored","table":"people","key":[2]}
{"overwritten":0,"relinked":0,"skipped":0,"would_restore":3}
`, "-table", "departments", "-key", "1", "-dry-run")
	s.want(`SELECT count(*) FROM departments`, "1")
	restore(`{"outcome":"restored","table":"departments","key":[1]}
{"overwritten":0,"relinked":0,"restored":1,"skipped":0}
`, "-table", "departments", "-key", "1", "-row-only")
	s.exec(`INSERT INTO people (id, name, email) VALUES (9, 'New', 'ann@x')`)
	s.fails([]string{"restore", "-table", "people", "-since", "1h", "-before", "2999-01-01"},
		`row (1) of "people" cannot come back: constraint "people_email_key" refuses it`, "-on-conflict skip or -on-conflict overwrite")
	restore(`{"outcome":"would be restored","table":"people","key":[3]}
{"outcome":"would be restored","table":"people","key":[2]}
{"outcome":"would be skipped","table":"people","key":[1],"error":"softdelete: row (1) of \"people\" cannot come back: constraint \"people_email_key\" refuses it"}
{"overwritten":0,"relinked":0,"skipped":1,"would_restore":2}
`, "-table", "people", "-since", "1h", "-on-conflict", "skip", "-dry-run")
	restore(`{"outcome":"restored","table":"people","key":[1]}
{"outcome":"overwritten","table":"people","key":[9]}
{"overwritten":1,"relinked":0,"restored":1,"skipped":0}
`, "-table", "people", "-key", "1", "-on-conflict", "overwrite")
	s.fails([]string{"restore", "-table", "people", "-key", "77"}, `no deleted row of "people" with key (77)`)
	s.fails([]string{"restore", "-table", "notes", "-key", "1"}, `the key of table "notes" is (a, b), got 1 parts`)
	s.exec(`DELETE FROM departments WHERE id = 2`)
	s.fails([]string{"restore", "-table", "people", "-key", "3"}, "is gone", "-on-conflict skip")

	// purge
	if out := s.ok("purge", "-tables", "departments,notes", "-before", "2999-01-01", "-dry-run"); out != `{"outcome":"would be purged","table":"departments","key":[2]}
{"table":"departments","would_purge":1}
{"outcome":"would be purged","table":"notes","key":["x",1]}
{"outcome":"would be purged","table":"notes","key":["y",2]}
{"table":"notes","would_purge":2}
` {
		t.Errorf("purge -dry-run printed %s", out)
	}
	s.want(`SELECT count(*) FROM deleted.deleted_notes`, "2")
	if out := s.ok("purge", "-table", "notes", "-before", "1d"); out != "{\"of\":0,\"purged\":0,\"table\":\"notes\"}\n" {
		t.Errorf("purge printed %s", out)
	}
	if out := s.ok("purge", "-table", "notes", "-before", "2999-01-01T00:00:00Z", "-batch", "1"); out != "{\"of\":2,\"purged\":2,\"table\":\"notes\"}\n" {
		t.Errorf("purge printed %s", out)
	}
	s.want(`SELECT count(*) FROM deleted.deleted_notes`, "0")
}

func TestSoftDeleteOnSQLite(t *testing.T) {
	t.Parallel()
	path := binary(t)
	file := filepath.Join(t.TempDir(), "odd #name%20?.db")
	db := testenv.OpenSQLite(t, file)
	if _, err := db.Exec(`CREATE TABLE departments (id INTEGER PRIMARY KEY); CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, department_id INTEGER REFERENCES departments ON DELETE CASCADE);
		INSERT INTO departments VALUES (1); INSERT INTO people VALUES (1, 'Ann', 1)`); err != nil {
		t.Fatal(err)
	}
	s := &shell{T: t, path: path, dsn: "sqlite:" + file, db: db}
	printed := s.ok("sync", "-tables", "departments,people")
	s.want(`SELECT count(*) FROM sqlite_schema WHERE name LIKE 'deleted%'`, "0")
	s.exec(printed)
	s.clean("departments,people")
	s.exec(`DELETE FROM departments`)
	if out := s.ok("list", "-table", "people"); !strings.Contains(out, `"key":[1],"deletion":"1"`) || !strings.Contains(out, `"name":"Ann"`) {
		t.Errorf("listed %s", out)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"restore", "-table", "departments", "-key", "1", "-dry-run"}, `"would_restore":2}`},
		{[]string{"restore", "-table", "departments", "-key", "1"}, `"restored":2,`},
	} {
		if out := s.ok(step.args...); !strings.Contains(out, step.want) {
			t.Errorf("%q printed %s", step.args, out)
		}
	}
	s.exec(`DELETE FROM people`)
	if out := s.ok("purge", "-tables", "people", "-before", "2999-01-01"); out != "{\"of\":1,\"purged\":1,\"table\":\"people\"}\n" {
		t.Errorf("purge printed %s", out)
	}
	s.dsn += ".none"
	s.fails([]string{"check", "-tables", "people"}, "names no SQLite database")
}
