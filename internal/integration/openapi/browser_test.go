package openapi_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// The pages work in a browser, offline and under their own Content-Security-Policy.
func TestPagesInABrowser(t *testing.T) {
	t.Parallel()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		testenv.MissingPackage(t, "chromium")
	}
	server := httptest.NewServer(service(t))
	t.Cleanup(server.Close)
	docs, log := render(t, browser, server.URL+"/docs")
	for _, want := range []string{"<title>HRM</title>", "Hire a person", "/api/v1/people/{id}/", "Person"} {
		if !strings.Contains(docs, want) {
			t.Errorf("/docs does not show %s", want)
		}
	}
	complaints(t, "/docs", log)
	events, log := render(t, browser, server.URL+"/events")
	for _, want := range []string{"person.created", "A person works elsewhere.", "whom they report to"} {
		if !strings.Contains(events, want) {
			t.Errorf("/events does not show %s", want)
		}
	}
	complaints(t, "/events", log)
}

// render gives the page after its scripts ran, and what the browser logged.
func render(t *testing.T, browser, url string) (page, log string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--enable-logging=stderr", "--virtual-time-budget=10000", "--dump-dom", url)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &out, &errs, time.Second
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, errs.String())
	}
	return out.String(), errs.String()
}

func complaints(t *testing.T, page, log string) {
	t.Helper()
	for line := range strings.Lines(log) {
		if strings.Contains(line, "Content Security Policy") || strings.Contains(line, "Uncaught") || strings.Contains(line, "net::ERR") {
			t.Errorf("%s: %s", page, line)
		}
	}
}
