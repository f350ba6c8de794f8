package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"modernc.org/sqlite"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// A softDeleteCommand is one call of "toolset softdelete": where it works and on which tables.
type softDeleteCommand struct {
	verb           string
	tables         []string
	db             *sql.DB
	twins          *softdelete.Twins
	sqlite         bool
	stdout, stderr io.Writer
}

// softDelete reads the command line before it connects, so that mistakes cost nothing.
func softDelete(ctx context.Context, verb string, args []string, stdout, stderr io.Writer) error {
	parts := map[string]func(*flag.FlagSet) softDeleteAction{
		"sync": syncFlags, "check": checkFlags, "list": listFlags, "restore": restoreFlags, "purge": purgeFlags,
	}
	if verb == "install" {
		return misused(stderr, `softdelete has no "install": run softdelete sync -apply`)
	}
	declare := parts[verb]
	if declare == nil {
		return misused(stderr, "softdelete has no %q", verb)
	}
	fs := flag.NewFlagSet("softdelete "+verb, flag.ContinueOnError)
	c := softDeleteCommand{verb: verb, stdout: stdout, stderr: stderr}
	tables := fs.String("tables", "", "the tables, separated by commas: bare names as the database spells them")
	fs.StringVar(tables, "table", "", "the same")
	lockTimeout := fs.Duration("lock-timeout", 5*time.Second, "how long to wait for locks")
	keep := fs.Bool("keep-truncated", false, "sync, check: TRUNCATE keeps the rows as a DELETE would, and is not refused (PostgreSQL)")
	action := declare(fs)
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	c.tables = strings.FieldsFunc(*tables, func(r rune) bool { return r == ',' })
	for i := range c.tables {
		c.tables[i] = strings.TrimSpace(c.tables[i])
	}
	c.tables = slices.DeleteFunc(c.tables, func(t string) bool { return t == "" })
	switch {
	case len(c.tables) == 0:
		return misused(stderr, "-tables is missing")
	case len(c.tables) > 1 && (verb == "list" || verb == "restore"):
		return misused(stderr, "softdelete %s takes one table", verb)
	case *lockTimeout <= 0:
		return misused(stderr, "-lock-timeout takes a positive duration")
	case *keep && verb != "sync" && verb != "check":
		return misused(stderr, "-keep-truncated belongs to sync and check")
	}
	address := os.Getenv("DATABASE_URL")
	c.sqlite = strings.HasPrefix(address, "sqlite:")
	if err := action.prepare(&c); err != nil {
		return misused(stderr, "%v", err)
	}
	if err := c.connect(ctx, address, softdelete.Config{LockTimeout: *lockTimeout, KeepTruncated: *keep}); err != nil {
		return err
	}
	return errors.Join(c.explain(action.run(ctx, &c)), c.db.Close())
}

// A softDeleteAction is what one verb does with its flags.
type softDeleteAction struct {
	prepare func(*softDeleteCommand) error // checks the flags
	run     func(context.Context, *softDeleteCommand) error
}

// connect opens what DATABASE_URL names. No message shows the URL, which may hold a password.
func (c *softDeleteCommand) connect(ctx context.Context, address string, cfg softdelete.Config) error {
	const forms = "postgres://user:password@host:5432/database, or sqlite:path/of/file.db"
	switch {
	case address == "":
		return errors.New("DATABASE_URL is not set; it has the form " + forms)
	case c.sqlite:
		return c.open(ctx, strings.TrimPrefix(address, "sqlite:"), cfg)
	case !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://"):
		return errors.New("DATABASE_URL cannot be read; it wants the form " + forms)
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		return errors.New("DATABASE_URL cannot be read; it wants the form " + forms)
	}
	if err := db.PingContext(ctx); err != nil { // pgx keeps passwords out of its errors
		return errors.Join(fmt.Errorf("cannot connect to DATABASE_URL: %w", err), db.Close())
	}
	c.db, c.twins = db, softdelete.Postgres(cfg)
	return nil
}

func (c *softDeleteCommand) open(ctx context.Context, path string, cfg softdelete.Config) error {
	if _, err := os.Stat(path); err != nil { // SQLite would make a new database
		return fmt.Errorf("DATABASE_URL names no SQLite database: %w", err)
	}
	base, err := sqlite.NewConnector("file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(5000)")
	if err != nil {
		return fmt.Errorf("cannot open DATABASE_URL: %w", err)
	}
	c.db, c.twins = sql.OpenDB(softdelete.SQLiteConnector(base)), softdelete.SQLite(cfg)
	if err := c.db.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("cannot open DATABASE_URL: %w", err), c.db.Close())
	}
	return nil
}

// explain adds to an error what to run.
func (c *softDeleteCommand) explain(err error) error {
	var missing *softdelete.NotInstalledError
	var conflict *softdelete.ConflictError
	var gone *softdelete.ParentGoneError
	var coded interface{ SQLState() string }
	switch {
	case err == nil:
	case errors.As(err, &missing):
		return fmt.Errorf("%w -apply -tables %s", err, missing.Table)
	case errors.As(err, &conflict):
		return fmt.Errorf("%w; nothing has changed: run it with -on-conflict skip or -on-conflict overwrite, or mend the row", err)
	case errors.As(err, &gone):
		return fmt.Errorf("%w, or run it with -on-conflict skip; nothing has changed", err)
	case errors.Is(err, softdelete.ErrLocked):
		return fmt.Errorf("%w; wait longer with -lock-timeout", err)
	case c.verb != "sync" && errors.As(err, &coded) && coded.SQLState() == "42501":
		return fmt.Errorf("%w; it needs USAGE on schema deleted, and SELECT, UPDATE and DELETE on its tables to list and restore, or EXECUTE on deleted.softdelete_purge to purge", err)
	}
	return err
}
