package eventview_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// browser drives a headless Chromium by the WebDriver protocol, https://www.w3.org/TR/webdriver2/.
type browser struct {
	t       *testing.T
	session string // its URL
}

// openBrowser starts a browser with preferences of its own. It ends with the test.
func openBrowser(t *testing.T, prefs map[string]any) *browser {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		testenv.MissingPackage(t, "chromium")
	}
	driver, err := exec.LookPath("chromedriver")
	if err != nil {
		testenv.MissingPackage(t, "chromium-driver")
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), driver, "--port=0")
	cmd.WaitDelay = time.Second
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	port := ""
	started := regexp.MustCompile(`started successfully on port (\d+)`)
	for lines := bufio.NewScanner(stdout); port == "" && lines.Scan(); {
		if m := started.FindStringSubmatch(lines.Text()); m != nil {
			port = m[1]
		}
	}
	if port == "" {
		t.Fatal("chromedriver does not tell its port")
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	if prefs == nil {
		prefs = map[string]any{}
	}
	b := &browser{t: t, session: "http://127.0.0.1:" + port + "/session"}
	var opened struct{ SessionID string }
	b.call("POST", "", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"goog:loggingPrefs": map[string]string{"browser": "ALL"},
		"goog:chromeOptions": map[string]any{"binary": chromium, "prefs": prefs, "args": []string{
			"--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
			"--disable-sync", "--user-data-dir=" + t.TempDir(), "--window-size=1100,1400", "--hide-scrollbars",
		}},
	}}}, &opened)
	b.session += "/" + opened.SessionID
	t.Cleanup(func() { b.call("DELETE", "", nil, nil) })
	return b
}

// call sends a command and reads what it returns.
func (b *browser) call(method, path string, body, into any) {
	b.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	if body == nil {
		text = nil
		if method == "POST" {
			text = []byte("{}")
		}
	}
	r, err := http.NewRequest(method, b.session+path, bytes.NewReader(text))
	if err != nil {
		b.t.Fatal(err)
	}
	client := http.Client{Timeout: time.Minute}
	answer, err := client.Do(r)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	var value struct{ Value json.RawMessage }
	if err := json.NewDecoder(answer.Body).Decode(&value); err != nil || answer.StatusCode != http.StatusOK {
		b.t.Fatalf("%s %s: %s: %.500s, %v", method, path, answer.Status, value.Value, err)
	}
	if into != nil {
		if err := json.Unmarshal(value.Value, into); err != nil {
			b.t.Fatalf("%s %s: %s: %v", method, path, value.Value, err)
		}
	}
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.call("POST", "/url", map[string]string{"url": url}, nil)
}

// find gives the elements of a selector.
func (b *browser) find(css string) []string {
	b.t.Helper()
	var found []map[string]string
	b.call("POST", "/elements", map[string]string{"using": "css selector", "value": css}, &found)
	ids := make([]string, len(found))
	for i, element := range found {
		for _, id := range element {
			ids[i] = id
		}
	}
	return ids
}

func (b *browser) click(element string) {
	b.t.Helper()
	b.call("POST", "/element/"+element+"/click", nil, nil)
}

// keys types into whatever has the focus.
func (b *browser) keys(text string) {
	b.t.Helper()
	var actions []map[string]string
	for _, c := range text {
		actions = append(actions, map[string]string{"type": "keyDown", "value": string(c)}, map[string]string{"type": "keyUp", "value": string(c)})
	}
	b.call("POST", "/actions", map[string]any{"actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": actions}}}, nil)
}

func (b *browser) text(element string) (text string) {
	b.t.Helper()
	b.call("GET", "/element/"+element+"/text", nil, &text)
	return text
}

func (b *browser) shown(element string) (shown bool) {
	b.t.Helper()
	b.call("GET", "/element/"+element+"/displayed", nil, &shown)
	return shown
}

func (b *browser) css(element, property string) (value string) {
	b.t.Helper()
	b.call("GET", "/element/"+element+"/css/"+property, nil, &value)
	return value
}

// ask runs a function in the page and waits for its promise.
func (b *browser) ask(function string, into any) {
	b.t.Helper()
	b.call("POST", "/execute/sync", map[string]any{"script": "return (" + function + ")()", "args": []any{}}, into)
}

func (b *browser) cdp(command string, params map[string]any) {
	b.t.Helper()
	b.call("POST", "/goog/cdp/execute", map[string]any{"cmd": command, "params": params}, nil)
}

// screenshot is a picture of what the window shows.
func (b *browser) screenshot() []byte {
	b.t.Helper()
	var encoded string
	b.call("GET", "/screenshot", nil, &encoded)
	picture, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		b.t.Fatal(err)
	}
	return picture
}

// complaints are what the browser has logged as a mistake of the page.
func (b *browser) complaints() (all []string) {
	b.t.Helper()
	var log []struct{ Level, Message string }
	b.call("POST", "/se/log", map[string]string{"type": "browser"}, &log)
	for _, entry := range log {
		if entry.Level == "SEVERE" || entry.Level == "WARNING" {
			all = append(all, fmt.Sprint(entry.Level, ": ", entry.Message))
		}
	}
	return all
}
