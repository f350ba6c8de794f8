// Package softdelete makes DELETE keep the row, whoever sends it: this service, an ORM, psql, a foreign key's cascade.
//
// Each table gets a twin: deleted.deleted_people for public.people on PostgreSQL, deleted_people in the same file on
// SQLite. Triggers that Install generates move a deleted row there, so that the table holds living rows only, and its
// foreign keys, unique constraints and queries go on meaning what they say. Restore puts a row back with all that its
// deletion took along, and nothing that was deleted earlier.
//
//	twins := softdelete.Postgres(softdelete.Config{})
//	err := twins.Install(ctx, db, "departments", "people") // at every start, or a migration: see Plan
//
//	_, err = tx.ExecContext(ctx, `DELETE FROM departments WHERE id = $1`, id)
//	for person, err := range twins.List(ctx, tx, "people", softdelete.WentWith("departments", softdelete.Key(id))) { ... }
//
//	back, err := twins.Restore(ctx, tx, "departments", softdelete.Key(id))
//	for _, key := range back.Keys("people") { ... }
//
// Only database/sql is used; any driver will do (pgx: stdlib.OpenDBFromPool or sql.Open("pgx", url)). Errors are typed
// and never depend on a driver's own.
//
// # What is kept
//
// The twin has the columns of the table by name, then our own, whose names begin with "softdelete_". It has no foreign
// keys and no unique constraints, so one key can be deleted any number of times. deleted_at is the time of the
// deletion there, and NULL in the table. INSERT, UPDATE and SELECT on the table are not touched; an updated_at that a
// statement does not set itself is kept up to date.
//
//   - What is not named to Install is not kept: name every table that ON DELETE CASCADE reaches, or its rows are gone.
//   - A deletion is all that one DELETE statement took, on SQLite all that one of its rows took; see Deletion.
//   - UPDATE deleted.deleted_people SET deleted_at = NULL WHERE ... restores rows alone, without what went with them.
//     Of several deletions of one key among them the newest comes back: the one whose statement began last.
//   - DELETE and TRUNCATE on a twin are refused, and on PostgreSQL TRUNCATE on the table, unless Config.KeepTruncated
//     makes it keep the rows. That guards against accidents
//     only: on PostgreSQL the setting softdelete.moving opens the way for a DELETE and anybody can set it, on SQLite a
//     column of softdelete_state does. Whoever must not purge must not have DELETE on the twin.
//   - Links that ON DELETE SET NULL cut are remembered and set again by Restore, also on tables that were not named
//     to Install. ON DELETE SET DEFAULT is not.
//   - Rows leave and come back under the database's own transaction: all or nothing, also when it crashes.
//
// # PostgreSQL
//
// Tables are in schema public and have a primary key; partitions may be in any schema. Install takes its locks together
// (see there); where nothing is missing no table is locked. Who installs owns the tables, those that reference
// them with ON DELETE SET NULL too, and may create schema deleted, unless it is there and belongs to him or a superuser:
// Install refuses a table or schema of another role, even to a superuser, because triggers run with the rights of who made
// them on values of the owner's types and call functions of that schema. After a change of owner the functions of schema
// deleted and the twins have to follow.
//
// An application that deletes needs no rights on twins. To restore, it needs
//
//	GRANT USAGE ON SCHEMA deleted TO app;
//	GRANT SELECT, UPDATE (deleted_at), DELETE ON deleted.deleted_people, deleted.deleted_departments TO app;
//	GRANT SELECT, DELETE ON deleted.softdelete_links TO app;
//
// and whoever purges needs USAGE and EXECUTE on deleted.softdelete_purge. Check tells of roles with more than that or
// with a part of it, and of those for whom session_replication_role is set, whose deletes no trigger sees; Install
// gives and takes no rights. Where a table has row security and its twin has not, Install switches it on: the twin
// then shows its rows to its owner alone, until you make policies there for those who list and restore: FOR SELECT,
// UPDATE and DELETE. What policies hide from who restores a cascade stays deleted, and softdelete_links has no policies: it
// shows the keys of rows whose links were cut. Where row security is forced on the owner, a TRUNCATE that keeps rows is refused,
// and so are an Install and a way back that read a twin, until ALTER TABLE ... NO FORCE ROW LEVEL SECURITY.
//
// A DELETE from a partitioned table, from a partition and through a cascade is kept alike, and restored through the root;
// a row that an UPDATE moves to another partition is not deleted. The triggers are for statements, and those of the table
// that the statement names run: a partition that is made or attached later needs the next Install for deletes that name
// it, and Check tells. A detached partition refuses DELETE and TRUNCATE until it is attached again, installed by itself, or
// rid of its triggers. Tables that inherit are kept by triggers for each row, which is slower; each has a twin of
// its own, so name the children as well. Foreign tables can have no primary key and are refused.
//
// Twins of the Python toolset are adopted by Install, rows and all. Plan shows as SQL what Install would do, and the
// command "toolset softdelete sync" writes it as a migration for goose, golang-migrate or atlas.
//
// Who deletes with session_replication_role = replica, such as the subscriber of a logical replication, deletes without
// triggers: nothing is kept.
//
// A column that is added, dropped, renamed or retyped, or whose type is renamed, does not stop deletes, but for one of a
// domain that is NOT NULL, which stops them when it is dropped. Until the next Install deletes take a slower way, and what
// the twin cannot hold is kept as JSON beside the row. When Install gives a twin's column another type, values that would
// be cut, rounded or none in that type are kept there too, with the type they had, and List shows NULL. A row with such a
// value comes back only when the type of the table's column holds it: Restore answers ConflictError, also where only the
// type it had could tell and belongs to a role that is neither the owner nor a superuser.
//
// A unique or exclusion constraint that is DEFERRABLE INITIALLY DEFERRED is checked by Restore at once, so that strategies
// hold for it, and is deferred again when rows are back; after an UPDATE of the twin it is checked when the transaction
// ends. Which deletion of a key is the newest the clock of the server tells: where that was set back, InDeletion chooses.
//
// A REPEATABLE READ or SERIALIZABLE transaction that began before a table was changed (a column added, for example) cannot
// delete from it or restore to it: it fails with SQLSTATE 40001, and succeeds when it is run again.
//
// # SQLite
//
// Connections need foreign_keys and recursive_triggers: see SQLiteConnector. Set a busy_timeout as well. SQLite has
// triggers for rows only, hence:
//
//   - Several rows named by one DELETE are several deletions, each with its own cascade.
//   - After ALTER TABLE, deletes fail until Install has run again: triggers cannot know new columns. A column that
//     triggers name can be dropped only after them.
//   - Install adds three columns at the end of the table: an INSERT without column names has to be given some.
//   - created_at and updated_at are filled in after the INSERT; its RETURNING does not show them.
//   - A BEFORE DELETE trigger of yours that deletes other rows runs before ours if it is newer, and what it deletes
//     is then a deletion of its own; an AFTER DELETE trigger that raises IGNORE or FAIL keeps ours from running, and the
//     row is lost. SQLite leaves the order open but runs the newest first: make such triggers before the first Install, or
//     not at all.
//   - A connection with a temporary table of the name of another one of the file is refused: rows would go there.
//   - SQLite lets columns of a primary key be NULL. Such rows count as one key: they come back one at a time.
//   - Through UPDATE an older deletion of a key cannot come back while a newer one is there; Restore with InDeletion
//     chooses it.
package softdelete
