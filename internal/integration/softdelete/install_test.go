package softdelete_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// kinds are the drifts of one table, one text each.
func (b *base) kinds(tables ...string) string {
	b.Helper()
	drift, err := b.twins.Check(b.ctx(), b.DB, tables...)
	if err != nil {
		b.Fatal(err)
	}
	var all []string
	for _, d := range drift {
		all = append(all, string(d.Kind)+" "+d.Name)
	}
	return strings.Join(all, ", ")
}

func TestInstallTwiceAndTheTimestamps(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE a (id integer PRIMARY KEY, name text); INSERT INTO a VALUES (1, 'old')`)
		if got := db.kinds("a"); !strings.Contains(got, "missing twin deleted_a") || !strings.Contains(got, "missing column deleted_at") || !strings.Contains(got, "missing trigger a_soft_delete") {
			t.Errorf("before: %s", got)
		}
		db.install("a")
		db.install("a", "a")
		db.do(`INSERT INTO a (id, name) VALUES (2, 'new')`)
		db.want(`SELECT id, created_at, updated_at, deleted_at FROM a ORDER BY id`, "1 <nil> <nil> <nil>", "2 time time <nil>")
		db.do(`UPDATE a SET updated_at = '2001-01-01 00:00:00+00:00' WHERE id = 2`)
		db.want(`SELECT count(*) FROM a WHERE updated_at < '2002-01-01'`, "1")
		db.do(`UPDATE a SET name = 'x'`)
		db.want(`SELECT id, created_at, updated_at FROM a WHERE updated_at > '2002-01-01' ORDER BY id`, "1 <nil> time", "2 time time")

		// a restored row is as it was: nothing is filled in
		db.do(`UPDATE a SET updated_at = NULL WHERE id = 1`)
		db.do(`DELETE FROM a`)
		db.restore("a", softdelete.Key(1))
		db.want(`SELECT id, created_at, updated_at FROM a`, "1 <nil> <nil>")
		db.do(`DELETE FROM a`)
		db.do(`UPDATE {twin:a} SET deleted_at = NULL WHERE id = 1`)
		db.want(`SELECT id, created_at, updated_at, deleted_at FROM a`, "1 <nil> <nil> <nil>")
		db.do(`INSERT INTO a (id) VALUES (3)`)
		db.want(`SELECT created_at FROM a WHERE id = 3`, "time")
	})
}

func TestDriftIsFoundAndMended(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`DELETE FROM departments WHERE id = 1`)

		db.do(`ALTER TABLE people ADD COLUMN level integer NOT NULL DEFAULT 5`)
		db.do(`ALTER TABLE people ADD COLUMN nick text`)
		got := db.kinds("people")
		if !strings.Contains(got, "missing column level") || !strings.Contains(got, "missing column nick") || !strings.Contains(got, "outdated people_soft_delete") {
			t.Errorf("added columns: %s", got)
		}
		db.install("people")
		db.restore("departments", softdelete.Key(1))
		db.want(`SELECT id, level, nick FROM people WHERE id < 3 ORDER BY id`, "1 5 <nil>", "2 5 <nil>")

		if db.postgres {
			db.do(`DROP TRIGGER people_soft_delete ON people; ALTER TABLE people DISABLE TRIGGER people_soft_updated_at`)
			db.equal(db.kinds("people"), "missing trigger people_soft_delete, disabled trigger people_soft_updated_at")
		} else {
			db.do(`DROP TRIGGER people_soft_delete`)
			db.equal(db.kinds("people"), "missing trigger people_soft_delete")
		}
		db.install("people", "departments")
		db.do(`DELETE FROM departments WHERE id = 1`)
		db.want(`SELECT id, level FROM {twin:people} ORDER BY id`, "1 5", "2 5")

		if db.postgres {
			db.do(`ALTER TABLE people ALTER COLUMN level TYPE text`)
			db.do(`ALTER TABLE people DROP COLUMN nick`)
		} else {
			db.do(`PRAGMA foreign_keys = OFF; DROP TRIGGER people_soft_delete; DROP TRIGGER people_soft_restore;
				ALTER TABLE people DROP COLUMN nick; ALTER TABLE people DROP COLUMN level; ALTER TABLE people ADD COLUMN level text NOT NULL DEFAULT '5';
				PRAGMA foreign_keys = ON`)
			db.do(`ALTER TABLE people ADD COLUMN more text DEFAULT 'm'`)
		}
		got = db.kinds("people")
		if !strings.Contains(got, "retyped column level") || !strings.Contains(got, "extra column nick") {
			t.Errorf("retyped: %s", got)
		}
		if err := db.twins.Install(db.ctx(), db.DB, "people"); err != nil {
			t.Fatal(err)
		}
		db.equal(db.kinds("people"), "extra column nick")
		db.restore("departments", softdelete.Key(1))
		db.want(`SELECT id, level FROM people ORDER BY id`, "1 5", "2 5", "3 5")
	})
}

func TestDeletesBetweenAMigrationAndInstall(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		companyOn(db)
		db.do(`ALTER TABLE notes ADD COLUMN stars integer`)
		db.do(`UPDATE notes SET stars = 4 WHERE id = 1`)
		if !db.postgres {
			// triggers of SQLite cannot know new columns: refusing is better than losing
			if err := db.try(`DELETE FROM people WHERE id = 1`); err == nil || !strings.Contains(err.Error(), "table notes has changed since Twins.Install") {
				t.Errorf("got %v", err)
			}
			db.want(`SELECT count(*) FROM people`, "3")
			return
		}
		db.do(`DELETE FROM people WHERE id = 1`)
		db.equal(db.restore("people", softdelete.Key(1)), "people(1) notes(1)")
		db.want(`SELECT id, person_id, body, stars FROM notes WHERE id = 1`, "1 1 a 4")

		db.do(`DELETE FROM people WHERE id = 1`)
		db.do(`UPDATE {twin:people} SET deleted_at = NULL; UPDATE {twin:notes} SET deleted_at = NULL`)
		db.want(`SELECT id, person_id, body, stars FROM notes WHERE id = 1`, "1 1 a 4")

		db.do(`DELETE FROM people WHERE id = 1`)
		db.install("notes") // what was kept aside moves into the new column
		db.want(`SELECT id, stars, softdelete_extra FROM {twin:notes}`, "1 4 <nil>")
		db.restore("people", softdelete.Key(1))
		db.want(`SELECT id, person_id, body, stars FROM notes WHERE id = 1`, "1 1 a 4")

		db.do(`ALTER TABLE notes ALTER COLUMN stars TYPE text USING stars || '*'`)
		db.do(`ALTER TABLE notes DROP COLUMN body`)
		db.do(`DELETE FROM notes WHERE id = 1`)
		db.restore("notes", softdelete.Key(1))
		db.want(`SELECT id, person_id, stars FROM notes WHERE id = 1`, "1 1 4*")
	})
}

func TestWhatCannotBeInstalled(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE bare (id integer); CREATE VIEW seen AS SELECT 1 AS id; CREATE TABLE taken (id integer PRIMARY KEY, softdelete_id integer);
			CREATE TABLE a (id integer PRIMARY KEY); CREATE TABLE ok (id integer PRIMARY KEY)`)
		tables := []string{"bare", "seen", "taken", "nowhere", "public.ok", ""}
		if db.postgres {
			db.do(`CREATE SCHEMA other; CREATE TABLE other.elsewhere (id integer PRIMARY KEY); CREATE SCHEMA deleted; CREATE TABLE deleted.deleted_a (id integer);
				CREATE TABLE parts (id integer PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE parts_1 PARTITION OF parts DEFAULT; CREATE TABLE heir () INHERITS (ok);
				CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE far (id integer) SERVER s;
				CREATE TABLE flag (id integer PRIMARY KEY, deleted_at boolean); CREATE TABLE never (id integer PRIMARY KEY, deleted_at timestamptz NOT NULL DEFAULT now())`)
			tables = append(tables, "elsewhere", "parts_1", "heir", "far", "flag", "never")
		} else {
			db.do(`CREATE TABLE deleted_a (id integer PRIMARY KEY)`)
		}
		for _, table := range append(tables, "a") {
			var bad *softdelete.TableError
			if err := db.twins.Install(db.ctx(), db.DB, table); !errors.As(err, &bad) || bad.Table != table {
				t.Errorf("%s: got %v", table, err)
			}
			if _, err := db.twins.Check(db.ctx(), db.DB, table); !errors.As(err, &bad) {
				t.Errorf("check %s: got %v", table, err)
			}
		}
		if err := db.twins.Install(db.ctx(), db.DB); err == nil {
			t.Error("no tables, no error")
		}
		if db.postgres { // nothing of the failed attempts is left
			db.want(`SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'deleted'`, "0")
		}
	})
}

