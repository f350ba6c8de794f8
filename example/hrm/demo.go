package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
)

// What the seed reads of the service's answers.
type (
	department struct {
		ID int64 `json:"id"`
	}
	person struct {
		ID         int64      `json:"id"`
		Email      string     `json:"email"`
		Role       string     `json:"role"`
		Department department `json:"department"`
	}
)

// seed puts the first rows through the service's own door, so that their events reach the mailer like any other, and
// returns a person to show things with. It leaves a database alone that has departments already.
func seed(ctx context.Context, base, secret string) (shown person, err error) {
	type object map[string]any
	c, err := apiclient.New(apiclient.Config{BaseURL: base, Service: "seed", Secret: secret})
	if err != nil {
		return person{}, err
	}
	there, err := apiclient.Get[[]department](ctx, c, "/api/v1/departments/")
	if err != nil {
		return person{}, err
	}
	if len(there) == 0 {
		var ids []int64
		for _, name := range []string{"Tools", "Sales"} {
			d, err := apiclient.Post[department](ctx, c, "/api/v1/departments/", apiclient.JSON(object{"name": name}))
			if err != nil {
				return person{}, err
			}
			ids = append(ids, d.ID)
		}
		for _, p := range []object{
			{"name": "Ann", "email": "ann@tools.example", "role": "head", "salary": "4200.00", "department": ids[0]},
			{"name": "Bob", "email": "bob@tools.example", "salary": "3100.50", "department": ids[0]},
			{"name": "Cid", "email": "cid@bounce.example", "salary": "2900.00", "department": ids[1]},
		} {
			if _, err := apiclient.Post[person](ctx, c, "/api/v1/people/", apiclient.JSON(p)); err != nil {
				return person{}, err
			}
		}
	}
	people, err := apiclient.Get[[]person](ctx, c, "/api/v1/people/")
	protected := map[int64]bool{} // departments that have a head
	for _, p := range people {
		protected[p.Department.ID] = protected[p.Department.ID] || p.Role == "head"
	}
	for _, p := range people {
		if !protected[p.Department.ID] && (shown.ID == 0 || strings.HasSuffix(p.Email, "@bounce.example")) {
			shown = p
		}
	}
	return shown, err
}

// welcome tells what runs and what to try.
func welcome(base, parts string, shown person) string {
	return fmt.Sprintf(`
hrm and mailer run on %[2]s.

  %[1]s/docs/                          the API, to read and to try
  %[1]s/api/v1/event-system-entities   the events that hrm publishes
  %[1]s/api/v1/people/                 everybody, with the department nested
  %[1]s/mailer/events                  the events that the mailer consumes
  %[1]s/mailer/sent                    the mails
  %[1]s/mailer/garbage                 what could not be mailed: addresses at bounce.example, after two retries

Try a bad request, a corrected address with its mail replayed, a department deleted with its people and restored:

  curl -sw '\n' %[1]s/api/v1/people/ -H 'Content-Type: application/json' -d '{"name": "", "email": "eve", "role": "boss", "salary": "1.999", "department": 99}'
  curl -sw '\n' -X PATCH %[1]s/api/v1/people/%[3]d/ -H 'Content-Type: application/json' -d '{"email": "person%[3]d@sales.example"}'; curl -sw '\n' -X POST %[1]s/mailer/garbage/replay
  curl -sw '%%{http_code}\n' -X DELETE %[1]s/api/v1/departments/%[4]d/; curl -sw '\n' -X POST %[1]s/api/v1/departments/%[4]d/restore/

Ctrl-C stops it.
`, base, parts, cmp.Or(shown.ID, 1), cmp.Or(shown.Department.ID, 1))
}
