package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
)

// A garbageCommand is one call of "toolset garbage".
type garbageCommand struct {
	verb    string
	queue   string
	filters []eventbus.GarbageFilter
	dryRun  bool
}

func garbage(ctx context.Context, verb string, args []string, stdout, stderr io.Writer) error {
	cmd, err := parseGarbage(verb, args, stderr)
	if err != nil {
		return err
	}
	cfg, err := rabbitmq.FromEnv()
	if err != nil {
		return err
	}
	broker, err := rabbitmq.Dial(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(cmd.run(ctx, eventbus.NewGarbageQueue(broker, cmd.queue), stdout), broker.Close())
}

func parseGarbage(verb string, args []string, stderr io.Writer) (*garbageCommand, error) {
	switch verb {
	case "list", "show", "replay", "drop":
	default:
		return nil, misused(stderr, "garbage has no %q", verb)
	}
	fs := flag.NewFlagSet("garbage "+verb, flag.ContinueOnError)
	queue := fs.String("queue", "", "the main queue, such as mailer:welcome")
	id := fs.String("id", "", "only the message with this id")
	text := fs.String("error", "", "only messages whose error contains this text")
	key := fs.String("key", "", "only messages published with this routing key (* and # as in bindings)")
	older := fs.Duration("older", 0, "only messages that failed longer ago, such as 24h")
	newer := fs.Duration("newer", 0, "only messages that failed since, such as 1h")
	dryRun := fs.Bool("dry-run", false, "only count what replay or drop would touch")
	if err := parse(fs, args, stderr); err != nil {
		return nil, err
	}
	switch {
	case *queue == "":
		return nil, misused(stderr, "-queue is missing")
	case *older < 0 || *newer < 0:
		return nil, misused(stderr, "-older and -newer take positive durations")
	}
	cmd := &garbageCommand{verb: verb, queue: *queue, dryRun: *dryRun}
	add := func(given bool, f eventbus.GarbageFilter) {
		if given {
			cmd.filters = append(cmd.filters, f)
		}
	}
	add(*id != "", eventbus.ByID(*id))
	add(*text != "", eventbus.ByError(*text))
	add(*key != "", eventbus.ByRoutingKey(*key))
	add(*older > 0, eventbus.OlderThan(*older))
	add(*newer > 0, eventbus.NewerThan(*newer))
	return cmd, nil
}

func (c *garbageCommand) run(ctx context.Context, g *eventbus.GarbageQueue, stdout io.Writer) error {
	switch c.verb {
	case "list":
		return list(ctx, g, c.filters, stdout)
	case "show":
		return show(ctx, g, c.filters, stdout)
	}
	total, err := g.Len(ctx)
	if err != nil {
		return err
	}
	report := newReport(stdout, total)
	// The first filter sees every message of the snapshot.
	filters := append([]eventbus.GarbageFilter{func(eventbus.GarbageMessage) bool {
		report.looked()
		return true
	}}, c.filters...)
	done, act := "replayed", g.Replay
	if c.verb == "drop" {
		done, act = "dropped", g.Drop
	}
	if c.dryRun {
		done = "would " + c.verb
		act = func(ctx context.Context, filters ...eventbus.GarbageFilter) (int, error) {
			return count(ctx, g, filters)
		}
	}
	n, err := act(ctx, filters...)
	report.end(done, n, unknown(err))
	return err
}

// unknown returns the ids of the messages of an unknown outcome.
func unknown(err error) []string {
	ids := []string{}
	if ge, ok := errors.AsType[*eventbus.GarbageError](err); ok {
		for _, m := range ge.Unknown {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func list(ctx context.Context, g *eventbus.GarbageQueue, filters []eventbus.GarbageFilter, stdout io.Writer) error {
	out := newEncoder(stdout)
	for m, err := range g.List(ctx, filters...) {
		if err != nil {
			return err
		}
		if err := out.Encode(entryOf(m)); err != nil {
			return err
		}
	}
	return nil
}

var errNothingToShow = errors.New("no message passes the filters")

func show(ctx context.Context, g *eventbus.GarbageQueue, filters []eventbus.GarbageFilter, stdout io.Writer) error {
	out := newEncoder(stdout)
	out.SetIndent("", "  ")
	shown := 0
	for m, err := range g.List(ctx, filters...) {
		if err != nil {
			return err
		}
		if err := out.Encode(detailOf(m)); err != nil {
			return err
		}
		shown++
	}
	if shown == 0 {
		return fmt.Errorf("garbage show: %w", errNothingToShow)
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