func TestInstallInTheTransactionOfTheCaller(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE a (id integer PRIMARY KEY)`)
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if err := db.twins.Install(db.ctx(), tx, "a"); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.ExecContext(db.ctx(), `INSERT INTO a (id) VALUES (1)`); err != nil { // search_path is as it was
			t.Fatal(err)
		}
		if drift, err := db.twins.Check(db.ctx(), tx, "a"); err != nil || drift != nil {
			t.Fatal(drift, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if got := db.kinds("a"); !strings.Contains(got, "missing twin") {
			t.Errorf("after a rollback: %s", got)
		}
	})
}

func TestManyProcessesInstallAtOnce(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(company)
		patient := softdelete.Config{LockTimeout: time.Minute} // the machine may be busy, and they wait for each other
		db.twins = softdelete.SQLite(patient)
		if db.postgres {
			db.twins = softdelete.Postgres(patient)
		}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := db.twins.Install(db.ctx(), db.DB, "people", "departments", "notes"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		db.clean("people", "departments", "notes")
	})
}

func TestInstallGivesUpOnALock(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		cfg := softdelete.Config{LockTimeout: 50 * time.Millisecond}
		db.do(`CREATE TABLE a (id integer PRIMARY KEY)`)
		twins := softdelete.Postgres(cfg)
		if !db.postgres {
			var path string
			if err := db.QueryRow(`SELECT file FROM pragma_database_list`).Scan(&path); err != nil {
				t.Fatal(err)
			}
			other, err := sql.Open("sqlite", "file:"+path+"?_pragma=foreign_keys(1)&_pragma=recursive_triggers(1)")
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			holder := db.DB
			db.DB, twins = other, softdelete.SQLite(cfg)
			defer func() { db.DB = holder }()
			tx, err := holder.Begin()
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.Exec(`INSERT INTO a VALUES (1)`); err != nil {
				t.Fatal(err)
			}
		} else {
			tx, err := db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.Exec(`INSERT INTO a VALUES (1)`); err != nil {
				t.Fatal(err)
			}
		}
		if err := twins.Install(db.ctx(), db.DB, "a"); !errors.Is(err, softdelete.ErrLocked) {
			t.Errorf("got %v", err)
		}
	})
}

func TestSQLiteSettings(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"":                                "foreign_keys and recursive_triggers off",
		"&_pragma=foreign_keys(1)":        "recursive_triggers off",
		"&_pragma=recursive_triggers(on)": "foreign_keys off",
	} {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "test.db")+"?x=1"+setting)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(`CREATE TABLE a (id integer PRIMARY KEY)`); err != nil {
			t.Fatal(err)
		}
		twins := softdelete.SQLite(softdelete.Config{})
		var off *softdelete.SettingsError
		if err := twins.Install(t.Context(), db, "a"); !errors.As(err, &off) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("install with %q: %v", setting, err)
		}
		if _, err := twins.Check(t.Context(), db, "a"); !errors.As(err, &off) {
			t.Errorf("check with %q: %v", setting, err)
		}
	}
}
