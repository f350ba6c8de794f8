// Package hrm is the first service of the example: it keeps departments and people, and publishes what happens to them.
package hrm

import (
	"context"
	"net/http"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
	"gitlab.com/pik-pro/backend/toolset/openapi"
	"gitlab.com/pik-pro/backend/toolset/openapi/swaggerui"
	"gitlab.com/pik-pro/backend/toolset/serializer"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

type service struct {
	store  *Store
	bus    eventbus.Publisher
	people *serializer.Of[Person]
	tiny   *serializer.View[Person] // shows people, has no way in
}

var (
	id            = openapi.Path[int64]("id")
	inDepartments = openapi.Query[[]int64]("department")
)

// eventsOfHRM is what the service shows of its events. testdata/released.json is the AsyncAPI document of the last release.
var eventsOfHRM = eventview.Service{
	Title: "Events of HRM", Version: "1.0.0", Description: "What happens to people.",
	Publishes: []*eventbus.Exchange{hrmapi.Events},
}

// New returns the service: what it answers and what it documents are the same values.
func New(store *Store, bus eventbus.Publisher, auth *serviceauth.Verifier) http.Handler {
	people := newPeople(store)
	s := &service{store, bus, people, people.Tiny()}

	api := openapi.New(openapi.Config{Title: "HRM", Version: "1.0.0", Errors: hrmapi.Errors})

	api.HandleFunc("GET /api/v1/departments/", s.listDepartments,
		openapi.ReturnsList(200, departments))
	api.HandleFunc("POST /api/v1/departments/", s.createDepartment,
		openapi.Accepts(departments), openapi.Returns(201, departments))
	api.HandleFunc("GET /api/v1/departments/{id}/", s.getDepartment,
		id, openapi.Returns(200, departments))
	api.HandleFunc("PATCH /api/v1/departments/{id}/", s.patchDepartment,
		id, openapi.AcceptsPartial(departments), openapi.Returns(200, departments))
	api.HandleFunc("DELETE /api/v1/departments/{id}/", s.deleteDepartment,
		openapi.Summary("Delete a department with its people"), id, openapi.Returns(204), openapi.Fails(hrmapi.ErrProtected))
	api.HandleFunc("POST /api/v1/departments/{id}/restore/", s.restoreDepartment,
		openapi.Summary("Restore a department with the people who went with it"),
		id, openapi.Returns(200, departments), openapi.Fails(hrmapi.ErrRestoreConflict))

	api.HandleFunc("GET /api/v1/people/", s.listPeople,
		inDepartments, openapi.ReturnsList(200, s.tiny))
	api.HandleFunc("POST /api/v1/people/", s.createPerson,
		openapi.Accepts(people), openapi.Returns(201, s.tiny), openapi.Fails(hrmapi.ErrEmailTaken))
	api.HandleFunc("GET /api/v1/people/{id}/", s.getPerson,
		id, openapi.Returns(200, s.tiny))
	api.HandleFunc("PATCH /api/v1/people/{id}/", s.patchPerson,
		id, openapi.AcceptsPartial(people), openapi.Returns(200, s.tiny), openapi.Fails(hrmapi.ErrEmailTaken))
	api.HandleFunc("DELETE /api/v1/people/{id}/", s.deletePerson,
		openapi.Summary("Delete a person"), id, openapi.Returns(204))
	api.HandleFunc("POST /api/v1/people/{id}/restore/", s.restorePerson,
		openapi.Summary("Restore a person"), id, openapi.Returns(200, s.tiny), openapi.Fails(hrmapi.ErrRestoreConflict))

	internal := openapi.New(openapi.Config{Title: "HRM for services", Version: "1.0.0", Errors: hrmapi.Errors})
	internal.HandleFunc("GET /internal/people/{id}/", s.getPerson, id, openapi.Returns(200, s.tiny))
	api.Handle("/internal/", auth.Require(internal))

	events := eventsOfHRM.View()
	api.Handle("GET /api/v1/event-system-entities", events)
	api.Handle("GET /asyncapi.json", events.AsyncAPI())
	api.Handle("GET /asyncapi.yaml", events.AsyncAPIYAML())
	api.Handle("GET /openapi.json", api.DocumentHandler())
	api.Handle("GET /docs/", swaggerui.New("/openapi.json"))
	return finish(api)
}

// writeTimeout bounds a write, its transaction and the broker's confirm included.
const writeTimeout = 30 * time.Second

// finish lets a write go on when its client hangs up: else a row could be committed and its event never published.
func finish(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), writeTimeout)
			defer cancel()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}
