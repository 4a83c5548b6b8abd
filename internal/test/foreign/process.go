package foreign

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	startTime   = 3 * time.Minute // for a Node process to be ready, on a busy machine
	stopTime    = 5 * time.Second // for it to end by itself
	controlTime = 3 * time.Minute // for one control call, deliveries included
	logSize     = 64 << 10        // how much of what a process says is kept
)

// installation is where everything is, once installed.
type installation struct {
	node    string // the Node program
	modules string // the folder with node_modules
	scripts string // the folder with the peers' scripts
}

// need returns the installation, skips the test if foreign implementations are off, and fails it if they cannot be had.
func need(t testing.TB) installation {
	t.Helper()
	if os.Getenv("EARSHOT_FOREIGN") == "off" {
		t.Skip("foreign implementations are off (EARSHOT_FOREIGN=off)")
	}
	dir, err := Install(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	folder, err := writeScripts(dir)
	if err != nil {
		t.Fatal(err)
	}
	node, err := findNode(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return installation{node: node, modules: dir, scripts: folder}
}

// findNode prefers the pinned Node that npm installed for this platform, else takes the system's if it is new enough.
func findNode(ctx context.Context, dir string) (string, error) {
	pinned, err := filepath.Glob(filepath.Join(dir, "node_modules", "node-*-*", "bin", "node"))
	if err == nil && len(pinned) > 0 {
		return pinned[0], nil
	}
	version, err := exec.CommandContext(ctx, "node", "--version").Output()
	major, _, _ := strings.Cut(strings.TrimPrefix(string(version), "v"), ".")
	if n, convErr := strconv.Atoi(major); err != nil || convErr != nil || n < 22 {
		return "", errors.New("foreign implementations need Node.js 22.15 or newer on this platform: install it, or set EARSHOT_FOREIGN=off")
	}
	return "node", nil
}

// process is a running peer.
type process struct {
	t       testing.TB
	name    string
	origin  string // http://127.0.0.1:PORT of its ActivityPub server
	control string // http://127.0.0.1:PORT of its control interface
	client  *http.Client
	said    *tail
}

// start runs a script and waits until it is ready. It ends with the test: its standard input is closed, and if
// that does not help within stopTime it is killed. Its output is logged if the test failed.
func start(t testing.TB, script string, options any) *process {
	t.Helper()
	where := need(t)
	argument, err := json.Marshal(options)
	if err != nil {
		t.Fatalf("encode options of %s: %v", script, err)
	}
	ctx, kill := context.WithCancel(context.Background()) // not the test's: that one ends before the cleanup
	cmd := exec.CommandContext(ctx, where.node, "--disable-warning=ExperimentalWarning", filepath.Join(where.scripts, script), string(argument))
	p := &process{t: t, name: script, client: &http.Client{Timeout: controlTime, Transport: &http.Transport{}}, said: &tail{}}
	cmd.Stderr = p.said
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("start %s: %v", script, err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatalf("start %s: %v", script, err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", script, err)
	}
	ready := make(chan readyLine, 1)
	ended := make(chan error, 1)
	go func() {
		p.read(stdout, ready)
		ended <- cmd.Wait()
	}()
	t.Cleanup(func() {
		p.client.CloseIdleConnections()
		stdin.Close()
		patience := time.AfterFunc(stopTime, kill)
		<-ended
		patience.Stop()
		kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", script, p.said)
		}
	})

	timeout := time.NewTimer(startTime)
	defer timeout.Stop()
	select {
	case line := <-ready:
		p.origin, p.control = line.Origin, line.Control
	case err := <-ended:
		ended <- err // for the cleanup
		t.Fatalf("%s ended before it was ready: %v", script, err)
	case <-timeout.C:
		t.Fatalf("%s was not ready within %s", script, startTime)
	}
	return p
}

// readyLine is what a peer prints when it answers.
type readyLine struct {
	Ready           bool
	Origin, Control string
}

// read takes standard output until its end: the ready line is announced, everything else kept as said.
func (p *process) read(stdout io.Reader, ready chan<- readyLine) {
	lines := bufio.NewReader(stdout)
	for {
		text, err := lines.ReadBytes('\n')
		var line readyLine
		if json.Unmarshal(text, &line) == nil && line.Ready {
			select {
			case ready <- line:
			default:
			}
		} else {
			p.said.Write(text)
		}
		if err != nil {
			return
		}
	}
}

// post makes a control call. The error is the peer's own message.
func (p *process) post(path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	response, err := p.client.Post(p.control+path, "application/json", bytes.NewReader(body))
	return decode(path, response, err, out)
}

func (p *process) get(path string, out any) error {
	response, err := p.client.Get(p.control + path)
	return decode(path, response, err, out)
}

func decode(path string, response *http.Response, err error, out any) error {
	if err != nil {
		return fmt.Errorf("control call: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var refusal struct{ Error string }
		if err := json.NewDecoder(response.Body).Decode(&refusal); err != nil || refusal.Error == "" {
			return fmt.Errorf("control call %s: %s", path, response.Status)
		}
		return errors.New(refusal.Error)
	}
	if err := json.NewDecoder(response.Body).Decode(out); err != nil {
		return fmt.Errorf("decode the answer to %s: %w", path, err)
	}
	return nil
}

// tail keeps the end of what a process says.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (w *tail) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, text...)
	if over := len(w.text) - logSize; over > 0 {
		w.text = append([]byte(nil), w.text[over:]...)
	}
	return len(text), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}
