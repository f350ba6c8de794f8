package command

import (
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// Twins of the Python toolset are adopted by a migration; the way back leaves them adopted, for no row may be lost.
func TestAdoptByMigration(t *testing.T) {
	t.Parallel()
	path := binary(t)
	for format, open := range map[string]func(*testing.T, string, string) migrator{"goose": newGoose, "golang-migrate": newGolangMigrate, "atlas": newAtlas} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, path)
			for _, statements := range append([]string{testenv.FormerFunctions, testenv.FormerShop, testenv.FormerTriggers("person") + testenv.FormerTriggers("purchase")}, testenv.FormerRows...) {
				s.exec(statements)
			}
			out, _, code := s.call("check", "-tables", "person,purchase")
			if code != 1 || !strings.Contains(out, `person: adoptable twin "deleted_person" (its rows stay;`) {
				t.Errorf("check: exit %d, %s", code, out)
			}
			s.fails([]string{"list", "-table", "person"}, `table "person" has no twin`)
			dir := filepath.Join(t.TempDir(), "migrations")
			s.ok("sync", "-tables", "person,purchase", "-out", dir, "-format", format)
			m := open(t, s.dsn, dir)
			m.up(t)
			s.clean("person,purchase")
			m.down(t)
			s.clean("person,purchase")
			s.exec(`DELETE FROM purchase WHERE id = 3`)
			m.up(t)
			s.clean("person,purchase")
			if out := s.ok("restore", "-table", "person", "-key", "1"); !strings.Contains(out, `"restored":3`) {
				t.Errorf("restored %s", out)
			}
			s.exec(`UPDATE deleted.deleted_purchase SET deleted_at = NULL WHERE id = 3`)
			s.want(`SELECT string_agg(id::text, ',' ORDER BY id) FROM purchase`, "1,2,3")
			if out := s.ok("list", "-table", "purchase"); strings.Count(out, "\n") != 2 {
				t.Errorf("listed %s", out)
			}
			if out := s.ok("purge", "-tables", "purchase", "-before", "2999-01-01"); !strings.Contains(out, `"purged":2`) {
				t.Errorf("purged %s", out)
			}
		})
	}
}
