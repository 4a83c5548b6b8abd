package attacks

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/api"
	"earshot/internal/test/fed"
	"earshot/internal/test/program"
	"earshot/store"
)

// The addresses of those who attack, and of those who do not.
const (
	slowFrom = "127.0.0.66"
	goodFrom = "127.0.0.77"
	manyFrom = "127.0.0.88"
)

// slow is how many slow requests there are: more than an instance answers at
// the same time.
const slow = 520

// way is how requests reach an instance.
type way struct {
	name    string
	proxy   bool
	buffers bool   // the proxy reads a request whole before it passes it on
	env     string // of the instance
}

var ways = []way{
	{"directly", false, false, "EARSHOT_TRUSTED_PROXIES=127.0.0.1"},
	{"through_a_proxy_that_buffers", true, true, "EARSHOT_TRUSTED_PROXIES=127.0.0.1"},
	{"through_a_proxy", true, false, "EARSHOT_TRUSTED_PROXIES=127.0.0.1"},
	{"through_a_proxy_that_buffers_and_is_not_declared", true, true, ""},
	{"through_a_proxy_that_is_not_declared", true, false, ""},
}

// slowed is an instance and how it is reached.
type slowed struct {
	*site
	door string // where clients connect
}

func newSlowed(t *testing.T, bin string, w way) *slowed {
	t.Helper()
	env := []string{"EARSHOT_FLOOD_LIMITS=false", "EARSHOT_ADMIN_LISTEN=" + free(t)}
	if w.env != "" {
		env = append(env, w.env)
	}
	s := &slowed{site: serve(t, bin, "", env...).for_(t)}
	s.door = s.site.door
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the numbers:\n%s", strings.Join(regexp.MustCompile(`(?m)^earshot_(admission|inbox).*`).FindAllString(page(t, "http://"+env[1][len("EARSHOT_ADMIN_LISTEN="):]+"/metrics"), -1), "\n"))
		}
	})
	if w.proxy {
		s.door = proxy(t, s.door, w.buffers)
	}
	return s
}

func page(t *testing.T, at string) string {
	r, err := http.Get(at)
	if err != nil {
		t.Log(err)
		return ""
	}
	defer r.Body.Close()
	b, _ := io.ReadAll(r.Body)
	return string(b)
}

// proxy is a reverse proxy that names the client. One that buffers passes on
// only whole requests, as nginx does.
func proxy(t *testing.T, door string, buffers bool) string {
	t.Helper()
	to := &url.URL{Scheme: "http", Host: door}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	pass := &httputil.ReverseProxy{ErrorLog: quiet(), Transport: transport, Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
		r.SetURL(to)
		r.SetXForwarded()
		r.Out.Host = r.In.Host
	}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !buffers {
			pass.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		pass.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = quiet()
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// client sends requests from an address of its own.
func (s *slowed) client(from string) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: slow, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		return d.DialContext(ctx, "tcp", s.door)
	}}
	s.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// status sends a request and returns how it was answered, 0 for not at all, and
// after how long.
func status(c *http.Client, r *http.Request) (int, time.Duration) {
	began := time.Now()
	res, err := c.Do(r)
	if err != nil {
		return 0, time.Since(began)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode, time.Since(began)
}

// fine fails unless a page, the console and a good post are answered.
func (s *slowed) fine(when string, good *fed.Peer, n int) {
	s.Helper()
	c := s.client(goodFrom)
	for _, path := range []string{"/", "/console/sign-in", "/api/v1/version"} {
		r, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.url+path, nil)
		s.must(err)
		got, took := status(c, r)
		if s.Logf("%s: %s is answered %d after %v", when, path, got, took.Round(time.Millisecond)); got == 0 || got >= 500 {
			s.Errorf("%s: %s: %d", when, path, got)
		}
	}
	got, took := status(c, good.Request(s.inbox(), encode(s.T, good.Create(good.Note(n, s.actor(), "<p>it is broken</p>")))))
	if s.Logf("%s: a good post is answered %d after %v", when, got, took.Round(time.Millisecond)); got != http.StatusAccepted {
		s.Errorf("%s: a good post: %d", when, got)
	}
}

