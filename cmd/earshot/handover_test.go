package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"earshot/internal/desk"
)

// manager holds the public socket of an instance, as systemd does.
type manager struct {
	*process
	socket *os.File
}

func newManager(t *testing.T) *manager {
	t.Helper()
	p := newProcess(t)
	l, err := net.Listen("tcp", p.addr)
	p.must(err)
	socket, err := l.(*net.TCPListener).File()
	p.must(err)
	p.must(l.Close()) // the socket stays open
	t.Cleanup(func() { _ = socket.Close() })
	return &manager{p, socket}
}

// start starts the program with the socket; it does not wait until it is ready.
func (m *manager) start() {
	m.t.Helper()
	serve := []string{m.bin, "--data", m.data, "serve", "--dev", "--admin-listen", m.admin}
	m.cmd = exec.Command("/bin/sh", append([]string{"-c", `export LISTEN_PID=$$ LISTEN_FDS=1 && exec "$@"`, "sh"}, serve...)...)
	m.cmd.ExtraFiles = []*os.File{m.socket}
	m.cmd.Stderr, m.cmd.Env = m.log, append(os.Environ(), "EARSHOT_FLOOD_LIMITS=false")
	m.must(m.cmd.Start())
	m.ended = make(chan error, 1)
	go func(c *exec.Cmd) { m.ended <- c.Wait() }(m.cmd)
}

// deliver sends a signed report. Nothing sends it again: a proxy would not.
func (m *manager) deliver(c *http.Client, n int) (status int, err error) {
	note := m.peer.Note(n, desk.ActorID("http://"+m.addr+"/desks/help"), fmt.Sprintf("<p>broken %d</p>", n))
	body, err := json.Marshal(m.peer.Create(note))
	if err != nil {
		return 0, err
	}
	r := m.peer.Request("http://"+m.addr+"/inbox", body)
	r.GetBody = nil
	res, err := c.Do(r)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	if err := res.Body.Close(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accepted = append(m.accepted, note["id"].(string))
	return res.StatusCode, nil
}

// A server is stopped and started three times while signed reports come in, over
// new connections and over open ones: every one is answered 202, and heard.
func TestRestartLosesNothing(t *testing.T) {
	m := newManager(t)
	m.start()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var load sync.WaitGroup
	var sent atomic.Int64
	var slowest atomic.Int64
	for who := range 8 {
		c := &http.Client{Transport: &http.Transport{DisableKeepAlives: who%2 == 0}, Timeout: time.Minute}
		defer c.CloseIdleConnections()
		load.Go(func() {
			for ctx.Err() == nil {
				n, began := sent.Add(1), time.Now()
				if status, err := m.deliver(c, int(n)); err != nil || status != http.StatusAccepted {
					t.Errorf("report %d: %d, %v", n, status, err)
				}
				slowest.Store(max(slowest.Load(), int64(time.Since(began))))
			}
		})
	}
	for range 3 {
		m.more(40)
		m.must(m.cmd.Process.Signal(syscall.SIGTERM))
		m.must(m.wait())
		m.start()
	}
	m.more(40)
	cancel()
	load.Wait()
	t.Logf("%d reports over three restarts, the slowest answer took %v", sent.Load(), time.Duration(slowest.Load()).Round(time.Millisecond))
	m.checkHeard()
}

// more waits until so many more reports are answered.
func (m *manager) more(n int) {
	m.t.Helper()
	before := m.count()
	m.until("more reports", func() bool { return m.count() >= before+n })
}
