package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/picture"
	"earshot/internal/safehttp"
	"earshot/internal/test/dns"
)

// scene is of one colour.
func scene(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for n := range w * h {
		m.SetRGBA(n%w, n/w, color.RGBA{200, 0, 0, 255})
	}
	return m
}

func aPNG(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// header is the beginning of a PNG that claims a size.
func header(w, h uint32) []byte {
	data := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	data = append(data, 8, 6, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(out, data...), crc32.ChecksumIEEE(data))
}

// fixture is a proxy in front of servers of strangers.
type fixture struct {
	*testing.T
	*Proxy
	clock *clock.Fake
	dir   string

	mu       sync.Mutex
	where    map[app.PictureOf]app.Shown
	refused  map[desk.Host]bool
	broken   error // of the store
	outcomes []string
}

func (f *fixture) Pictures(_ context.Context, of ...app.PictureOf) ([]app.Shown, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil {
		return nil, f.broken
	}
	out := make([]app.Shown, len(of))
	for n, p := range of {
		out[n] = f.where[p]
	}
	return out, nil
}

func (f *fixture) MayAsk(_ context.Context, h desk.Host) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return h != "earshot.example" && !f.refused[h], f.broken
}

func (f *fixture) observe(outcome string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outcomes = append(f.outcomes, outcome)
}

func newFixture(t *testing.T, o safehttp.Options, more ...func(*Options)) *fixture {
	t.Helper()
	f := &fixture{T: t, clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), dir: filepath.Join(t.TempDir(), "pictures"), where: map[app.PictureOf]app.Shown{}, refused: map[desk.Host]bool{}}
	client := safehttp.New(o)
	t.Cleanup(client.CloseIdle)
	options := Options{Where: f, Client: client, Clock: f.clock, Log: slog.New(slog.DiscardHandler), Dir: f.dir, Observe: f.observe}
	for _, m := range more {
		m(&options)
	}
	var err error
	if f.Proxy, err = New(options); err != nil {
		t.Fatal(err)
	}
	return f
}

// post says where the first picture of a post is.
func (f *fixture) post(id, url string, author ...desk.ActorID) app.PictureOf {
	f.mu.Lock()
	defer f.mu.Unlock()
	of := app.PictureOf{Post: desk.PostID(id)}
	f.where[of] = app.Shown{URL: url, Author: append(author, "https://m.example/users/ana")[0]}
	return of
}

func (f *fixture) erase(of app.PictureOf) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.where, of)
}

const ada = desk.Email("ada@acme.example")

// ends asks for a picture and checks how that ended.
func (f *fixture) ends(of app.PictureOf, want string) {
	f.Helper()
	_, err := f.Show(f.Context(), ada, of)
	f.mu.Lock()
	defer f.mu.Unlock()
	if got := f.outcomes[len(f.outcomes)-1]; got != want {
		f.Errorf("%s: %s, want %s: %v", f.where[of].URL, got, want, err)
	}
}

// files is how many copies are on the disk.
func (f *fixture) files() int {
	f.Helper()
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		f.Fatal(err)
	}
	return len(entries)
}

func origin(t *testing.T, h http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// A picture is fetched once, and its copy goes when the words go, or name another one.
func TestShow(t *testing.T) {
	f := newFixture(t, safehttp.Options{AllowPrivate: true})
	var asked atomic.Int32
	s := origin(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "text/html") // what it says of itself is not believed
		w.Write(aPNG(t, scene(8, 8)))
	})
	one, two := f.post("1", s.URL+"/1.png"), f.post("2", s.URL+"/2.png")
	for _, of := range []app.PictureOf{one, two, one, two} {
		if p, err := f.Show(t.Context(), ada, of); err != nil || p.Type != "image/png" || len(p.Body) == 0 {
			t.Fatal(p.Type, err)
		}
	}
	if n := asked.Load(); n != 2 || f.files() != 2 {
		t.Errorf("asked %d times, %d copies", n, f.files())
	}
	f.erase(one)
	f.ends(one, "gone")
	f.post("2", s.URL+"/3.png")
	if err := f.Sweep(t.Context()); err != nil || f.files() != 0 {
		t.Errorf("%d copies are left: %v", f.files(), err)
	}
	f.ends(two, "fetched")
	if again := newFixture(t, safehttp.Options{}, func(o *Options) { o.Dir = f.dir }); again.cache.size != 0 || f.files() != 0 {
		t.Errorf("after a start there are %d copies", f.files())
	}
	f.ends(two, "fetched") // the folder was emptied under it
}

