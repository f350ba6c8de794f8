package testenv

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A PostgresServer is a PostgreSQL of a test's own, which may kill it. It runs until the test ends.
type PostgresServer struct {
	URL string // of database postgres, as a superuser

	bin  string
	data string
	port string
	as   *syscall.Credential // nil: as whoever runs the test
	process
}

// StartPostgres makes a server for this test, with the settings given ("fsync=off"), and waits until it answers.
func StartPostgres(t testing.TB, settings ...string) *PostgresServer {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // Debian's place
	if err != nil || found == nil {
		MissingPackage(t, "postgresql")
	}
	dir, err := os.MkdirTemp("", "toolset-postgres-") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	s := &PostgresServer{bin: filepath.Dir(found[len(found)-1]), data: filepath.Join(dir, "data"), port: freePort(t)}
	s.URL = "postgres://postgres@127.0.0.1:" + s.port + "/postgres?sslmode=disable"
	t.Cleanup(func() {
		s.Kill(t)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		s.as = credential(t, "nobody")
		if err := os.Chown(dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	initdb := s.command("initdb", "-D", s.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	conf := "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nport = " + s.port + "\n" + strings.Join(settings, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(s.data, "postgresql.auto.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Start(t)
	return s
}

func credential(t testing.TB, name string) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (s *PostgresServer) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...) //nolint:noctx // it ends in Kill, after the context of the test has
	cmd.Dir = filepath.Dir(s.data)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.as}
	return cmd
}

// Start starts the server again after Kill, with the data that it had, and waits until it answers.
func (s *PostgresServer) Start(t testing.TB) {
	t.Helper()
	db, err := sql.Open("pgx", s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = s.run(s.command("postgres", "-D", s.data), 60*time.Second, func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return db.PingContext(ctx)
	})
	if err != nil {
		s.Kill(t)
		t.Fatalf("the PostgreSQL of the test %v", err)
	}
}

// Kill ends the server and all its processes as a power failure would.
func (s *PostgresServer) Kill(t testing.TB) {
	t.Helper()
	if s.cmd == nil {
		return
	}
	pid := s.cmd.Process.Pid
	_ = syscall.Kill(pid, syscall.SIGSTOP) // or it would start children while these are being counted
	children := childrenOf(pid)
	for _, p := range append([]int{pid}, children...) {
		_ = syscall.Kill(p, syscall.SIGKILL)
	}
	<-s.done
	s.cmd = nil
}

// childrenOf reads the processes that a process has started and that have not ended.
func childrenOf(parent int) []int {
	var children []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		rest := string(text)
		fields := strings.Fields(rest[strings.LastIndexByte(rest, ')')+1:]) // a name may hold spaces
		if len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			children = append(children, pid)
		}
	}
	return children
}
