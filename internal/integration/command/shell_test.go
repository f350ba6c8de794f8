package command

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// A shell is the command on a database of the test's own.
type shell struct {
	*testing.T

	path string
	dsn  string
	db   *sql.DB
}

func newShell(t *testing.T, path string) *shell {
	t.Helper()
	dsn := testenv.Postgres(t)
	return &shell{T: t, path: path, dsn: dsn, db: testenv.Open(t, dsn)}
}

// call runs "toolset softdelete".
func (s *shell) call(args ...string) (stdout, stderr string, code int) {
	s.Helper()
	return call(s.T, s.path, map[string]string{"DATABASE_URL": s.dsn}, append([]string{"softdelete"}, args...)...)
}

// ok is what the command prints; it has to succeed.
func (s *shell) ok(args ...string) string {
	s.Helper()
	out, errs, code := s.call(args...)
	if code != 0 {
		s.Fatalf("%q: exit %d\n%s%s", args, code, out, errs)
	}
	return out
}

// fails wants exit code 1 and texts of the message; nothing may be printed but this.
func (s *shell) fails(args []string, texts ...string) {
	s.Helper()
	out, errs, code := s.call(args...)
	if code != 1 {
		s.Errorf("%q: exit %d\n%s%s", args, code, out, errs)
	}
	for _, text := range texts {
		if !strings.Contains(errs, text) {
			s.Errorf("%q: no %q in %q", args, text, errs)
		}
	}
}

// clean wants nothing to check and nothing to sync.
func (s *shell) clean(tables string) {
	s.Helper()
	if out, errs, code := s.call("check", "-tables", tables); out != "" || code != 0 {
		s.Errorf("check: exit %d\n%s%s", code, out, errs)
	}
	if out, errs, code := s.call("sync", "-tables", tables); out != "" || code != 0 || errs != "nothing is missing\n" {
		s.Errorf("sync: exit %d\n%s%s", code, out, errs)
	}
}

func (s *shell) exec(statements string) {
	s.Helper()
	if _, err := s.db.ExecContext(s.Context(), statements); err != nil {
		s.Fatalf("%s: %v", statements, err)
	}
}

func (s *shell) want(query, value string) {
	s.Helper()
	var got any
	if err := s.db.QueryRowContext(s.Context(), query).Scan(&got); err != nil || fmt.Sprint(got) != value {
		s.Errorf("%s: got %v, %v; want %s", query, got, err, value)
	}
}
