package bench

import (
	"database/sql"
	"fmt"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

const manyRows = 100_000

// A softDeleteWay keeps, or does not keep, what is deleted from its table of ten columns.
type softDeleteWay struct {
	name    string
	deletes string // the statement that deletes, up to its WHERE
	back    string // the statement that puts everything back; empty where Restore does
	setUp   func(b *testing.B, db *sql.DB, tables ...string)
}

var (
	plainDelete = softDeleteWay{name: "plain", deletes: "DELETE FROM %s", setUp: func(*testing.B, *sql.DB, ...string) {}}
	ours        = softDeleteWay{name: "toolset", deletes: "DELETE FROM %s", setUp: func(b *testing.B, db *sql.DB, tables ...string) {
		if err := softdelete.Postgres(softdelete.Config{}).Install(b.Context(), db, tables...); err != nil {
			b.Fatal(err)
		}
	}}
	// dynamic behaves as the trigger of the Python toolset: for each row, before it goes, by position.
	dynamic   = softDeleteWay{name: "row-trigger", deletes: "DELETE FROM %s", back: "UPDATE deleted.deleted_%s SET deleted_at = NULL", setUp: rowTriggers}
	timestamp = softDeleteWay{name: "timestamp", deletes: "UPDATE %s SET deleted_at = now()", setUp: func(*testing.B, *sql.DB, ...string) {}}
	// byHand is what one would write who knows which rows and tables they are.
	byHand = softDeleteWay{name: "by-hand", deletes: "DELETE FROM %s", setUp: ours.setUp,
		back: "INSERT INTO %[1]s SELECT id, department_id, name, email, salary, active, level, created_at, updated_at, NULL FROM deleted.deleted_%[1]s; DELETE FROM deleted.deleted_%[1]s"}
)

func rowTriggers(b *testing.B, db *sql.DB, tables ...string) {
	exec(b, db, `CREATE SCHEMA IF NOT EXISTS deleted;
		CREATE OR REPLACE FUNCTION keep_row() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			OLD.deleted_at := now();
			EXECUTE format('INSERT INTO deleted.%I SELECT ($1).*', 'deleted_' || TG_TABLE_NAME) USING OLD;
			RETURN OLD;
		END $$;
		CREATE OR REPLACE FUNCTION return_row() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			EXECUTE format('INSERT INTO public.%I SELECT ($1).*', substr(TG_TABLE_NAME, 9)) USING NEW;
			EXECUTE format('DELETE FROM deleted.%I WHERE id = ($1).id', TG_TABLE_NAME) USING NEW;
			RETURN NEW;
		END $$`)
	for _, t := range tables {
		exec(b, db, fmt.Sprintf(`CREATE TABLE deleted.deleted_%[1]s (LIKE %[1]s INCLUDING DEFAULTS, PRIMARY KEY (id));
			CREATE TRIGGER keep BEFORE DELETE ON %[1]s FOR EACH ROW EXECUTE FUNCTION keep_row();
			CREATE TRIGGER back AFTER UPDATE ON deleted.deleted_%[1]s FOR EACH ROW WHEN (NEW.deleted_at IS NULL) EXECUTE FUNCTION return_row()`, t))
	}
}

func exec(b *testing.B, db *sql.DB, statement string, args ...any) {
	b.Helper()
	if _, err := db.ExecContext(b.Context(), statement, args...); err != nil {
		b.Fatal(err)
	}
}

// company makes a table of departments and one of people, ten columns each, people referencing departments.
func company(b *testing.B, db *sql.DB, way softDeleteWay, suffix string) (departments, people string) {
	departments, people = "departments_"+suffix, "people_"+suffix
	exec(b, db, fmt.Sprintf(`
		CREATE TABLE %[1]s (id bigint PRIMARY KEY, parent_id bigint, name text NOT NULL, email text, salary numeric(10,2), active boolean, level integer,
			created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), deleted_at timestamptz);
		CREATE TABLE %[2]s (id bigint PRIMARY KEY, department_id bigint NOT NULL REFERENCES %[1]s ON DELETE CASCADE, name text NOT NULL, email text, salary numeric(10,2), active boolean, level integer,
			created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(), deleted_at timestamptz);
		CREATE INDEX ON %[2]s (department_id)`, departments, people))
	way.setUp(b, db, departments, people)
	return departments, people
}

// fill empties a company and its twins and hires people anew, each department as many.
func fill(b *testing.B, db *sql.DB, departments, people string, d, p int) {
	exec(b, db, fmt.Sprintf(`SET session_replication_role = replica; DELETE FROM %[2]s; DELETE FROM %[1]s;
		DO $$ BEGIN
			IF to_regclass('deleted.deleted_%[2]s') IS NOT NULL THEN DELETE FROM deleted.deleted_%[2]s; DELETE FROM deleted.deleted_%[1]s; END IF;
		END $$;
		SET session_replication_role = origin;
		INSERT INTO %[1]s (id, name) SELECT i, 'Department ' || i FROM generate_series(1, %[3]d) i;
		INSERT INTO %[2]s (id, department_id, name, email, salary, active, level)
		SELECT i, 1 + i %% %[3]d, 'Person ' || i, 'person' || i || '@example.com', i %% 10000, i %% 3 = 0, i %% 7 FROM generate_series(1, %[4]d) i`,
		departments, people, d, p))
	for _, t := range []string{departments, people, "deleted.deleted_" + departments, "deleted.deleted_" + people} {
		_, _ = db.ExecContext(b.Context(), "VACUUM ANALYZE "+t) // not all have a twin
	}
	exec(b, db, "CHECKPOINT")
}

func softDeleteDB(b *testing.B) *sql.DB {
	db := testenv.PostgresDB(b)
	db.SetMaxOpenConns(1)
	exec(b, db, "SET synchronous_commit = off") // the disk of the machine is not what is measured
	return db
}

// BenchmarkSoftDeleteMany: one DELETE of 100,000 rows.
func BenchmarkSoftDeleteMany(b *testing.B) {
	deleteMany(b, "many", plainDelete, ours, dynamic, timestamp)
}

// BenchmarkSoftDeleteIndexes: what the two indexes of a twin cost such a DELETE.
func BenchmarkSoftDeleteIndexes(b *testing.B) {
	const noTime, noKey = "ALTER TABLE deleted.deleted_%[1]s DROP CONSTRAINT softdelete_pkey_%[1]s", "DROP INDEX deleted.softdelete_key_%[1]s"
	deleteMany(b, "indexes", ours, lacking("key-alone", noTime), lacking("none", noTime, noKey))
}

// lacking is ours after some statements about each table.
func lacking(name string, statements ...string) softDeleteWay {
	return softDeleteWay{name: name, deletes: ours.deletes, setUp: func(b *testing.B, db *sql.DB, tables ...string) {
		ours.setUp(b, db, tables...)
		for _, t := range tables {
			for _, statement := range statements {
				exec(b, db, fmt.Sprintf(statement, t))
			}
		}
	}}
}

func deleteMany(b *testing.B, suffix string, ways ...softDeleteWay) {
	db := softDeleteDB(b)
	for i, way := range ways {
		departments, people := company(b, db, way, fmt.Sprint(suffix, i))
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				fill(b, db, departments, people, 10, manyRows)
				b.StartTimer()
				exec(b, db, fmt.Sprintf(way.deletes, people))
			}
		})
	}
}

