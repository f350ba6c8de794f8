package testenv

import "fmt"

// FormerFunctions does what the functions of the Python toolset do, as its manual and the recorded facts have it: rows
// are copied by position, and the name of the table is what is left of the twin's without "deleted_".
const FormerFunctions = `
CREATE SCHEMA IF NOT EXISTS deleted;
CREATE FUNCTION public.soft_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_SCHEMA <> 'public' THEN
    RAISE EXCEPTION 'The trigger can be applied to the public schema only, got % instead', TG_TABLE_SCHEMA;
  END IF;
  OLD.deleted_at = now();
  EXECUTE 'insert into deleted.deleted_' || TG_TABLE_NAME || ' values (($1).*)' USING OLD;
  RETURN OLD;
END $$;
CREATE FUNCTION deleted.soft_restore() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.deleted_at IS NULL THEN
    EXECUTE 'insert into public.' || replace(TG_TABLE_NAME, 'deleted_', '') || ' values (($1).*)' USING NEW;
    EXECUTE 'delete from deleted.' || TG_TABLE_NAME || ' where id = $1' USING NEW.id;
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION deleted.prevent_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.deleted_at IS NULL THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'Deletion from tables in ` + "`deleted`" + ` schema is forbidden. You can only restore records to the public schema. To do this set deleted_at = null.';
END $$;`

// FormerTriggers are the triggers that a migration of the Python toolset puts on a table and its twin.
func FormerTriggers(table string) string {
	return fmt.Sprintf(`
CREATE TRIGGER %[1]s_soft_delete BEFORE DELETE ON public.%[1]s FOR EACH ROW EXECUTE PROCEDURE public.soft_delete();
CREATE TRIGGER %[1]s_soft_restore AFTER UPDATE ON deleted.deleted_%[1]s FOR EACH ROW EXECUTE PROCEDURE deleted.soft_restore();
CREATE TRIGGER %[1]s_prevent_deletion BEFORE DELETE ON deleted.deleted_%[1]s FOR EACH ROW EXECUTE PROCEDURE deleted.prevent_deletion();`, table)
}

// FormerShop is two tables of a Django application with their twins, three deletions of before among them: Ann with
// two orders, order 5, and Cid's order 6.
const FormerShop = `
CREATE TABLE public.person (id serial NOT NULL PRIMARY KEY, deleted_at timestamptz, updated_at timestamptz, created_at timestamptz,
  name varchar(100) NOT NULL, code varchar(50) UNIQUE, amount numeric(10, 2) NOT NULL CHECK (amount >= 0));
CREATE TABLE public.purchase (id serial NOT NULL PRIMARY KEY, deleted_at timestamptz, updated_at timestamptz, created_at timestamptz,
  person_id integer NOT NULL REFERENCES person DEFERRABLE INITIALLY DEFERRED, title text NOT NULL);
CREATE TABLE deleted.deleted_person (id serial NOT NULL PRIMARY KEY, deleted_at timestamptz, updated_at timestamptz, created_at timestamptz,
  name varchar(100) NOT NULL, code varchar(50), amount numeric(10, 2) NOT NULL CHECK (amount >= 0));
CREATE INDEX deleted_person_code_like ON deleted.deleted_person (code varchar_pattern_ops);
CREATE TABLE deleted.deleted_purchase (id serial NOT NULL PRIMARY KEY, deleted_at timestamptz, updated_at timestamptz, created_at timestamptz,
  person_id bigint NOT NULL, title text NOT NULL);`

// FormerRows fills the tables of FormerShop and deletes as Django does: children first, in the same transaction. Each
// string is one transaction, to be sent by itself: within one message the server's clock stands still.
var FormerRows = []string{
	`INSERT INTO person (id, name, code, amount, created_at) VALUES (1, 'Ann', 'a', 1.50, '2020-01-01 00:00:00+00'), (2, 'Bob', 'b', 2, now()), (3, 'Cid', 'c', 3, now());
	INSERT INTO purchase (id, person_id, title) VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three'), (5, 3, 'five'), (6, 3, 'six')`,
	`DELETE FROM purchase WHERE id = 6`,
	`DELETE FROM purchase WHERE person_id = 1; DELETE FROM person WHERE id = 1`,
	`DELETE FROM purchase WHERE id = 5`,
}
