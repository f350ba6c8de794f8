package mailer

import (
	"bytes"
	"encoding/json"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
)

// personEvent is written by hand from hrm's AsyncAPI document, as a team does that cannot import hrmapi.
type personEvent struct {
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	Email        string `json:"email"`
	Role         string `json:"role"`
	DepartmentID int64  `json:"department_id"`
}

// What the document shows is what such a consumer reads, field by field.
func TestEveryExampleMessageDecodes(t *testing.T) {
	t.Parallel()
	var document struct {
		Components struct {
			Messages map[string]struct {
				Examples []struct{ Payload json.RawMessage }
			}
		}
	}
	view := eventview.Service{Publishes: []*eventbus.Exchange{hrmapi.Events}}.View()
	if err := json.Unmarshal(view.AsyncAPI().Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	if got, want := len(document.Components.Messages), len(hrmapi.Events.Events()); got != want {
		t.Errorf("%d messages, want %d", got, want)
	}
	for name, message := range document.Components.Messages {
		if len(message.Examples) == 0 {
			t.Errorf("%s has no example", name)
		}
		for _, example := range message.Examples {
			d := json.NewDecoder(bytes.NewReader(example.Payload))
			d.DisallowUnknownFields()
			var event personEvent
			if err := d.Decode(&event); err != nil {
				t.Errorf("%s: %s: %v", name, example.Payload, err)
			}
			if again, err := json.Marshal(event); err != nil || !bytes.Equal(again, example.Payload) {
				t.Errorf("%s: %s was read as %s, %v", name, example.Payload, again, err)
			}
		}
	}
}
