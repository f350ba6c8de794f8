package command

import (
	"encoding/json"
	"strings"
	"testing"
)

// What list shows as the key of a row is what restore takes for it.
func TestKeysThatListShows(t *testing.T) {
	t.Parallel()
	s := newShell(t, binary(t))
	s.exec(`CREATE TYPE pair AS (x integer, y text);
		CREATE TABLE odd (a text, b integer[], c int4range, d jsonb, e bytea, f double precision, g pair, h timestamptz, i numeric, j boolean, PRIMARY KEY (a, b, c, d, e, f, g, h, i, j));
		CREATE TABLE ranges (id int4range PRIMARY KEY)`)
	s.ok("sync", "-tables", "odd,ranges", "-apply")
	s.exec(`INSERT INTO odd VALUES (E'it''s "x"\n<&> \\ \x01', '{1,NULL}', '[1,5)', '{"blob": "00"}', '\x00ff', 'NaN', '(1,"a b")', '2026-01-02 03:04:05.000006+09', 1.50, true),
			('[]', '{}', 'empty', '"s"', '', '-Infinity', '(,)', 'infinity', 12345678901234567890, false);
		INSERT INTO ranges VALUES ('[1,5)'); DELETE FROM odd; DELETE FROM ranges`)
	for _, table := range []string{"odd", "ranges"} {
		for line := range strings.Lines(s.ok("list", "-table", table)) {
			var row struct{ Key json.RawMessage }
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if out, errs, code := s.call("restore", "-table", table, "-key", string(row.Key)); code != 0 || !strings.Contains(out, `"restored":1,`) {
				t.Errorf("-key '%s': exit %d, %s%s", row.Key, code, out, errs)
			}
		}
	}
	s.want(`SELECT count(*) FROM odd`, "2")
}
