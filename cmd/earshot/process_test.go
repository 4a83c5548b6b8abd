package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/internal/api"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/internal/test/program"
)

// process is an instance as an operator runs it: the built program, with a
// peer that writes to it.
type process struct {
	t           *testing.T
	bin, data   string
	addr, admin string
	peer        *fed.Peer
	cmd         *exec.Cmd
	ended       chan error
	log         *os.File

	mu       sync.Mutex
	accepted []string // notes answered with 202
	later    int      // 429 and 503
	doors    []string // of the nodes, if there are several
}

func newProcess(t *testing.T, initArgs ...string) *process {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	return makeProcess(t, program.Build(t), initArgs...)
}

// makeProcess makes an instance with a program.
func makeProcess(t *testing.T, bin string, initArgs ...string) *process {
	t.Helper()
	dir := t.TempDir()
	p := &process{t: t, bin: bin, data: filepath.Join(dir, "data"), addr: free(t), admin: free(t), peer: fed.New(t).Peer()}
	args := append([]string{"--data", p.data, "init", "--url", "http://" + p.addr, "--dev", "--desk", "help", "--names", "acme", "--calls", "fail"}, initArgs...)
	out, err := exec.Command(p.bin, args...).CombinedOutput()
	p.must(err, string(out))
	p.log, err = os.Create(filepath.Join(dir, "log"))
	p.must(err)
	t.Cleanup(func() {
		_ = p.log.Close()
		if b, _ := os.ReadFile(p.log.Name()); t.Failed() {
			t.Logf("the end of the server's log:\n%s", b[max(0, len(b)-3000):])
		}
	})
	p.endsWithTest()
	return p
}

// endsWithTest sees to it that nothing runs on.
func (p *process) endsWithTest() {
	p.t.Cleanup(func() {
		if p.cmd != nil {
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	})
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (p *process) must(err error, more ...string) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err, more)
	}
}

// until asks again and again, for two minutes: the machine may be busy.
func (p *process) until(what string, ok func() bool) {
	p.t.Helper()
	tick, end := time.NewTicker(20*time.Millisecond), time.After(2*time.Minute)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			p.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (p *process) start(env ...string) {
	p.t.Helper()
	p.launch(p.admin, env, "--admin-listen", p.admin)
}

// launch starts the server and waits until it is ready at an address.
func (p *process) launch(at string, env []string, args ...string) {
	p.t.Helper()
	p.cmd = exec.Command(p.bin, append([]string{"--data", p.data, "serve", "--dev", "--listen", p.addr}, args...)...)
	p.cmd.Stderr, p.cmd.Env = p.log, append(append(os.Environ(), "EARSHOT_FLOOD_LIMITS=false"), env...) // these tests flood
	p.must(p.cmd.Start())
	p.ended = make(chan error, 1)
	go func(c *exec.Cmd) { p.ended <- c.Wait() }(p.cmd)
	p.until("the server to be ready", func() bool {
		r, err := http.Get("http://" + at + "/readyz")
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
}

// wait returns how the process ended. It takes seconds at most, on a busy machine longer.
func (p *process) wait() error {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.cmd = nil
		return err
	case <-time.After(2 * time.Minute):
		p.t.Fatal("it did not end")
		return nil
	}
}

// flood posts notes until ctx ends or most were posted, and notes the answers.
func (p *process) flood(ctx context.Context, senders, most int) *sync.WaitGroup {
	var wg sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}, Timeout: 15 * time.Second}
	for who := range senders {
		wg.Go(func() {
			for n := who; n < most && ctx.Err() == nil; n += senders {
				p.post(client, n)
			}
		})
	}
	return &wg
}

func (p *process) post(client *http.Client, n int) {
	note := p.peer.Note(n, desk.ActorID("http://"+p.addr+"/desks/help"), fmt.Sprintf("<p>broken %d %s</p>", n, strings.Repeat("words ", 300)))
	body, err := json.Marshal(p.peer.Create(note))
	if err != nil {
		p.t.Error(err)
		return
	}
	r := p.peer.Request("http://"+p.addr+"/inbox", body)
	r.URL.Host = p.door(n)
	res, err := client.Do(r)
	if err != nil { // it is stopping, and promised nothing
		return
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case res.StatusCode == http.StatusAccepted:
		p.accepted = append(p.accepted, note["id"].(string))
	case res.StatusCode != http.StatusTooManyRequests && res.StatusCode != http.StatusServiceUnavailable:
		p.t.Errorf("a good post was answered %d", res.StatusCode)
	case res.Header.Get("Retry-After") == "":
		p.t.Errorf("%d without Retry-After", res.StatusCode)
	default:
		p.later++
	}
}

// door is the address a post goes in by: the instance's own, or another node's.
func (p *process) door(n int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.doors) == 0 {
		return p.addr
	}
	return p.doors[n%len(p.doors)]
}

func (p *process) setDoors(addrs ...string) { p.mu.Lock(); p.doors = addrs; p.mu.Unlock() }

func (p *process) count() int { p.mu.Lock(); defer p.mu.Unlock(); return len(p.accepted) }

