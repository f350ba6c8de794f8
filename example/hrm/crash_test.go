package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// process is the example as its user runs it: a binary that reads its environment.
type process struct {
	cmd  *exec.Cmd
	base string
	log  *mails
}

// mails collects the addresses that the mailer has logged as served.
type mails struct {
	mu   sync.Mutex
	sent map[string]int
}

var mailSent = regexp.MustCompile(`mail sent address=(\S+)`)

func (m *mails) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if found := mailSent.FindStringSubmatch(lines.Text()); found != nil {
			m.mu.Lock()
			m.sent[found[1]]++
			m.mu.Unlock()
		}
	}
}

func (m *mails) count(address string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sent[address]
}

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "hrm")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func launch(t *testing.T, binary string, env map[string]string, log *mails) *process {
	t.Helper()
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:0")
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	go log.read(stderr)
	p := &process{cmd: cmd, log: log}
	address := regexp.MustCompile(`http://[0-9.:]+`)
	up := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if found := address.FindString(lines.Text()); found != "" {
				select {
				case up <- found:
				default: // the first one counts
				}
			}
		}
	}()
	select {
	case p.base = <-up:
	case <-time.After(60 * time.Second):
		t.Fatal("the example never said where it listens")
	}
	return p
}

// A service that is killed keeps its word: who was told 201 is in the database, and the event was handled or waits.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	const creates, killAfter, clients = 1000, 400, 8
	vhost := testenv.RabbitMQ(t)
	env := vhost.Env()
	env["DATABASE_URL"] = testenv.Postgres(t)
	env["SERVICE_SECRET"] = secret
	log := &mails{sent: map[string]int{}}
	binary := build(t)

	first := launch(t, binary, env, log)
	var department struct{ ID int64 }
	resp, err := http.Post(first.base+"/api/v1/departments/", "application/json", strings.NewReader(`{"name": "Crash"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(resp.Body).Decode(&department); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()

	var next, answered atomic.Int64
	var told sync.Map // address -> true, answered 201
	var work sync.WaitGroup
	for range clients {
		work.Go(func() {
			for {
				n := next.Add(1)
				if n > creates {
					return
				}
				email := fmt.Sprintf("p%d@crash.example", n)
				body := fmt.Sprintf(`{"name": "P", "email": %q, "salary": "1.00", "department": %d}`, email, department.ID)
				resp, err := http.Post(first.base+"/api/v1/people/", "application/json", strings.NewReader(body))
				if err != nil {
					return // killed
				}
				_, err = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode == http.StatusCreated && err == nil {
					told.Store(email, true)
					if answered.Add(1) == killAfter {
						_ = first.cmd.Process.Kill()
					}
				}
			}
		})
	}
	work.Wait()
	_ = first.cmd.Wait()
	if answered.Load() < killAfter || answered.Load() == creates {
		t.Fatalf("%d answered 201: the kill did not come in the middle", answered.Load())
	}

	second := launch(t, binary, env, log)
	resp, err = http.Get(fmt.Sprintf("%s/api/v1/people/?department=%d", second.base, department.ID))
	if err != nil {
		t.Fatal(err)
	}
	var people []struct{ Email string }
	if err := json.NewDecoder(resp.Body).Decode(&people); err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	kept := map[string]bool{}
	for _, p := range people {
		kept[p.Email] = true
	}

	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	told.Range(func(key, _ any) bool {
		email := key.(string)
		if !kept[email] {
			t.Errorf("%s was answered 201 and is not in the database", email)
		}
		for log.count(email) == 0 {
			if ctx.Err() != nil {
				t.Errorf("%s was answered 201 and the event was never handled", email)
				return false
			}
			time.Sleep(20 * time.Millisecond) // polls a condition, within the deadline above
		}
		return true
	})
	silent, twice := 0, 0
	for email := range kept {
		switch n := log.count(email); {
		case n == 0:
			silent++
		case n > 1:
			twice++
		}
	}
	t.Logf("answered 201: %d; in the database: %d, of these without an event: %d; handled more than once: %d",
		answered.Load(), len(people), silent, twice)
}
