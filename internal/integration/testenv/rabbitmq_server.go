package testenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Debian's wrappers in /usr/sbin change the user and the home directory; these do as they are told.
const rabbitBin = "/usr/lib/rabbitmq/bin/"

// A RabbitServer is a RabbitMQ of a test's own, which may stop, kill and starve it. Its node name, ports, data and logs
// are its own, too. It runs until the test ends.
type RabbitServer struct {
	VHost // the virtual host "/" with the user guest; there is no management API

	dir  string
	node string
	env  []string
	process
}

// StartRabbitMQ starts a server for this test and waits until it takes connections.
func StartRabbitMQ(t testing.TB) *RabbitServer {
	t.Helper()
	if _, err := os.Stat(rabbitBin + "rabbitmq-server"); err != nil {
		MissingPackage(t, "rabbitmq-server")
	}
	port, dist := freePort(t), freePort(t)
	s := &RabbitServer{
		VHost: VHost{Name: "/", Host: "127.0.0.1", Port: port, User: "guest", Password: "guest"},
		dir:   t.TempDir(), node: uniqueName(t) + "@localhost",
	}
	s.write(t, "rabbitmq.conf", "listeners.tcp.local = 127.0.0.1:"+port+"\ndisk_free_limit.absolute = 1MB\n")
	s.write(t, "env.conf", "")
	s.write(t, "enabled_plugins", "[].\n")
	s.env = append(os.Environ(),
		"HOME="+s.dir, "RABBITMQ_NODENAME="+s.node, "RABBITMQ_DIST_PORT="+dist, "RABBITMQ_NODE_PORT="+port,
		"RABBITMQ_MNESIA_BASE="+filepath.Join(s.dir, "data"), "RABBITMQ_LOG_BASE="+filepath.Join(s.dir, "log"),
		"RABBITMQ_CONFIG_FILE="+filepath.Join(s.dir, "rabbitmq.conf"), "RABBITMQ_CONF_ENV_FILE="+filepath.Join(s.dir, "env.conf"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+filepath.Join(s.dir, "enabled_plugins"), "RABBITMQ_PID_FILE="+filepath.Join(s.dir, "pid"),
		"RABBITMQ_SERVER_START_ARGS=", "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 1:1",
	)
	t.Cleanup(func() { s.Kill(t) })
	s.Start(t)
	return s
}

func (s *RabbitServer) write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Start starts the server again after Stop or Kill, with the data that it had.
func (s *RabbitServer) Start(t testing.TB) {
	t.Helper()
	cmd := exec.Command(rabbitBin + "rabbitmq-server") //nolint:noctx // it ends in Kill, after the context of the test has
	cmd.Env = s.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.run(cmd, 90*time.Second, s.greet); err != nil {
		s.Kill(t)
		t.Fatalf("the RabbitMQ of the test %v", err)
	}
	s.Ctl(t, "await_startup") // it takes connections a little before it is all there
}

// greet tells whether the server speaks AMQP.
func (s *RabbitServer) greet() error {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(s.Host, s.Port), time.Second) //nolint:noctx // it has its limit
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write([]byte("AMQP\x00\x00\x09\x01")); err != nil {
		return err
	}
	_, err = io.ReadFull(conn, make([]byte, 7))
	return err
}

// Stop ends the server in good order.
func (s *RabbitServer) Stop(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGTERM)
	select {
	case <-s.done:
	case <-time.After(60 * time.Second):
		t.Error("the RabbitMQ of the test does not stop")
		s.Kill(t)
	}
}

// Kill ends the server as a power failure would.
func (s *RabbitServer) Kill(t testing.TB) {
	t.Helper()
	if s.cmd == nil {
		return
	}
	s.signal(t, syscall.SIGKILL)
	<-s.done
}

func (s *RabbitServer) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	err := syscall.Kill(-s.cmd.Process.Pid, sig)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Errorf("signal the RabbitMQ of the test: %v", err)
	}
}

// Ctl runs rabbitmqctl on the server.
func (s *RabbitServer) Ctl(t testing.TB, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, rabbitBin+"rabbitmqctl", append([]string{"--quiet", "--node", s.node}, args...)...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("rabbitmqctl %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(fmt.Errorf("find a free port: %w", err))
	}
	return port
}
