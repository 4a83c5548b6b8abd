// Package pg runs throw-away PostgreSQL servers for tests, from the
// server's binaries on this machine. They listen on a Unix socket only and end
// with the test process, however it ends.
//
// Those of StartOwn and StartDurable sync to disk as in production, for tests
// that break a server or the program, and those that read its settings. That of
// Start does not. Its processes can crash and lose no commit; only a crash of
// the machine would lose some, and it would end the test too.
//
// EARSHOT_POSTGRES=off skips the tests that need one.
package pg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Server is one PostgreSQL server.
type Server struct {
	bin  string // folder of the binaries
	dir  string // holds the data and the socket
	cred *syscall.Credential
	lax  bool // it does not sync

	mu      sync.Mutex
	running *exec.Cmd
	ended   chan struct{} // closed when running has ended
	log     *os.File
	guard   io.Closer // closing it lets the guard clean up

	databases atomic.Int64
}

// The servers that all tests of this process share.
var (
	shared  = sync.OnceValues(func() (*Server, error) { return start(true) })
	durable = sync.OnceValues(func() (*Server, error) { return start(false) })
)

// Start returns a server that all tests of this process share. It does not sync.
func Start(t testing.TB) *Server {
	t.Helper()
	return must(t, shared)
}

// StartDurable returns another one that all tests share, which syncs.
func StartDurable(t testing.TB) *Server {
	t.Helper()
	return must(t, durable)
}

