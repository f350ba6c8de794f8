package eventview_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

type (
	role  string
	hired struct {
		ID         int64  `json:"id"`
		Name       string `json:"name" doc:"in full, as in the contract"`
		Role       role   `json:"role"`
		Boss       *hired `json:"boss" doc:"whom they report to"`
		Department struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		} `json:"department"`
		Tags  []string          `json:"tags,omitempty"`
		Notes map[string]string `json:"notes"`
		Since time.Time         `json:"since" doc:"the first working day"`
	}
)

func (role) Values() []role { return []role{"engineer", "head"} }

// page is served as a service does it, with all that a page can show.
func page(t *testing.T) string {
	t.Helper()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare(x, "person.created", "A person was hired.", eventbus.WithDocs(eventbus.Docs[hired]{
		Description: "Comes once the person is stored, and never twice.", Since: "1.4.0",
		Examples: []hired{{ID: 7, Name: "Ann <Example> & Bob", Role: "head", Since: time.Date(2026, 2, 1, 8, 0, 0, 0, time.UTC)}},
	}))
	eventbus.Declare(x, "person.shown", "What a serializer writes.", eventbus.WithCodec(shownSerializer()))
	eventbus.Declare(x, "tree.moved", "A tree stands elsewhere.", eventbus.WithDocs(eventbus.Docs[tree]{Deprecated: "use forest.moved", Since: "1.0.0"}))
	eventbus.Declare[forest](x, "forest.moved", "")
	billing := eventbus.NewExchange("billing")
	paid := eventbus.Declare[[]float64](billing, "bill.paid", "")
	broker := memory.New()
	t.Cleanup(func() { _ = broker.Close() })
	consumer := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{Queue: "hrm:bills"},
		paid.Handle(func(context.Context, []float64) error { return nil }), billing.Handle("customer.*", func(context.Context, eventbus.Delivery) error { return nil }))
	server := httptest.NewServer(eventview.Service{
		Title: "Events of HRM", Description: "What happens to people.", Publishes: []*eventbus.Exchange{x}, Consumes: []*eventbus.Consumer{consumer},
	}.View())
	t.Cleanup(server.Close)
	return server.URL
}

// keep writes a picture down for people: "go test -artifacts" keeps it.
func keep(t *testing.T, name string, picture []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, nil)
	b.open(page(t))
	keep(t, "light.png", b.screenshot())
	light := b.css(b.find("body")[0], "background-color")

	// The button copies the example as it stands there.
	for _, permission := range []string{"clipboard-read", "clipboard-write"} {
		b.call("POST", "/permissions", map[string]any{"descriptor": map[string]string{"name": permission}, "state": "granted"}, nil)
	}
	button, code := b.find(".code button")[0], b.find(".code code")[0]
	if !b.shown(button) || b.text(button) != "Copy" {
		t.Fatalf("the button says %q", b.text(button))
	}
	b.click(button)
	eventually(t, func() bool { return b.text(button) == "Copied" })
	var copied string
	b.ask("() => navigator.clipboard.readText()", &copied)
	if want := b.text(code); copied != want || !strings.Contains(want, `"name": "Ann <Example> & Bob"`) {
		t.Errorf("copied is %q, shown is %q", copied, want)
	}
	eventually(t, func() bool { return b.text(button) == "Copy" })

	// Without the permission the old way does it.
	b.ask("async () => { await navigator.clipboard.writeText(''); navigator.clipboard.writeText = () => Promise.reject(new Error('refused')) }", nil)
	b.click(button)
	eventually(t, func() bool { return b.text(button) == "Copied" })
	b.ask("() => navigator.clipboard.readText()", &copied)
	if copied != b.text(code) {
		t.Errorf("copied in the old way is %q", copied)
	}

	// The links lead to their events, whose schema opens.
	b.click(b.find(`nav a[href="#tree.moved"]`)[0])
	var top float64
	b.ask(`() => document.getElementById("tree.moved").getBoundingClientRect().top`, &top)
	if top < -1 || top > 200 {
		t.Errorf("the event is at %v", top)
	}
	details := b.find(`[id="tree.moved"] details`)[0]
	if b.shown(b.find(`[id="tree.moved"] details pre`)[0]) {
		t.Error("the schema is open")
	}
	b.click(b.find(`[id="tree.moved"] summary`)[0])
	if !b.shown(b.find(`[id="tree.moved"] details pre`)[0]) || !strings.Contains(b.text(details), `"$ref": "#"`) {
		t.Errorf("the schema does not open: %s", b.text(details))
	}
	keep(t, "event.png", b.screenshot())
	b.click(b.find(`nav a[href="#queue:hrm:bills"]`)[0])
	keep(t, "queue.png", b.screenshot())

	b.cdp("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": "dark"}}})
	b.ask("() => scrollTo(0, 0)", nil)
	if dark := b.css(b.find("body")[0], "background-color"); dark == light {
		t.Errorf("dark is light: %s", dark)
	}
	keep(t, "dark.png", b.screenshot())

	// On a telephone nothing but tables and code scrolls sideways.
	b.cdp("Emulation.setDeviceMetricsOverride", map[string]any{"width": 390, "height": 1400, "deviceScaleFactor": 1, "mobile": true})
	var wide float64
	b.ask("() => document.documentElement.scrollWidth - innerWidth", &wide)
	if wide > 0 {
		t.Errorf("the page is %v wider than the window", wide)
	}
	keep(t, "narrow.png", b.screenshot())
	if complaints := b.complaints(); len(complaints) > 0 {
		t.Errorf("%q", complaints)
	}
}

