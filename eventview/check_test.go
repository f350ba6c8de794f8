package eventview_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
	"gitlab.com/pik-pro/backend/toolset/eventview"
)

func TestCheckerTellsPlacesButNoValues(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare[person](x, "person.created", "")
	c, err := eventview.NewChecker(x)
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		`{"id": 1, "name": "Ann"}`:                     "",
		`{"id": 1, "name": "Ann", "extra": true}`:      "",
		`{"id": "secret", "name": "Ann", "tags": [1]}`: `id is string, not integer; tags[0] is`,
		`{"id": 1}`:                             "name is missing",
		`{"id": 1, "name": "Ann"} secret`:       "something behind it",
		`secret`:                                "is no JSON",
		"{\"id\": 1, \"name\": \"secret\xff\"}": "is not UTF-8",
		strings.Repeat("[", 1_000_000):          "is no JSON",
		`{"id": 1, "name": "Ann", "tags": [` + strings.Repeat("1, ", 100_000) + `1]}`: "tags[0] is integer or number, not string; tags[1]",
	} {
		err := c.Check("hrm", "person.created", []byte(body))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", body, err)
		case want != "" && (!errors.Is(err, eventview.ErrPayload) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
	if err := c.Check("hrm", "person.unknown", []byte("secret")); err != nil {
		t.Error(err)
	}
}

func TestCheckerNamesWhatCannotBeDescribed(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare[person](x, "person.created", "")
	eventbus.Declare[struct{ F func() }](x, "func.made", "")
	c, err := eventview.NewChecker(x)
	if err == nil || !strings.Contains(err.Error(), "func.made") {
		t.Errorf("error %v", err)
	}
	if c.Check("hrm", "func.made", []byte("secret")) != nil || c.Check("hrm", "person.created", []byte("{}")) == nil {
		t.Error("the checker does not judge the others")
	}
}

func TestSampleLogsAndPublishes(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	created := eventbus.Declare[person](x, "person.created", "")
	c, err := eventview.NewChecker(x)
	if err != nil {
		t.Fatal(err)
	}
	broker := memory.New()
	defer broker.Close()
	for share, want := range map[float64]int{0: 0, 1: 1} {
		var log bytes.Buffer
		bus := eventbus.NewPublisher(c.Sample(broker, eventview.SampleConfig{Share: share, Logger: slog.New(slog.NewTextHandler(&log, nil))}), eventbus.PublisherConfig{})
		if err := bus.Publish(t.Context(), created.Message(person{}), eventbus.Raw("hrm", "person.created", []byte(`{"id": "secret", "name": ""}`))); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(log.String(), "event=person.created"); got != want || strings.Contains(log.String(), "secret") {
			t.Errorf("share %v: %d lines, want %d: %s", share, got, want, &log)
		}
	}
}

// One checker serves all publishers of a program; the race detector watches.
func TestSampleIsConcurrent(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	created := eventbus.Declare[person](x, "person.created", "")
	moved := eventbus.Declare(x, "person.moved", "", eventbus.WithCodec(codec{}))
	c, err := eventview.NewChecker(x)
	if err != nil {
		t.Fatal(err)
	}
	broker := memory.New()
	defer broker.Close()
	var log bytes.Buffer
	bus := eventbus.NewPublisher(c.Sample(broker, eventview.SampleConfig{Share: 1, Logger: slog.New(slog.NewTextHandler(&log, nil))}), eventbus.PublisherConfig{})
	var wg sync.WaitGroup
	const publishers, each = 8, 50
	for range publishers {
		wg.Go(func() {
			for range each {
				if err := bus.Publish(t.Context(), created.Message(person{}), eventbus.Raw("hrm", moved.Name(), []byte(`{"code": "a"}`))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := strings.Count(log.String(), "event=person.moved"); got != publishers*each || strings.Contains(log.String(), "event=person.created") {
		t.Errorf("%d lines", got)
	}
}

// About the share that was asked for is checked.
func TestSampleChecksAShare(t *testing.T) {
	t.Parallel()
	x := eventbus.NewExchange("hrm")
	eventbus.Declare[person](x, "person.created", "")
	c, err := eventview.NewChecker(x)
	if err != nil {
		t.Fatal(err)
	}
	broker := memory.New()
	defer broker.Close()
	var log bytes.Buffer
	bus := eventbus.NewPublisher(c.Sample(broker, eventview.SampleConfig{Share: 0.25, Logger: slog.New(slog.NewTextHandler(&log, nil))}), eventbus.PublisherConfig{})
	const n = 4000
	for range n {
		if err := bus.Publish(t.Context(), eventbus.Raw("hrm", "person.created", []byte(`{}`))); err != nil {
			t.Fatal(err)
		}
	}
	// 27 is the standard deviation: less than once in 10^12 runs it is further away
	if got := strings.Count(log.String(), "\n"); got < n/4-200 || got > n/4+200 {
		t.Errorf("%d of %d", got, n)
	}
}
