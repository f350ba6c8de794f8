package softdelete_test

import (
	"errors"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// Every kind of drift is found, and mended where that can be; rows that were deleted before come back.
func TestEveryDriftIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change string
		want   string // kinds and names
		stays  string // after Install
	}{
		"added":                    {`ALTER TABLE a ADD COLUMN more int`, `missing column more, outdated a_soft_delete`, ``},
		"dropped":                  {`ALTER TABLE a DROP COLUMN n`, `extra column n, outdated a_soft_delete`, `extra column n`},
		"retyped":                  {`ALTER TABLE a ALTER COLUMN n TYPE bigint`, `retyped column n, outdated a_soft_delete`, ``},
		"retyped, a modifier":      {`ALTER TABLE a ALTER COLUMN name TYPE varchar(30)`, `retyped column name, outdated a_soft_delete`, ``},
		"renamed":                  {`ALTER TABLE a RENAME COLUMN n TO m`, `renamed column m, outdated a_soft_delete`, ``},
		"renamed and retyped":      {`ALTER TABLE a RENAME COLUMN n TO m; ALTER TABLE a ALTER m TYPE text`, `renamed column m, retyped column m, outdated a_soft_delete`, ``},
		"two swapped by renaming":  {`ALTER TABLE a RENAME COLUMN n TO x; ALTER TABLE a RENAME COLUMN name TO n; ALTER TABLE a RENAME COLUMN x TO name`, `renamed column name, renamed column n, retyped column name, retyped column n, reordered columns , outdated a_soft_delete`, `reordered columns `},
		"dropped, another added":   {`ALTER TABLE a DROP COLUMN n; ALTER TABLE a ADD COLUMN m int`, `missing column m, extra column n, outdated a_soft_delete`, `extra column n`},
		"dropped and added again":  {`ALTER TABLE a DROP COLUMN n; ALTER TABLE a ADD COLUMN n int`, `reordered columns , outdated a_soft_delete`, `reordered columns `},
		"a timestamp dropped":      {`ALTER TABLE a DROP COLUMN updated_at`, `missing column updated_at, reordered columns , outdated a_soft_delete`, `reordered columns `},
		"no trigger":               {`DROP TRIGGER a_soft_delete ON a`, `missing trigger a_soft_delete`, ``},
		"no trigger of the twin":   {`DROP TRIGGER a_soft_restore ON deleted.deleted_a`, `missing trigger a_soft_restore`, ``},
		"trigger off":              {`ALTER TABLE a DISABLE TRIGGER a_soft_delete`, `disabled trigger a_soft_delete`, ``},
		"all triggers off":         {`ALTER TABLE deleted.deleted_a DISABLE TRIGGER USER`, `disabled trigger a_soft_restore, disabled trigger a_prevent_deletion, disabled trigger a_prevent_truncate`, ``},
		"trigger for replicas":     {`ALTER TABLE a ENABLE REPLICA TRIGGER a_soft_delete`, `disabled trigger a_soft_delete`, ``},
		"trigger replaced":         {`CREATE OR REPLACE TRIGGER a_soft_truncate AFTER TRUNCATE ON a FOR EACH STATEMENT EXECUTE FUNCTION deleted.softdelete_on_truncate()`, `outdated a_soft_truncate`, ``},
		"trigger of another":       {`DROP TRIGGER a_soft_updated_at ON a; CREATE TRIGGER a_soft_updated_at BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`, `outdated a_soft_updated_at`, ``},
		"replaced and off":         {`CREATE OR REPLACE TRIGGER a_soft_truncate AFTER TRUNCATE ON a FOR EACH STATEMENT EXECUTE FUNCTION deleted.softdelete_on_truncate(); ALTER TABLE a DISABLE TRIGGER a_soft_truncate`, `outdated a_soft_truncate`, ``},
		"body of the capture":      {`CREATE OR REPLACE FUNCTION deleted.a_soft_delete() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`, `outdated a_soft_delete`, ``},
		"body of a shared one":     {`CREATE OR REPLACE FUNCTION deleted.softdelete_name(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1'`, `outdated softdelete_name`, ``},
		"no shared function":       {`DROP FUNCTION deleted.softdelete_purge`, `missing object softdelete_purge`, ``},
		"no index":                 {`DROP INDEX deleted.softdelete_key_a`, `missing object softdelete_key_a`, ``},
		"a key on the twin":        {`ALTER TABLE deleted.deleted_a ADD UNIQUE (id)`, `constraint on twin deleted_a`, ``},
		"a unique index":           {`CREATE UNIQUE INDEX u ON deleted.deleted_a (id, n)`, `constraint on twin deleted_a`, ``},
		"NOT NULL on the twin":     {`ALTER TABLE deleted.deleted_a ALTER COLUMN n SET NOT NULL`, `constraint on twin deleted_a`, ``},
		"a check on the twin":      {`ALTER TABLE deleted.deleted_a ADD CHECK (n < 10)`, `constraint on twin deleted_a`, ``},
		"no time":                  {`ALTER TABLE deleted.deleted_a DROP COLUMN softdelete_at`, `missing column softdelete_at, softdelete_pkey_a`, ``},
		"no transaction":           {`ALTER TABLE deleted.deleted_a DROP COLUMN softdelete_tx`, `missing column softdelete_tx`, ``},
		"no id":                    {`ALTER TABLE deleted.deleted_a DROP COLUMN softdelete_id`, `adoptable twin deleted_a`, ``},
		"no default":               {`ALTER TABLE deleted.deleted_a ALTER COLUMN softdelete_tx DROP DEFAULT`, `missing column softdelete_tx`, ``},
		"no identity":              {`ALTER TABLE deleted.deleted_a ALTER COLUMN softdelete_id DROP IDENTITY`, `missing column softdelete_id`, ``},
		"no key":                   {`ALTER TABLE deleted.deleted_a DROP CONSTRAINT softdelete_pkey_a`, `missing column softdelete_pkey_a`, ``},
		"a column of the twin":     {`ALTER TABLE deleted.deleted_a DROP COLUMN n`, `missing column n`, `reordered columns `},
		"the twin's column, other": {`ALTER TABLE deleted.deleted_a ALTER COLUMN n TYPE text`, `retyped column n`, ``},
		"a veto": {`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER "may veto" BEFORE INSERT ON deleted.deleted_a FOR EACH ROW EXECUTE FUNCTION f()`,
			`foreign trigger may veto`, `foreign trigger may veto`},
		"a rule":              {`CREATE RULE instead AS ON INSERT TO deleted.deleted_a WHERE false DO INSTEAD NOTHING`, `foreign trigger instead`, `foreign trigger instead`},
		"one of a twin's own": {`ALTER TABLE deleted.deleted_a ADD COLUMN remark text`, `extra column remark`, `extra column remark`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := onPostgres(t)
			db.do(`CREATE TABLE a (id int PRIMARY KEY, n int, name varchar(20))`)
			db.install("a")
			db.do(`INSERT INTO a (id, n, name) VALUES (1, 1, '1'), (2, 2, '2')`)
			db.do(`DELETE FROM a WHERE id = 1`)
			db.do(c.change)
			db.equal(db.kinds("a"), c.want)
			plan, err := db.twins.Plan(db.ctx(), db.DB, "a")
			if err != nil || plan.Empty() != (c.want == c.stays) {
				t.Errorf("the plan is %v, %v", plan, err)
			}
			if err := db.twins.Install(db.ctx(), db.DB, "a"); err != nil {
				t.Fatal(err)
			}
			db.equal(db.kinds("a"), c.stays)
			db.do(`DELETE FROM a WHERE id = 2`)
			db.equal(db.list(db.DB, "a"), "a(2) a(1)")
			db.equal(db.restore("a", softdelete.Key(1)), "a(1)")
			db.equal(db.restore("a", softdelete.Key(2)), "a(2)")
			db.want(`SELECT id, created_at IS NOT NULL, deleted_at FROM a ORDER BY id`, "1 true <nil>", "2 true <nil>")
			if err := db.try(`TRUNCATE a`); err == nil {
				t.Error("TRUNCATE is not refused")
			}
		})
	}
}

