package softdelete_test

import (
	"strings"
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
	db.do(`GRANT USAGE ON SCHEMA deleted TO ` + role + `; GRANT SELECT, UPDATE (deleted_at), DELETE ON deleted.deleted_departments, deleted.deleted_people, deleted.deleted_notes TO ` + role + `; GRANT SELECT, DELETE ON deleted.softdelete_links TO ` + role)
	if err := as(restore); err != nil {
		t.Error(err)
	}
	db.want(`SELECT count(*) FROM people`, "3")
	db.clean("departments", "people", "notes")
	if err := db.as(role, `DELETE FROM people WHERE id = 1; UPDATE deleted.deleted_people SET deleted_at = NULL`); err != nil {
		t.Error(err)
	}
	db.want(`SELECT count(*) FROM people`, "3")
	if err := db.as(role, `UPDATE deleted.deleted_people SET softdelete_extra = '{}'`); stateOf(err) != "42501" {
		t.Errorf("wrote more than deleted_at: %v", err)
	}
	err = as(func(tx softdelete.DB) error {
		_, err := tx.ExecContext(db.ctx(), `CREATE TEMP TABLE own (id integer); CREATE TRIGGER forged AFTER DELETE ON own REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION deleted.people_soft_delete()`)
		return err
	})
	if stateOf(err) != "42501" {
		t.Errorf("the function of a trigger serves others: %v", err)
	}
}

// details are the drifts of one kind, with what they say, one text each.
func (b *base) details(kind softdelete.Kind, tables ...string) []string {
	b.Helper()
	drift, err := b.twins.Check(b.ctx(), b.DB, tables...)
	if err != nil {
		b.Fatal(err)
	}
	all := []string{}
	for _, d := range drift {
		if d.Kind == kind {
			all = append(all, d.Name+": "+d.Detail)
		}
	}
	return all
}

func TestCheckTellsOfRights(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	companyOn(db)
	role, purger := db.role("a"), db.role("b")
	db.equal(db.details(softdelete.Rights, "notes"), []string{})
	mend := func(want ...string) {
		t.Helper()
		found := db.details(softdelete.Rights, "notes")
		db.equal(len(found), len(want))
		for i, d := range found {
			_, statement, ok := strings.Cut(d, ": ")
			_, statement, also := strings.Cut(statement, ": ")
			if i >= len(want) || !ok || !also || !strings.HasPrefix(statement, want[i]) {
				t.Errorf("got %s", d)
				continue
			}
			db.do(statement) // as it says
		}
		db.equal(db.details(softdelete.Rights, "notes"), []string{})
	}
	db.do(`GRANT UPDATE ON deleted.deleted_notes TO ` + role)
	mend("GRANT SELECT, DELETE ON", "GRANT USAGE ON SCHEMA", "GRANT SELECT, DELETE ON deleted.softdelete_links")
	db.do(`GRANT ALL ON deleted.deleted_notes TO ` + role + `; GRANT SELECT, DELETE ON deleted.deleted_notes TO ` + purger + `; GRANT UPDATE ON deleted.deleted_notes TO PUBLIC`)
	found := db.details(softdelete.Rights, "notes")
	if len(found) != 3 {
		t.Errorf("got %q", found)
	}
	mend("REVOKE UPDATE ON", "REVOKE INSERT, REFERENCES, TRIGGER, TRUNCATE ON", "REVOKE DELETE ON")
	db.do(`GRANT EXECUTE ON FUNCTION deleted.softdelete_purge TO ` + purger)
	mend("GRANT USAGE ON SCHEMA deleted TO " + purger)

	// with exactly these rights
	db.do(`GRANT DELETE, INSERT ON notes TO ` + role)
	if err := db.as(role, `DELETE FROM notes; SELECT * FROM deleted.softdelete_links; UPDATE deleted.deleted_notes SET deleted_at = NULL`); err != nil {
		t.Error(err)
	}

	db.do(`DO $$ BEGIN EXECUTE format('ALTER ROLE ` + strings.ReplaceAll(role, "%", "%%") + ` IN DATABASE %I SET session_replication_role = replica', current_database()); END $$`)
	if found := db.details(softdelete.Rights, "notes"); len(found) != 1 || !strings.HasPrefix(found[0], role+": session_replication_role") {
		t.Errorf("got %q", found)
	}
	db.do(`ALTER ROLE ` + role + ` RESET ALL; DO $$ BEGIN EXECUTE format('ALTER ROLE ` + role + ` IN DATABASE %I RESET ALL', current_database()); END $$`)

	db.do(`ALTER FUNCTION deleted.notes_soft_delete() OWNER TO ` + role)
	if found := db.details(softdelete.Rights, "notes"); len(found) != 1 || !strings.Contains(found[0], "so that deletes fail: ALTER FUNCTION") {
		t.Errorf("got %q", found)
	}
	if err := db.try(`DELETE FROM notes`); stateOf(err) != "42501" {
		t.Errorf("got %v", err)
	}
	db.do(`ALTER FUNCTION deleted.notes_soft_delete() OWNER TO CURRENT_USER`)
	db.clean("notes")
}

