package attacks

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"earshot/internal/api"
	"earshot/internal/backup"
	"earshot/internal/desk"
	"earshot/internal/test/fed"
	"earshot/store"
)

// M is a JSON object.
type M = map[string]any

// public is the address of everybody.
const public = "https://www.w3.org/ns/activitystreams#Public"

// site is an instance as an operator runs it, seen by one case.
type site struct {
	*running
	*testing.T
	from string // the address that this case's requests come from
}

// running is the process behind it.
type running struct {
	url    string // as peers address it
	door   string // where it listens
	data   string
	client *api.Client
}

// serve makes an instance and runs it until the test ends. url "" means that of
// its own address, in --dev.
func serve(t *testing.T, bin, url string, env ...string) *running {
	t.Helper()
	r := &running{url: url, door: free(t), data: filepath.Join(t.TempDir(), "data")}
	dev := []string{}
	if url == "" {
		r.url, dev = "http://"+r.door, []string{"--dev"}
	}
	run := func(args ...string) *exec.Cmd {
		c := exec.Command(bin, append([]string{"--data", r.data}, args...)...)
		c.Env = append(os.Environ(), env...)
		return c
	}
	made := run(append([]string{"init", "--url", r.url, "--desk", "help", "--names", "acme", "--calls", "fail"}, dev...)...)
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	must(t, err)
	cmd := run(append([]string{"serve", "--listen", r.door}, dev...)...)
	cmd.Stderr = log
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = log.Close()
		if b, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("the end of the server's log:\n%s", b[max(0, len(b)-4000):])
		}
	})
	transport := api.Socket(filepath.Join(r.data, "earshot.sock"))
	t.Cleanup(transport.CloseIdleConnections)
	r.client = api.NewClient(transport, "")
	until(t, "the server to be ready", func() bool {
		res, err := http.Get("http://" + r.door + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return r
}

// free finds an address for a server that starts later: on a port below those that the
// system gives to connections, which could take it meanwhile.
func free(t *testing.T) string {
	t.Helper()
	for {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 20_000+rand.IntN(12_000)))
		if err == nil {
			must(t, l.Close())
			return l.Addr().String()
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// until asks again and again, for two minutes.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick, end := time.NewTicker(5*time.Millisecond), time.After(2*time.Minute)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// cases counts them, for addresses of their own: the server holds wrong
// signatures against the address they come from.
var cases atomic.Uint32

// for_ gives a class its own view of the server. What the class before left to be
// tried again is dropped: it would be done while this one counts.
func (r *running) for_(t *testing.T) *site {
	n := cases.Add(1)
	s := &site{r, t, fmt.Sprintf("198.51.100.%d", n)}
	s.dropJobs()
	return s
}

func (s *site) inbox() string       { return s.url + "/inbox" }
func (s *site) help() string        { return s.url + "/desks/help" }
func (s *site) relay() string       { return s.url + "/relay" }
func (s *site) must(err error)      { s.Helper(); must(s.T, err) }
func (s *site) actor() desk.ActorID { return desk.ActorID(s.help()) }

// peer starts a hostile server, whose host this site has never seen.
func (s *site) peer() *fed.Peer { s.Helper(); return fed.New(s.T).Peer() }

// do sends a request as it is, to where the server listens.
func (s *site) do(r *http.Request) (status int, answer string) {
	s.Helper()
	status, answer, _ = s.ask(r)
	return status, answer
}

func (s *site) ask(r *http.Request) (status int, answer string, header http.Header) {
	s.Helper()
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = "http", s.door
	if r.Header.Get("X-Forwarded-For") == "" {
		r.Header.Set("X-Forwarded-For", s.from) // the dev site trusts its proxy, which is us
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	s.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	s.must(err)
	return res.StatusCode, string(b), res.Header
}

// send signs an activity as the peer's person and posts it.
func (s *site) send(p *fed.Peer, activity M) (status int, answer string) {
	s.Helper()
	return s.sendAs(p, p.Actor, activity)
}

func (s *site) sendAs(p *fed.Peer, who desk.ActorID, activity M) (status int, answer string) {
	s.Helper()
	return s.do(p.RequestAs(string(who)+"#main-key", s.inbox(), encode(s.T, activity)))
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	must(t, e.Encode(v))
	return bytes.TrimSpace(b.Bytes())
}

// refused fails unless the answer to an activity is one of those.
func (s *site) refused(p *fed.Peer, activity M, want ...int) {
	s.Helper()
	status, answer := s.send(p, activity)
	s.answered(status, answer, want...)
}

func (s *site) answered(status int, answer string, want ...int) {
	s.Helper()
	if !slices.Contains(want, status) {
		s.Errorf("answered %d %.300s, want %v", status, answer, want)
	}
}

// settle waits until nothing is due: jobs that will be tried again later count
// as settled when all that is left of them has failed once.
func (s *site) settle() {
	s.Helper()
	until(s.T, "the queues to come to rest", func() bool {
		jobs, err := s.client.Jobs(s.Context(), store.JobFilter{}, 0)
		s.must(err)
		return !slices.ContainsFunc(jobs, func(j api.Job) bool { return j.Queue != store.QueueTimer && j.Attempts == 0 })
	})
}

// dropJobs drops the jobs that would be tried again later, and returns their
// errors.
func (s *site) dropJobs() (troubles []string) {
	s.Helper()
	for _, dead := range []bool{false, true} {
		jobs, err := s.client.Jobs(s.Context(), store.JobFilter{Dead: dead}, 0)
		s.must(err)
		for _, j := range jobs {
			if j.Queue == store.QueueTimer {
				continue
			}
			troubles = append(troubles, j.Error)
			s.dropJob(j.ID)
		}
	}
	return troubles
}

// dropJob drops a job, after it has ended if it is being tried again right now.
func (s *site) dropJob(id string) {
	s.Helper()
	until(s.T, "a job to end", func() bool {
		switch err := s.client.DropJob(s.Context(), id); desk.ErrorCode(err) {
		case desk.CodeConflict:
			return false
		case desk.CodeNotFound: // it was done
			return true
		default:
			s.must(err)
			return true
		}
	})
}

// triedAgain returns how many accepted activities wait to be tried again.
func (s *site) triedAgain() (n int) {
	s.Helper()
	jobs, err := s.client.Jobs(s.Context(), store.JobFilter{Queue: store.QueueInbound}, 0)
	s.must(err)
	return len(jobs)
}

// records returns everything the store holds, a line a record, as its backup
// has it; without timers, keys that are remembered for a while (of requests of
// ours, and of activities that were looked at), and when things were last done.
func (s *site) records() []string {
	s.Helper()
	var file bytes.Buffer
	s.must(s.client.Backup(context.Background(), &file))
	if _, err := backup.Open(bytes.NewReader(file.Bytes()), int64(file.Len())); err != nil {
		s.Fatal(err)
	}
	_, body, _ := bytes.Cut(file.Bytes(), []byte("\n"))
	in := bufio.NewReader(bytes.NewReader(body))
	z, err := gzip.NewReader(in)
	s.must(err)
	z.Multistream(false)
	var out []string
	for d := json.NewDecoder(z); ; {
		var line struct {
			Kind store.RecordKind
			JSON json.RawMessage
		}
		if err := d.Decode(&line); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			s.Fatal(err)
		}
		text := string(line.JSON)
		switch {
		case line.Kind == "", line.Kind == store.RecordJob && strings.Contains(text, `"queue":"timer"`),
			line.Kind == store.RecordOnce && (strings.Contains(text, `"Key":"result:`) || strings.Contains(text, `"Key":"in:`)),
			line.Kind == store.RecordMeta && strings.Contains(text, `.last"`):
		case line.Kind == store.RecordSource:
			out = append(out, "source "+withoutCounts(s.T, line.JSON))
		default:
			out = append(out, string(line.Kind)+" "+text)
		}
	}
}

// withoutCounts is a source without what it brought, which is written now and then.
func withoutCounts(t testing.TB, source []byte) string {
	var of map[string]any
	must(t, json.Unmarshal(source, &of))
	for _, count := range []string{"heard", "heard_at", "drops", "hours", "days"} {
		delete(of, count)
	}
	return string(encode(t, of))
}

// unmoved does something that must leave no trace in the store.
func (s *site) unmoved(attack func()) {
	s.Helper()
	before := s.records()
	attack()
	s.settle()
	if d := cmp.Diff(before, s.records()); d != "" {
		s.Errorf("the store is not what it was:\n%.3000s", d)
	}
}

// grown runs act and returns the number of new records in the store, by kind.
func (s *site) grown(act func()) map[string]int {
	s.Helper()
	count := func() map[string]int {
		out := map[string]int{}
		for _, r := range s.records() {
			kind, _, _ := strings.Cut(r, " ")
			out[kind]++
		}
		return out
	}
	before := count()
	act()
	s.settle()
	after := count()
	for kind, n := range before {
		if after[kind] -= n; after[kind] == 0 {
			delete(after, kind)
		}
	}
	return after
}

// asked fails unless the peer was asked exactly this since it was last looked at.
func (s *site) asked(p *fed.Peer, want ...string) {
	s.Helper()
	if d := cmp.Diff(append([]string{}, want...), append([]string{}, p.Asked()...)); d != "" {
		s.Errorf("the peer was asked something else (-want +got):\n%s", d)
	}
}

// onlyAsked fails if the peer was asked for anything else than these, and how
// its people are called.
func (s *site) onlyAsked(p *fed.Peer, allowed ...string) {
	s.Helper()
	for _, a := range p.Asked() {
		if !slices.Contains(allowed, a) && !strings.HasPrefix(a, "GET /.well-known/webfinger?") {
			s.Errorf("the peer was asked %s", a)
		}
	}
}

// report is a good post: it opens an issue, which is returned with its only post.
func (s *site) report(p *fed.Peer, n int, change ...func(note M)) (api.FullIssue, api.Entry) {
	s.Helper()
	note := p.Note(n, s.actor(), fmt.Sprintf("<p>it is broken, %d</p>", n))
	for _, f := range change {
		f(note)
	}
	p.Serve(fmt.Sprintf("/notes/%d", n), note)
	status, answer := s.send(p, p.Create(note))
	s.answered(status, answer, http.StatusAccepted)
	s.settle()
	p.Asked()
	return s.issueOf(note["id"].(string))
}

// issueOf finds the issue that a post opened.
func (s *site) issueOf(object string) (api.FullIssue, api.Entry) {
	s.Helper()
	issues, err := s.client.Issues(s.Context(), api.IssueQuery{})
	s.must(err)
	for _, i := range issues {
		full, err := s.client.Issue(s.Context(), i.ID)
		s.must(err)
		for _, e := range full.Timeline {
			if e.Kind == "report" && string(e.Object) == object {
				return full, e
			}
		}
	}
	s.Fatalf("there is no issue of %s", object)
	return api.FullIssue{}, api.Entry{}
}

// still returns how an issue's report is now.
func (s *site) still(i api.FullIssue) api.Entry {
	s.Helper()
	full, err := s.client.Issue(s.Context(), i.ID)
	s.must(err)
	return full.Timeline[0]
}
