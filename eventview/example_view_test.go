package eventview_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

// A service shows its events at one address: schemas for programs, a page for browsers.
func Example() {
	type hired struct {
		ID   int64  `json:"id"`
		Name string `json:"name" doc:"as in the contract"`
	}
	events := eventbus.NewExchange("hrm")
	eventbus.Declare[hired](events, "person.created", "A person was hired.")

	mux := http.NewServeMux()
	mux.Handle("GET /api/v1/event-system-entities", eventview.New(events))

	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest("GET", "/api/v1/event-system-entities", nil))
	fmt.Println(answer.Body)
	// Output:
	// {"person.created":{"description":"A person was hired.","type":"object","properties":{"id":{"type":"integer"},"name":{"description":"as in the contract","type":"string"}},"required":["id","name"]}}
}
