// Package hrmapi is all that other services import of hrm: its errors and its events.
package hrmapi

import (
	"net/http"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

// The errors that hrm declares; on the wire they are "HRM/...".
var (
	Errors = apierror.NewCatalog("hrm")

	ErrProtected       = Errors.Declare("DELETE_PROTECTED", "Delete is unprocessable.") // 422
	ErrRestoreConflict = Errors.Declare("RESTORE_CONFLICT", "Restore is in conflict with what exists now.")
	ErrEmailTaken      = Errors.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
)

// The events that hrm publishes on its exchange.
var (
	Events = eventbus.NewExchange("hrm")

	PersonCreated = eventbus.Declare(Events, "person.created", "A person was hired.", eventbus.WithDocs(eventbus.Docs[PersonPayload]{
		Description: "Comes once the person is stored.", Since: "1.0.0",
		Examples: []PersonPayload{{ID: 7, Name: "Ann Example", Email: "ann@tools.example", Role: Engineer, DepartmentID: 1}},
	}))
	PersonUpdated = eventbus.Declare[PersonPayload](Events, "person.updated", "A person has changed or was restored.")
	PersonDeleted = eventbus.Declare[PersonPayload](Events, "person.deleted", "A person has left, alone or with the department.")
)

// PersonPayload is what events tell about a person.
type PersonPayload struct {
	ID           int64  `json:"id"`
	Name         string `json:"name" doc:"in full, as people write it"`
	Email        string `json:"email" doc:"of nobody else who works here"`
	Role         Role   `json:"role"`
	DepartmentID int64  `json:"department_id"`
}

// A Role is what a person does. A department that has a head cannot be deleted.
type Role string

// The roles.
const (
	Engineer Role = "engineer"
	Head     Role = "head"
)

// Values lists the roles, so that documents show them.
func (Role) Values() []Role { return []Role{Engineer, Head} }