func must(t testing.TB, started func() (*Server, error)) *Server {
	t.Helper()
	skip(t)
	s, err := started()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// StartOwn returns a server for a test that stops it or breaks it.
func StartOwn(t testing.TB) *Server {
	t.Helper()
	s := must(t, func() (*Server, error) { return start(false) })
	t.Cleanup(func() { s.guard.Close() })
	return s
}

func skip(t testing.TB) {
	t.Helper()
	if os.Getenv("EARSHOT_POSTGRES") == "off" {
		t.Skip("EARSHOT_POSTGRES=off: without PostgreSQL")
	}
}

// start makes a cluster and runs its server.
func start(lax bool) (*Server, error) {
	s, err := prepare()
	if err != nil {
		return nil, err
	}
	s.lax = lax
	if err := errors.Join(s.create(), s.run()); err != nil {
		return nil, errors.Join(err, s.guard.Close())
	}
	return s, nil
}

// prepare makes the folder of a server that has no data yet.
func prepare() (s *Server, err error) {
	s = &Server{}
	if s.bin, err = binaries(); err != nil {
		return nil, err
	}
	// Not the test's folder: its parents are closed to user postgres.
	if s.dir, err = os.MkdirTemp("", "earshot-postgres-"); err != nil {
		return nil, fmt.Errorf("making the server's folder: %w", err)
	}
	if err := s.watch(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.give(); err != nil {
		return nil, errors.Join(err, s.guard.Close())
	}
	return s, nil
}

// binaries returns the folder of PostgreSQL's server programs.
func binaries() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			return filepath.Dir(p), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is valid
	if len(found) == 0 {
		return "", errors.New("PostgreSQL's server is not installed (Debian: apt-get install postgresql); EARSHOT_POSTGRES=off tests without it")
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(strings.Split(p, "/")[4]) // 0 if it is no number
		return n
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

// guardScript waits until nobody holds its input any more, which the end of
// this process sees to, then stops the server and removes its folder.
const guardScript = `trap '' INT TERM HUP
cat >/dev/null
pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
	kill -QUIT "$pid" 2>/dev/null
	while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
rm -rf "$0"`

func (s *Server) watch() (err error) {
	guard := exec.CommandContext(context.Background(), "sh", "-c", guardScript, s.dir)
	guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if s.guard, err = guard.StdinPipe(); err != nil {
		return fmt.Errorf("making the guard: %w", err)
	}
	if err := guard.Start(); err != nil {
		return fmt.Errorf("starting the guard: %w", err)
	}
	return nil
}

// give makes the folder that of the user the server runs as: it refuses to run
// as root.
func (s *Server) give() (err error) {
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return fmt.Errorf("as root, PostgreSQL needs its own user: %w", err)
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return fmt.Errorf("reading a user id: %w", err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return fmt.Errorf("reading a group id: %w", err)
		}
		if err := os.Chown(s.dir, int(uid), int(gid)); err != nil {
			return fmt.Errorf("giving the folder away: %w", err)
		}
		s.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	s.log, err = os.Create(filepath.Join(s.dir, "log"))
	return err
}

// create makes the cluster.
func (s *Server) create() error {
	return s.tool("initdb", "-D", s.data(), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync")
}

// tool runs one of the server's programs to its end.
func (s *Server) tool(name string, args ...string) error {
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(context.Background(), filepath.Join(s.bin, name), args...)
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred, Setpgid: true}
	return c
}

// Socket returns the path of the server's socket.
func (s *Server) Socket() string { return filepath.Join(s.dir, ".s.PGSQL.5432") }

// run starts the server and waits until it answers.
func (s *Server) run() error {
	sync := "on"
	if s.lax {
		sync = "off"
	}
	c := s.command("postgres", "-D", s.data(), "-k", s.dir, "-p", "5432", "-c", "listen_addresses=", "-c", "fsync="+sync,
		"-c", "full_page_writes="+sync, "-c", "max_connections=200", "-c", "max_pred_locks_per_transaction=256")
	c.Stdout, c.Stderr = s.log, s.log
	if err := c.Start(); err != nil {
		return fmt.Errorf("starting the server: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait() // how it ended is in the log
	}()
	s.running, s.ended = c, ended
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	late := time.After(30 * time.Second)
	for {
		if s.answers() {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("the server ended at once: %s", s.tail())
		case <-late:
			return fmt.Errorf("the server does not answer: %s", s.tail())
		case <-tick.C:
		}
	}
}

// answers asks with a query: while it starts, the server takes connections
// only to refuse them.
func (s *Server) answers() bool {
	if _, err := os.Stat(s.Socket()); err != nil {
		return false
	}
	return s.sql("select 1") == nil
}

func (s *Server) tail() string {
	b, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(bytes.TrimSpace(b[max(0, len(b)-2000):]))
}

// sql runs statements by the server's own client.
func (s *Server) sql(statements string) error {
	return s.tool("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", s.dir, "-p", "5432", "-U", "postgres", "-c", statements)
}

// Exec runs one statement in the database "postgres", as the one who may do all.
func (s *Server) Exec(t testing.TB, statement string) {
	t.Helper()
	if err := s.sql(statement); err != nil {
		t.Fatal(err)
	}
}

// DSN is how a database of the server is reached.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("host=%s port=5432 user=postgres dbname=%s sslmode=disable", s.dir, database)
}

// URL is how a database is reached that is on one of some servers: that which
// can be written to.
func URL(database string, servers ...*Server) string {
	var folders []string
	for _, s := range servers {
		folders = append(folders, s.dir)
	}
	return urlAt(database, folders...)
}

// urlAt names the folders of sockets.
func urlAt(database string, folders ...string) string {
	q := url.Values{"host": {strings.Join(folders, ",")}, "port": {"5432"}, "user": {"postgres"}, "sslmode": {"disable"}}
	if len(folders) > 1 {
		q.Set("target_session_attrs", "read-write")
	}
	return (&url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: q.Encode()}).String()
}

// Database makes an empty database, which is dropped when the test ends, and
// returns how it is reached.
func (s *Server) Database(t testing.TB) (dsn string) {
	t.Helper()
	return s.DSN(s.DatabaseName(t))
}

// DatabaseName is Database, for those who reach it in their own way.
func (s *Server) DatabaseName(t testing.TB) (name string) {
	t.Helper()
	name = fmt.Sprintf("test%d", s.databases.Add(1))
	if err := s.sql("create database " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.running == nil {
			return
		}
		err := s.sql("drop database " + name + " with (force)")
		if err != nil && !strings.Contains(err.Error(), "read-only transaction") { // it has become a standby
			t.Error(err)
		}
	})
	return name
}

// Stop shuts the server down; connections are cut.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.end(t, syscall.SIGINT)
}

// Kill ends the server as a crash does: nothing is written any more.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.end(t, syscall.SIGQUIT)
}

func (s *Server) end(t testing.TB, sig os.Signal) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		t.Fatal("the server does not run")
	}
	if err := s.running.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	<-s.ended
	s.running = nil
}

// Restart starts a server that was stopped or killed, and waits until it answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		t.Fatal("the server runs already")
	}
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}
