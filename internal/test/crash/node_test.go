//go:build linux

package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"earshot/internal/api"
	"earshot/internal/config"
)

// node is one process of an instance: a data folder, and the built program
// that serves it.
type node struct {
	t       *testing.T
	bin     string
	data    string
	addr    string
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	log     *os.File
	http    *http.Client // to the socket
}

func newNode(t *testing.T, bin, data string) *node {
	t.Helper()
	n := &node{t: t, bin: bin, data: data, addr: freeAddress(t)}
	var err error
	n.log, err = os.Create(filepath.Join(t.TempDir(), "log"))
	n.must(err)
	transport := api.Socket(filepath.Join(data, config.SocketName))
	n.http = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	t.Cleanup(func() {
		n.kill()
		transport.CloseIdleConnections()
		_ = n.log.Close()
		if t.Failed() {
			t.Logf("the end of the server's log:\n%s", n.logged(4000))
		}
	})
	return n
}

// freeAddress returns an address for a server that is started and killed again
// and again: an IP address of its own, so that nobody else gets the port while
// it is down.
func freeAddress(t *testing.T) string {
	t.Helper()
	ip := net.IPv4(127, byte(1+rand.IntN(254)), byte(rand.IntN(256)), byte(1+rand.IntN(254)))
	l, err := net.Listen("tcp", net.JoinHostPort(ip.String(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// logged returns the last n bytes of the server's log.
func (n *node) logged(most int) string {
	b, _ := os.ReadFile(n.log.Name())
	return string(b[max(0, len(b)-most):])
}

func (n *node) must(err error, more ...string) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err, more)
	}
}

// launch starts the program and waits for nothing.
func (n *node) launch(env ...string) {
	n.t.Helper()
	n.process = exec.Command(n.bin, "--data", n.data, "serve", "--dev", "--listen", n.addr)
	n.process.Stderr = n.log
	n.process.Env = append(append(os.Environ(), "EARSHOT_FAILPOINT_LEASE="+lease.String(), "EARSHOT_FLOOD_LIMITS=false"), env...)
	n.must(n.process.Start())
	p, ended := n.process, make(chan struct{})
	n.ended = ended
	go func() { // ends with the process, and every site kills its own
		_ = p.Wait()
		close(ended)
	}()
}

// ready says whether the server says that it is.
func (n *node) ready() bool {
	r, err := http.Get("http://" + n.addr + "/readyz")
	if err != nil {
		return false
	}
	_ = r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// becomesReady waits until the server is ready; false if it died before.
func (n *node) becomesReady() bool {
	n.t.Helper()
	if !within(patience, func() bool { return n.dead() || n.ready() }) {
		n.t.Fatal("the server is never ready")
	}
	return !n.dead()
}

// mustBeReady waits until the server is ready.
func (n *node) mustBeReady() {
	n.t.Helper()
	if !n.becomesReady() {
		n.t.Fatal("the server does not start")
	}
}

func (n *node) dead() bool {
	select {
	case <-n.ended:
		return true
	default:
		return false
	}
}

// dies waits until the process has ended by itself.
func (n *node) dies(within time.Duration) bool {
	select {
	case <-n.ended:
		return true
	case <-time.After(within):
		return false
	}
}

// kill ends the process with no chance to say goodbye.
func (n *node) kill() {
	if n.process == nil {
		return
	}
	_ = n.process.Process.Signal(syscall.SIGKILL)
	<-n.ended
}

// stop ends it as an operator does.
func (n *node) stop() {
	n.t.Helper()
	n.must(n.process.Process.Signal(syscall.SIGTERM))
	if !n.dies(patience) {
		n.t.Error("the server does not stop")
		n.kill()
	} else if code := n.process.ProcessState.ExitCode(); code != 0 {
		n.t.Errorf("stopped with exit code %d:\n%s", code, n.logged(600))
	}
}

// within waits until ok, and says whether it was in time.
func within(d time.Duration, ok func() bool) bool {
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
func (n *node) api(method, path, key string, in any) (status int, body []byte) {
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
	res, err := n.http.Do(r)
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
func (n *node) client() *api.Client { return api.NewClient(n.http.Transport, "") }
