package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

const ledger = "books:ledger"

// What replay says at its end about an interruption is true for every message.
func TestReplayIsInterrupted(t *testing.T) {
	t.Parallel()
	path := binary(t)
	for name, mute := range map[string]bool{"in the middle": false, "without an answer": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const stored = 3000
			vhost := testenv.RabbitMQ(t)
			broker := fillGarbage(t, vhost, stored)
			relay := newRelay(t, net.JoinHostPort(vhost.Host, vhost.Port), mute)
			last, code := interrupted(t, path, vhost, relay)
			if code != 1 || last.Replayed == 0 || last.Left == 0 || mute != (len(last.Unknown) > 0) {
				t.Errorf("exit %d, %+v", code, last)
			}
			main, garbage := idsIn(t, broker, ledger), idsIn(t, broker, ledger+".garbage")
			check(t, last, main, garbage, stored)
		})
	}
}

// outcome is the last line of replay.
type outcome struct {
	Replayed, Seen, Of, Left int
	Unknown                  []string
}

// check counts what is where, the ids of an unknown outcome aside.
func check(t *testing.T, said outcome, main, garbage map[string]int, stored int) {
	t.Helper()
	for _, id := range said.Unknown {
		if main[id]+garbage[id] == 0 {
			t.Errorf("%s is lost", id)
		}
		delete(main, id)
		delete(garbage, id)
	}
	for id, n := range main {
		if n != 1 || garbage[id] > 0 {
			t.Errorf("%s is %d times in the main queue and %d times in the garbage queue, and is not named", id, n, garbage[id])
		}
	}
	if len(main) != said.Replayed || len(garbage) != said.Left || len(main)+len(garbage)+len(said.Unknown) != stored {
		t.Errorf("the main queue has %d, the garbage queue %d of %d: %+v", len(main), len(garbage), stored, said)
	}
	t.Logf("%d replayed, %d left, %d unknown", said.Replayed, said.Left, len(said.Unknown))
}

// fillGarbage stores messages for the ledger, whose main queue nobody consumes.
func fillGarbage(t *testing.T, vhost *testenv.VHost, n int) *rabbitmq.Broker {
	t.Helper()
	broker, err := rabbitmq.Dial(t.Context(), rabbitmq.Config{URL: vhost.URL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	c := eventbus.NewConsumer(broker, eventbus.ConsumerConfig{Queue: ledger, OnFailure: eventbus.Garbage{}},
		eventbus.NewExchange("shop").Handle("#", func(context.Context, eventbus.Delivery) error { return nil }))
	if err := c.Declare(t.Context()); err != nil {
		t.Fatal(err)
	}
	messages := make([]driver.Message, n)
	for i := range messages {
		messages[i] = driver.Message{RoutingKey: ledger + ".garbage", ID: fmt.Sprint("m", i), Body: []byte(`{"error": "E"}`)}
	}
	if err := broker.Publish(t.Context(), messages); err != nil {
		t.Fatal(err)
	}
	return broker
}

// interrupted runs replay through the relay, interrupts it when the first messages have arrived, or when the relay has gone
// silent, and returns its last line.
func interrupted(t *testing.T, path string, vhost *testenv.VHost, r *relay) (last outcome, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), path, "garbage", "replay", "-queue", ledger)
	env := vhost.Env()
	env["RABBITMQ_HOST"], env["RABBITMQ_PORT"], _ = net.SplitHostPort(r.listener.Addr().String())
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-r.reached:
	case <-time.After(time.Minute):
		t.Error("nothing is replayed")
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // it fails, which is what the code says
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		t.Fatalf("%v: %q", err, out.String())
	}
	return last, cmd.ProcessState.ExitCode()
}

// idsIn takes all messages of the queue.
func idsIn(t *testing.T, b *rabbitmq.Broker, queue string) map[string]int {
	t.Helper()
	ids := make(map[string]int)
	p, err := b.Pull(t.Context(), queue)
	if err != nil {
		t.Fatal(err)
	}
	for {
		d, ok, err := p.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		ids[d.ID]++
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	return ids
}

// A relay passes connections on until enough messages were published through it. From then on a silent one keeps back what
// the server answers on their connection.
type relay struct {
	listener  net.Listener
	target    string
	silent    bool
	published atomic.Int64
	reached   chan struct{} // closed when it was enough
	running   sync.WaitGroup

	mu    sync.Mutex
	conns []net.Conn
}

const enough = 150 // in the second batch

func newRelay(t *testing.T, target string, silent bool) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: l, target: target, silent: silent, reached: make(chan struct{})}
	r.running.Go(r.accept)
	t.Cleanup(func() {
		_ = l.Close()
		r.mu.Lock()
		for _, conn := range r.conns {
			_ = conn.Close()
		}
		r.mu.Unlock()
		r.running.Wait()
	})
	return r
}

func (r *relay) accept() {
	for {
		client, err := r.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", r.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		r.mu.Lock()
		r.conns = append(r.conns, client, server)
		r.mu.Unlock()
		var mute atomic.Bool
		r.running.Go(func() {
			defer server.Close()
			r.forward(server, client, &mute)
		})
		r.running.Go(func() {
			defer client.Close()
			_, _ = io.Copy(writerFunc(func(p []byte) (int, error) {
				if mute.Load() {
					return len(p), nil
				}
				return client.Write(p)
			}), server)
		})
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// forward passes on frame by frame what the client sends, behind its eight bytes of greeting.
func (r *relay) forward(server io.Writer, client io.Reader, mute *atomic.Bool) {
	in := bufio.NewReaderSize(client, 256<<10)
	if _, err := io.CopyN(server, in, 8); err != nil {
		return
	}
	for {
		head, err := in.Peek(7)
		if err != nil {
			return
		}
		size := int64(head[3])<<24 | int64(head[4])<<16 | int64(head[5])<<8 | int64(head[6])
		if head[0] == 1 && size >= 4 { // a method
			if head, err = in.Peek(11); err != nil {
				return
			}
			if bytes.Equal(head[7:], []byte{0, 60, 0, 40}) && r.published.Add(1) == enough {
				mute.Store(r.silent)
				close(r.reached)
			}
		}
		if _, err := io.CopyN(server, in, size+8); err != nil {
			return
		}
	}
}