// silentHosts are servers that take connections and never answer.
func silentHosts(t *testing.T, n int) (urls []string) {
	t.Helper()
	for i := range n {
		l, err := net.Listen("tcp", fmt.Sprintf("127.1.%d.%d:0", i/200, i%200+1))
		must(t, err)
		t.Cleanup(func() { _ = l.Close() })
		urls = append(urls, "http://"+l.Addr().String())
	}
	return urls
}

// silentKeys sends slow requests whose keys are on hosts that never answer.
func (s *slowed) silentKeys(ctx context.Context, eve *fed.Peer) (answers *counts, ended *sync.WaitGroup) {
	hosts, c := silentHosts(s.T, slow/4), s.client(slowFrom)
	answers, ended = &counts{}, &sync.WaitGroup{}
	for n := range slow {
		who := fmt.Sprintf("%s/users/%d", hosts[n%len(hosts)], n)
		r := eve.RequestAs(who+"#main-key", s.inbox(), encode(s.T, M{"id": who + "/1", "type": "Follow", "actor": who, "object": s.help()}))
		ended.Go(func() { got, _ := status(c, r.WithContext(ctx)); answers.add(got) })
	}
	return answers, ended
}

// lateBodies sends the heads of requests whose bodies do not come, and waits
// until each is asked for its body, answered, closed or silent for lateWait. A
// proxy of net/http/httputil is silent where the answer of the server overtook
// the first read of the body: it then waits for the body before it answers.
func (s *slowed) lateBodies() (answers *counts) {
	answers = &counts{}
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(slowFrom)}}
	var ended sync.WaitGroup
	for range slow {
		c, err := d.DialContext(s.Context(), "tcp", s.door)
		s.must(err)
		s.Cleanup(func() { _ = c.Close() })
		_, _ = fmt.Fprintf(c, "POST /inbox HTTP/1.1\r\nHost: %s\r\nContent-Type: application/activity+json\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n", strings.TrimPrefix(s.url, "http://"))
		s.must(c.SetReadDeadline(time.Now().Add(lateWait)))
		ended.Go(func() {
			status := 0
			line, _ := bufio.NewReader(c).ReadString('\n')
			_, _ = fmt.Sscanf(line, "HTTP/1.1 %d", &status)
			answers.add(status)
		})
	}
	ended.Wait()
	return answers
}

// lateWait is shorter than the instance's limit for a body: the requests are
// still running when the wait ends.
const lateWait = 4 * time.Second

// counts is how often which status was answered.
type counts struct {
	mu sync.Mutex
	of map[int]int
}

func (c *counts) add(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[int]int{}
	}
	c.of[status]++
}

func (c *counts) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.of)
}

// TestSlowRequests: 520 slow requests of one address stop nobody else, directly
// or through a proxy.
func TestSlowRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	bin := program.Build(t)
	for _, w := range ways {
		t.Run(w.name, func(t *testing.T) {
			t.Run("keys", func(t *testing.T) {
				s := newSlowed(t, bin, w)
				eve, good := s.peer(), s.peer()
				s.fine("before", good, 1)
				ctx, cancel := context.WithCancel(t.Context())
				answers, ended := s.silentKeys(ctx, eve)
				defer ended.Wait()
				defer cancel()
				s.underWay(answers)
				s.fine("during", good, 2)
				s.fine("during, a stranger", s.peer(), 3)
				t.Logf("the slow ones so far: %v", answers)
			})
			t.Run("bodies", func(t *testing.T) {
				s := newSlowed(t, bin, w)
				good := s.peer()
				answers := s.lateBodies()
				s.fine("during", good, 1)
				t.Logf("the slow ones so far: %v", answers)
			})
		})
	}
}

