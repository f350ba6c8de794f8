package softdelete_test

import (
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

func TestSelfReference(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE tree (id integer PRIMARY KEY, parent_id integer REFERENCES tree ON DELETE CASCADE)`)
		db.install("tree")
		db.do(`INSERT INTO tree (id, parent_id) VALUES (1, NULL), (2, 1), (3, 2), (4, 1), (5, NULL), (6, 6)`)
		db.do(`DELETE FROM tree WHERE id = 4`)
		db.do(`DELETE FROM tree WHERE id = 1`)
		db.want(`SELECT id FROM tree ORDER BY id`, "5", "6")
		db.equal(db.restore("tree", softdelete.Key(1)), "tree(1) tree(2) tree(3)")
		db.want(`SELECT id, parent_id FROM tree ORDER BY id`, "1 <nil>", "2 1", "3 2", "5 <nil>", "6 6")
		db.do(`DELETE FROM tree WHERE id = 6`)
		db.equal(db.restore("tree", softdelete.Key(6)), "tree(6)")
		db.do(`DELETE FROM tree WHERE id = 3`)
		db.do(`DELETE FROM tree WHERE id = 2`)
		db.equal(db.restore("tree", softdelete.Key(2)), "tree(2)")
		db.want(`SELECT id FROM tree ORDER BY id`, "1", "2", "5", "6")
	})
}

func TestCycleOfForeignKeysThatMayNotBeNull(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		if db.postgres {
			db.do(`CREATE TABLE a (id integer PRIMARY KEY, b_id integer NOT NULL);
				CREATE TABLE b (id integer PRIMARY KEY, a_id integer NOT NULL REFERENCES a ON DELETE CASCADE);
				INSERT INTO a VALUES (1, 1), (2, 1); INSERT INTO b VALUES (1, 1);
				ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b ON DELETE CASCADE`)
		} else {
			db.do(`CREATE TABLE a (id integer PRIMARY KEY, b_id integer NOT NULL REFERENCES b ON DELETE CASCADE);
				CREATE TABLE b (id integer PRIMARY KEY, a_id integer NOT NULL REFERENCES a ON DELETE CASCADE);
				BEGIN; PRAGMA defer_foreign_keys = ON; INSERT INTO a VALUES (1, 1), (2, 1); INSERT INTO b VALUES (1, 1); COMMIT`)
		}
		db.install("a", "b")
		db.do(`DELETE FROM a WHERE id = 1`)
		db.want(`SELECT count(*) FROM a`, "0")
		db.equal(db.restore("a", softdelete.Key(1)), "a(1) a(2) b(1)")
		db.want(`SELECT id, b_id FROM a ORDER BY id`, "1 1", "2 1")
		db.want(`SELECT id, a_id FROM b`, "1 1")
		db.want(`SELECT count(*) FROM {twin:a}`, "0")
	})
}

func TestDiamondAndSeveralParents(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE top (id integer PRIMARY KEY);
			CREATE TABLE l (id integer PRIMARY KEY, top_id integer REFERENCES top ON DELETE CASCADE);
			CREATE TABLE r (id integer PRIMARY KEY, top_id integer REFERENCES top ON DELETE CASCADE);
			CREATE TABLE bottom (id integer PRIMARY KEY, l_id integer REFERENCES l ON DELETE CASCADE, r_id integer REFERENCES r ON DELETE CASCADE)`)
		db.install("bottom", "l", "r", "top")
		db.do(`INSERT INTO top (id) VALUES (1), (2)`)
		db.do(`INSERT INTO l (id, top_id) VALUES (1, 1), (2, 2)`)
		db.do(`INSERT INTO r (id, top_id) VALUES (1, 1), (2, 2)`)
		db.do(`INSERT INTO bottom (id, l_id, r_id) VALUES (1, 1, 1), (2, 1, 2), (3, 2, 2), (4, NULL, 1)`)
		db.do(`DELETE FROM top WHERE id = 1`)
		db.want(`SELECT id FROM bottom`, "3")
		db.equal(db.restore("top", softdelete.Key(1)), "top(1) l(1) r(1) bottom(1) bottom(2) bottom(4)")
		db.want(`SELECT id, l_id, r_id FROM bottom ORDER BY id`, "1 1 1", "2 1 2", "3 2 2", "4 <nil> 1")

		// two parents, deleted one after the other: the child went with the first
		db.do(`DELETE FROM l WHERE id = 1`)
		db.do(`DELETE FROM r WHERE id = 1`)
		db.equal(db.restore("r", softdelete.Key(1)), "r(1) bottom(4)")
		db.equal(db.restore("l", softdelete.Key(1)), "l(1) bottom(1) bottom(2)")
	})
}