// BenchmarkSoftDeleteOne: a DELETE of one row by its key.
func BenchmarkSoftDeleteOne(b *testing.B) {
	db := softDeleteDB(b)
	for i, way := range []softDeleteWay{plainDelete, ours, dynamic, timestamp} {
		departments, people := company(b, db, way, fmt.Sprint("one", i))
		b.Run(way.name, func(b *testing.B) {
			id := manyRows
			for b.Loop() {
				if id == manyRows {
					b.StopTimer()
					fill(b, db, departments, people, 10, manyRows)
					id = 0
					b.StartTimer()
				}
				id++
				exec(b, db, fmt.Sprintf(way.deletes+" WHERE id = $1", people), id)
			}
		})
	}
}

// BenchmarkSoftDeleteCascade: a DELETE of 1,000 rows whose foreign key takes 100 rows along for each.
func BenchmarkSoftDeleteCascade(b *testing.B) {
	db := softDeleteDB(b)
	for i, way := range []softDeleteWay{plainDelete, ours, dynamic} {
		departments, people := company(b, db, way, fmt.Sprint("cascade", i))
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				fill(b, db, departments, people, 1000, manyRows)
				b.StartTimer()
				exec(b, db, fmt.Sprintf(way.deletes, departments))
			}
		})
	}
}

// BenchmarkSoftDeleteRestore: 100,000 rows of one deletion come back.
func BenchmarkSoftDeleteRestore(b *testing.B) {
	db := softDeleteDB(b)
	twins := softdelete.Postgres(softdelete.Config{})
	for i, way := range []softDeleteWay{byHand, ours, dynamic} {
		departments, people := company(b, db, way, fmt.Sprint("restore", i))
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				fill(b, db, departments, people, 10, manyRows)
				exec(b, db, fmt.Sprintf(way.deletes, people))
				exec(b, db, "VACUUM ANALYZE "+people)
				exec(b, db, "CHECKPOINT")
				b.StartTimer()
				restoreAll(b, db, twins, way, people)
			}
		})
	}
}

func restoreAll(b *testing.B, db *sql.DB, twins *softdelete.Twins, way softDeleteWay, table string) {
	if way.back == "" {
		var last softdelete.Row
		for row, err := range twins.List(b.Context(), db, table) {
			if err != nil {
				b.Fatal(err)
			}
			last = row
			break
		}
		back, err := twins.Restore(b.Context(), db, table, softdelete.InDeletion(last.Deletion))
		if err != nil || len(back.Rows) != manyRows {
			b.Fatal(len(back.Rows), err)
		}
		return
	}
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range []string{"SET LOCAL softdelete.moving = 'on'", fmt.Sprintf(way.back, table)} {
		if _, err := tx.ExecContext(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}
