package softdelete_test

import (
	"errors"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// Another type for a column must not cost what was deleted before.
func TestRetypingLosesNoDeletedValue(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		was, value, alter string
		back              string // "" where the value does not fit
	}{
		"cut":           {"varchar(10)", "abcdefghij", "varchar(3)", ""},
		"rounded":       {"numeric(10,2)", "1.55", "numeric(10,0)", ""},
		"none":          {"text", "abc", "integer USING 0", ""},
		"out of range":  {"bigint", "5000000000", "integer USING 0", ""},
		"enum":          {"text", "z", "mood USING NULL", ""},
		"fits enum":     {"text", "ok", "mood USING NULL", "ok"},
		"not cut":       {"varchar(10)", "abc", "varchar(3)", "abc"},
		"not rounded":   {"numeric(10,2)", "7.00", "numeric(10,0)", "7"},
		"a number":      {"text", "5", "integer USING 0", "5"},
		"to text":       {"integer", "5", "text", "5"},
		"to a document": {"text", `{"a":1}`, "jsonb USING NULL", `{"a": 1}`},
		"array":         {"integer[]", "{1,NULL,3}", "text[]", "{1,NULL,3}"},
	}
	for _, mode := range []string{"install, then restore", "restore before install", "deleted after the change"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			db := onPostgres(t)
			db.do(`CREATE TYPE mood AS ENUM ('ok')`)
			for name, c := range cases {
				db.do(`CREATE TABLE a (id integer PRIMARY KEY, v ` + c.was + `)`)
				db.install("a")
				if mode == "deleted after the change" { // the twin does not know the column and keeps it aside
					db.do(`ALTER TABLE a DROP COLUMN v`)
					db.do(`ALTER TABLE a ADD COLUMN w ` + c.was)
					db.do(`ALTER TABLE a RENAME COLUMN w TO v`)
					db.do(`ALTER TABLE deleted.deleted_a DROP COLUMN v`)
				}
				db.do(`INSERT INTO a (id, v) VALUES (1, '` + c.value + `'), (2, NULL)`)
				db.do(`DELETE FROM a`)
				db.do(`ALTER TABLE a ALTER COLUMN v TYPE ` + c.alter)
				if mode != "restore before install" {
					db.install("a")
				}
				db.restore("a", softdelete.Key(2))
				db.want(`SELECT id, v::text FROM a`, "2 <nil>")
				if c.back != "" {
					db.restore("a", softdelete.Key(1))
					db.want(`SELECT v::text FROM a WHERE id = 1`, c.back)
				} else {
					db.keptUntilItFits(name, mode, c.was, c.value)
				}
				if t.Failed() {
					t.Fatal(name)
				}
				db.do(`DROP TABLE a, deleted.deleted_a`)
			}
		})
	}
}

func (b *base) keptUntilItFits(name, mode, was, value string) {
	b.Helper()
	_, err := b.twins.Restore(b.ctx(), b.DB, "a", softdelete.Key(1))
	var conflict *softdelete.ConflictError
	if !errors.As(err, &conflict) || conflict.Table != "a" || conflict.Constraint != "v" || conflict.SQLState() != "23000" {
		b.Fatalf("%s: got %v", name, err)
	}
	if err := b.try(`UPDATE deleted.deleted_a SET deleted_at = NULL`); stateOf(err) != "23000" {
		b.Errorf("%s: plain restore: %v", name, err)
	}
	// the type of before takes it again, with and without Install
	b.do(`ALTER TABLE a ALTER COLUMN v TYPE ` + was + ` USING NULL`)
	if mode == "install, then restore" {
		b.install("a")
	}
	b.restore("a", softdelete.Key(1))
	b.want(`SELECT v::text FROM a WHERE id = 1`, value)
}

func TestRetypingAColumnOfAnyName(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE "a%s" (id integer PRIMARY KEY, "100%s'"" x" text)`)
	db.install("a%s")
	db.do(`INSERT INTO "a%s" (id, "100%s'"" x") VALUES (1, 'abc'), (2, '5'); DELETE FROM "a%s"`)
	db.do(`ALTER TABLE "a%s" ALTER COLUMN "100%s'"" x" TYPE integer USING 0, ADD COLUMN "50%s" text`)
	db.do(`INSERT INTO "a%s" (id, "50%s") VALUES (3, 'half'); DELETE FROM "a%s"`)
	db.install("a%s")
	db.restore("a%s", softdelete.Key(2))
	db.restore("a%s", softdelete.Key(3))
	db.want(`SELECT id, "100%s'"" x", "50%s" FROM "a%s" ORDER BY id`, "2 5 <nil>", "3 <nil> half")
	db.want(`SELECT id, softdelete_extra -> '100%s''" x' ->> 'text' FROM deleted."deleted_a%s"`, "1 abc")
}