func TestLinksThatSetNullCutAreSetAgain(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE owners (id integer PRIMARY KEY, boss_id integer REFERENCES owners ON DELETE SET NULL);
			CREATE TABLE cars (id integer PRIMARY KEY, owner_id integer REFERENCES owners ON DELETE SET NULL);
			CREATE TABLE keys (a text, b integer, owner_id integer REFERENCES owners ON DELETE SET NULL, car_id integer REFERENCES cars ON DELETE CASCADE, PRIMARY KEY (a, b))`)
		db.install("owners", "cars", "keys")
		db.do(`INSERT INTO owners (id, boss_id) VALUES (1, NULL), (2, 1), (3, 1)`)
		db.do(`INSERT INTO cars (id, owner_id) VALUES (1, 1), (2, 1), (3, 2), (4, 1), (5, NULL)`)
		db.do(`INSERT INTO keys (a, b, owner_id, car_id) VALUES ('x', 1, 1, 3)`)
		db.do(`DELETE FROM owners WHERE id = 1`)
		db.want(`SELECT id, owner_id FROM cars ORDER BY id`, "1 <nil>", "2 <nil>", "3 2", "4 <nil>", "5 <nil>")
		db.do(`UPDATE cars SET owner_id = 2 WHERE id = 2`)
		db.do(`DELETE FROM cars WHERE id = 4`)
		got := strings.Fields(db.restore("owners", softdelete.Key(1)))
		db.equal(len(got), 6)
		for _, want := range []string{"owners(1)", "|", "cars(1)", "keys(x,1)", "owners(2)", "owners(3)"} {
			if !strings.Contains(" "+strings.Join(got, " ")+" ", " "+want+" ") {
				t.Errorf("%s is missing in %s", want, got)
			}
		}
		db.want(`SELECT id, owner_id FROM cars ORDER BY id`, "1 1", "2 2", "3 2", "5 <nil>")
		db.want(`SELECT id, boss_id FROM owners ORDER BY id`, "1 <nil>", "2 1", "3 1")
		db.want(`SELECT owner_id FROM keys`, "1")

		// a link that a statement of the user cuts is not remembered, nor one that RowOnly leaves alone
		db.do(`UPDATE cars SET owner_id = NULL WHERE id = 1`)
		db.do(`DELETE FROM owners WHERE id = 2`)
		db.equal(db.restore("owners", softdelete.Key(2), softdelete.RowOnly()), "owners(2)")
		db.want(`SELECT id, owner_id FROM cars ORDER BY id`, "1 <nil>", "2 <nil>", "3 <nil>", "5 <nil>")
	})
}

func TestLinkOfARowThatWentInTheSameDeletion(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE top (id integer PRIMARY KEY);
			CREATE TABLE c (id integer PRIMARY KEY, soft_id integer REFERENCES top ON DELETE SET NULL, hard_id integer REFERENCES top ON DELETE CASCADE)`)
		db.install("top", "c")
		db.do(`INSERT INTO top (id) VALUES (1)`)
		db.do(`INSERT INTO c (id, soft_id, hard_id) VALUES (1, 1, 1)`)
		db.do(`DELETE FROM top`)
		db.restore("top", softdelete.Key(1))
		db.want(`SELECT id, soft_id, hard_id FROM c`, "1 1 1")
	})
}