// Run deletes by itself.
func TestRun(t *testing.T) {
	f := newFixture(t, safehttp.Options{AllowPrivate: true})
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(aPNG(t, scene(8, 8))) })
	of := f.post("1", s.URL)
	f.ends(of, "fetched")
	f.erase(of)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Proxy.Run(ctx) }()
	f.until("the copy is removed", func() bool { return f.files() == 0 })
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// until waits for something that comes by itself.
func (f *fixture) until(what string, ok func() bool) {
	f.Helper()
	late := time.After(time.Minute)
	for !ok() {
		select {
		case <-late:
			f.Fatal("this never came: ", what)
		case <-time.After(time.Millisecond):
		}
	}
}

// The folder may be a link to another disk, whose contents go at a start; one that cannot
// be used is done without.
func TestFolder(t *testing.T) {
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(aPNG(t, scene(8, 8))) })
	disk, link, old := t.TempDir(), filepath.Join(t.TempDir(), "pictures"), "old"
	if err := errors.Join(os.WriteFile(filepath.Join(disk, old), nil, 0o600), os.Symlink(disk, link)); err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, safehttp.Options{AllowPrivate: true}, func(o *Options) { o.Dir = link })
	of := f.post("1", s.URL)
	f.ends(of, "fetched")
	f.ends(of, "cached")
	if entries, err := os.ReadDir(disk); err != nil || len(entries) != 1 || entries[0].Name() == old {
		t.Errorf("the other disk has %v, %v", entries, err)
	}
	file := filepath.Join(disk, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f = newFixture(t, safehttp.Options{AllowPrivate: true}, func(o *Options) { o.Dir = file })
	of = f.post("1", s.URL)
	f.ends(of, "fetched")
	f.ends(of, "fetched")
}

// What cannot be written is shown, counts for nothing, and leaves no file.
func TestFailedWrite(t *testing.T) {
	f := newFixture(t, safehttp.Options{})
	shown, this := picture.Picture{Body: []byte("x")}, copyOf{url: "https://m.example/1"}
	if err := os.RemoveAll(f.dir); err != nil {
		t.Fatal(err)
	}
	if err := f.cache.put(this, shown); err == nil || f.cache.size != 0 || len(f.cache.all()) != 0 {
		t.Errorf("%d bytes are counted: %v", f.cache.size, err)
	}
	if err := os.Mkdir(f.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.cache.put(this, shown), f.cache.put(this, shown)); err != nil || f.cache.size != 1 || f.files() != 1 {
		t.Errorf("%d bytes, %d files: %v", f.cache.size, f.files(), err)
	}
}

// The folder is bounded: the copy that was looked at least recently leaves first.
func TestCacheIsBounded(t *testing.T) {
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(aPNG(t, scene(8, 8))) })
	size := int64(len(must(picture.Clean(t.Context(), aPNG(t, scene(8, 8)), picture.Side)).Body))
	f := newFixture(t, safehttp.Options{AllowPrivate: true}, func(o *Options) { o.MaxCached = 3*size + 1 })
	all := map[int]app.PictureOf{}
	for n := range 4 {
		all[n] = f.post(fmt.Sprint(n), fmt.Sprint(s.URL, "/", n))
	}
	for _, step := range []struct {
		n    int
		want string
	}{{0, "fetched"}, {1, "fetched"}, {2, "fetched"}, {0, "cached"}, {3, "fetched"}, {0, "cached"}, {1, "fetched"}} {
		f.ends(all[step.n], step.want)
	}
	if f.files() != 3 {
		t.Errorf("%d copies", f.files())
	}
}

func must(p picture.Picture, err error) picture.Picture {
	if err != nil {
		panic(err)
	}
	return p
}

