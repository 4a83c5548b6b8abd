package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// flow is how requests were answered.
type flow struct {
	n    int
	took time.Duration
	p99  time.Duration // of one request; 0: not known
	cpu  time.Duration // processor time of the server, of all processors together
}

// each is the processor time for one.
func (f flow) each() time.Duration { return (f.cpu / time.Duration(f.n)).Round(time.Microsecond) }

// ticks a second are how /proc counts processor time, on every Linux.
const ticks = 100

// spent is the processor time that a process has taken.
func spent(pid int) time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(raw), ") ")
	f := strings.Fields(after)
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * time.Second / ticks
}

func (f flow) rate() float64 { return float64(f.n) / f.took.Seconds() }

// requests signs n posts, before the clock runs.
func (t *town) requests(host string, n int, forUs func(int) bool) ([][]byte, error) {
	out := make([][]byte, n)
	return out, together(runtime.NumCPU(), n, func(_, i int) (err error) {
		author := t.people[i%len(t.people)]
		out[i], err = t.request(author, host, "/inbox", t.post(author, "http://"+host+"/desks/help", forUs(i)))
		return err
	})
}

// line is a connection to the server.
type line struct {
	net.Conn
	answers *bufio.Reader
}

type lines []line

func dial(host string, n int) (out lines, err error) {
	for range n {
		c, err := net.Dial("tcp", host)
		if err != nil {
			out.close()
			return nil, err
		}
		out = append(out, line{c, bufio.NewReader(c)})
	}
	return out, nil
}

func (all lines) close() {
	for _, l := range all {
		_ = l.Close()
	}
}

// send sends a request, and says how long its answer took.
func (l line) send(n int, request []byte) (time.Duration, error) {
	began := time.Now()
	if _, err := l.Write(request); err != nil {
		return 0, err
	}
	res, err := http.ReadResponse(l.answers, nil)
	if err != nil {
		return 0, err
	}
	said, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("request %d was answered %s: %s", n, res.Status, said)
	}
	return time.Since(began), err
}

// send sends requests over some connections, each when the one before is answered.
func send(host string, requests [][]byte, connections int) (flow, error) {
	lines, err := dial(host, connections)
	if err != nil {
		return flow{}, err
	}
	defer lines.close()
	took := make([]time.Duration, len(requests))
	began := time.Now()
	err = together(connections, len(requests), func(g, i int) (err error) {
		took[i], err = lines[g].send(i, requests[i])
		return err
	})
	f := flow{n: len(requests), took: time.Since(began)}
	slices.Sort(took)
	f.p99 = took[len(took)*99/100]
	return f, err
}
