package command

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Names may look like what migration tools look for in a file.
func TestMigrationsOfOddNames(t *testing.T) {
	t.Parallel()
	path := binary(t)
	names := []string{`a;b`, `$softdelete$`, `it's`, `/*x`, `--x`, "x\n-- +goose Down\ny", "x\n-- +goose StatementEnd\nz", "x\n-- atlas:delimiter y\nz", "line;\nbreak"}
	for format, open := range map[string]func(*testing.T, string, string) migrator{"goose": newGoose, "golang-migrate": newGolangMigrate, "atlas": newAtlas} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s, names := newShell(t, path), slices.Clone(names)
			for _, name := range names {
				q := `"` + name + `"`
				s.exec(`CREATE TABLE ` + q + ` (` + q + ` integer PRIMARY KEY, up integer CONSTRAINT ` + q + ` REFERENCES ` + q + ` ON DELETE SET NULL)`)
			}
			tables := strings.Join(names, ",")
			before := objects(t, s.db)
			dir := filepath.Join(t.TempDir(), "migrations")
			if format == "goose" {
				out, errs, code := s.call("sync", "-tables", tables, "-out", dir, "-format", format)
				if out != "" || code != 1 || !strings.Contains(errs, `"-- +goose Down", which goose takes for an annotation`) {
					t.Errorf("%q %q, exit %d", out, errs, code)
				}
				names = slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, "+goose") })
				tables = strings.Join(names, ",")
			}
			s.ok("sync", "-tables", tables, "-out", dir, "-format", format)
			m := open(t, s.dsn, dir)
			m.up(t)
			s.clean(tables)
			m.down(t)
			if got := objects(t, s.db); len(got) != len(before) {
				t.Errorf("after down there is\n%s\nand was\n%s", strings.Join(got, "\n"), strings.Join(before, "\n"))
			}
			m.up(t)
			for _, name := range names {
				q := `"` + name + `"`
				s.exec(`INSERT INTO ` + q + ` VALUES (1, NULL), (2, 1); DELETE FROM ` + q + ` WHERE up IS NULL`)
				s.want(`SELECT count(*) FROM deleted."deleted_`+name+`"`, "1")
			}
			m.down(t)
			for _, name := range names {
				s.want(`SELECT count(*) FROM deleted."deleted_`+name+`"`, "1")
			}
			m.up(t)
			s.clean(tables)
		})
	}
}