// What a hostile server may answer: nothing of it is shown, and it is not asked again
// for a while.
func TestHostileOrigins(t *testing.T) {
	patient := newFixture(t, safehttp.Options{AllowPrivate: true, MaxBytes: 64 << 10})
	hasty := newFixture(t, safehttp.Options{AllowPrivate: true, Timeout: 200 * time.Millisecond})
	done := make(chan struct{})
	var asked atomic.Int32
	s := origin(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		body := map[string][]byte{"/svg": []byte("<svg/>"), "/html": []byte("<html>"), "/empty": nil, "/bomb": header(50_000, 50_000), "/cut": aPNG(t, scene(64, 64))[:90]}[r.URL.Path]
		switch r.URL.Path {
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 4096)); err != nil {
					return
				}
			}
		case "/drip":
			w.(http.Flusher).Flush()
			<-done
		case "/silent":
			<-done
		case "/missing":
			w.WriteHeader(http.StatusNotFound)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		case "/ours":
			http.Redirect(w, r, "http://earshot.example/console", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/inflated":
			w.Header().Set("Content-Encoding", "br")
			w.Write([]byte("x"))
		default:
			w.Header().Set("Content-Type", "image/png")
			w.Write(body)
		}
	})
	t.Cleanup(func() { close(done) })
	for path, want := range map[string]string{"/svg": "kind", "/html": "kind", "/empty": "kind", "/bomb": "too_large", "/cut": "broken", "/endless": "too_large", "/drip": "late", "/silent": "late",
		"/missing": "status", "/metadata": "refused", "/ours": "refused", "/round": "refused", "/file": "refused", "/inflated": "broken"} {
		f := patient
		if want == "late" {
			f = hasty
		}
		of := f.post(path, s.URL+path)
		f.ends(of, want)
		before := asked.Load()
		f.ends(of, want)
		f.clock.Advance(lateFor - time.Second)
		f.ends(of, want)
		if asked.Load() != before {
			t.Errorf("%s was asked for again", path)
		}
		f.clock.Advance(failedFor)
		if f.ends(of, want); asked.Load() == before {
			t.Errorf("%s was never asked for again", path)
		}
	}
	f := patient
	if f.files() != 0 {
		t.Errorf("%d copies", f.files())
	}
	f.ends(f.post("ours", "https://earshot.example/media/1"), "refused")
	f.ends(f.post("no address", "nonsense"), "refused")
	f.ends(app.PictureOf{Post: "nobody's"}, "gone")
	f.ends(app.PictureOf{Actor: "https://m.example/users/ana"}, "gone") // faces are off
}

// A server in the public network cannot lead us to this machine.
func TestRedirectInside(t *testing.T) {
	var reached atomic.Int32
	inside := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	inside.Config.ErrorLog = log.New(io.Discard, "", 0)
	inside.StartTLS()
	t.Cleanup(inside.Close)
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL+"/secret.png", http.StatusFound)
	}))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	named, err := safehttp.ParsePrivateHost("example.com:" + port + " loopback")
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, safehttp.Options{TLS: &tls.Config{RootCAs: roots}, Private: []safehttp.PrivateHost{named}, Resolver: dns.Names(t, []string{"127.0.0.1"})})
	f.ends(f.post("1", "https://example.com:"+port+"/a.png"), "refused")
	f.ends(f.post("2", inside.URL+"/a.png"), "refused")
	if reached.Load() != 0 {
		t.Error("the inside was reached")
	}
}

// An error of the store is none of the picture, and is not remembered as one.
func TestStoreFails(t *testing.T) {
	f := newFixture(t, safehttp.Options{AllowPrivate: true})
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(aPNG(t, scene(8, 8))) })
	of := f.post("1", s.URL)
	f.broken = errors.New("no connection")
	f.ends(of, "store")
	if _, err := f.Show(t.Context(), ada, of); !errors.Is(err, ErrStore) {
		t.Error(err)
	}
	f.broken = nil
	f.ends(of, "fetched")
}

// A server that is blocked is not asked when another one leads to it.
func TestRedirectToBlocked(t *testing.T) {
	f := newFixture(t, safehttp.Options{AllowPrivate: true})
	var reached atomic.Int32
	blocked := origin(t, func(w http.ResponseWriter, _ *http.Request) { reached.Add(1); w.Write(aPNG(t, scene(8, 8))) })
	to := strings.Replace(blocked.URL, "127.0.0.1", "localhost", 1)
	s := origin(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	host, err := desk.HostOf(to)
	if err != nil {
		t.Fatal(err)
	}
	f.refused[host] = true
	of := f.post("1", s.URL)
	if f.ends(of, "refused"); reached.Load() != 0 {
		t.Error("it was asked")
	}
	delete(f.refused, host)
	f.clock.Advance(failedFor)
	f.ends(of, "fetched")
}

// patiently has nothing end by itself.
func patiently(o *Options) { o.Timeout, o.Wait = time.Hour, time.Hour }

// stuck is a server that answers when it is told to.
func stuck(t *testing.T) (url string, arrived, done chan struct{}) {
	arrived, done = make(chan struct{}, 100), make(chan struct{})
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-done
		w.Write(aPNG(t, scene(8, 8)))
	})
	return s.URL, arrived, done
}

