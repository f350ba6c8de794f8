// Package mailer is the second service of the example: it greets those who were hired and takes leave of those who go.
package mailer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
)

// Queue is where hrm's events wait for the mailer.
const Queue = "mailer:welcome"

var (
	errBounced   = errors.New("the mail server refuses the address") // as it does at bounce.example
	errNoAddress = errors.New("the event tells no address")
)

// A Mail is what was sent.
type Mail struct {
	Address string `json:"address"`
	Subject string `json:"subject"`
}

// A Person is what the mailer wants to know from hrm.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Config chooses how the mailer works.
type Config struct {
	Delays []time.Duration // pauses before it tries again; after the last one the event lies in the garbage
	Logger *slog.Logger
}

// A Mailer consumes hrm's events and serves what it has sent.
type Mailer struct {
	http.Handler

	hrm      *apiclient.Client
	consumer *eventbus.Consumer
	garbage  *eventbus.GarbageQueue
	log      *slog.Logger

	mu   sync.Mutex
	sent []Mail
}

// New returns a mailer that asks hrm through client.
func New(broker eventbus.Broker, client *apiclient.Client, cfg Config) *Mailer {
	m := &Mailer{hrm: client, garbage: eventbus.NewGarbageQueue(broker, Queue), log: cfg.Logger, sent: []Mail{}}
	m.consumer = eventbus.NewConsumer(broker, eventbus.ConsumerConfig{
		Queue:        Queue,
		Concurrency:  4,
		OnFailure:    eventbus.Garbage{After: cfg.Delays},
		DrainTimeout: 1500 * time.Millisecond,
		Logger:       cfg.Logger,
	},
		hrmapi.PersonCreated.Handle(m.welcome),
		hrmapi.PersonDeleted.Handle(m.farewell),
	)
	m.Handler = m.routes()
	return m
}

// Declare makes the queue exist, so that events wait in it until Run.
func (m *Mailer) Declare(ctx context.Context) error { return m.consumer.Declare(ctx) }

// Run handles events until ctx ends.
func (m *Mailer) Run(ctx context.Context) error { return m.consumer.Run(ctx) }

// welcome asks hrm for the person: the address may have been corrected since the event was published.
func (m *Mailer) welcome(ctx context.Context, e hrmapi.PersonPayload) error {
	p, err := apiclient.Get[Person](ctx, m.hrm, "/internal/people/{id}/", apiclient.Path("id", e.ID))
	if err != nil {
		return fmt.Errorf("person %d: %w", e.ID, err)
	}
	return m.send(ctx, Mail{p.Email, "Welcome, " + p.Name})
}

func (m *Mailer) farewell(ctx context.Context, e hrmapi.PersonPayload) error {
	return m.send(ctx, Mail{e.Email, "Goodbye, " + e.Name})
}

func (m *Mailer) send(ctx context.Context, mail Mail) error {
	if mail.Address == "" {
		return errNoAddress
	}
	if strings.HasSuffix(mail.Address, "@bounce.example") {
		return fmt.Errorf("%w: %s", errBounced, mail.Address)
	}
	m.log.InfoContext(ctx, "mail sent", "address", mail.Address, "subject", mail.Subject)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, mail)
	return nil
}
