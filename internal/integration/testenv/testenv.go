// Package testenv gives each test a PostgreSQL database and a RabbitMQ virtual host of its own, and removes them.
//
// Where the servers are comes from DATABASE_URL, RABBITMQ_HOST, RABBITMQ_PORT, RABBITMQ_USER, RABBITMQ_PASSWORD and
// RABBITMQ_MANAGEMENT_URL, with the default ports of this machine as defaults; "make services" brings them up. Where a
// server is missing, the test is skipped with a line that says so, and fails when TOOLSET_TEST_REQUIRE=1.
package testenv

import (
	"cmp"
	"crypto/rand"
	"os"
	"strings"
	"testing"
)

// missing ends the test because a server that it needs is not there.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	const hint = " (run \"make services\" to bring the servers up)"
	if os.Getenv("TOOLSET_TEST_REQUIRE") == "1" {
		t.Fatalf(format+hint, args...)
	}
	t.Skipf("SKIPPED, A SERVER IS MISSING: "+format+hint, args...)
}

// uniqueName is a name for what a test creates; it says which test left it behind, should one be killed.
func uniqueName(t testing.TB) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '_'
	}, t.Name())
	if len(clean) > 30 {
		clean = clean[:30]
	}
	return "toolset_" + clean + "_" + strings.ToLower(rand.Text()[:10])
}

func env(name, fallback string) string { return cmp.Or(os.Getenv(name), fallback) }
