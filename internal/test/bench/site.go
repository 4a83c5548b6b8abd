package main

import (
	"bytes"
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
	"syscall"
	"time"
)

// site is the program that is measured, serving an instance of its own.
type site struct {
	program string
	folder  string
	data    string
	env     []string
	host    string
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
	log     *os.File
	socket  *http.Client
}

// newSite is a program that does not run yet, with a folder for its instance.
func newSite(program, folder, store string) *site {
	s := &site{program: program, folder: folder, data: filepath.Join(folder, "data")}
	s.env = append(os.Environ(), "EARSHOT_FLOOD_LIMITS=false", "EARSHOT_LOG_LEVEL=warn")
	if store != "" {
		s.env = append(s.env, "EARSHOT_STORE="+store)
	}
	socket := filepath.Join(s.data, "earshot.sock")
	s.socket = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	return s
}

// start makes an instance in a folder, and serves it.
func start(program, folder, store string) (*site, error) {
	s := newSite(program, folder, store)
	if err := s.make(); err != nil {
		return nil, err
	}
	return s, s.serve()
}

// make makes the instance, at an address that is free.
func (s *site) make() error {
	l, err := net.Listen("tcp", "127.19.0.1:0")
	if err != nil {
		return err
	}
	s.host = l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	made := exec.Command(s.program, "--data", s.data, "init", "--url", "http://"+s.host, "--desk", "help", "--names", "acme", "--calls", "fail", "--dev")
	made.Env = s.env
	if out, err := made.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// serve starts the program, and waits until it is ready.
func (s *site) serve() (err error) {
	if s.log, err = os.Create(filepath.Join(s.folder, "log")); err != nil {
		return err
	}
	s.process = exec.Command(s.program, "--data", s.data, "serve", "--dev", "--listen", s.host)
	s.process.Env, s.process.Stderr = s.env, s.log
	if err := s.process.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func() { _ = s.process.Wait(); close(s.ended) }()
	err = until(func() (bool, error) {
		select {
		case <-s.ended:
			return false, fmt.Errorf("the program ended: %s", s.process.ProcessState)
		default:
		}
		res, err := http.Get("http://" + s.host + "/readyz")
		if err != nil {
			return false, nil
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK, nil
	})
	if err != nil {
		s.stop()
	}
	return err
}

func (s *site) stop() {
	_ = s.process.Process.Signal(syscall.SIGTERM)
	<-s.ended
	said, _ := os.ReadFile(s.log.Name())
	fmt.Fprintf(os.Stderr, "%s", said[max(0, len(said)-2000):])
	_ = s.log.Close()
}

// patience is how long a step may take.
const patience = 5 * time.Minute

func until(ok func() (bool, error)) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < patience; <-tick.C {
		if done, err := ok(); done || err != nil {
			return err
		}
	}
	return errors.New("waited in vain")
}

// ask uses the API over the socket.
func (s *site) ask(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		body = bytes.NewReader(encode(in))
	}
	r, err := http.NewRequestWithContext(context.Background(), method, "http://earshot/api/v1"+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := s.socket.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, b)
	}
	return json.Unmarshal(b, out)
}

// settled waits until a queue is empty.
func (s *site) settled(queues ...string) error {
	return until(func() (bool, error) {
		var counts []struct {
			Queue   string `json:"queue"`
			Waiting int    `json:"waiting"`
		}
		if err := s.ask(http.MethodGet, "/queue/counts", nil, &counts); err != nil {
			return false, err
		}
		for _, c := range counts {
			for _, q := range queues {
				if c.Queue == q && c.Waiting > 0 {
					return false, nil
				}
			}
		}
		return true, nil
	})
}

// spent is the processor time that the program has taken.
func (s *site) spent() time.Duration { return spent(s.process.Process.Pid) }

// memory is what the process has in memory, in MB.
func (s *site) memory() (float64, error) { return s.status("VmRSS:") }

// anonymous is the part of it that is no copy of a file: neither of the program nor of the
// pages of the store that it has read, which the system takes back when it wants to.
func (s *site) anonymous() (float64, error) { return s.status("RssAnon:") }

// status reads a size in MB.
func (s *site) status(name string) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(raw), name)
	kb, err := strconv.Atoi(strings.Fields(after)[0])
	return float64(kb) / 1000, err
}

func (s *site) file() string { return filepath.Join(s.data, "earshot.db") }

// disk is the size of the store's file, 0 without one.
func (s *site) disk() int64 {
	info, err := os.Stat(s.file())
	if err != nil {
		return 0
	}
	return info.Size()
}