func TestCompositeTextAndBinaryKeys(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, db *base) {
		db.do(`CREATE TABLE p (x text, y {bytes}, PRIMARY KEY (x, y));
			CREATE TABLE c (id text PRIMARY KEY, px text, py {bytes}, FOREIGN KEY (px, py) REFERENCES p (x, y) ON DELETE CASCADE);
			CREATE TABLE n (id integer PRIMARY KEY, px text, py {bytes}, FOREIGN KEY (px, py) REFERENCES p (x, y) ON DELETE SET NULL)`)
		db.install("p", "c", "n")
		bytes := []byte{0, 255, 'a'}
		db.do(`INSERT INTO p (x, y) VALUES ('it''s "x"', $1), ('other', $1)`, bytes)
		db.do(`INSERT INTO c (id, px, py) VALUES ('1', 'it''s "x"', $1), ('2', 'other', $1), ('3', 'other', NULL)`, bytes)
		db.do(`INSERT INTO n (id, px, py) VALUES (1, 'it''s "x"', $1)`, bytes)
		db.do(`DELETE FROM p WHERE x <> 'other'`)
		db.want(`SELECT id, px, py FROM n`, "1 <nil> <nil>")
		back, err := db.twins.Restore(db.ctx(), db.DB, "p", softdelete.Key(`it's "x"`, bytes))
		if err != nil {
			t.Fatal(err)
		}
		db.equal(len(back.Rows), 2)
		db.equal(back.Rows[1], softdelete.Ref{Table: "c", Key: []any{"1"}})
		db.want(`SELECT id FROM c ORDER BY id`, "1", "2", "3")
		db.want(`SELECT id, px, py FROM n`, `1 it's "x" 00ff61`)
		db.do(`DELETE FROM p WHERE x = $1 AND y = $2`, back.Rows[0].Key...) // a key fits as arguments
		db.want(`SELECT count(*) FROM p`, "1")
	})
}

func TestUUIDKeys(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE u (id uuid PRIMARY KEY, parent uuid REFERENCES u ON DELETE CASCADE)`)
	db.install("u")
	const id = "7d444840-9dc0-11d1-b245-5ffdce74fad2"
	db.do(`INSERT INTO u (id) VALUES ('` + id + `')`)
	db.do(`DELETE FROM u`)
	raw := [16]byte{0x7d, 0x44, 0x48, 0x40, 0x9d, 0xc0, 0x11, 0xd1, 0xb2, 0x45, 0x5f, 0xfd, 0xce, 0x74, 0xfa, 0xd2}
	for _, key := range []any{id, strings.ToUpper(id), raw} {
		db.equal(db.restore("u", softdelete.Key(key)), "u("+id+")")
		db.do(`DELETE FROM u`)
	}
}

func TestOddNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 28) // 56 bytes: "deleted_" and the triggers do not fit
	names := []string{"user", "order", "MyTable", "my-table", "value", "1table", `quo"te`, "it's", "deleted_things", "undeleted_items", "tab\tname", "a.b", "$1", "%s", "$softdelete$", "Ä", long}
	both(t, func(t *testing.T, db *base) {
		for _, name := range names {
			q := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
			db.do(`CREATE TABLE ` + q + ` ("` + "select" + `" integer PRIMARY KEY, "Mixed Case" text, "o" text, "it's ""q"" %s" text, "up" integer REFERENCES ` + q + ` ON DELETE CASCADE, "soft" integer REFERENCES ` + q + ` ON DELETE SET NULL)`)
		}
		db.install(names...)
		for _, name := range names {
			q := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
			db.do(`INSERT INTO ` + q + ` ("select", "Mixed Case", "o", "it's ""q"" %s", "up", "soft") VALUES (1, 'm', 'o', 'q', NULL, NULL), (2, 'n', 'p', 'r', 1, NULL), (3, NULL, NULL, NULL, NULL, 1)`)
			db.do(`DELETE FROM ` + q + ` WHERE "select" = 1`)
			db.equal(db.restore(name, softdelete.Key(1)), name+"(1) "+name+"(2) | "+name+"(3)")
			db.want(`SELECT "Mixed Case", "o", "it's ""q"" %s", "up", "soft" FROM `+q+` ORDER BY "select"`, "m o q <nil> <nil>", "n p r 1 <nil>", "<nil> <nil> <nil> <nil> 1")
		}
	})
}