// Rows that went under a column's former name come back under its name of now, those between the renaming and Install
// too, and so do values that were kept aside.
func TestRenamedColumnsKeepTheirDeletedValues(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE a (id int PRIMARY KEY, "the old" text, other text)`)
	db.install("a")
	db.do(`INSERT INTO a (id, "the old", other) VALUES (1, 'one', 'x'), (2, 'two', 'y'), (3, '3', 'z'), (4, 'four', 'w')`)
	db.do(`DELETE FROM a WHERE id = 1`)
	db.do(`ALTER TABLE a RENAME COLUMN "the old" TO "it's new"`)
	db.do(`DELETE FROM a WHERE id = 2`)
	db.install("a")
	db.want(`SELECT id, "it's new", other, softdelete_extra FROM deleted.deleted_a ORDER BY id`, "1 one x <nil>", "2 two y <nil>")

	// a value that does not fit is kept aside, and follows its column
	db.do(`UPDATE a SET "it's new" = NULL WHERE id = 4; ALTER TABLE a ALTER COLUMN "it's new" TYPE int USING "it's new"::int`)
	db.install("a")
	db.do(`ALTER TABLE a RENAME COLUMN "it's new" TO newest`)
	db.install("a")
	db.do(`ALTER TABLE a ALTER COLUMN newest TYPE text`)
	db.install("a")
	db.restore("a", softdelete.Key(1))
	db.restore("a", softdelete.Key(2))
	db.want(`SELECT id, newest FROM a ORDER BY id`, "1 one", "2 two", "3 3", "4 <nil>")
}

// Numbers of columns that were noted for a table of before, or not at all, say nothing.
func TestRenamingIsNotGuessed(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE a (id int PRIMARY KEY, n int)`)
	db.install("a")
	db.do(`COMMENT ON COLUMN deleted.deleted_a.softdelete_id IS 'mine'`)
	db.clean("a")
	db.do(`ALTER TABLE a RENAME COLUMN n TO m`)
	db.equal(db.kinds("a"), "missing column m, extra column n, outdated a_soft_delete")
	drift, err := db.twins.Check(db.ctx(), db.DB, "a")
	if err != nil || !strings.Contains(drift[0].Detail, `ALTER TABLE deleted."deleted_a" RENAME COLUMN "n" TO "m"`) {
		t.Errorf("no hint: %v %v", drift, err)
	}

	db.do(`CREATE TABLE b (id int PRIMARY KEY, gone int, n int, m int)`)
	db.do(`ALTER TABLE b DROP COLUMN gone`)
	db.install("b")
	db.do(`DROP TABLE b; CREATE TABLE b (id int PRIMARY KEY, n int, m int, created_at timestamptz, updated_at timestamptz, deleted_at timestamptz)`) // as from a dump: other numbers
	if got := db.kinds("b"); strings.Contains(got, "renamed") {
		t.Error(got)
	}
}

