package eventview

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// ErrPayload means that a payload is not as its schema says.
var ErrPayload = errors.New("payload does not match its schema")

// Checker judges payloads by the schemas of their events. It is made by [NewChecker] and safe for concurrent use.
type Checker struct {
	schemas map[key]*jsonschema.Schema
}

// NewChecker returns the checker of all events that are declared on the exchanges by now. The error names the events
// that cannot be described; the checker is usable all the same, and lets their payloads pass.
func NewChecker(exchanges ...*eventbus.Exchange) (*Checker, error) {
	c := &Checker{schemas: map[key]*jsonschema.Schema{}}
	var reflector jsonschema.Reflector
	var errs []error
	for _, x := range exchanges {
		for _, d := range x.Events() {
			s, err := schemaOf(&reflector, d)
			if err != nil {
				errs = append(errs, fmt.Errorf("event %q of exchange %q: %w", d.Name, d.Exchange, err))
				continue
			}
			c.schemas[key{d.Exchange, d.Name}] = s
		}
	}
	return c, errors.Join(errs...)
}

// Check judges the payload of a message. The error wraps [ErrPayload] and lists at most ten problems by their place; it
// quotes no value of the payload, so that it may be logged. Events that the checker does not know pass.
func (c *Checker) Check(exchange, event string, body []byte) error {
	s, known := c.schemas[key{exchange, event}]
	if !known {
		return nil
	}
	problems, err := s.CheckJSON(body)
	switch {
	case err != nil:
		return fmt.Errorf("event %q of exchange %q: %w: it %w", event, exchange, ErrPayload, err)
	case len(problems) == 0:
		return nil
	}
	var text strings.Builder
	for i, p := range problems {
		if i > 0 {
			text.WriteString("; ")
		}
		text.WriteString(p.String())
	}
	return fmt.Errorf("event %q of exchange %q: %w: %s", event, exchange, ErrPayload, &text)
}

// SampleConfig configures [Checker.Sample].
type SampleConfig struct {
	Share  float64      // of the messages, from 0 (none, the default) to 1 (all)
	Logger *slog.Logger // gets a line at level Error for a payload that is wrong. Default: slog.Default()
}

// Sample returns a broker that checks a share of what is published through it, and logs what is wrong: exchange, event,
// message id and the problems, never the payload. Every message is published as it is. Whatever else the broker does
// stays as it was.
func (c *Checker) Sample(b eventbus.Broker, cfg SampleConfig) eventbus.Broker {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	return &sampler{b, c, cfg}
}

type sampler struct {
	eventbus.Broker

	checker *Checker
	cfg     SampleConfig
}

func (s *sampler) Publish(ctx context.Context, messages []driver.Message) error {
	for i := range messages {
		if rand.Float64() >= s.cfg.Share { // Float64 is from 0 to below 1
			continue
		}
		m := &messages[i]
		if err := s.checker.Check(m.Exchange, m.RoutingKey, m.Body); err != nil {
			s.cfg.Logger.LogAttrs(ctx, slog.LevelError, "published payload is wrong",
				slog.String("exchange", m.Exchange), slog.String("event", m.RoutingKey), slog.String("message_id", m.ID), slog.Any("error", err))
		}
	}
	return s.Broker.Publish(ctx, messages)
}
