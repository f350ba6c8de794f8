package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"modernc.org/sqlite"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrm"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// config chooses the parts that the services run on.
type config struct {
	addr        string
	databaseURL string           // "": an SQLite file in a temporary folder
	rabbitMQ    *rabbitmq.Config // nil: the broker in this process
	secret      string
	delays      []time.Duration                           // pauses before the mailer tries again
	ready       func(base string, broker eventbus.Broker) // for tests
}

func configFromEnv() (config, error) {
	cfg := config{
		addr:        cmp.Or(os.Getenv("ADDR"), "127.0.0.1:8080"),
		databaseURL: os.Getenv("DATABASE_URL"),
		secret:      cmp.Or(os.Getenv("SERVICE_SECRET"), rand.Text()),
		delays:      []time.Duration{500 * time.Millisecond, 2 * time.Second},
	}
	if os.Getenv("RABBITMQ_HOST") != "" || os.Getenv("RABBITMQ_URL") != "" {
		rabbit, err := rabbitmq.FromEnv()
		if err != nil {
			return config{}, err
		}
		cfg.rabbitMQ = &rabbit
	}
	return cfg, nil
}

// parts are the database and the broker, real or embedded.
type parts struct {
	db        *sql.DB
	dialect   hrm.Dialect
	broker    eventbus.Broker
	inWords   string
	temporary string // folder of the SQLite file
}

func openParts(ctx context.Context, cfg config) (_ *parts, err error) {
	p := &parts{}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if err := p.openDatabase(ctx, cfg.databaseURL); err != nil {
		return nil, err
	}
	if cfg.rabbitMQ == nil {
		p.broker = memory.New()
		p.inWords += " and the in-memory broker"
		return p, nil
	}
	broker, err := rabbitmq.Dial(ctx, *cfg.rabbitMQ)
	if err != nil {
		return nil, err
	}
	p.broker = broker
	p.inWords += " and RabbitMQ at " + cfg.rabbitMQ.String()
	return p, nil
}

// errDatabaseURL does not quote the text, which may hold a password.
var errDatabaseURL = errors.New("DATABASE_URL cannot be read: it wants the form postgres://user:password@host:5432/database")

func (p *parts) openDatabase(ctx context.Context, dsn string) (err error) {
	if dsn != "" {
		u, err := url.Parse(dsn)
		if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
			return errDatabaseURL
		}
		p.dialect, p.inWords = hrm.Postgres(), "PostgreSQL at "+u.Host+u.Path
		if p.db, err = sql.Open("pgx", dsn); err != nil {
			return errDatabaseURL
		}
		p.db.SetMaxOpenConns(20) // more requests wait here; the server has other clients, too
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := p.db.PingContext(ctx); err != nil {
			// pgx has one line for each try, with and without TLS
			return fmt.Errorf("cannot use PostgreSQL at %s: %s", u.Host, strings.Join(slices.Compact(strings.Split(err.Error(), "\n\t")), " "))
		}
		return nil
	}
	if p.temporary, err = os.MkdirTemp("", "hrm-"); err != nil {
		return err
	}
	file := filepath.Join(p.temporary, "hrm.sqlite")
	// Immediate transactions take the write lock at once, which is what FOR UPDATE is elsewhere.
	connector, err := sqlite.NewConnector("file:" + file + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_txlock=immediate")
	if err != nil {
		return err
	}
	p.db, p.dialect, p.inWords = sql.OpenDB(softdelete.SQLiteConnector(connector)), hrm.SQLite(), "SQLite ("+file+")"
	p.db.SetMaxOpenConns(1) // SQLite writes one at a time: better to wait in line here than for its lock
	return nil
}

func (p *parts) close() error {
	var errs []error
	if p.broker != nil {
		errs = append(errs, p.broker.Close())
	}
	if p.db != nil {
		errs = append(errs, p.db.Close())
	}
	if p.temporary != "" {
		errs = append(errs, os.RemoveAll(p.temporary))
	}
	return errors.Join(errs...)
}
