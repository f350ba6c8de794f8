package softdelete_test

import (
	"errors"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// Whoever may make functions in schema deleted makes one that fits better than ours, and it runs with the rights of ours.
func TestSchemaOfAnotherRole(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	role := db.role("evil")
	db.do(`CREATE TABLE a (id integer PRIMARY KEY); CREATE SCHEMA deleted AUTHORIZATION ` + role)
	var bad *softdelete.TableError
	if err := db.twins.Install(db.ctx(), db.DB, "a"); !errors.As(err, &bad) || !strings.Contains(bad.Reason, "ALTER SCHEMA deleted OWNER TO") {
		t.Fatalf("installed: %v", err)
	}
	if _, err := db.twins.Plan(db.ctx(), db.DB, "a"); !errors.As(err, &bad) {
		t.Errorf("planned: %v", err)
	}
	db.do(`ALTER SCHEMA deleted OWNER TO CURRENT_USER`)
	db.install("a")
	db.do(`GRANT CREATE ON SCHEMA deleted TO ` + role + `, PUBLIC`)
	found := db.details(softdelete.Rights, "a")
	if len(found) != 2 {
		t.Fatalf("got %q", found)
	}
	for _, d := range found {
		db.do(d[strings.Index(d, "REVOKE"):])
	}
	db.clean("a")
	db.do(`ALTER SCHEMA deleted OWNER TO ` + role)
	found = db.details(softdelete.Rights, "a")
	if len(found) != 1 || !strings.Contains(found[0], "OWNER TO") {
		t.Fatalf("got %q", found)
	}
	db.do(found[0][strings.Index(found[0], "ALTER SCHEMA"):])
	db.clean("a")

	// a function of another role in a schema that is ours
	db.do(`CREATE FUNCTION deleted.softdelete_owned(integer) RETURNS void LANGUAGE sql AS ''; ALTER FUNCTION deleted.softdelete_owned(integer) OWNER TO ` + role)
	found = db.details(softdelete.Rights, "a")
	if len(found) != 1 || !strings.Contains(found[0], "DROP FUNCTION deleted.softdelete_owned(integer)") {
		t.Fatalf("got %q", found)
	}
	db.do(found[0][strings.Index(found[0], "DROP FUNCTION"):])
	db.clean("a")

	// default privileges open what an install makes
	db.do(`ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO ` + role + `; CREATE TABLE b (id integer PRIMARY KEY)`)
	if err := db.twins.Install(db.ctx(), db.DB, "b"); err != nil {
		t.Fatal(err)
	}
	found = db.details(softdelete.Rights, "b")
	if len(found) != 1 || !strings.Contains(found[0], "REVOKE EXECUTE ON FUNCTION deleted.b_soft_delete() FROM "+role) {
		t.Fatalf("got %q", found)
	}
	db.do(found[0][strings.Index(found[0], "REVOKE"):])
	db.clean("a", "b")
}
