package command

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// Whatever is wrong, the message says what, and what to run.
func TestSoftDeleteRefuses(t *testing.T) {
	t.Parallel()
	s := newShell(t, binary(t))
	s.exec(company + `; CREATE VIEW seen AS SELECT 1 AS id; CREATE TABLE bare (id int); CREATE SCHEMA other; CREATE TABLE other.elsewhere (id int PRIMARY KEY);
		CREATE TABLE "Mixed" (id int PRIMARY KEY)`)
	s.ok("sync", "-tables", "people", "-apply")
	s.exec(`DELETE FROM people WHERE id = 1`)
	for _, verb := range []string{"sync", "check"} {
		for table, want := range map[string]string{
			"nowhere":   `table "nowhere" does not exist in schema public`,
			"mixed":     `there is a table "Mixed"`,
			"seen":      `table "seen" is no table but a view or the like: name the tables beneath it`,
			"bare":      `has no primary key, so no row of it could be named: add one, such as ALTER TABLE public."bare" ADD PRIMARY KEY (id)`,
			"elsewhere": `it is in schema "other", and twins are for tables of schema public: run ALTER TABLE "other"."elsewhere" SET SCHEMA public`,
		} {
			s.fails([]string{verb, "-tables", "people," + table}, want)
		}
	}
	s.fails([]string{"sync", "-apply", "-tables", "other.elsewhere"}, `SET SCHEMA public`)
	for _, args := range [][]string{{"list"}, {"restore", "-key", "1"}, {"purge", "-before", "1d"}} {
		s.fails(append(args, "-table", "departments"), `table "departments" has no twin`, `toolset softdelete sync -apply -tables departments`)
	}

	// a twin altered by hand
	s.exec(`ALTER TABLE deleted.deleted_people DROP COLUMN softdelete_tx, ALTER COLUMN name SET NOT NULL`)
	if out, _, code := s.call("check", "-tables", "people"); code != 1 || !strings.Contains(out, `missing column "softdelete_tx" (of the twin, altered by hand)`) || !strings.Contains(out, "constraint on twin") {
		t.Errorf("check: exit %d, %s", code, out)
	}
	for _, args := range [][]string{{"list"}, {"restore", "-key", "1"}, {"purge", "-before", "1d"}} {
		s.fails(append(args, "-table", "people"), `the twin of table "people" lacks softdelete_tx`, `toolset softdelete sync -apply -tables people`)
	}
	s.ok("sync", "-apply", "-tables", "people")
	s.clean("people")
	if out := s.ok("restore", "-table", "people", "-key", "1"); !strings.Contains(out, `"restored":1`) {
		t.Errorf("restored %s", out)
	}
}

