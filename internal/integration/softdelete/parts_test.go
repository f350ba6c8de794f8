package softdelete_test

import (
	"errors"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// events are partitioned twice, one partition has its columns in another order, and others reference and are
// referenced.
const events = `
	CREATE TABLE owners (id integer PRIMARY KEY);
	CREATE TABLE events (at integer, id integer, name text, owner_id integer REFERENCES owners ON DELETE CASCADE, guest_id integer REFERENCES owners ON DELETE SET NULL,
		PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
	CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
	CREATE TABLE events_2 (name text, gone boolean, id integer NOT NULL, guest_id integer, owner_id integer, at integer NOT NULL);
	ALTER TABLE events_2 DROP COLUMN gone;
	ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (10) TO (20);
	CREATE SCHEMA parts;
	CREATE TABLE parts.events_3 PARTITION OF events FOR VALUES FROM (20) TO (40) PARTITION BY LIST (at);
	CREATE TABLE parts.events_3a PARTITION OF parts.events_3 FOR VALUES IN (20, 21);
	CREATE TABLE notes (id integer PRIMARY KEY, at integer, event_id integer, FOREIGN KEY (at, event_id) REFERENCES events ON DELETE CASCADE)`

func eventsOn(db *base) {
	db.do(events)
	db.install("owners", "events", "notes")
	db.do(`INSERT INTO owners (id) VALUES (1), (2);
		INSERT INTO events (at, id, name, owner_id, guest_id) VALUES (1, 1, 'a', 1, 2), (2, 2, 'b', 2, 1), (11, 3, 'c', 1, 2), (12, 4, 'd', 2, 1), (20, 5, 'e', 1, NULL), (21, 6, 'f', 2, NULL);
		INSERT INTO notes (id, at, event_id) SELECT id, at, id FROM events`)
}

const allEvents = `SELECT at, id, name, owner_id, guest_id FROM events ORDER BY at`

var everyEvent = []string{"1 1 a 1 2", "2 2 b 2 1", "11 3 c 1 2", "12 4 d 2 1", "20 5 e 1 <nil>", "21 6 f 2 <nil>"}

// Whatever a DELETE names, the root, a partition or a parent of its rows, each row is kept once and comes back.
func TestDeletesFromPartitions(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	eventsOn(db)
	for statement, want := range map[string]string{
		`DELETE FROM events`:                    "1,2,3,4,5,6",
		`DELETE FROM events WHERE id IN (1, 3)`: "1,3",
		`DELETE FROM events_1`:                  "1,2",
		`DELETE FROM events_2 WHERE id = 4`:     "4",
		`DELETE FROM parts.events_3`:            "5,6",
		`DELETE FROM parts.events_3a`:           "5,6",
		`DELETE FROM owners WHERE id = 1`:       "1,3,5",
		`TRUNCATE events_2 CASCADE`:             "refused",
		`TRUNCATE events CASCADE`:               "refused",
		`TRUNCATE parts.events_3, notes`:        "refused",
		`WITH d AS (DELETE FROM events_1 RETURNING id) DELETE FROM events_2 WHERE id > (SELECT count(*) FROM d)`: "1,2,3,4",
	} {
		err := db.try(statement)
		if want == "refused" {
			if err == nil || !strings.Contains(err.Error(), "is refused") {
				t.Errorf("%s: %v", statement, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		db.want(`SELECT string_agg(id::text, ',' ORDER BY id), count(DISTINCT softdelete_at) FROM {twin:events}`, want+" 1")
		db.want(`SELECT string_agg(id::text, ',' ORDER BY id) FROM {twin:notes}`, want)
		table := "events"
		if strings.Contains(statement, "owners") {
			table = "owners"
		}
		for row, err := range db.twins.List(db.ctx(), db.DB, table) {
			if err != nil {
				t.Fatal(err)
			}
			db.restore(table, softdelete.InDeletion(row.Deletion))
			break
		}
		db.want(allEvents, everyEvent...)
		db.want(`SELECT count(*) FROM notes JOIN events ON events.id = event_id`, "6")
		db.want(`SELECT count(*) FROM {twin:events}`, "0")
	}
}

// An UPDATE that moves a row to another partition deletes nothing.
func TestRowsThatMoveBetweenPartitionsAreNotDeleted(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	eventsOn(db)
	db.do(`DELETE FROM notes`)
	db.do(`UPDATE events SET at = at + 10 WHERE id IN (1, 2)`)
	db.do(`UPDATE events_2 SET name = name || '!' WHERE id = 1`)
	db.do(`INSERT INTO events (at, id, name) VALUES (12, 4, 'x') ON CONFLICT (at, id) DO UPDATE SET name = 'y'`)
	db.want(`SELECT count(*) FROM {twin:events}`, "0")
	db.want(`SELECT tableoid::regclass, id FROM events WHERE id < 3 ORDER BY id`, "events_2 1", "events_2 2")
	db.do(`UPDATE events SET at = 2 WHERE id = 2`)
	db.do(`DELETE FROM events WHERE id = 2`)
	db.want(`SELECT at, id FROM {twin:events}`, "2 2")
}

func TestPlainUpdateRestoresIntoThePartition(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	eventsOn(db)
	db.do(`DELETE FROM events`)
	db.do(`UPDATE {twin:events} SET deleted_at = NULL`)
	db.want(allEvents, everyEvent...)
	db.do(`DELETE FROM owners WHERE id = 2`)
	db.want(`SELECT id, guest_id FROM events ORDER BY id`, "1 <nil>", "3 <nil>", "5 <nil>")
	db.equal(db.restore("owners", softdelete.Key(2)), "owners(2) events(2,2) events(12,4) events(21,6) | events(1,1) events(11,3)")
	db.want(allEvents, everyEvent...)
}

// A partition that comes later is told by Check and mended by Install; until then deletes through the root are kept.
func TestPartitionsThatComeAndGo(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	eventsOn(db)
	db.do(`CREATE TABLE events_4 PARTITION OF events FOR VALUES FROM (40) TO (50); INSERT INTO events (at, id, name) VALUES (40, 7, 'g'), (41, 8, 'h')`)
	db.equal(db.kinds("events"), "missing trigger events_4_soft_delete, missing trigger events_4_soft_truncate")
	db.do(`DELETE FROM events WHERE id = 7`)
	db.want(`SELECT id FROM {twin:events}`, "7")
	db.install("events")
	db.do(`DELETE FROM events_4`)
	db.want(`SELECT id FROM {twin:events} ORDER BY id`, "7", "8")

	// rows of a partition that is gone have no place to come back to
	db.do(`ALTER TABLE events DETACH PARTITION events_4`)
	var conflict *softdelete.ConflictError
	if _, err := db.twins.Restore(db.ctx(), db.DB, "events", softdelete.Key(40, 7)); !errors.As(err, &conflict) || conflict.SQLState() != "23514" {
		t.Errorf("got %v", err)
	}
	db.do(`INSERT INTO events_4 (at, id, name) VALUES (42, 9, 'i')`)
	if err := db.try(`DELETE FROM events_4`); stateOf(err) != "55000" || !strings.Contains(err.Error(), "was detached") {
		t.Errorf("a detached partition: %v", err)
	}
	db.clean("events")
	db.do(`ALTER TABLE events ATTACH PARTITION events_4 FOR VALUES FROM (40) TO (50)`)
	db.do(`DELETE FROM events_4`)
	db.want(`SELECT id FROM {twin:events} ORDER BY id`, "7", "8", "9")
	db.do(`ALTER TABLE events DETACH PARTITION events_4; INSERT INTO events_4 (at, id) VALUES (43, 10)`)
	db.install("events_4") // a table of its own by now
	db.do(`DELETE FROM events_4`)
	db.want(`SELECT id FROM {twin:events_4}`, "10")
	db.want(`SELECT count(*) FROM {twin:events}`, "3")

	var bad *softdelete.TableError
	if err := db.twins.Install(db.ctx(), db.DB, "events_1"); !errors.As(err, &bad) || !strings.Contains(bad.Reason, "partition of public.events") {
		t.Errorf("got %v", err)
	}
}

func TestPartitionsAfterAMigration(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	eventsOn(db)
	db.do(`ALTER TABLE events ADD COLUMN stars integer DEFAULT 3; ALTER TABLE events DROP COLUMN name`)
	db.do(`DELETE FROM events_2; DELETE FROM events WHERE id < 3`)
	db.want(`SELECT count(*) FROM {twin:events} WHERE softdelete_extra -> 'stars' ->> 'text' = '3'`, "4")
	if err := db.twins.Install(db.ctx(), db.DB, "events"); err != nil {
		t.Fatal(err)
	}
	db.equal(db.kinds("events"), "extra column name")
	db.do(`DELETE FROM parts.events_3a`)
	db.want(`SELECT id, stars FROM {twin:events} ORDER BY id`, "1 3", "2 3", "3 3", "4 3", "5 3", "6 3")
	db.restore("events", softdelete.Since(longAgo))
	db.want(`SELECT count(*), sum(stars) FROM events`, "6 18")
}

// Overwrite and the names of what is in the way, where index and table are partitioned.
func TestConflictsInPartitions(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	eventsOn(db)
	db.do(`DELETE FROM parts.events_3a`)
	db.do(`INSERT INTO events (at, id, name) VALUES (20, 5, 'new')`)
	var conflict *softdelete.ConflictError
	if _, err := db.twins.Restore(db.ctx(), db.DB, "events", softdelete.Key(20, 5)); !errors.As(err, &conflict) || conflict.Table != "events" || conflict.Constraint != "events_pkey" {
		t.Errorf("got %v", err)
	}
	back, err := db.twins.Restore(db.ctx(), db.DB, "events", softdelete.Key(20, 5), softdelete.OnConflict(softdelete.Overwrite))
	if err != nil || len(back.Overwritten) != 1 {
		t.Errorf("got %v %v", back, err)
	}
	db.want(`SELECT name FROM parts.events_3a`, "e")
	db.want(`SELECT name FROM {twin:events} ORDER BY name`, "f", "new")
}

// A foreign key that only one partition has, or that references one partition.
func TestForeignKeysOfOnePartition(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE kinds (id integer PRIMARY KEY);
		CREATE TABLE items (id integer PRIMARY KEY, kind integer) PARTITION BY RANGE (id);
		CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM (0) TO (10);
		CREATE TABLE items_2 PARTITION OF items FOR VALUES FROM (10) TO (20);
		ALTER TABLE items_1 ADD FOREIGN KEY (kind) REFERENCES kinds ON DELETE CASCADE;
		CREATE TABLE tags (id integer PRIMARY KEY, item integer REFERENCES items_2 ON DELETE CASCADE)`)
	db.install("kinds", "items", "tags")
	db.do(`INSERT INTO kinds (id) VALUES (1); INSERT INTO items (id, kind) VALUES (1, 1), (2, 1), (11, 1); INSERT INTO tags (id, item) VALUES (1, 11)`)
	db.do(`DELETE FROM kinds`)
	db.want(`SELECT id FROM items`, "11")
	db.equal(db.restore("kinds", softdelete.Key(1)), "kinds(1) items(1) items(2)")
	db.do(`DELETE FROM items_2`)
	db.want(`SELECT id FROM tags`)
	db.equal(db.restore("items", softdelete.Key(11)), "items(11) tags(1)")
}

// Tables that inherit keep their own rows, with the columns of their own.
func TestInheritance(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(`CREATE TABLE people (id integer PRIMARY KEY, name text);
		CREATE TABLE pilots (licence text, PRIMARY KEY (id)) INHERITS (people)`)
	db.install("people", "pilots")
	fill := func() {
		db.do(`INSERT INTO people (id, name) VALUES (1, 'Ann'); INSERT INTO pilots (id, name, licence) VALUES (1, 'Bob', 'x'), (2, 'Cid', 'y')`)
	}
	fill()
	db.do(`DELETE FROM people`)
	db.want(`SELECT id, name FROM {twin:people}`, "1 Ann")
	db.want(`SELECT id, name, licence FROM {twin:pilots} ORDER BY id`, "1 Bob x", "2 Cid y")
	db.equal(db.restore("people", softdelete.Key(1)), "people(1)")
	db.equal(db.restore("pilots", softdelete.Since(longAgo)), "pilots(1) pilots(2)")
	db.want(`SELECT id, name FROM ONLY people`, "1 Ann")
	db.want(`SELECT id, licence FROM pilots ORDER BY id`, "1 x", "2 y")

	db.do(`DELETE FROM ONLY people; DELETE FROM pilots WHERE id = 2`)
	db.do(`ALTER TABLE people ADD COLUMN age integer; UPDATE pilots SET age = 5`)
	db.do(`DELETE FROM people`)
	db.want(`SELECT id, softdelete_extra -> 'age' ->> 'text' FROM {twin:pilots} ORDER BY id`, "1 5", "2 <nil>")
	db.restore("pilots", softdelete.Since(longAgo))
	db.want(`SELECT id, licence, age FROM pilots ORDER BY id`, "1 x 5", "2 y <nil>")
	if err := db.try(`TRUNCATE people`); err == nil {
		t.Error("truncated")
	}

	// a table that gets an heir after it was installed
	db.do(`CREATE TABLE alone (id integer PRIMARY KEY)`)
	db.install("alone")
	db.do(`CREATE TABLE heir (extra text, PRIMARY KEY (id)) INHERITS (alone); INSERT INTO heir (id, extra) VALUES (1, 'x')`)
	if err := db.try(`DELETE FROM alone`); stateOf(err) != "55000" {
		t.Errorf("got %v", err)
	}
	db.install("alone", "heir")
	db.do(`DELETE FROM alone`)
	db.want(`SELECT id, extra FROM {twin:heir}`, "1 x")
	db.want(`SELECT count(*) FROM {twin:alone}`, "0")
	db.do(`DROP TABLE heir`)
	if got := db.kinds("alone"); !strings.Contains(got, "outdated alone_soft_delete") {
		t.Errorf("got %s", got)
	}
	db.install("alone")
	db.do(`INSERT INTO alone (id) VALUES (5); DELETE FROM alone`)
	db.want(`SELECT id FROM {twin:alone}`, "5")
}

func TestTruncateThatKeepsTheRows(t *testing.T) {
	t.Parallel()
	db := onPostgres(t)
	db.do(events)
	db.twins = softdelete.Postgres(softdelete.Config{KeepTruncated: true})
	db.install("owners", "events", "notes")
	db.do(`INSERT INTO owners (id) VALUES (1), (2);
		INSERT INTO events (at, id, name, owner_id, guest_id) VALUES (1, 1, 'a', 1, 2), (2, 2, 'b', 2, 1), (11, 3, 'c', 1, 2), (12, 4, 'd', 2, 1), (20, 5, 'e', 1, NULL), (21, 6, 'f', 2, NULL);
		INSERT INTO notes (id, at, event_id) SELECT id, at, id FROM events`)
	db.do(`TRUNCATE owners CASCADE`)
	db.want(`SELECT (SELECT count(*) FROM {twin:owners}), (SELECT count(*) FROM {twin:events}), (SELECT count(*) FROM {twin:notes})`, "2 6 6")
	db.restore("owners", softdelete.Since(longAgo))
	db.want(allEvents, everyEvent...)
	db.want(`SELECT count(*) FROM notes`, "6")

	db.do(`TRUNCATE events_1, notes`)
	db.want(`SELECT string_agg(id::text, ',' ORDER BY id) FROM {twin:events}`, "1,2")
	db.restore("events", softdelete.Since(longAgo))
	db.want(`SELECT count(*) FROM events`, "6")
	db.restore("notes", softdelete.Since(longAgo))

	// what could lose rows is refused
	err := db.try(`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; TRUNCATE owners CASCADE; COMMIT`)
	if err == nil || !strings.Contains(err.Error(), "isolation level") {
		t.Errorf("got %v", err)
	}
	db.do(`ROLLBACK`)
	db.do(`CREATE TABLE events_4 PARTITION OF events FOR VALUES FROM (40) TO (50)`)
	if err := db.try(`TRUNCATE events CASCADE`); err == nil || !strings.Contains(err.Error(), "events_4 has no trigger") {
		t.Errorf("got %v", err)
	}
	if err := db.try(`TRUNCATE {twin:events}`); err == nil {
		t.Error("the twin was truncated")
	}
	// and a table that has changed since Install
	db.do(`ALTER TABLE notes ADD COLUMN stars integer DEFAULT 2; TRUNCATE notes`)
	db.restore("notes", softdelete.Since(longAgo))
	db.want(`SELECT count(*), sum(stars) FROM notes`, "6 12")

	db.twins = softdelete.Postgres(softdelete.Config{})
	db.equal(db.kinds("owners"), "outdated owners_soft_truncate")
}
