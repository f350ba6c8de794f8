package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

func softDelete(ctx context.Context, verb string, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("softdelete "+verb, flag.ContinueOnError)
	list := fs.String("tables", "", "the tables, separated by commas")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	tables := strings.FieldsFunc(*list, func(r rune) bool { return r == ',' || r == ' ' })
	if len(tables) == 0 {
		return misused(stderr, "-tables is missing")
	}
	if verb != "install" && verb != "check" {
		return misused(stderr, "softdelete has no %q", verb)
	}
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		return errors.New("DATABASE_URL is not set; it has the form postgres://user:password@host:5432/database")
	}
	if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return errors.New("DATABASE_URL cannot be read; it wants the form postgres://user:password@host:5432/database") // it may hold a password
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.PingContext(ctx); err != nil { // pgx keeps passwords out of its errors
		return fmt.Errorf("cannot connect to DATABASE_URL: %w", err)
	}
	twins := softdelete.Postgres(softdelete.Config{})
	if verb == "install" {
		return twins.Install(ctx, db, tables...)
	}
	drift, err := twins.Check(ctx, db, tables...)
	if err != nil {
		return err
	}
	for _, d := range drift {
		fmt.Fprintln(stdout, d)
	}
	if len(drift) > 0 {
		return fmt.Errorf("%d differences; \"toolset softdelete install\" mends what is missing", len(drift))
	}
	return nil
}