// One slow server holds up nobody but those who want something of it; nor does one agent
// the others; and they do not take the places of pages.
func TestSlowOrigin(t *testing.T) {
	f := newFixture(t, safehttp.Options{AllowPrivate: true, Timeout: time.Hour}, patiently)
	slow, arrived, done := stuck(t)
	fast := origin(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(aPNG(t, scene(8, 8))) })
	t.Cleanup(func() { close(done) })
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	var all sync.WaitGroup
	asked := 0
	ask := func(agent desk.Email, times int) {
		for range times {
			asked++
			of := f.post(fmt.Sprint("slow", asked), fmt.Sprint(slow, "/", asked))
			all.Go(func() { _, _ = f.Show(ctx, agent, of) }) // it ends with ctx
		}
	}
	line := func(inLine, beyond int) {
		t.Helper()
		f.until(fmt.Sprint(inLine, " in line, ", beyond, " beyond"), func() bool {
			f.Proxy.mu.Lock()
			defer f.Proxy.mu.Unlock()
			return f.inLine == inLine && f.beyond == beyond
		})
	}
	ask("ben@acme.example", maxOfAgent+1)
	for range maxOfOne {
		<-arrived
	}
	line(maxOfAgent, 1)
	// The fast server has another name: both are on this machine.
	quick := f.post("fast", strings.Replace(fast.URL, "127.0.0.1", "localhost", 1), "https://other.example/users/ben")
	f.ends(quick, "fetched")
	ask("cem@acme.example", maxOfAgent)
	line(maxInLine, 1)
	ask("dan@acme.example", maxBeyond-1)
	line(maxInLine, maxBeyond)
	f.ends(f.post("one more", slow+"/one-more"), "busy")
	f.ends(quick, "cached")
	select {
	case <-arrived:
		t.Error("more requests reached the slow server than there are places")
	default:
	}
	cancel()
	all.Wait()
	if f.lineLength() != 0 || f.beyond != 0 || len(f.ofAgent) != 0 || len(f.places) != 0 || len(f.flights) != 0 {
		t.Errorf("%d in line, %d beyond, %d agents, %d places, %d flights are left", f.inLine, f.beyond, len(f.ofAgent), len(f.places), len(f.flights))
	}
}

// A wait that runs out is no failure of the picture, and those who wait come in turn.
func TestWaitRunsOut(t *testing.T) {
	f := newFixture(t, safehttp.Options{AllowPrivate: true, Timeout: time.Hour}, patiently)
	slow, arrived, done := stuck(t)
	var all sync.WaitGroup
	for n := range maxOfOne {
		of := f.post(fmt.Sprint(n), fmt.Sprint(slow, "/", n))
		all.Go(func() {
			if _, err := f.Show(t.Context(), ada, of); err != nil {
				t.Error(err)
			}
		})
	}
	for range maxOfOne {
		<-arrived
	}
	f.o.Wait = time.Millisecond
	of := f.post("late", slow+"/late")
	f.ends(of, "busy")
	f.o.Wait = time.Hour
	more := f.post("more", slow+"/more")
	all.Go(func() {
		if _, err := f.Show(t.Context(), ada, more); err != nil {
			t.Error(err)
		}
	})
	f.until("one waits", func() bool { return f.lineLength() == maxOfOne+1 })
	close(done)
	all.Wait()
	f.ends(of, "fetched")
}

func (f *fixture) lineLength() int {
	f.Proxy.mu.Lock()
	defer f.Proxy.mu.Unlock()
	return f.inLine
}

// Several agents who open a thread at once ask its server once; one who leaves leaves
// the picture to the others.
func TestTogether(t *testing.T) {
	f := newFixture(t, safehttp.Options{AllowPrivate: true})
	var asked atomic.Int32
	arrived, first := make(chan struct{}, 2), make(chan struct{})
	s := origin(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		if asked.Add(1) == 1 {
			select {
			case <-first:
			case <-r.Context().Done():
			}
			return
		}
		w.Write(aPNG(t, scene(8, 8)))
	})
	defer close(first)
	of := f.post("1", s.URL)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() { _, err := f.Show(ctx, ada, of); left <- err }()
	<-arrived
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if _, err := f.Show(t.Context(), ada, of); err != nil {
				t.Error(err)
			}
		})
	}
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	all.Wait()
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// An agent's rate is bounded; a face is small, and shown only if faces are.
func TestRateAndFaces(t *testing.T) {
	f := newFixture(t, safehttp.Options{AllowPrivate: true}, func(o *Options) { o.Faces = true })
	s := origin(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(aPNG(t, scene(400, 400))) })
	face := app.PictureOf{Actor: "https://m.example/users/ana"}
	f.where[face] = app.Shown{URL: s.URL, Author: face.Actor}
	p, err := f.Show(t.Context(), ada, face)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := image.DecodeConfig(bytes.NewReader(p.Body))
	if err != nil || m.Width > picture.FaceSide {
		t.Errorf("a face is %d wide, %v", m.Width, err)
	}
	for n := range fetchRate.Burst - 1 {
		f.ends(f.post(fmt.Sprint(n), fmt.Sprint(s.URL, "/", n)), "fetched")
	}
	more := f.post("more", s.URL+"/more")
	f.ends(more, "busy")
	f.clock.Advance(fetchRate.Every)
	f.ends(more, "fetched")
}
