package softdelete

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Modes of LOCK TABLE. Triggers need the first, which lets reads go on; columns the second, which does not.
const (
	lockWrites = "SHARE ROW EXCLUSIVE"
	lockAll    = "ACCESS EXCLUSIVE"
)

// pinning keeps a script from what a session has set: names resolve in one way, no lock is waited for too long, and a twin
// whose rows a policy hides is an error, not an empty one.
func pinning(lockTimeout time.Duration) step {
	return step{"Settings of this transaction; the last statement puts them back.", fmt.Sprintf(
		"SELECT set_config('softdelete.search_path', current_setting('search_path'), true), set_config('softdelete.lock_timeout', current_setting('lock_timeout'), true), set_config('softdelete.row_security', current_setting('row_security'), true),\n"+
			"\tset_config('search_path', 'pg_catalog, pg_temp', true), set_config('lock_timeout', '%d', true), set_config('row_security', 'off', true)", lockTimeout.Milliseconds())}
}

func unpinning() step {
	return step{"The settings of before.",
		"SELECT set_config('search_path', current_setting('softdelete.search_path'), true), set_config('lock_timeout', current_setting('softdelete.lock_timeout'), true),\n" +
			"\tset_config('row_security', current_setting('softdelete.row_security'), true)"}
}

// locking takes all locks that changes need. A DELETE locks the table and then the twin, a restore the twin and then the
// table: whoever waits for one while it holds another makes a session the victim of a deadlock. So it waits for one
// only; for the others so shortly that nobody has waited for deadlock_timeout (1 s) by then, or not at all. What it
// holds it gives up when another is taken, and waits for that one first.
func locking(changes []change, lockTimeout time.Duration) []step {
	modes := map[string]string{}
	for _, c := range changes {
		if len(c.sql) == 0 {
			continue
		}
		for table, mode := range c.locks {
			if modes[table] != lockAll {
				modes[table] = mode
			}
		}
	}
	return lockStep(modes, lockTimeout)
}

// unlocking takes the locks for the way back, on which triggers and twins are dropped.
func unlocking(changes []change, lockTimeout time.Duration) []step {
	modes := map[string]string{}
	for _, c := range changes {
		if len(c.undo) == 0 {
			continue
		}
		for table := range c.locks {
			modes[table] = lockAll
		}
		if c.Kind == MissingTwin {
			modes["deleted."+quote(c.Name)] = lockAll
		}
	}
	return lockStep(modes, lockTimeout)
}

func lockStep(modes map[string]string, lockTimeout time.Duration) []step {
	if len(modes) == 0 {
		return nil
	}
	var tables, wanted, told []string
	for _, table := range slices.Sorted(maps.Keys(modes)) {
		tables = append(tables, table)
		wanted = append(wanted, modes[table])
		told = append(told, table+" "+modes[table])
	}
	what := fmt.Sprintf("Locks, until the transaction ends: %s. Waits %s at most.", strings.Join(told, ", "), lockTimeout)
	return []step{{what, dollar("DO ", fmt.Sprintf(`
DECLARE
  tables text[] := %s;
  modes text[] := %s;
  deadline timestamptz := clock_timestamp() + interval '%d ms';
  begun timestamptz;
  n int;
BEGIN
  LOOP
    n := 1;
    begun := clock_timestamp();
    BEGIN
      PERFORM set_config('lock_timeout', greatest(1, ceil(extract(epoch FROM deadline - begun) * 1000))::int::text, true);
      WHILE n <= cardinality(tables) LOOP
        IF EXISTS (SELECT FROM pg_class c WHERE c.oid = to_regclass(tables[n]) AND c.relkind IN ('r', 'p')) THEN
          EXECUTE format('LOCK TABLE %%s IN %%s MODE %%s', tables[n], modes[n], CASE WHEN n > 1 AND clock_timestamp() - begun > interval '400 ms' THEN 'NOWAIT' END);
        END IF;
        n := n + 1;
        PERFORM set_config('lock_timeout', '40', true);
      END LOOP;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN -- gives up the locks taken in this round
      IF n = 1 OR clock_timestamp() > deadline THEN
        RAISE;
      END IF;
    END;
    PERFORM pg_sleep(0.002 + random() / 100);
    tables := tables[n:] || tables[:n - 1];
    modes := modes[n:] || modes[:n - 1];
  END LOOP;
  PERFORM set_config('lock_timeout', '%[3]d', true);
END
`, pgTextArray(tables), pgTextArray(wanted), lockTimeout.Milliseconds()))}}
}

// dollar quotes a body that may hold anything.
func dollar(before, body string) string {
	tag := "$softdelete$"
	for strings.Contains(body, tag) { // names may hold anything
		tag = tag[:len(tag)-1] + "_$"
	}
	return before + tag + body + tag
}
