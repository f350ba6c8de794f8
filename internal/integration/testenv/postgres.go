package testenv

import (
	"context"
	"database/sql"
	"net/url"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Postgres creates a database for this test and returns its URL. The database is dropped when the test ends, also
// when connections to it are still open.
func Postgres(t testing.TB) string {
	t.Helper()
	server := postgresURL()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(errNoURL)
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(errNoURL)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := admin.PingContext(ctx); err != nil {
		_ = admin.Close()
		Missing(t, "no PostgreSQL at %s", u.Host)
	}
	name := uniqueName(t)
	if _, err := admin.ExecContext(ctx, `CREATE DATABASE "`+name+`" TEMPLATE template0`); err != nil {
		_ = admin.Close()
		t.Fatalf("create a database for the test: %v", err)
	}
	// nobody asks for these rows after a failure of the machine, and a test commits often
	if _, err := admin.ExecContext(ctx, `ALTER DATABASE "`+name+`" SET synchronous_commit = off`); err != nil {
		t.Errorf("set up the database of the test: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if _, err := admin.ExecContext(ctx, `DROP DATABASE "`+name+`" WITH (FORCE)`); err != nil {
			t.Errorf("drop the database of the test: %v", err)
		}
		_ = admin.Close()
	})
	u.Path = "/" + name
	return u.String()
}

func postgresURL() string {
	return env("DATABASE_URL", "postgres://postgres:postgres@127.0.0.1:5432/postgres?sslmode=disable")
}

// PostgresDB is an open pool on a database made by Postgres. It is closed when the test ends.
func PostgresDB(t testing.TB) *sql.DB {
	t.Helper()
	return Open(t, Postgres(t))
}

// Open is a pool on a database made by Postgres. It is closed when the test ends.
func Open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
