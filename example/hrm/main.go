// Command hrm is the example of the toolset: two small services in one process. hrm keeps departments and people and
// tells what happens to them; mailer listens and greets. "make demo" runs it on embedded parts; DATABASE_URL and
// RABBITMQ_HOST put it on PostgreSQL and RabbitMQ, with the same code.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrm"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/mailer"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

// stopTimeout bounds the way from the signal to the end.
const stopTimeout = 4500 * time.Millisecond

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() {
		stop() // a second Ctrl-C ends the program at once
		time.AfterFunc(stopTimeout, func() {
			fmt.Fprintln(os.Stderr, "hrm: database or broker do not answer: stopped without waiting for them any longer")
			os.Exit(1)
		})
	})
	cfg, err := configFromEnv()
	if err == nil {
		err = run(ctx, cfg, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hrm:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends, then finishes what is in hand.
func run(ctx context.Context, cfg config, out io.Writer) (err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s (ADDR chooses another address): %w", cfg.addr, err)
	}
	defer listener.Close()
	base := "http://" + listener.Addr().String()

	parts, err := openParts(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, parts.close()) }()

	store, err := hrm.OpenStore(ctx, parts.db, parts.dialect)
	if err != nil {
		return err
	}
	verifier, err := serviceauth.New(serviceauth.Config{Errors: hrmapi.Errors, Secrets: []string{cfg.secret}})
	if err != nil {
		return err
	}
	client, err := apiclient.New(apiclient.Config{BaseURL: base, Service: "mailer", Secret: cfg.secret})
	if err != nil {
		return err
	}
	mail := mailer.New(parts.broker, client, mailer.Config{Delays: cfg.delays, Logger: slog.Default()})
	// The queue exists before the first event is published: nothing is lost between here and Run.
	if err := mail.Declare(ctx); err != nil {
		return err
	}

	// A share of what is published is checked against the schemas that the documents show, and what is wrong is logged.
	checker, err := eventview.NewChecker(hrmapi.Events)
	if err != nil {
		return err
	}
	bus := eventbus.NewPublisher(checker.Sample(parts.broker, eventview.SampleConfig{Share: 0.1}), eventbus.PublisherConfig{})
	service := hrm.New(store, bus, verifier)
	server := &http.Server{Handler: both(service, mail), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}

	ended := make(chan error, 2)
	running, stop := context.WithCancel(ctx)
	defer stop()
	go func() { ended <- ignore(server.Serve(listener), http.ErrServerClosed) }()
	consumed := make(chan struct{})
	go func() { defer close(consumed); ended <- mail.Run(running) }()

	shown, err := seed(ctx, base, cfg.secret)
	if err == nil {
		fmt.Fprint(out, welcome(base, parts.inWords, shown))
		if cfg.ready != nil {
			cfg.ready(base, parts.broker)
		}
		select {
		case <-ctx.Done():
			slog.Info("stopping: finishing what is in hand")
		case err = <-ended:
		}
	} else if ctx.Err() != nil {
		err = nil // stopped while it began
	}
	// The mailer first: its last messages still ask hrm.
	stop()
	<-consumed
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(closing) != nil {
		server.Close() // Shutdown also waits for connections that never sent a request
	}
	return err
}

// both serves the mailer below /mailer and hrm everywhere else. http.ServeMux would redirect where they answer 404.
func both(service, mail http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/mailer" || strings.HasPrefix(r.URL.Path, "/mailer/") {
			mail.ServeHTTP(w, r)
			return
		}
		service.ServeHTTP(w, r)
	})
}

func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}