// A twin shows no rows that row security hides in the table.
func TestRowSecurity(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE docs (id integer PRIMARY KEY, tenant text)`)
	db.install("docs")
	role := db.role("tenant")
	db.do(`INSERT INTO docs (id, tenant) VALUES (1, 'a'), (2, 'b')`)
	db.do(`GRANT USAGE ON SCHEMA deleted TO ` + role + `; GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA deleted TO ` + role + `; GRANT SELECT, INSERT, UPDATE, DELETE ON docs TO ` + role)
	db.do(`ALTER TABLE docs ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON docs USING (tenant = current_setting('app.tenant', true))`)
	if found := db.details(softdelete.RowSecurity, "docs"); len(found) != 1 || !strings.HasPrefix(found[0], "deleted_docs: the table has row security") {
		t.Errorf("got %q", found)
	}
	db.install("docs")
	if err := db.as(role, `SET app.tenant = 'a'; DELETE FROM docs`); err != nil {
		t.Fatal(err)
	}
	db.want(`SELECT id FROM {twin:docs}`, "1")
	seen := func(want string) {
		t.Helper()
		err := db.as(role, `SET app.tenant = 'a'; DO $$ BEGIN IF (SELECT count(*) FROM deleted.deleted_docs) <> `+want+` THEN RAISE 'sees %', (SELECT count(*) FROM deleted.deleted_docs); END IF; END $$`)
		if err != nil {
			t.Error(err)
		}
	}
	seen("0")
	db.do(`DELETE FROM docs`)
	db.do(`CREATE POLICY own ON deleted.deleted_docs USING (tenant = current_setting('app.tenant', true))`)
	seen("1")
	if err := db.as(role, `SET app.tenant = 'a'; UPDATE deleted.deleted_docs SET deleted_at = NULL`); err != nil {
		t.Error(err)
	}
	db.want(`SELECT id FROM docs`, "1")
	db.want(`SELECT id FROM {twin:docs}`, "2")

	// forced on the owner: told, and what it says works. Superusers are above it.
	owner := db.role("owner")
	db.do(`ALTER TABLE docs FORCE ROW LEVEL SECURITY`)
	if found := db.details(softdelete.RowSecurity, "docs"); len(found) != 1 || !strings.Contains(found[0], "FORCE ROW LEVEL SECURITY") {
		t.Errorf("got %q", found)
	}
	db.do(`ALTER TABLE deleted.deleted_docs FORCE ROW LEVEL SECURITY; DROP POLICY own ON deleted.deleted_docs; GRANT ALL ON SCHEMA deleted, public TO ` + owner)
	for _, o := range []string{"TABLE docs", "TABLE deleted.deleted_docs", "FUNCTION deleted.docs_soft_delete()"} {
		db.do(`ALTER ` + o + ` OWNER TO ` + owner)
	}
	found := db.details(softdelete.RowSecurity, "docs")
	if len(found) != 1 || !strings.Contains(found[0], "deletes fail") {
		t.Fatalf("got %q", found)
	}
	if err := db.as(owner, `SET app.tenant = 'a'; DELETE FROM docs`); stateOf(err) != "42501" {
		t.Errorf("got %v", err)
	}
	db.do(found[0][strings.Index(found[0], "CREATE POLICY"):])
	db.equal(db.details(softdelete.RowSecurity, "docs"), []string{})
	if err := db.as(owner, `SET app.tenant = 'a'; DELETE FROM docs`); err != nil {
		t.Error(err)
	}
	db.want(`SELECT id FROM {twin:docs} ORDER BY id`, "1", "2")
}
