// Package command runs the toolset command as its users do, against real servers.
package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// TestMain removes the command that the tests have built.
func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// built is the folder of the command, once a test has asked for it.
var built string

// build makes the command once: linking it takes seconds.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "toolset")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "toolset")
	cmd := exec.Command("go", "build", "-o", path, ".")
	cmd.Dir = "../../../cmd/toolset"
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// binary is the path of the command.
func binary(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// call runs the command and returns what it printed and its exit code.
func call(t *testing.T, path string, env map[string]string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = os.Environ()
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

type order struct {
	ID int `json:"id"`
}

func TestGarbage(t *testing.T) {
	t.Parallel()
	vhost, path := testenv.RabbitMQ(t), binary(t)
	broker, err := rabbitmq.Dial(t.Context(), rabbitmq.Config{URL: vhost.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()

	shop := eventbus.NewExchange("shop")
	paid := eventbus.Declare[order](shop, "order.paid", "An order was paid.")
	ctx, cancel := context.WithCancel(t.Context())
	consumer := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{Queue: "books:ledger", OnFailure: eventbus.Garbage{}},
		paid.Handle(func(context.Context, order) error { return errors.New("the ledger is closed") }))
	if err := consumer.Declare(ctx); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	bus := eventbus.NewPublisher(broker, eventbus.PublisherConfig{})
	if err := bus.Publish(ctx, paid.Message(order{1}), paid.Message(order{2}), paid.Message(order{3})); err != nil {
		t.Fatal(err)
	}

	env := vhost.Env()
	var lines []string
	for deadline := time.Now().Add(20 * time.Second); len(lines) != 3; {
		if time.Now().After(deadline) {
			t.Fatalf("garbage list has %q", lines)
		}
		out, errs, code := call(t, path, env, "garbage", "list", "-queue", "books:ledger")
		if code != 0 {
			t.Fatalf("exit %d: %s", code, errs)
		}
		lines = strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}

	var first struct {
		ID, Error string
		Key       string `json:"routing_key"`
		Body      order
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first.Error != "the ledger is closed" || first.Key != "order.paid" || first.Body.ID != 1 {
		t.Errorf("listed %s (%v)", lines[0], err)
	}
	var shown struct {
		ID, Error string
		Headers   map[string]any
		Type      string `json:"content_type"`
	}
	out, errs, code := call(t, path, env, "garbage", "show", "-queue", "books:ledger", "-id", first.ID)
	if err := json.Unmarshal([]byte(out), &shown); err != nil || code != 0 || shown.ID != first.ID || shown.Type != "application/json" ||
		shown.Headers[eventbus.HeaderError] != "the ledger is closed" {
		t.Errorf("shown is %s%s (exit %d, %v)", out, errs, code, err)
	}
	if out, errs, code := call(t, path, env, "garbage", "show", "-queue", "books:ledger", "-id", "nobody"); code != 1 || out != "" || !strings.Contains(errs, "no message") {
		t.Errorf("show of nothing: exit %d, %q, %q", code, out, errs)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"replay", "-error", "no such text"}, `{"replayed":0,"seen":3,"of":3,"left":3,"unknown":[]}` + "\n"},
		{[]string{"replay", "-older", "1h"}, `{"replayed":0,"seen":3,"of":3,"left":3,"unknown":[]}` + "\n"},
		{[]string{"replay", "-dry-run"}, `{"would_replay":3,"seen":3,"of":3,"left":0,"unknown":[]}` + "\n"},
		{[]string{"drop", "-dry-run", "-newer", "1h"}, `{"would_drop":3,"seen":3,"of":3,"left":0,"unknown":[]}` + "\n"},
		{[]string{"replay", "-id", first.ID}, `{"replayed":1,"seen":3,"of":3,"left":2,"unknown":[]}` + "\n"},
		{[]string{"drop", "-key", "order.*"}, `{"dropped":2,"seen":2,"of":2,"left":0,"unknown":[]}` + "\n"},
		{[]string{"list"}, ""},
	} {
		args := append([]string{"garbage", step.args[0], "-queue", "books:ledger"}, step.args[1:]...)
		if out, errs, code := call(t, path, env, args...); out != step.want || code != 0 {
			t.Errorf("%q printed %q and %q, exit %d; wanted %q", args, out, errs, code, step.want)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	path := binary(t)
	secret := map[string]string{"DATABASE_URL": "postgres://u:s3cret@[::1/db", "RABBITMQ_URL": "amqp://u:s3cret@[::1/"}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, "usage: toolset"},
		{[]string{"garbage"}, 2, "usage: toolset"},
		{[]string{"help"}, 0, "usage: toolset"},
		{[]string{"garbage", "list"}, 2, "-queue is missing"},
		{[]string{"garbage", "burn", "-queue", "q"}, 2, `no "burn"`},
		{[]string{"garbage", "list", "-queue", "q", "more"}, 2, `unexpected argument "more"`},
		{[]string{"softdelete", "check"}, 2, "-tables is missing"},
		{[]string{"softdelete", "check", "-tables", "a"}, 1, "DATABASE_URL"},
		{[]string{"garbage", "list", "-queue", "q"}, 1, "RABBITMQ_URL"},
	} {
		out, errs, code := call(t, path, secret, test.args...)
		if code != test.code || !strings.Contains(errs, test.want) {
			t.Errorf("%q: exit %d, %q; wanted %d and %q", test.args, code, errs, test.code, test.want)
		}
		if strings.Contains(out+errs, "s3cret") {
			t.Errorf("%q shows the password: %s%s", test.args, out, errs)
		}
	}
}
