package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
)

// A row is what the seed reads of the service's answers.
type row struct {
	ID         int64  `json:"id"`
	Email      string `json:"email"`
	Department *row   `json:"department"`
}

// seed puts the first rows through the service's own door, so that their events reach the mailer like any other, and
// returns a person to show things with. It leaves a database alone that has departments already.
func seed(ctx context.Context, base, secret string) (shown row, err error) {
	type object map[string]any
	c, err := apiclient.New(apiclient.Config{BaseURL: base, Service: "seed", Secret: secret})
	if err != nil {
		return row{}, err
	}
	there, err := apiclient.Get[[]row](ctx, c, "/api/v1/departments/")
	if err != nil {
		return row{}, err
	}
	if len(there) == 0 {
		var ids []int64
		for _, name := range []string{"Tools", "Sales"} {
			d, err := apiclient.Post[row](ctx, c, "/api/v1/departments/", apiclient.JSON(object{"name": name}))
			if err != nil {
				return row{}, err
			}
			ids = append(ids, d.ID)
		}
		for _, p := range []object{
			{"name": "Ann", "email": "ann@tools.example", "role": "head", "salary": "4200.00", "department": ids[0]},
			{"name": "Bob", "email": "bob@tools.example", "salary": "3100.50", "department": ids[0]},
			{"name": "Cid", "email": "cid@bounce.example", "salary": "2900.00", "department": ids[1]},
		} {
			if _, err := apiclient.Post[row](ctx, c, "/api/v1/people/", apiclient.JSON(p)); err != nil {
				return row{}, err
			}
		}
	}
	people, err := apiclient.Get[[]row](ctx, c, "/api/v1/people/")
	for _, p := range people {
		if shown.ID == 0 || strings.HasSuffix(p.Email, "@bounce.example") {
			shown = p
		}
	}
	return shown, err
}

// welcome tells what runs and what to try.
func welcome(base, parts string, shown row) string {
	department := int64(1)
	if shown.Department != nil {
		department = shown.Department.ID
	}
	return fmt.Sprintf(`
hrm and mailer run on %[2]s.

  %[1]s/docs/                          the API, to read and to try
  %[1]s/api/v1/event-system-entities   the events that hrm publishes
  %[1]s/api/v1/people/                 everybody, with the department nested
  %[1]s/mailer/sent                    the mails
  %[1]s/mailer/garbage                 what could not be mailed; addresses at bounce.example get there after two retries

Try:

  curl -s %[1]s/api/v1/people/ -H 'Content-Type: application/json' -d '{"name": "", "email": "eve", "role": "boss", "salary": "1.999", "department": 99}'
  curl -s -X PATCH %[1]s/api/v1/people/%[3]d/ -H 'Content-Type: application/json' -d '{"email": "cid@sales.example"}'; curl -s -X POST %[1]s/mailer/garbage/replay
  curl -s -X DELETE %[1]s/api/v1/departments/%[4]d/; curl -s -X POST %[1]s/api/v1/departments/%[4]d/restore/

Ctrl-C stops it.
`, base, parts, cmp.Or(shown.ID, 1), department)
}
