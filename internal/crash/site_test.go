//go:build linux

package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"earshot/internal/api"
	"earshot/internal/fedtest"
)

// patience is how long anything may take that is expected to happen at once,
// on a busy machine; what waits longer is stuck.
const patience = time.Minute

// lease is short, so that what a dead process held comes back within a round.
const lease = "1s"

// site is an instance as an operator runs it: a data folder and a process of
// the built program.
type site struct {
	t       *testing.T
	on      backend
	bin     string
	data    string
	addr    string
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	log     *os.File
	peer    *fedtest.Peer
	http    *http.Client // to the socket
	load    *load
	row     *row
	found   map[string]bool
	quiet   bool   // broken promises are counted only
	small   string // a small file system under the data, "" for none
}

// newSite makes an instance in dir.
func newSite(t *testing.T, on backend, dir string, r *row) *site {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, on: on, bin: bin, data: filepath.Join(dir, "data"), peer: fedtest.New(t).Peer(), row: r, found: map[string]bool{}}
	s.addr = freeAddress(t)
	args := append([]string{"--data", s.data, "init", "--url", "http://" + s.addr, "--dev", "--desk", "help", "--names", "acme", "--calls", "fail"}, on.create(s)...)
	out, err := exec.Command(s.bin, args...).CombinedOutput()
	s.must(err, string(out))
	s.log, err = os.Create(filepath.Join(t.TempDir(), "log"))
	s.must(err)
	transport := api.Socket(filepath.Join(s.data, "earshot.sock"))
	s.http = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	s.load = newLoad(s)
	t.Cleanup(func() {
		s.load.pause()
		s.kill()
		transport.CloseIdleConnections()
		_ = s.log.Close()
		if t.Failed() {
			t.Logf("the end of the server's log:\n%s", s.logged(4000))
		}
	})
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// logged returns the last n bytes of the server's log.
func (s *site) logged(n int) string {
	b, _ := os.ReadFile(s.log.Name())
	return string(b[max(0, len(b)-n):])
}

func (s *site) must(err error, more ...string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err, more)
	}
}

// launch starts the program and waits for nothing.
func (s *site) launch(env ...string) {
	s.t.Helper()
	s.process = exec.Command(s.bin, "--data", s.data, "serve", "--dev", "--listen", s.addr)
	s.process.Stderr = s.log
	s.process.Env = append(append(os.Environ(), "EARSHOT_FAILPOINT_LEASE="+lease), env...)
	s.must(s.process.Start())
	p, ended := s.process, make(chan struct{})
	s.ended = ended
	go func() { // ends with the process, and every site kills its own
		_ = p.Wait()
		close(ended)
	}()
}

// ready waits until the server is ready; false if it died before.
func (s *site) ready() bool {
	s.t.Helper()
	ok := false
	if !s.within(patience, func() bool {
		if s.dead() {
			return true
		}
		r, err := http.Get("http://" + s.addr + "/readyz")
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		ok = r.StatusCode == http.StatusOK
		return ok
	}) {
		s.t.Fatal("the server is never ready")
	}
	return ok
}

// start launches the program without any fault, which then must become ready.
func (s *site) start(env ...string) {
	s.t.Helper()
	s.launch(env...)
	if !s.ready() {
		s.t.Fatal("the server does not start")
	}
}

func (s *site) dead() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// dies waits until the process has ended by itself.
func (s *site) dies(within time.Duration) bool {
	select {
	case <-s.ended:
		return true
	case <-time.After(within):
		return false
	}
}

// kill ends the process with no chance to say goodbye.
func (s *site) kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Signal(syscall.SIGKILL)
	<-s.ended
}

// stop ends it as an operator does.
func (s *site) stop() {
	s.t.Helper()
	s.must(s.process.Process.Signal(syscall.SIGTERM))
	if !s.dies(patience) {
		s.t.Error("the server does not stop")
		s.kill()
	} else if code := s.process.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("stopped with exit code %d", code)
	}
}

// within waits until ok, and says whether it was in time.
func (s *site) within(d time.Duration, ok func() bool) bool {
	deadline := time.After(d)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			return false
		case <-tick.C:
		}
	}
	return true
}

// api asks over the socket; status 0 means that no answer came.
func (s *site) api(method, path, key string, in any) (status int, body []byte) {
	var reader io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return 0, []byte(err.Error())
		}
		reader = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(context.Background(), method, "http://earshot"+path, reader)
	if err != nil {
		return 0, []byte(err.Error())
	}
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := s.http.Do(r)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(res.Body); err != nil {
		return 0, []byte(err.Error())
	}
	return res.StatusCode, body
}

// client reads through the same client as the command line.
func (s *site) client() *api.Client { return api.NewClient(s.http.Transport, "") }