func TestGeneratedAndIdentityColumnsAndRichTypes(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db := onPostgres(t)
		db.do(`CREATE TYPE mood AS ENUM ('ok', 'bad'); CREATE DOMAIN positive AS integer CHECK (value > 0);
			CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int, dbl int GENERATED ALWAYS AS (n * 2) STORED, j jsonb, a text[], d numeric(10,2),
				b bytea, m mood, ms mood[], p positive, r int4range, c char(3), v varchar(5), f float8, ts timestamp(3), iv interval, x xml, s text COLLATE "C");
			INSERT INTO t (n, j, a, d, b, m, ms, p, r, c, v, f, ts, iv, x, s) VALUES (2, '{"a": [1]}', '{x,NULL}', 1.5, '\x00ff', 'ok', '{bad,ok}', 5, '[1,3)', 'a', 'abc', 'NaN', '2020-01-02 03:04:05.678', '1 mon', '<a/>', 'ä')`)
		db.install("t")
		before := db.rows(`SELECT t::text FROM t`)
		db.do(`DELETE FROM t`)
		db.want(`SELECT dbl FROM {twin:t}`, "4")
		db.restore("t", softdelete.Key(1))
		db.want(`SELECT t::text FROM t`, before...)
		db.do(`DELETE FROM t`)
		db.do(`UPDATE {twin:t} SET deleted_at = NULL`)
		db.want(`SELECT t::text FROM t`, before...)
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db := onSQLite(t)
		db.do(`CREATE TABLE t (id INTEGER PRIMARY KEY, n integer, dbl integer GENERATED ALWAYS AS (n * 2) STORED, v integer AS (n + 1), b blob, r real, any, d decimal(10,2), s text COLLATE NOCASE);
			CREATE TABLE w (a text, b integer, PRIMARY KEY (b, a)) WITHOUT ROWID;
			CREATE TABLE strict_t (id INTEGER PRIMARY KEY, x ANY, y TEXT) STRICT`)
		db.install("t", "w", "strict_t")
		db.do(`INSERT INTO t (n, b, r, any, d, s) VALUES (2, x'00ff', 0.1, x'01', '1.50', 'A'), (9223372036854775807, NULL, 1e300, 'text', 5, 'b')`)
		db.do(`INSERT INTO w (a, b) VALUES ('x', 1)`)
		db.do(`INSERT INTO strict_t (x, y) VALUES ('007', '007'), (7, '7')`)
		const all = `SELECT id, quote(n), quote(dbl), quote(v), quote(b), quote(r), quote(any), quote(d), quote(s), created_at IS NULL FROM t UNION ALL SELECT id, quote(x), quote(y), 0, 0, 0, 0, 0, 0, 0 FROM strict_t ORDER BY 1, 2`
		before := db.rows(all)
		db.do(`DELETE FROM t`)
		db.do(`DELETE FROM w`)
		db.do(`DELETE FROM strict_t`)
		for _, id := range []int{1, 2} {
			db.restore("t", softdelete.Key(id))
			db.restore("strict_t", softdelete.Key(id))
		}
		db.want(all, before...)
		db.equal(db.restore("w", softdelete.Key(1, "x")), "w(1,x)")
	})
}