// checkHeard: when the queue is empty, every accepted post has its issue, once.
func (p *process) checkHeard() {
	p.t.Helper()
	transport := api.Socket(filepath.Join(p.data, "earshot.sock"))
	defer transport.CloseIdleConnections()
	client := api.NewClient(transport, "")
	p.until("the queues to be empty", func() bool {
		return p.metric(`earshot_jobs_waiting{queue="verify"}`) == 0 && p.metric(`earshot_jobs_waiting{queue="inbound"}`) == 0
	})
	issues, err := client.Issues(p.t.Context(), api.IssueQuery{})
	p.must(err)
	heard := map[string]int{}
	for _, i := range issues {
		full, err := client.Issue(p.t.Context(), i.ID)
		p.must(err)
		for _, e := range full.Timeline {
			if e.Kind == "report" {
				heard[string(e.Object)]++
			}
		}
	}
	missing := 0
	for _, note := range p.accepted {
		if heard[note] != 1 {
			missing++
			p.t.Errorf("%s was answered 202 and has %d issues", note, heard[note])
		}
	}
	p.t.Logf("%d posts accepted, %d asked to come back, %d missing", len(p.accepted), p.later, missing)
}

// metric reads one value of /metrics, 0 if it is not there.
func (p *process) metric(series string) float64 {
	p.t.Helper()
	r, err := http.Get("http://" + p.admin + "/metrics")
	p.must(err)
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	p.must(err)
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, series+" "); ok {
			f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			p.must(err)
			return f
		}
	}
	return 0
}

// SIGTERM under load: it ends in time and well, and nothing that was accepted
// is lost.
func TestStopUnderLoad(t *testing.T) {
	p := newProcess(t)
	p.start()
	ctx, cancel := context.WithCancel(t.Context())
	load := p.flood(ctx, 8, 1_000_000)
	defer load.Wait()
	defer cancel()
	for round := range 2 {
		before := p.count()
		p.until("some load", func() bool { return p.count() > before+100 })
		began := time.Now()
		p.must(p.cmd.Process.Signal(syscall.SIGTERM))
		if err := p.wait(); err != nil {
			t.Errorf("it ended with %v", err)
		}
		t.Logf("round %d: stopped in %s", round, time.Since(began).Round(time.Millisecond))
		p.start()
	}
	cancel()
	load.Wait()
	p.checkHeard()
}

// The second SIGTERM ends it at once, however long a client takes to send.
func TestSecondSignal(t *testing.T) {
	p := newProcess(t)
	p.start()
	slow, err := net.Dial("tcp", p.addr)
	p.must(err)
	defer slow.Close()
	_, err = fmt.Fprintf(slow, "POST /inbox HTTP/1.1\r\nHost: %s\r\nContent-Type: application/activity+json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n", p.addr)
	p.must(err)
	_, err = io.ReadFull(slow, make([]byte, len("HTTP/1.1 100 Continue"))) // the server waits for the body
	p.must(err)
	p.must(p.cmd.Process.Signal(syscall.SIGTERM))
	p.until("it to stop", func() bool { return strings.Contains(p.logged(), "msg=stopping") })
	began := time.Now()
	p.must(p.cmd.Process.Signal(syscall.SIGTERM))
	err = p.wait()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %v", err)
	}
	t.Logf("ended in %s", time.Since(began))
}

func (p *process) logged() string {
	b, err := os.ReadFile(p.log.Name())
	p.must(err)
	return string(b)
}

// maxMemory is generous: it must only not grow with the flood.
const maxMemory = 200 << 20

// A flood of good posts: each is stored or refused until later, memory stays
// within bounds, and the counters are right.
func TestFlood(t *testing.T) {
	p := newProcess(t)
	p.start("EARSHOT_MAX_REQUESTS=32", "EARSHOT_MAX_WAITING=100")
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	p.flood(ctx, 64, 10_000).Wait()
	if n := p.count(); n < 200 {
		t.Errorf("only %d posts were accepted", n)
	}
	if n := p.metric(`earshot_inbox_answers_total{reason="kept",status="202"}`); int(n) < p.count() {
		t.Errorf("%d posts were accepted, %v counted", p.count(), n)
	}
	if peak, ok := peakMemory(p.cmd.Process.Pid); ok {
		t.Logf("memory at most %d MiB", peak>>20)
		if peak > maxMemory {
			t.Errorf("it took %d MiB", peak>>20)
		}
	}
	for _, part := range []string{"queues", "hosts", "sources", "file", "backup"} {
		if p.metric(`earshot_gathered{part="`+part+`"}`) != 1 {
			t.Errorf("%s is not gathered", part)
		}
	}
	if p.metric("earshot_store_file_bytes") < 1<<16 || p.metric(`earshot_store_commits_total{outcome="ok"}`) < 10 || p.metric("earshot_ready") != 1 {
		t.Error("the store is not measured")
	}
	p.checkHeard()
}

// peakMemory returns the most memory a process had, in bytes, where the
// system tells.
func peakMemory(pid int) (int64, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(v), "kB")), 10, 64)
			return n << 10, err == nil
		}
	}
	return 0, false
}
