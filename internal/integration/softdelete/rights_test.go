package softdelete_test

import (
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// A role that may write the tables deletes without rights on twins, and restores with those that the docs name.
func TestLeastRights(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	companyOn(db)
	var role string
	if err := db.QueryRow(`SELECT quote_ident('limited_' || md5(current_database()))`).Scan(&role); err != nil {
		t.Fatal(err)
	}
	db.do(`CREATE ROLE ` + role)
	t.Cleanup(func() { // the context of the test has ended
		if _, err := db.Exec(`DROP OWNED BY ` + role + `; DROP ROLE ` + role); err != nil {
			t.Error(err)
		}
	})
	db.do(`GRANT SELECT, INSERT, UPDATE, DELETE ON departments, people, notes TO ` + role)
	as := func(action func(tx softdelete.DB) error) error {
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.ExecContext(db.ctx(), `SET LOCAL ROLE `+role); err != nil {
			t.Fatal(err)
		}
		if err := action(tx); err != nil {
			return err
		}
		return tx.Commit()
	}
	err := as(func(tx softdelete.DB) error {
		_, err := tx.ExecContext(db.ctx(), `DELETE FROM departments WHERE id = 1`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	restore := func(tx softdelete.DB) error {
		_, err := db.twins.Restore(db.ctx(), tx, "departments", softdelete.Key(1))
		return err
	}
	if err := as(restore); stateOf(err) != "42501" {
		t.Errorf("restored without rights: %v", err)
	}
	db.do(`GRANT USAGE ON SCHEMA deleted TO ` + role + `; GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA deleted TO ` + role)
	if err := as(restore); err != nil {
		t.Error(err)
	}
	db.want(`SELECT count(*) FROM people`, "3")
	err = as(func(tx softdelete.DB) error {
		_, err := tx.ExecContext(db.ctx(), `CREATE TEMP TABLE own (id integer); CREATE TRIGGER forged AFTER DELETE ON own REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION deleted.people_soft_delete()`)
		return err
	})
	if stateOf(err) != "42501" {
		t.Errorf("the function of a trigger serves others: %v", err)
	}
}
