package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
	"earshot/internal/desk"
	"earshot/internal/fedtest"
)

// site is an instance as an operator runs it: a data folder and a process of
// the built program.
type site struct {
	t       *testing.T
	bin     string
	data    string
	addr    string
	env     []string // of the process, beside the test's own
	process *exec.Cmd
	log     *os.File
	peer    *fedtest.Peer
	http    *http.Client // to the socket
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, bin: filepath.Join(dir, "earshot"), data: filepath.Join(dir, "data"), peer: fedtest.New(t).Peer()}
	out, err := exec.Command("go", "build", "-o", s.bin, "earshot/cmd/earshot").CombinedOutput()
	s.must(err, string(out))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	s.addr = l.Addr().String()
	s.must(l.Close())
	out, err = exec.Command(s.bin, "--data", s.data, "init", "--url", "http://"+s.addr, "--dev", "--desk", "help", "--names", "acme", "--calls", "fail").CombinedOutput()
	s.must(err, string(out))
	s.log, err = os.Create(filepath.Join(dir, "log"))
	s.must(err)
	transport := api.Socket(filepath.Join(s.data, "earshot.sock"))
	s.http = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	t.Cleanup(func() {
		if s.process != nil {
			s.kill()
		}
		transport.CloseIdleConnections()
		_ = s.log.Close()
		if t.Failed() {
			b, _ := os.ReadFile(s.log.Name())
			t.Logf("the end of the server's log:\n%s", b[max(0, len(b)-4000):])
		}
	})
	return s
}

func (s *site) must(err error, more ...string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err, more)
	}
}

// start runs the program and waits until it is ready.
func (s *site) start() {
	s.t.Helper()
	s.process = exec.Command(s.bin, "--data", s.data, "serve", "--dev", "--listen", s.addr)
	s.process.Stderr = s.log
	s.process.Env = append(os.Environ(), s.env...)
	s.must(s.process.Start())
	s.eventually("the server to be ready", 20*time.Second, func() bool {
		r, err := http.Get("http://" + s.addr + "/readyz")
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// kill ends it as a power failure of the process would: no chance to say goodbye.
func (s *site) kill() {
	s.t.Helper()
	s.must(s.process.Process.Signal(syscall.SIGKILL))
	_ = s.process.Wait()
	s.process = nil
}

func (s *site) eventually(what string, within time.Duration, ok func() bool) {
	s.t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			s.t.Fatalf("waited %s in vain for %s", within, what)
		case <-tick.C:
		}
	}
}

// settle waits until nothing is waiting or under way any more. What a killed
// process held comes back when its lease runs out, soon.
func (s *site) settle() {
	s.t.Helper()
	s.eventually("the queues to be empty", 4*time.Minute, func() bool {
		for _, c := range s.counts() {
			if c.Queue != "timer" && c.Waiting > 0 {
				return false
			}
		}
		return true
	})
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

func (s *site) issues() []api.Issue {
	s.t.Helper()
	out, err := s.client().Issues(context.Background(), api.IssueQuery{})
	s.must(err)
	return out
}

// issue is what these tests read of an issue.
type issue struct {
	Timeline []struct{ Kind, Object, Text string }
}

func (s *site) issue(id desk.IssueID) (out issue) {
	s.t.Helper()
	status, body := s.api("GET", "/api/v1/issues/"+string(id), "", nil)
	if status != http.StatusOK {
		s.t.Fatalf("issue %s: %d %s", id, status, body)
	}
	s.must(json.Unmarshal(body, &out))
	return out
}

func (s *site) counts() []api.Count {
	out, err := s.client().JobCounts(context.Background())
	if err != nil {
		s.t.Fatal(fmt.Errorf("counting jobs: %w", err))
	}
	return out
}
