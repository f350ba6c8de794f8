// Package testenv gives each test a PostgreSQL database and a RabbitMQ virtual host of its own, and removes them.
//
// Where the servers are comes from DATABASE_URL, RABBITMQ_HOST, RABBITMQ_PORT, RABBITMQ_USER, RABBITMQ_PASSWORD and
// RABBITMQ_MANAGEMENT_URL, with the default ports of this machine as defaults; "make services" brings them up. Where
// something is missing, the test is skipped with a line that says so, unless TOOLSET_TEST_REQUIRE asks for it:
//
//	servers   PostgreSQL and RabbitMQ are required ("make test")
//	1         so are the Debian packages that some tests want: a RabbitMQ and a PostgreSQL to kill, Python's pika,
//	          a browser (CI)
package testenv

import (
	"cmp"
	"crypto/rand"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Missing ends the test because a server that it needs is not there.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	require := os.Getenv("TOOLSET_TEST_REQUIRE")
	end(t, require == "1" || require == "servers", format+` (run "make services" to bring the servers up)`, args...)
}

// MissingPackage ends the test because a Debian package that it needs is not installed.
func MissingPackage(t testing.TB, name string) {
	t.Helper()
	end(t, os.Getenv("TOOLSET_TEST_REQUIRE") == "1", "Debian's package %s is not installed", name)
}

func end(t testing.TB, required bool, format string, args ...any) {
	t.Helper()
	if required {
		t.Fatalf(format, args...)
	}
	t.Skipf("SKIPPED, SOMETHING IS MISSING: "+format, args...)
}

// Python is the path of Debian's Python, for tests with a peer that speaks through its pika.
func Python(t testing.TB) string {
	t.Helper()
	const python = "/usr/bin/python3" // the one that Debian's packages belong to
	if err := exec.CommandContext(t.Context(), python, "-c", "import pika").Run(); err != nil {
		MissingPackage(t, "python3-pika")
	}
	return python
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
