package openapi_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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
	shown(t, screenshot(t, browser, server.URL+"/docs/#/people/post_api_v1_people"))
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
	return run(t, browser, url, "--dump-dom")
}

// screenshot gives the picture of a page. "go test -artifacts" keeps it.
func screenshot(t *testing.T, browser, url string) image.Image {
	t.Helper()
	path := filepath.Join(t.ArtifactDir(), "docs.png")
	// high enough for the whole page, which is scrolled to its open route otherwise
	run(t, browser, url, "--window-size=1200,3600", "--hide-scrollbars", "--screenshot="+path)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

// shown fails the test unless the picture has what Swagger UI shows: methods in their colours, and the dark boxes of the
// examples of the route that is open. A page whose style or script fails has none of them.
func shown(t *testing.T, picture image.Image) {
	t.Helper()
	counts := map[color.RGBA]int{}
	size := picture.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			counts[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++
		}
	}
	if size.Dx() != 1200 || size.Dy() != 3600 {
		t.Errorf("the picture is %v", size)
	}
	for name, c := range map[string]color.RGBA{"GET": {0x61, 0xaf, 0xfe, 255}, "POST": {0x49, 0xcc, 0x90, 255}, "DELETE": {0xf9, 0x3e, 0x3e, 255},
		"examples": {0x33, 0x33, 0x33, 255}} {
		if counts[c] < 1000 {
			t.Errorf("%d dots in the colour of %s", counts[c], name)
		}
	}
	if len(counts) < 50 {
		t.Errorf("only %d colours: there is no text", len(counts))
	}
}

func run(t *testing.T, browser, url string, what ...string) (out, log string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir=" + t.TempDir(),
		"--enable-logging=stderr", "--virtual-time-budget=10000"}, what...)
	cmd := exec.CommandContext(ctx, browser, append(args, url)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, time.Second
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, stderr.String())
	}
	return stdout.String(), stderr.String()
}

func complaints(t *testing.T, page, log string) {
	t.Helper()
	for line := range strings.Lines(log) {
		if strings.Contains(line, "Content Security Policy") || strings.Contains(line, "Uncaught") || strings.Contains(line, "net::ERR") {
			t.Errorf("%s: %s", page, line)
		}
	}
}