// Without JavaScript everything is there but the buttons, which could do nothing.
func TestPageWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b := openBrowser(t, map[string]any{"profile.managed_default_content_settings.javascript": 2})
	b.open(page(t))
	keep(t, "plain.png", b.screenshot())
	text := b.text(b.find("body")[0])
	for _, want := range []string{"person.created", "whom they report to", "department.id", "one of \"engineer\", \"head\"", "Deprecated: use forest.moved", "since 1.4.0",
		`"name": "Ann <Example> & Bob"`, "hrm:bills", "customer.*", "array of tree", "string (date-time)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %s:\n%s", want, text)
		}
	}
	for _, button := range b.find(".code button") {
		if b.shown(button) {
			t.Error("a button is shown that can do nothing")
		}
	}
	b.click(b.find("summary")[0])
	if !b.shown(b.find("details pre")[0]) {
		t.Error("the schema does not open")
	}
}

func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatal("waited for 10 s in vain")
		}
		<-time.After(20 * time.Millisecond)
	}
}

// Among hundreds of events one is found by a part of its name, with the keyboard alone.
func TestFindAnEvent(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	for i := range 300 {
		eventbus.Declare[hired](x, fmt.Sprintf("thing%d.created", i), "")
	}
	server := httptest.NewServer(eventview.New(x))
	t.Cleanup(server.Close)
	b := openBrowser(t, nil)
	b.open(server.URL)
	b.keys("\ue004") // Tab
	var focused string
	b.ask("() => document.activeElement.textContent", &focused)
	if focused != "To the events" {
		t.Errorf("the first stop is %q", focused)
	}
	b.keys("\ue004")
	b.keys("29 CREATED thing")
	eventually(t, func() bool { return b.text(b.find("nav output")[0]) == "13 of 300" })
	if b.shown(b.find(`nav a[href="#thing1.created"]`)[0]) || !b.shown(b.find(`nav a[href="#thing290.created"]`)[0]) {
		t.Error("the list shows others")
	}
	b.keys("\ue007") // Enter
	var place string
	b.ask("() => location.hash", &place)
	if place != "#thing29.created" {
		t.Errorf("Enter leads to %q", place)
	}
	button := b.find(`[id="thing29.created"] .code button`)[0]
	b.click(button)
	eventually(t, func() bool { return b.text(b.find("[role=status]")[0]) == "Copied" })
	if complaints := b.complaints(); len(complaints) > 0 {
		t.Errorf("%q", complaints)
	}
}