// underWay waits until the instance has had as many slow requests as it takes:
// it answers some at once, or none.
func (s *slowed) underWay(answers *counts) {
	s.Helper()
	end := time.After(4 * time.Second)
	for answers.String() == "map[]" {
		select {
		case <-end:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestManyOfOneAddress: 2,000 people of one server, whose requests come from one
// address, are all heard, while another address sends slow requests. Through
// proxies it is fewer of them: the difference shows with 300.
func TestManyOfOneAddress(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the program")
	}
	const senders = 100
	bin := program.Build(t)
	for _, w := range ways {
		if w.proxy && !w.buffers {
			continue // bodies that come at once pass a buffer at once
		}
		t.Run(w.name, func(t *testing.T) {
			people := 2000
			if w.proxy {
				people = 300
			}
			s := newSlowed(t, bin, w)
			big, eve := s.peer(), s.peer()
			ctx, cancel := context.WithCancel(t.Context())
			_, slowOnes := s.silentKeys(ctx, eve)
			defer slowOnes.Wait()
			defer cancel()
			began, c, answers := time.Now(), s.client(manyFrom), &counts{}
			var posts, refused atomic.Int64
			var wg sync.WaitGroup
			for range senders {
				wg.Go(func() {
					for n := posts.Add(1); int(n) <= people; n = posts.Add(1) {
						s.comesIn(c, big, int(n), answers, &refused)
					}
				})
			}
			wg.Wait()
			t.Logf("%d posts came in within %v, %d of them after having been asked to come again: %v", people, time.Since(began).Round(time.Millisecond), refused.Load(), answers)
			s.fine("after", big, people+1)
			cancel()
			s.workedOff()
			if n := s.issues(); n != people+1 {
				t.Errorf("%d issues of %d people", n, people+1)
			}
		})
	}
}

// comesIn sends one person's post, again if it is asked to.
func (s *slowed) comesIn(c *http.Client, big *fed.Peer, n int, answers *counts, refused *atomic.Int64) {
	who := big.Person(fmt.Sprint("p", n), nil)
	note := big.Note(n, s.actor(), "<p>it is broken</p>")
	note["attributedTo"] = string(who)
	create := big.Create(note)
	create["actor"] = string(who)
	for try := range 200 {
		got, _ := status(c, big.RequestAs(string(who)+"#main-key", s.inbox(), encode(s.T, create)))
		answers.add(got)
		if got == http.StatusAccepted {
			return
		}
		if try == 0 {
			refused.Add(1)
		}
		<-time.After(20 * time.Millisecond) // Retry-After, on a test's clock
	}
	s.Errorf("post %d did not come in", n)
}

// workedOff waits for many jobs, as long as it takes while they become fewer.
func (s *slowed) workedOff() {
	s.Helper()
	for {
		jobs, err := s.site.client.Jobs(s.Context(), store.JobFilter{}, 0)
		s.must(err)
		first := slices.IndexFunc(jobs, due)
		if first < 0 {
			return
		}
		until(s.T, "a job to be done", func() bool {
			now, err := s.site.client.Jobs(s.Context(), store.JobFilter{}, 0)
			s.must(err)
			return !slices.ContainsFunc(now, func(j api.Job) bool { return due(j) && j.ID == jobs[first].ID })
		})
	}
}

// due says whether a job was not tried yet, and is no timer.
func due(j api.Job) bool {
	return j.Queue != store.QueueTimer && j.Queue != store.QueueVerify && j.Attempts == 0
}

// issues counts them.
func (s *slowed) issues() (n int) {
	for _, r := range s.records() {
		if strings.HasPrefix(r, "issue ") {
			n++
		}
	}
	return n
}

// The tests that docs/security.md names in its section about one client exist.
func TestOneClientIsDocumented(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	b, err := os.ReadFile(filepath.Join(root, "docs", "security.md"))
	must(t, err)
	_, section, _ := strings.Cut(string(b), "\n## One client and all others\n")
	section, _, _ = strings.Cut(section, "\n## ")
	tests := regexp.MustCompile("`([a-z/]+\\.Test[A-Za-z0-9]+)`").FindAllStringSubmatch(section, -1)
	if len(tests) < 10 {
		t.Errorf("%d tests are named", len(tests))
	}
	for _, m := range tests {
		if !exists(t, root, m[1]) {
			t.Errorf("there is no test %s", m[1])
		}
	}
}
