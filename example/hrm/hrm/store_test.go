package hrm

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"modernc.org/sqlite"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// onBoth runs a test on a store of each database.
func onBoth(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Helper()
	open := func(t *testing.T, db *sql.DB, d Dialect) *Store {
		t.Helper()
		s, err := OpenStore(t.Context(), db, d)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, open(t, testenv.PostgresDB(t), Postgres()))
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		connector, err := sqlite.NewConnector("file:" + filepath.Join(t.TempDir(), "hrm.sqlite") + "?_pragma=busy_timeout(5000)&_txlock=immediate")
		if err != nil {
			t.Fatal(err)
		}
		db := sql.OpenDB(softdelete.SQLiteConnector(connector))
		t.Cleanup(func() { db.Close() })
		test(t, open(t, db, SQLite()))
	})
}

func someone(department int64, email string) *Person {
	return &Person{Name: "Ann", Email: email, Role: hrmapi.Engineer, Salary: "1.00", DepartmentID: department}
}

// What validation cannot rule out, because another request was faster, the constraints do.
func TestLostRaces(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		d := Department{Name: "Tools"}
		if err := s.insertDepartment(ctx, &d); err != nil {
			t.Fatal(err)
		}
		first, second := someone(d.ID, "a@x.example"), someone(d.ID, "b@x.example")
		if err := errors.Join(s.insertPerson(ctx, first), s.insertPerson(ctx, second)); err != nil {
			t.Fatal(err)
		}
		if err := s.insertPerson(ctx, someone(d.ID, "a@x.example")); !errors.Is(err, hrmapi.ErrEmailTaken) {
			t.Errorf("insert of a taken address: %v", err)
		}
		before := *second
		second.Email = first.Email
		if err := s.updatePerson(ctx, before, second); !errors.Is(err, hrmapi.ErrEmailTaken) {
			t.Errorf("update to a taken address: %v", err)
		}
		renamed, raised := *first, *first
		renamed.Name, raised.Salary = "Zoe", "2.00"
		if err := errors.Join(s.updatePerson(ctx, *first, &renamed), s.updatePerson(ctx, *first, &raised)); err != nil {
			t.Fatal(err)
		}
		if raised.Name != "Zoe" || raised.Salary != "2.00" {
			t.Errorf("two changes of different fields left %+v", raised)
		}
		var fields interface{ HTTPStatus() int }
		if err := s.insertPerson(ctx, someone(99, "c@x.example")); !errors.As(err, &fields) || fields.HTTPStatus() != 400 {
			t.Errorf("insert into a department that has gone: %v", err)
		}
		if err := s.updatePerson(ctx, Person{}, someone(d.ID, "d@x.example")); !errors.Is(err, apierror.NotFound()) {
			t.Errorf("update of a person who has gone: %v", err)
		}
	})
}

// Whoever hires into a department while it is deleted either comes first and goes with it, or is told that it has gone.
func TestHiringWhileTheDepartmentIsDeleted(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *Store) {
		for round := range 20 {
			d := Department{Name: "Tools"}
			if err := s.insertDepartment(t.Context(), &d); err != nil {
				t.Fatal(err)
			}
			var (
				work  sync.WaitGroup
				hired = make([]error, 4)
				gone  []Person
			)
			for i := range hired {
				work.Go(func() {
					email := string(rune('a'+i)) + string(rune('a'+round)) + "@x.example"
					hired[i] = s.insertPerson(context.WithoutCancel(t.Context()), someone(d.ID, email))
				})
			}
			work.Go(func() {
				var err error
				if gone, err = s.deleteDepartment(context.WithoutCancel(t.Context()), d.ID); err != nil {
					t.Error(err)
				}
			})
			work.Wait()
			came := 0
			for _, err := range hired {
				var fields interface{ HTTPStatus() int }
				switch {
				case err == nil:
					came++
				case !errors.As(err, &fields) || fields.HTTPStatus() != 400:
					t.Errorf("hiring failed with %v", err)
				}
			}
			if len(gone) != came {
				t.Errorf("%d were hired, %d are told to have gone", came, len(gone))
			}
		}
	})
}
