package hrm

import (
	"time"

	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
)

// A Department is where people work.
type Department struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// A Person works in a department.
type Person struct {
	ID           int64       `json:"id"`
	CreatedAt    time.Time   `json:"created_at"`
	Name         string      `json:"name"`
	Email        string      `json:"email"`
	Role         hrmapi.Role `json:"role"`
	Salary       string      `json:"salary"`
	DepartmentID int64       `json:"department_id"`
}

func payload(p Person) hrmapi.PersonPayload {
	return hrmapi.PersonPayload{ID: p.ID, Name: p.Name, Email: p.Email, Role: p.Role, DepartmentID: p.DepartmentID}
}
