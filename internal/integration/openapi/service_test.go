package openapi_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/openapi"
	"gitlab.com/pik-pro/backend/toolset/openapi/swaggerui"
	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type department struct {
	ID   int64
	Name string
}

type person struct {
	ID         int64       `json:"id"`
	CreatedAt  time.Time   `json:"created_at"`
	Name       string      `json:"name"`
	Email      string      `json:"email"`
	Role       string      `json:"role"`
	Salary     string      `json:"salary"`
	Department *department `json:"department"`
	Tags       []string    `json:"tags"`
	Boss       *person     `json:"boss,omitempty" doc:"whom they report to"`
}

func newPeople() *serializer.Of[person] {
	departments := serializer.New(func(d *department) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&d.ID).As("id").ReadOnly(),
			serializer.Field(&d.Name).As("name").MaxLength(100),
		}
	})
	return serializer.New(func(p *person) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&p.ID).ReadOnly(),
			serializer.Field(&p.CreatedAt).ReadOnly(),
			serializer.Field(&p.Name).MaxLength(200),
			serializer.Field(&p.Email).Email(),
			serializer.Field(&p.Role).Choices("engineer", "head").Default("engineer"),
			serializer.Field(&p.Salary).Decimal(10, 2),
			serializer.Nested(&p.Department, departments).ReadOnly(),
			serializer.List(&p.Tags, serializer.Item[string]()).Optional(),
		}
	}).With(serializer.Config{Name: "Person"})
}

// service is a small one with a route of every kind.
func service(t *testing.T) *openapi.API {
	errs := apierror.NewCatalog("hrm")
	taken := errs.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
	moved := errs.Declare("EMAIL_MOVED", "The email belongs to someone else now.", apierror.Status(http.StatusConflict))
	protected := errs.Declare("DELETE_PROTECTED", "Delete is unprocessable.", apierror.DetailSchema(json.RawMessage(
		`{"type": "object", "properties": {"id": {"type": "array", "items": {"type": "string"}}}, "required": ["id"], "additionalProperties": false}`)))
	section := apierror.NewCatalog("bg").Declare("SECTION", "No such section.")
	people := newPeople()
	tiny := people.Tiny()
	ann := person{ID: 1, Name: "Ann", Email: "ann@example.com", Role: "head", Salary: "10.00", Department: &department{1, "Tools"}, Tags: []string{}}
	id := openapi.Path[int64]("id").Describe("of the person")

	api := openapi.New(openapi.Config{
		Title: "HRM", Version: "1.0.0", Description: "Departments and **people**.", Errors: errs, Logger: slog.New(slog.DiscardHandler),
	})
	api.HandleFunc("GET /api/v1/people/", func(w http.ResponseWriter, r *http.Request) error {
		return tiny.RespondList(w, r, http.StatusOK, []person{ann})
	}, openapi.Summary("List people"), openapi.Query[[]int64]("department").Describe("only of these"), openapi.Query[int]("page").Default(1),
		openapi.Query[*bool]("active"), openapi.Query[time.Time]("since"), openapi.ReturnsList(http.StatusOK, tiny))
	api.HandleFunc("POST /api/v1/people/", func(w http.ResponseWriter, r *http.Request) error {
		p, err := people.DecodeRequest(r)
		if err != nil {
			return err
		}
		if p.Email == "taken@example.com" {
			return taken
		}
		return tiny.Respond(w, r, http.StatusCreated, &p)
	}, openapi.Summary("Hire a person"), openapi.Accepts(people), openapi.Returns(http.StatusCreated, tiny), openapi.Fails(taken, moved))
	api.HandleFunc("PATCH /api/v1/people/{id}/", func(w http.ResponseWriter, r *http.Request) error {
		p := ann
		if err := people.PatchRequest(r, &p); err != nil {
			return err
		}
		return tiny.Respond(w, r, http.StatusOK, &p)
	}, id, openapi.AcceptsPartial(people), openapi.Returns(http.StatusOK, tiny), openapi.Fails(taken))
	api.HandleFunc("DELETE /api/v1/people/{id}/", func(w http.ResponseWriter, r *http.Request) error {
		return protected.With(map[string]any{"id": id.Get(r)})
	}, id, openapi.Returns(http.StatusNoContent), openapi.Fails(protected), openapi.Forwards(section))

	api.Describe("PUT /api/v1/people/{id}/photo", id, openapi.Summary("Served elsewhere"), openapi.Returns(http.StatusNoContent))

	events := eventbus.NewExchange("hrm")
	eventbus.Declare(events, "person.created", "A person was hired.", eventbus.WithCodec(people))
	eventbus.Declare[person](events, "person.moved", "A person works elsewhere.")
	api.Handle("GET /events", eventview.New(events))
	api.Handle("GET /openapi.json", api.DocumentHandler())
	api.Handle("GET /docs/", swaggerui.New("/openapi.json"))
	return api
}
