package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
)

func garbage(ctx context.Context, verb string, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("garbage "+verb, flag.ContinueOnError)
	queue := fs.String("queue", "", "the main queue, such as mailer:welcome")
	id := fs.String("id", "", "only the message with this id")
	text := fs.String("error", "", "only messages whose error contains this text")
	key := fs.String("key", "", "only messages published with this routing key (* and # as in bindings)")
	older := fs.Duration("older", 0, "only messages that failed longer ago, such as 24h")
	dryRun := fs.Bool("dry-run", false, "only count what replay or drop would touch")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	if *queue == "" {
		return misused(stderr, "-queue is missing")
	}
	var filters []eventbus.GarbageFilter
	if *id != "" {
		filters = append(filters, eventbus.ByID(*id))
	}
	if *text != "" {
		filters = append(filters, eventbus.ByError(*text))
	}
	if *key != "" {
		filters = append(filters, eventbus.ByRoutingKey(*key))
	}
	if *older > 0 {
		filters = append(filters, eventbus.OlderThan(*older))
	}

	var act func(*eventbus.GarbageQueue) error
	done := func(what string, n int, err error) error {
		fmt.Fprintf(stdout, "%s %d\n", what, n)
		return err
	}
	switch verb {
	case "list":
		act = func(g *eventbus.GarbageQueue) error { return list(ctx, g, filters, stdout) }
	case "replay":
		act = func(g *eventbus.GarbageQueue) error {
			n, err := g.Replay(ctx, filters...)
			return done("replayed", n, err)
		}
	case "drop":
		act = func(g *eventbus.GarbageQueue) error {
			n, err := g.Drop(ctx, filters...)
			return done("dropped", n, err)
		}
	default:
		return misused(stderr, "garbage has no %q", verb)
	}
	if *dryRun && verb != "list" {
		act = func(g *eventbus.GarbageQueue) error {
			n, err := count(ctx, g, filters)
			return done(map[string]string{"replay": "would replay", "drop": "would drop"}[verb], n, err)
		}
	}

	cfg, err := rabbitmq.FromEnv()
	if err != nil {
		return err
	}
	broker, err := rabbitmq.Dial(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(act(eventbus.NewGarbageQueue(broker, *queue)), broker.Close())
}

// entry is one stored message, as a line of JSON.
type entry struct {
	ID         string          `json:"id,omitempty"`
	Exchange   string          `json:"exchange,omitempty"`
	RoutingKey string          `json:"routing_key,omitempty"`
	Error      string          `json:"error"`
	Attempts   int             `json:"attempts"`
	FailedAt   *time.Time      `json:"failed_at,omitempty"`
	Body       json.RawMessage `json:"body,omitempty"`
	Text       string          `json:"text,omitempty"` // of a body that is no JSON
}

func list(ctx context.Context, g *eventbus.GarbageQueue, filters []eventbus.GarbageFilter, stdout io.Writer) error {
	out := json.NewEncoder(stdout)
	out.SetEscapeHTML(false)
	for m, err := range g.List(ctx, filters...) {
		if err != nil {
			return err
		}
		e := entry{ID: m.ID, Exchange: m.Exchange, RoutingKey: m.RoutingKey, Error: m.Error, Attempts: m.Attempts}
		if !m.FailedAt.IsZero() {
			e.FailedAt = &m.FailedAt
		}
		if json.Valid(m.Body) {
			e.Body = m.Body
		} else {
			e.Text = string(m.Body)
		}
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	return nil
}

func count(ctx context.Context, g *eventbus.GarbageQueue, filters []eventbus.GarbageFilter) (int, error) {
	n := 0
	for _, err := range g.List(ctx, filters...) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