func TestSoftDeleteWithoutRights(t *testing.T) {
	t.Parallel()
	s := newShell(t, binary(t))
	s.exec(company)
	var role string
	if err := s.db.QueryRow(`SELECT 'cli_' || md5(current_database())`).Scan(&role); err != nil {
		t.Fatal(err)
	}
	s.exec(`CREATE ROLE ` + role + ` LOGIN PASSWORD 's3cret'`)
	t.Cleanup(func() {
		if _, err := s.db.Exec(`DROP OWNED BY ` + role + ` CASCADE; DROP ROLE ` + role); err != nil {
			t.Error(err)
		}
	})
	limited := *s
	u, err := url.Parse(s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, "s3cret")
	limited.dsn = u.String()

	limited.fails([]string{"sync", "-apply", "-tables", "people"}, `table "people" belongs to role`, "run Install as the table's owner")
	s.exec(`ALTER TABLE people OWNER TO ` + role + `; ALTER TABLE notes OWNER TO ` + role)
	limited.fails([]string{"sync", "-apply", "-tables", "people"}, "permission denied for database", "GRANT CREATE ON DATABASE")
	s.exec(`ALTER TABLE people OWNER TO CURRENT_USER; ALTER TABLE notes OWNER TO CURRENT_USER`)
	s.ok("sync", "-apply", "-tables", "people")
	s.exec(`DELETE FROM people WHERE id = 1`)
	for _, args := range [][]string{{"list"}, {"restore", "-key", "1"}, {"purge", "-before", "2999-01-01"}} {
		limited.fails(append(args, "-table", "people"), "permission denied", "USAGE on schema deleted")
	}

	// a lock that somebody holds
	tx, err := s.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Exec(`LOCK TABLE departments IN ROW EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	s.fails([]string{"sync", "-apply", "-tables", "departments", "-lock-timeout", "200ms"}, "another session holds a lock", "-lock-timeout")
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("gave up after %v", took)
	}
}

func TestWrongDatabaseURL(t *testing.T) {
	t.Parallel()
	path := binary(t)
	u, err := url.Parse(testenv.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	wrong := func(change func(*url.URL)) string {
		other := *u
		change(&other)
		return other.String()
	}
	for name, c := range map[string]struct{ dsn, want string }{
		"none":      {"", "DATABASE_URL is not set; it has the form postgres://"},
		"no URL":    {"host=localhost password=s3cret", "it wants the form postgres://"},
		"broken":    {"postgres://u:s3cret@[::1/db", "DATABASE_URL"},
		"database":  {wrong(func(u *url.URL) { u.Path = "/nowhere" }), `database "nowhere" does not exist`},
		"password":  {wrong(func(u *url.URL) { u.User = url.UserPassword("nobody", "s3cret") }), "cannot connect to DATABASE_URL"},
		"port":      {wrong(func(u *url.URL) { u.Host = "127.0.0.1:1"; u.User = url.UserPassword("x", "s3cret") }), "cannot connect to DATABASE_URL"},
		"no sqlite": {"sqlite:/nowhere/x.db", "names no SQLite database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, args := range [][]string{{"check", "-tables", "a"}, {"sync", "-tables", "a"}, {"list", "-table", "a"}, {"restore", "-table", "a", "-key", "1"}, {"purge", "-table", "a", "-before", "1d"}} {
				out, errs, code := call(t, path, map[string]string{"DATABASE_URL": c.dsn}, append([]string{"softdelete"}, args...)...)
				if code != 1 || out != "" || !strings.Contains(errs, c.want) || strings.Contains(errs, "s3cret") {
					t.Errorf("%q: exit %d, %q %q", args, code, out, errs)
				}
			}
		})
	}
}

func TestSoftDeleteUsage(t *testing.T) {
	t.Parallel()
	path := binary(t)
	for _, c := range []struct{ args, want string }{
		{"burn -tables a", `softdelete has no "burn"`},
		{"install -tables a", `run softdelete sync -apply`},
		{"sync", "-tables is missing"},
		{"sync -tables ,", "-tables is missing"},
		{"sync -tables a -apply -out x -format goose", "exclude each other"},
		{"sync -tables a -out x", "-out wants -format: goose, golang-migrate, atlas"},
		{"sync -tables a -out x -format flyway", "-out wants -format"},
		{"sync -tables a -format goose", "-format belongs to -out"},
		{"sync -tables a -out x -format goose -name a/b", "-name takes"},
		{"sync -tables a -lock-timeout 0s", "-lock-timeout takes"},
		{"check -tables a -allow nonsense", `-allow does not know "nonsense"`},
		{"list -table a,b", "softdelete list takes one table"},
		{"list -table a -since yesterday", `-since: "yesterday" is no point in time`},
		{"list -table a -key [1", "a key of several columns is a JSON array"},
		{"list -table a -key []", "a key of several columns is a JSON array"},
		{"list -table a -went-with b", "-went-with takes TABLE=KEY"},
		{"list -table a -deletion nonsense", `-deletion: "nonsense" names none: want what list shows as "deletion", such as 81273@1764000000000000`},
		{"list -table a -deletion 17", "such as 81273@"},
		{"list -table a -deletion 1@2@3", "such as 81273@"},
		{"restore -table a -transaction 1@x -dry-run", `-deletion: "1@x" names none`},
		{"list -table a -since 2999-01-01", "-since: 2999-01-01T00:00:00Z has not come yet"},
		{"restore -table a -since 2026-01-02 -before 2026-01-02", "-since 2026-01-02 is not before -before 2026-01-02"},
		{"list -table a -since 1h -before 2h", "nothing was deleted between"},
		{"list -table a -key [1,5)", `a part that begins with [ stands in one, such as ["[1,5)"]`},
		{"list -table a -keep-truncated", "-keep-truncated belongs to sync and check"},
		{"restore -table a -key 1 -limit 1", "-limit"},
		{"list -table a -limit -1", "-limit takes"},
		{"restore -table a", "restore wants to know which rows"},
		{"restore -table a -key 1 -on-conflict maybe", "want fail, skip or overwrite"},
		{"purge -table a", "-before is missing"},
		{"purge -table a -before soon", `-before: "soon" is no point in time`},
		{"purge -table a -before 1d -batch 0", "-batch takes"},
		{"purge -table a -before 1d more", `unexpected argument "more"`},
	} {
		out, errs, code := call(t, path, map[string]string{"DATABASE_URL": "postgres://nowhere"}, append([]string{"softdelete"}, strings.Fields(c.args)...)...)
		if code != 2 || out != "" || !strings.Contains(errs, c.want) || !strings.Contains(errs, "usage: toolset") && !strings.Contains(errs, "Usage of") {
			t.Errorf("%s: exit %d, %q %q; want %q", c.args, code, out, errs, c.want)
		}
	}
	if out, errs, code := call(t, path, map[string]string{"DATABASE_URL": "sqlite:nowhere"}, "softdelete", "list", "-table", "a", "-deletion", "81273@1764000000000000"); code != 2 || out != "" || !strings.Contains(errs, "such as 17") {
		t.Errorf("a deletion of the other database: exit %d, %q %q", code, out, errs)
	}
}

// What a commit would refuse the trial tells.
func TestDryRunMeetsDeferredConstraints(t *testing.T) {
	t.Parallel()
	s := newShell(t, binary(t))
	s.exec(`CREATE TABLE places (id int PRIMARY KEY, rank int UNIQUE DEFERRABLE INITIALLY DEFERRED)`)
	s.ok("sync", "-tables", "places", "-apply")
	s.exec(`INSERT INTO places VALUES (1, 1), (2, 2); DELETE FROM places; INSERT INTO places VALUES (3, 1)`)
	s.fails([]string{"restore", "-table", "places", "-key", "1", "-dry-run"}, "places_rank_key")
	s.ok("restore", "-table", "places", "-key", "2", "-dry-run")
	s.want(`SELECT count(*) FROM places`, "1")
}