func TestTwinsThatCannotBeMended(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ change, want string }{
		"a view":           {`DROP TABLE deleted.deleted_a; CREATE VIEW deleted.deleted_a AS SELECT 1 AS id`, `cannot be its twin: it is no plain table`},
		"a foreign column": {`ALTER TABLE deleted.deleted_a ALTER COLUMN softdelete_tx DROP DEFAULT, ALTER COLUMN softdelete_tx TYPE text`, `its column softdelete_tx has type text and not xid8; run ALTER TABLE deleted."deleted_a" DROP COLUMN softdelete_tx`},
		"no twin":          {`DROP TABLE deleted.deleted_a; CREATE TABLE deleted.deleted_a (id int, deleted_at text)`, `its column deleted_at has type text`},
		"something else":   {`DROP TABLE deleted.deleted_a; CREATE TABLE deleted.deleted_a (id int)`, `it has no column "deleted_at"; this package did not make it: move it away or drop it`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := onPostgres(t)
			db.do(`CREATE TABLE a (id int PRIMARY KEY)`)
			db.install("a")
			db.do(c.change)
			for verb, f := range map[string]func() error{
				"check":   func() error { _, err := db.twins.Check(db.ctx(), db.DB, "a"); return err },
				"plan":    func() error { _, err := db.twins.Plan(db.ctx(), db.DB, "a"); return err },
				"install": func() error { return db.twins.Install(db.ctx(), db.DB, "a") },
			} {
				var bad *softdelete.TableError
				if err := f(); !errors.As(err, &bad) || bad.Table != "a" || !strings.Contains(bad.Reason, c.want) {
					t.Errorf("%s: got %v", verb, err)
				}
			}
		})
	}
}

// A column that is gone from the table gets no value any more, which a domain may refuse.
func TestDroppedColumnOfADomainThatRefusesNull(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE DOMAIN must AS varchar(5) NOT NULL; CREATE TABLE a (id int PRIMARY KEY, n must); INSERT INTO a VALUES (1, 'x'), (2, 'y')`)
	db.install("a")
	db.do(`DELETE FROM a WHERE id = 1; ALTER TABLE a DROP COLUMN n`)
	if got := db.kinds("a"); !strings.Contains(got, "constraint on twin deleted_a") {
		t.Errorf("found %s", got)
	}
	if err := db.twins.Install(db.ctx(), db.DB, "a"); err != nil {
		t.Fatal(err)
	}
	db.do(`DELETE FROM a WHERE id = 2`)
	db.want(`SELECT id, n FROM deleted.deleted_a ORDER BY id`, "1 x", "2 <nil>")
}
