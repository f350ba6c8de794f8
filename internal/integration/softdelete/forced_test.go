package softdelete_test

import (
	"database/sql"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// secured is a table of a plain owner, who is under its row security, too.
func secured(db *base) (owner string) {
	owner = db.role("owner")
	db.do(`GRANT ALL ON SCHEMA public TO ` + owner)
	db.do(`DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ` + owner + `', current_database()); END $$`)
	db.do(`CREATE TABLE docs (id integer PRIMARY KEY, tenant text); ALTER TABLE docs OWNER TO ` + owner)
	return owner
}

// installAs installs as another role.
func (b *base) installAs(role string, twins *softdelete.Twins, tables ...string) error {
	b.Helper()
	tx, err := b.BeginTx(b.ctx(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(b.ctx(), `SET LOCAL ROLE `+role); err != nil {
		b.Fatal(err)
	}
	if err := twins.Install(b.ctx(), tx, tables...); err != nil {
		return err
	}
	return tx.Commit()
}

// TRUNCATE does not ask row security, so that what keeps its rows must not miss those that are hidden from the owner.
func TestTruncateKeepsRowsHiddenFromTheOwner(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	owner := secured(db)
	if err := db.installAs(owner, softdelete.Postgres(softdelete.Config{KeepTruncated: true}), "docs"); err != nil {
		t.Fatal(err)
	}
	db.do(`INSERT INTO docs (id, tenant) VALUES (1, 'a'), (2, 'b')`)
	db.do(`ALTER TABLE docs ENABLE ROW LEVEL SECURITY; ALTER TABLE docs FORCE ROW LEVEL SECURITY; CREATE POLICY own ON docs USING (tenant = 'a')`)
	if err := db.as(owner, `TRUNCATE docs`); stateOf(err) != "42501" {
		t.Errorf("truncated: %v", err)
	}
	db.want(`SELECT id FROM (SELECT id FROM docs UNION ALL SELECT id FROM deleted.deleted_docs) a ORDER BY 1`, "1", "2")
	db.do(`ALTER TABLE docs NO FORCE ROW LEVEL SECURITY`)
	if err := db.as(owner, `TRUNCATE docs`); err != nil {
		t.Error(err)
	}
	db.want(`SELECT id FROM deleted.deleted_docs ORDER BY 1`, "1", "2")
}

// A role that policies let update rows of a twin but not delete them gets none of them twice.
func TestPlainUpdateUnderPoliciesDoublesNothing(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE docs (id integer PRIMARY KEY, tenant text)`)
	db.install("docs")
	role := db.role("tenant")
	db.do(`GRANT SELECT, INSERT, DELETE ON docs TO ` + role + `; GRANT USAGE ON SCHEMA deleted TO ` + role + `; GRANT SELECT, UPDATE, DELETE ON ALL TABLES IN SCHEMA deleted TO ` + role)
	db.do(`INSERT INTO docs (id, tenant) VALUES (1, 'a'), (2, 'b'); DELETE FROM docs`)
	db.do(`ALTER TABLE deleted.deleted_docs ENABLE ROW LEVEL SECURITY; CREATE POLICY sees ON deleted.deleted_docs FOR SELECT USING (true);
		CREATE POLICY changes ON deleted.deleted_docs FOR UPDATE USING (true); CREATE POLICY takes ON deleted.deleted_docs FOR DELETE USING (tenant = 'a')`)
	if err := db.as(role, `UPDATE deleted.deleted_docs SET deleted_at = NULL`); stateOf(err) != "42501" {
		t.Errorf("got %v", err)
	}
	db.want(`SELECT id FROM docs`)
	if err := db.as(role, `UPDATE deleted.deleted_docs SET deleted_at = NULL WHERE tenant = 'a'`); err != nil {
		t.Error(err)
	}
	db.want(`SELECT id FROM docs`, "1")
	db.want(`SELECT id FROM deleted.deleted_docs WHERE deleted_at IS NOT NULL`, "2")
}

// The owner of a twin whose rows are hidden from him takes it for empty.
func TestInstallUnderForcedRowSecurity(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	owner := secured(db)
	var plan softdelete.Plan
	asOwner := func(f func(tx *sql.Tx) error) error {
		tx, err := db.BeginTx(db.ctx(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if _, err := tx.ExecContext(db.ctx(), `SET LOCAL ROLE `+owner); err != nil {
			t.Fatal(err)
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Commit()
	}
	run := func(statements []string) error {
		return asOwner(func(tx *sql.Tx) error {
			for _, s := range statements {
				if _, err := tx.ExecContext(db.ctx(), s); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := asOwner(func(tx *sql.Tx) (err error) { plan, err = db.twins.Plan(db.ctx(), tx, "docs"); return err }); err != nil {
		t.Fatal(err)
	}
	if err := run(plan.Up); err != nil {
		t.Fatal(err)
	}
	db.do(`INSERT INTO docs (id, tenant) VALUES (1, 'abcdef'); DELETE FROM docs`)
	db.do(`ALTER TABLE deleted.deleted_docs ENABLE ROW LEVEL SECURITY; ALTER TABLE deleted.deleted_docs FORCE ROW LEVEL SECURITY; CREATE POLICY i ON deleted.deleted_docs FOR INSERT WITH CHECK (true)`)
	if err := run(plan.Down); stateOf(err) != "42501" {
		t.Errorf("down: %v", err)
	}
	db.do(`ALTER TABLE docs ALTER tenant TYPE varchar(3)`)
	if err := db.installAs(owner, db.twins, "docs"); stateOf(err) != "42501" || !strings.Contains(err.Error(), "NO FORCE ROW LEVEL SECURITY") {
		t.Errorf("install: %v", err)
	}
	db.want(`SELECT tenant FROM deleted.deleted_docs`, "abcdef")
	db.do(`ALTER TABLE deleted.deleted_docs NO FORCE ROW LEVEL SECURITY`)
	if err := db.installAs(owner, db.twins, "docs"); err != nil {
		t.Error(err)
	}
	db.want(`SELECT softdelete_extra -> 'tenant' ->> 'text' FROM deleted.deleted_docs`, "abcdef")
	if err := run(plan.Down); err != nil {
		t.Error(err)
	}
	db.want(`SELECT id FROM deleted.deleted_docs`, "1")
	db.want(`SHOW row_security`, "on")
}
