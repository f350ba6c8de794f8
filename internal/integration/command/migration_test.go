package command

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	atlas "ariga.io/atlas/sql/migrate"
	atlaspostgres "ariga.io/atlas/sql/postgres"
	"github.com/golang-migrate/migrate/v4"
	_ "github.com/golang-migrate/migrate/v4/database/pgx/v5" // the scheme "pgx5"
	_ "github.com/golang-migrate/migrate/v4/source/file"
	"github.com/pressly/goose/v3"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// A migrator is a migration tool on a database and a directory of migrations.
type migrator interface {
	up(t *testing.T)
	down(t *testing.T)
}

type gooseMigrator struct{ provider *goose.Provider }

func newGoose(t *testing.T, dsn, dir string) migrator {
	provider, err := goose.NewProvider(goose.DialectPostgres, testenv.Open(t, dsn), os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return gooseMigrator{provider}
}

func (g gooseMigrator) up(t *testing.T) {
	t.Helper()
	if _, err := g.provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (g gooseMigrator) down(t *testing.T) {
	t.Helper()
	if _, err := g.provider.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
}

type golangMigrator struct{ *migrate.Migrate }

func newGolangMigrate(t *testing.T, dsn, dir string) migrator {
	m, err := migrate.New("file://"+dir, "pgx5"+strings.TrimPrefix(dsn, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = m.Close() })
	return golangMigrator{m}
}

func (m golangMigrator) up(t *testing.T) {
	t.Helper()
	if err := m.Up(); err != nil {
		t.Fatal(err)
	}
}

func (m golangMigrator) down(t *testing.T) {
	t.Helper()
	if err := m.Steps(-1); err != nil {
		t.Fatal(err)
	}
}

// atlasMigrator runs files as the command of atlas does: each in a transaction. It has no way back in files; ours lies
// beside them and is for psql.
type atlasMigrator struct {
	db        *sql.DB
	dir       string
	revisions map[string]*atlas.Revision
}

func newAtlas(t *testing.T, dsn, dir string) migrator {
	return &atlasMigrator{testenv.Open(t, dsn), dir, map[string]*atlas.Revision{}}
}

func (a *atlasMigrator) up(t *testing.T) {
	t.Helper()
	dir, err := atlas.NewLocalDir(a.dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := atlas.Validate(dir); err != nil { // atlas.sum
		t.Fatal(err)
	}
	tx, err := a.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	driver, err := atlaspostgres.Open(tx)
	if err != nil {
		t.Fatal(err)
	}
	executor, err := atlas.NewExecutor(driver, dir, a, atlas.WithAllowDirty(true))
	if err != nil {
		t.Fatal(err)
	}
	if err := executor.ExecuteN(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func (a *atlasMigrator) down(t *testing.T) {
	t.Helper()
	last := a.revisions[slices.Max(slices.Collect(maps.Keys(a.revisions)))]
	text, err := os.ReadFile(filepath.Join(a.dir, "down", last.Version+"_"+last.Description+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.db.Exec(string(text)); err != nil {
		t.Fatal(err)
	}
	delete(a.revisions, last.Version)
}

func (a *atlasMigrator) Ident() *atlas.TableIdent { return &atlas.TableIdent{} }

func (a *atlasMigrator) ReadRevisions(context.Context) ([]*atlas.Revision, error) {
	var all []*atlas.Revision
	for _, r := range a.revisions {
		all = append(all, r)
	}
	return all, nil
}

func (a *atlasMigrator) ReadRevision(_ context.Context, version string) (*atlas.Revision, error) {
	if r := a.revisions[version]; r != nil {
		return r, nil
	}
	return nil, atlas.ErrRevisionNotExist
}

func (a *atlasMigrator) WriteRevision(_ context.Context, r *atlas.Revision) error {
	a.revisions[r.Version] = r
	return nil
}

func (a *atlasMigrator) DeleteRevision(_ context.Context, version string) error {
	delete(a.revisions, version)
	return nil
}

// firm is a schema with all that a plan has statements for; each is run by itself.
const firm = `CREATE TYPE mood AS ENUM ('ok', 'it''s');
	CREATE TABLE departments (id bigint PRIMARY KEY, name text, head bigint);
	CREATE TABLE "odd; ""name""" (id text PRIMARY KEY, feeling mood DEFAULT 'it''s', "$softdelete$" int, dbl int GENERATED ALWAYS AS ("$softdelete$" * 2) STORED);
	CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(20), department_id bigint REFERENCES departments ON DELETE CASCADE);
	ALTER TABLE departments ADD CONSTRAINT led FOREIGN KEY (head) REFERENCES people ON DELETE SET NULL;
	CREATE TABLE months (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
	CREATE TABLE "january" PARTITION OF months FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
	CREATE TABLE later PARTITION OF months FOR VALUES FROM ('2026-02-01') TO (MAXVALUE) PARTITION BY LIST (id);
	CREATE TABLE later_all PARTITION OF later DEFAULT;
	ALTER TABLE months ENABLE ROW LEVEL SECURITY`

const firmTables = `departments,people,odd; "name",months`

// objects is all that a schema has, as text.
func objects(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.Query(`
		SELECT format('%s.%s %s %s', c.relnamespace::regnamespace, c.relname, a.attname, format_type(a.atttypid, a.atttypmod))
		FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind = 'r'
		WHERE c.relnamespace IN (to_regnamespace('public'), to_regnamespace('deleted')) AND c.relname !~ 'goose|schema_migrations'
		UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
		UNION ALL SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = to_regnamespace('deleted')
		UNION ALL SELECT nspname FROM pg_namespace WHERE nspname = 'deleted'
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	path := binary(t)
	for format, open := range map[string]func(*testing.T, string, string) migrator{"goose": newGoose, "golang-migrate": newGolangMigrate, "atlas": newAtlas} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, path)
			s.exec(firm)
			before := objects(t, s.db)
			dir := filepath.Join(t.TempDir(), "migrations")
			sync := []string{"sync", "-tables", firmTables, "-out", dir, "-format", format}
			written := s.ok(sync...)
			if lines := strings.Count(written, "\n"); lines != map[string]int{"goose": 1, "golang-migrate": 2, "atlas": 3}[format] {
				t.Errorf("wrote %s", written)
			}
			if out, errs, code := s.call(sync...); out != "" || code != 0 || !strings.Contains(errs, "waits to be run") {
				t.Errorf("again: %q %q, exit %d", out, errs, code)
			}

			m := open(t, s.dsn, dir)
			m.up(t)
			s.clean(firmTables)
			after := objects(t, s.db)
			m.down(t)
			if got := objects(t, s.db); !slices.Equal(got, before) {
				t.Errorf("after down there is\n%s\nand was\n%s", strings.Join(got, "\n"), strings.Join(before, "\n"))
			}
			m.up(t)
			s.clean(firmTables)
			if got := objects(t, s.db); !slices.Equal(got, after) {
				t.Errorf("after up again there is\n%s\nand was\n%s", strings.Join(got, "\n"), strings.Join(after, "\n"))
			}

			// down does not destroy what was deleted, nor times
			s.exec(`INSERT INTO departments (id, name) VALUES (1, 'Tools'); INSERT INTO people (name, department_id) VALUES ('Ann', 1); DELETE FROM departments`)
			s.exec(`INSERT INTO departments (id, name) VALUES (2, 'Arms'); INSERT INTO months (id, at) VALUES (1, '2026-01-05'), (2, '2026-03-05'); DELETE FROM months`)
			s.want(`SELECT count(*) FROM deleted.deleted_months`, "2")
			m.down(t)
			s.want(`SELECT count(*) FROM deleted.deleted_departments`, "1")
			s.want(`SELECT count(*) FROM information_schema.tables WHERE table_schema = 'deleted' AND table_name LIKE '%odd%'`, "0")
			s.want(`SELECT created_at IS NOT NULL FROM departments`, "true")
			s.exec(`DELETE FROM departments`) // kept no more
			s.want(`SELECT count(*) FROM deleted.deleted_departments`, "1")
			s.ok("restore", "-table", "departments", "-key", "1")
			s.want(`SELECT count(*) FROM people`, "1")
			s.ok("restore", "-table", "months", "-key", `[2, "2026-03-05"]`)
			s.want(`SELECT count(*) FROM later_all`, "1")
			s.exec(`DELETE FROM people`)
			m.up(t)
			s.clean(firmTables)
			s.exec(`DELETE FROM departments`)
			s.want(`SELECT count(*) FROM deleted.deleted_departments`, "1")

			// a later migration for later columns
			s.exec(`ALTER TABLE people ADD COLUMN level int NOT NULL DEFAULT 3, ALTER COLUMN name TYPE text`)
			s.exec(`ALTER TABLE people RENAME COLUMN department_id TO team_id`)
			first := written
			written = s.ok(sync...)
			if written <= first {
				t.Errorf("%s comes before %s", written, first)
			}
			changed := objects(t, s.db)
			if format != "atlas" { // the others read the directory once
				m = open(t, s.dsn, dir)
			}
			m.up(t)
			s.clean(firmTables)
			m.down(t)
			if got := objects(t, s.db); !slices.Equal(got, changed) {
				t.Errorf("after the second down there is\n%s\nand was\n%s", strings.Join(got, "\n"), strings.Join(changed, "\n"))
			}
			m.up(t)
			s.clean(firmTables)
		})
	}
}

// What goes by another tool is what Install does: nothing differs.
func TestPlanIsInstall(t *testing.T) {
	t.Parallel()
	path := binary(t)
	planned, installed := newShell(t, path), newShell(t, path)
	twins := softdelete.Postgres(softdelete.Config{})
	for _, s := range []*shell{planned, installed} {
		s.exec(firm)
	}
	s := planned
	plan, err := twins.Plan(t.Context(), s.db, strings.Split(firmTables, ",")...)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := s.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, statement := range plan.Up {
		if _, err := tx.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	var search string
	if err := errors.Join(tx.QueryRow(`SHOW search_path`).Scan(&search), tx.Commit()); err != nil || search != `"$user", public` {
		t.Errorf("search_path is %s, %v", search, err)
	}
	if err := twins.Install(t.Context(), installed.db, strings.Split(firmTables, ",")...); err != nil {
		t.Fatal(err)
	}
	if a, b := objects(t, planned.db), objects(t, installed.db); !slices.Equal(a, b) {
		t.Errorf("planned\n%s\ninstalled\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
	if plan, err = twins.Plan(t.Context(), s.db, strings.Split(firmTables, ",")...); err != nil || !plan.Empty() || plan.Down != nil || plan.Drifts != nil {
		t.Errorf("a second plan is %v, %v", plan, err)
	}
}

// A migration for SQLite takes the triggers away again and leaves the twins.
func TestMigrationForSQLite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "shop.db")
	s := &shell{T: t, path: binary(t), dsn: "sqlite:" + file, db: testenv.OpenSQLite(t, file)}
	s.exec(`CREATE TABLE departments (id INTEGER PRIMARY KEY); CREATE TABLE people (id INTEGER PRIMARY KEY, department_id INTEGER REFERENCES departments ON DELETE CASCADE)`)
	dir := filepath.Join(t.TempDir(), "migrations")
	s.ok("sync", "-tables", "departments,people", "-out", dir, "-format", "goose")
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.db, os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	m := gooseMigrator{provider}
	m.up(t)
	s.clean("departments,people")
	s.exec(`INSERT INTO departments (id) VALUES (1); INSERT INTO people (id, department_id) VALUES (1, 1); DELETE FROM departments`)
	m.down(t)
	s.want(`SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'people'`, "0")
	if out := s.ok("restore", "-table", "departments", "-key", "1"); !strings.Contains(out, `"restored":2`) {
		t.Errorf("restored %s", out)
	}
	s.ok("sync", "-tables", "departments,people", "-apply")
	s.clean("departments,people")
}
