package eventview_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

var update = flag.Bool("update", false, "write the golden documents anew")

type (
	role  string
	hired struct {
		ID     int64             `json:"id"`
		Name   string            `json:"name" doc:"in full, as in the <contract>"`
		Role   role              `json:"role"`
		Boss   *hired            `json:"boss" doc:"whom they report to"`
		Tags   []string          `json:"tags,omitempty"`
		Notes  map[string]string `json:"notes"`
		Since  time.Time         `json:"since"`
		Salary json.Number       `json:"salary"`
		Extra  json.RawMessage   `json:"extra,omitempty"`
	}
)

func (role) Values() []role { return []role{"engineer", "head"} }

// everything is a service whose documents show all that there is to show.
func everything(t testing.TB) *eventview.View {
	t.Helper()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare(x, "person.created", "A person was hired.", eventbus.WithDocs(eventbus.Docs[hired]{
		Description: "Comes once the person is stored.\nNever twice.", Since: "1.4.0",
		Examples: []hired{{ID: 7, Name: "Ann & Bob", Role: "head", Since: time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC), Salary: "10.50"}},
	}))
	eventbus.Declare(x, "person__left", "A person has left.", eventbus.WithDocs(eventbus.Docs[person]{Deprecated: "use person.moved"}))
	eventbus.Declare(x, "person.moved", "Elsewhere.", eventbus.WithCodec(codec{}))
	eventbus.Declare[any](x, "anything.happened", "")
	billing := eventbus.NewExchange("billing")
	paid := eventbus.Declare[[]int64](billing, "bill.paid", "A bill was paid.")
	ignore := func(context.Context, eventbus.Delivery) error { return nil }
	broker := memory.New()
	t.Cleanup(func() { _ = broker.Close() })
	consumer := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{Queue: "hrm:bills", QueueType: eventbus.QuorumQueue},
		paid.Handle(func(context.Context, []int64) error { return nil }), billing.Handle("person.*", ignore), x.Handle("#", ignore))
	return eventview.Service{
		Title: "Events of HRM", Version: "1.2.3", Description: "What happens to <people>.",
		Publishes: []*eventbus.Exchange{x}, Consumes: []*eventbus.Consumer{consumer},
	}.View()
}

// The documents are as they were looked at once; "go test ./eventview -update" writes them anew.
func TestGoldenDocuments(t *testing.T) {
	t.Parallel()
	view := everything(t)
	for name, got := range map[string]struct {
		handler http.Handler
		accept  string
		json    bool // kept with line breaks
	}{
		"entities.json": {view, "application/json", true},
		"asyncapi.json": {view.AsyncAPI(), "", true},
		"asyncapi.yaml": {view.AsyncAPIYAML(), "", false},
		"page.html":     {view, browser, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := ask(got.handler, "GET", got.accept).Body.Bytes()
			if got.json {
				var lines bytes.Buffer
				if err := json.Indent(&lines, text, "", "  "); err != nil {
					t.Fatal(err)
				}
				text = append(lines.Bytes(), '\n')
			}
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(text, want) {
				t.Errorf("got:\n%s\nwant (%s):\n%s", text, file, want)
			}
		})
	}
}
