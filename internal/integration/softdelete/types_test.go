package softdelete_test

import (
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// Deletes go on when the type of a column gets another name or schema, and when it is dropped.
func TestTypesThatAreRenamed(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TYPE mood AS ENUM ('ok', 'bad'); CREATE DOMAIN name AS text; CREATE TABLE a (id integer PRIMARY KEY, m mood, n name)`)
	db.install("a")
	for i, change := range []string{
		`ALTER TYPE mood RENAME TO feeling`, `CREATE SCHEMA other; ALTER TYPE feeling SET SCHEMA other`, `ALTER DOMAIN public.name RENAME TO title`,
		`ALTER TYPE other.feeling RENAME VALUE 'ok' TO 'fine'`, `DROP TYPE other.feeling CASCADE`,
	} {
		db.do(`INSERT INTO a (id, n) VALUES ($1, 'x')`, i)
		if i < 4 {
			db.do(`UPDATE a SET m = 'bad'`)
		}
		db.do(change)
		db.do(`DELETE FROM a`)
		db.want(`SELECT id FROM a`)
		db.restore("a", softdelete.Key(i))
		if i < 4 {
			db.want(`SELECT id, m, n FROM a`, text([]any{i, "bad", "x"}))
		}
		db.do(`DELETE FROM a`)
		if i%2 == 1 {
			db.install("a")
		}
		db.do(`SET softdelete.moving = 'on'; DELETE FROM deleted.deleted_a; RESET softdelete.moving`)
	}
}
