package mailer

import (
	"net/http"
	"slices"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/openapi"
	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// Errors has nothing to declare: what the mailer answers beside 200 is the same for every service.
var Errors = apierror.NewCatalog("mailer")

// failure is what the garbage queue tells about an event that could not be handled.
type failure struct {
	ID         string    `json:"id"`
	RoutingKey string    `json:"routing_key"`
	Error      string    `json:"error"`
	Attempts   int       `json:"attempts"`
	FailedAt   time.Time `json:"failed_at"`
	Body       string    `json:"body"`
}

type replayed struct {
	Count int `json:"replayed"`
}

var (
	mails = serializer.New(func(m *Mail) serializer.Fields {
		return serializer.Fields{serializer.Field(&m.Address), serializer.Field(&m.Subject)}
	})
	failures = serializer.New(func(f *failure) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&f.ID), serializer.Field(&f.RoutingKey), serializer.Field(&f.Error),
			serializer.Field(&f.Attempts), serializer.Field(&f.FailedAt), serializer.Field(&f.Body),
		}
	}).Tiny()
	replays = serializer.New(func(r *replayed) serializer.Fields {
		return serializer.Fields{serializer.Field(&r.Count)}
	}).Tiny()
)

func (m *Mailer) routes() http.Handler {
	api := openapi.New(openapi.Config{Title: "Mailer", Version: "1.0.0", Errors: Errors})
	api.HandleFunc("GET /mailer/sent", m.listSent, openapi.ReturnsList(200, mails))
	api.HandleFunc("GET /mailer/garbage", m.listGarbage, openapi.ReturnsList(200, failures))
	api.HandleFunc("POST /mailer/garbage/replay", m.replayGarbage, openapi.Returns(200, replays))
	api.Handle("GET /mailer/openapi.json", api.DocumentHandler())
	// A consumer's side: which events of which exchanges come into its queue.
	events := eventview.Service{Title: "Events of the mailer", Version: "1.0.0", Consumes: []*eventbus.Consumer{m.consumer}}.View()
	api.Handle("GET /mailer/events", events)
	api.Handle("GET /mailer/asyncapi.json", events.AsyncAPI())
	return api
}

func (m *Mailer) listSent(w http.ResponseWriter, r *http.Request) error {
	m.mu.Lock()
	sent := slices.Clone(m.sent)
	m.mu.Unlock()
	return mails.RespondList(w, r, http.StatusOK, sent)
}

func (m *Mailer) listGarbage(w http.ResponseWriter, r *http.Request) error {
	list := []failure{}
	for g, err := range m.garbage.List(r.Context()) {
		if err != nil {
			return err
		}
		list = append(list, failure{g.ID, g.RoutingKey, g.Error, g.Attempts, g.FailedAt, string(g.Body)})
	}
	return failures.RespondList(w, r, http.StatusOK, list)
}

func (m *Mailer) replayGarbage(w http.ResponseWriter, r *http.Request) error {
	n, err := m.garbage.Replay(r.Context())
	if err != nil {
		return err
	}
	return replays.Respond(w, r, http.StatusOK, &replayed{n})
}
