package resolve

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"earshot/federation/httpsig"
	"earshot/internal/desk"
	"earshot/internal/safehttp"
)

func simple(path string) string {
	return person(path, "HOST"+path+"#main-key", pkix(keyA()))
}

func TestActorIsCachedForItsTime(t *testing.T) {
	p := newPeer(t)
	p.serve("/alice", simple("/alice"))
	r, clock := newResolver(t, nil)
	id := p.actor("/alice")
	if _, ok := r.CachedActor(id); ok {
		t.Error("known before it was fetched")
	}
	a := must(r.Actor(ctx, id))(t)
	if a.ID != id || a.PreferredUsername != "alice" || a.Raw != nil {
		t.Errorf("got %+v", a)
	}
	must(r.Actor(ctx, id))(t)
	p.expect("/alice", 1)
	if _, ok := r.CachedActor(id); !ok {
		t.Error("not cached")
	}
	clock.Advance(time.Hour)
	must(r.Actor(ctx, id))(t)
	p.expect("/alice", 2)
	r.Forget(id)
	must(r.Actor(ctx, id))(t)
	p.expect("/alice", 3)
	must(r.RefreshActor(ctx, id))(t)
	p.expect("/alice", 4)
}

func TestRequestIsSignedAndAsksForActivityPub(t *testing.T) {
	p := newPeer(t)
	var got []http.Header
	p.handle("/alice", func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Clone())
		http.Redirect(w, r, "/alice2", http.StatusFound)
	})
	p.handle("/alice2", func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Header.Clone())
		p.document(simple("/alice"))(w, r)
	})
	r, _ := newResolver(t, func(o *Options) {
		o.Sign = func(r *http.Request, _ httpsig.Scheme) error { r.Header.Set("Signature", r.URL.Path); return nil }
	})
	must(r.Actor(ctx, p.actor("/alice")))(t)
	if len(got) != 2 || got[0].Get("Signature") != "/alice" || got[1].Get("Signature") != "/alice2" {
		t.Errorf("hops are not signed each for itself: %v", got)
	}
	want := `application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
	if len(got) == 2 && got[1].Get("Accept") != want {
		t.Errorf("Accept is %q", got[1].Get("Accept"))
	}
}

func TestFailureKindsAndHowLongTheyAreRemembered(t *testing.T) {
	for _, tt := range []struct {
		status int
		kind   Kind
		ttl    time.Duration
	}{
		{410, Gone, 5 * time.Minute}, {404, NotFound, 5 * time.Minute}, {403, Refused, 5 * time.Minute},
		{401, Unauthorized, time.Minute}, {408, Temporary, time.Minute}, {429, Temporary, time.Minute},
		{500, Temporary, time.Minute}, {503, Temporary, time.Minute}, {400, Invalid, 5 * time.Minute},
		{406, Invalid, 5 * time.Minute}, {204, Invalid, 5 * time.Minute}, {304, Invalid, 5 * time.Minute},
	} {
		t.Run(strconv.Itoa(tt.status), func(t *testing.T) {
			p := newPeer(t)
			p.status("/a", tt.status)
			r, clock := newResolver(t, nil)
			_, err := r.Actor(ctx, p.actor("/a"))
			expectKind(t, err, tt.kind)
			if e, ok := errors.AsType[*Error](err); !ok || e.Status != tt.status || e.URL != p.URL+"/a" {
				t.Errorf("status %d: got %#v", tt.status, e)
			}
			p.serve("/a", simple("/a"))
			clock.Advance(tt.ttl - time.Microsecond)
			_, err = r.Actor(ctx, p.actor("/a"))
			expectKind(t, err, tt.kind)
			asked := 1
			if tt.status == http.StatusUnauthorized { // by both signature schemes
				asked = 2
			}
			p.expect("/a", asked)
			clock.Advance(time.Microsecond)
			must(r.Actor(ctx, p.actor("/a")))(t)
		})
	}
}

func TestRetryAfter(t *testing.T) {
	p := newPeer(t)
	p.handle("/a", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(429)
	})
	r, clock := newResolver(t, nil)
	_, err := r.Actor(ctx, p.actor("/a"))
	if e, ok := errors.AsType[*Error](err); !ok || e.RetryAfter != 2*time.Minute {
		t.Errorf("got %#v", err)
	}
	clock.Advance(119 * time.Second)
	r.Actor(ctx, p.actor("/a"))
	p.expect("/a", 1)
}

func TestRefreshThatFailsKeepsWhatIsKnownUnlessGone(t *testing.T) {
	p := newPeer(t)
	id := p.actor("/a")
	p.serve("/a", simple("/a"))
	r, _ := newResolver(t, nil)
	must(r.Actor(ctx, id))(t)
	for _, status := range []int{500, 403, 404} {
		p.status("/a", status)
		if _, err := r.RefreshActor(ctx, id); err == nil {
			t.Error("refresh succeeded")
		}
		must(r.Actor(ctx, id))(t)
	}
	p.status("/a", 410)
	_, err := r.RefreshActor(ctx, id)
	expectKind(t, err, Gone)
	_, err = r.Actor(ctx, id)
	expectKind(t, err, Gone)
	p.serve("/a", simple("/a"))
	must(r.RefreshActor(ctx, id))(t)
	must(r.Actor(ctx, id))(t)
}

func TestTombstoneIsGone(t *testing.T) {
	p := newPeer(t)
	p.serve("/a", `{"type":"Tombstone","id":"HOST/a"}`)
	r, _ := newResolver(t, nil)
	_, err := r.Actor(ctx, p.actor("/a"))
	expectKind(t, err, Gone)
	_, err = r.Object(ctx, p.object("/a"))
	expectKind(t, err, Gone)
	_, err = r.Key(ctx, p.URL+"/a#main-key", false)
	expectKind(t, err, Gone)
}

func TestMediaType(t *testing.T) {
	for mediaType, want := range map[string]Kind{
		`application/activity+json; charset=utf-8`:                             0,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`: 0,
		`application/ld+json; profile=https://www.w3.org/ns/activitystreams`:   0,
		`application/json`: Invalid, `text/html`: Invalid, ``: Invalid, `image/png`: Invalid, `application/ld+json`: Invalid,
	} {
		t.Run(mediaType, func(t *testing.T) {
			p := newPeer(t)
			p.handle("/a", func(w http.ResponseWriter, r *http.Request) {
				rec := &headerless{ResponseWriter: w, mediaType: mediaType}
				p.document(simple("/a"))(rec, r)
			})
			r, _ := newResolver(t, nil)
			_, err := r.Actor(ctx, p.actor("/a"))
			if KindOf(err) != want {
				t.Errorf("media type %q: %v, want %v", mediaType, err, want)
			}
		})
	}
}

// headerless replaces the media type just before the body.
type headerless struct {
	http.ResponseWriter
	mediaType string
}

func (h *headerless) Write(b []byte) (int, error) {
	h.Header().Set("Content-Type", h.mediaType)
	return h.ResponseWriter.Write(b)
}

// The rule of ids (CVE-2024-23832, GHSA-3fjr-858r-92rw).
func TestIDRule(t *testing.T) {
	victim, evil := newPeer(t), newPeer(t)
	victim.serve("/bob", simple("/bob"))
	victim.redirect("/jump", evil.URL+"/claim")
	r, _ := newResolver(t, nil)

	t.Run("an alias leads to the id, once", func(t *testing.T) {
		victim.serve("/@bob", simple("/bob"))
		a := must(r.Actor(ctx, victim.actor("/@bob")))(t)
		if a.ID != victim.actor("/bob") {
			t.Errorf("got %s", a.ID)
		}
		must(r.Actor(ctx, victim.actor("/@bob")))(t)
		must(r.Actor(ctx, victim.actor("/bob")))(t)
		victim.expect("/@bob", 1)
		victim.expect("/bob", 1)
	})
	t.Run("ids that chase each other", func(t *testing.T) {
		evil.serve("/1", simple("/2"))
		evil.serve("/2", simple("/3"))
		_, err := r.Actor(ctx, evil.actor("/1"))
		expectKind(t, err, Invalid)
		evil.expect("/3", 0)
	})
	t.Run("an id of another host", func(t *testing.T) {
		before := victim.total()
		evil.handle("/bob", victim.document(simple("/bob")))
		_, err := r.Actor(ctx, evil.actor("/bob"))
		expectKind(t, err, Invalid)
		if victim.total() != before {
			t.Error("the victim was asked")
		}
	})
	t.Run("an open redirect vouches for nothing", func(t *testing.T) {
		evil.handle("/claim", victim.document(simple("/jump")))
		_, err := r.Actor(ctx, victim.actor("/jump"))
		expectKind(t, err, Invalid)
	})
	t.Run("a redirect to another host gives that host's actor", func(t *testing.T) {
		victim.redirect("/moved", evil.URL+"/new")
		evil.serve("/new", simple("/new"))
		a := must(r.Actor(ctx, victim.actor("/moved")))(t)
		if a.ID != evil.actor("/new") {
			t.Errorf("got %s", a.ID)
		}
	})
	t.Run("a redirect on the same host", func(t *testing.T) {
		victim.redirect("/carol", "/people/carol")
		victim.serve("/people/carol", simple("/carol"))
		a := must(r.Actor(ctx, victim.actor("/carol")))(t)
		if a.ID != victim.actor("/carol") {
			t.Errorf("got %s", a.ID)
		}
		victim.expect("/carol", 1)
	})
}

func TestNeverAsked(t *testing.T) {
	us, blocked, other := newPeer(t), newPeer(t), newPeer(t)
	us.serve("/a", simple("/a"))
	blocked.serve("/a", simple("/a"))
	other.redirect("/to-us", us.URL+"/a")
	other.redirect("/to-blocked", blocked.URL+"/a")
	other.serve("/id-of-ours", `{"type":"Person","id":"`+us.URL+`/a"}`)
	r, _ := newResolver(t, func(o *Options) {
		o.Hosts.Site = desk.Site{URL: us.URL, HandleDomain: "acme.example"}
		o.Hosts.Blocked = func(_ context.Context, h desk.Host) (bool, error) { return h == blocked.object("").Host(), nil }
	})
	for _, id := range []desk.ActorID{
		us.actor("/a"), blocked.actor("/a"), other.actor("/to-us"), other.actor("/to-blocked"), other.actor("/id-of-ours"),
		"ftp://x.example/a", "acct:a@b.example", "", "http://", "http://169.254.169.254/latest", "https://user:pw@x.example/",
	} {
		_, err := r.Actor(ctx, id)
		expectKind(t, err, Invalid)
		_, err = r.Object(ctx, desk.ObjectID(id))
		expectKind(t, err, Invalid)
		_, err = r.Key(ctx, string(id)+"#main-key", true)
		expectKind(t, err, Invalid)
	}
	if us.total() != 0 || blocked.total() != 0 {
		t.Errorf("we were asked %d times, the blocked host %d times", us.total(), blocked.total())
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	p := newPeer(t)
	p.serve("/a", simple("/a"))
	r, _ := newResolver(t, func(o *Options) { o.Client = safehttp.New(safehttp.Options{}) })
	for _, id := range []desk.ActorID{p.actor("/a"), "https://127.0.0.1/a", "https://[::1]/a", "https://10.0.0.1/a"} {
		_, err := r.Actor(ctx, id)
		expectKind(t, err, Invalid)
	}
	if p.total() != 0 {
		t.Error("a private address was asked")
	}
}

func TestUnreachableIsTemporary(t *testing.T) {
	p := newPeer(t)
	id := p.actor("/a")
	p.Close()
	r, _ := newResolver(t, nil)
	_, err := r.Actor(ctx, id)
	expectKind(t, err, Temporary)
}

func TestSigningThatFailsIsOurFaultAndNotRemembered(t *testing.T) {
	p := newPeer(t)
	p.serve("/a", simple("/a"))
	broken := true
	r, _ := newResolver(t, func(o *Options) {
		o.Sign = func(*http.Request, httpsig.Scheme) error {
			if broken {
				return errors.New("no key")
			}
			return nil
		}
	})
	_, err := r.Actor(ctx, p.actor("/a"))
	expectKind(t, err, Temporary)
	broken = false
	must(r.Actor(ctx, p.actor("/a")))(t)
}

// While blocks cannot be looked up nobody is asked, nobody is found wrong, and
// nothing is remembered.
func TestBlocksOutOfReach(t *testing.T) {
	p := newPeer(t)
	p.serve("/a", simple("/a"))
	away := true
	r, _ := newResolver(t, func(o *Options) {
		o.Hosts.Blocked = func(context.Context, desk.Host) (bool, error) {
			if away {
				return false, errors.New("no database")
			}
			return false, nil
		}
	})
	_, err := r.Actor(ctx, p.actor("/a"))
	expectKind(t, err, Temporary)
	p.expect("/a", 0)
	away = false
	must(r.Actor(ctx, p.actor("/a")))(t)
}

func TestSingleFlight(t *testing.T) {
	p := newPeer(t)
	entered, release := make(chan struct{}), make(chan struct{})
	p.handle("/a", func(w http.ResponseWriter, r *http.Request) {
		close(entered) // panics if asked twice
		<-release
		p.document(simple("/a"))(w, r)
	})
	r, _ := newResolver(t, nil)
	first, cancel := context.WithCancel(ctx)
	left := make(chan error)
	go func() { _, err := r.Actor(first, p.actor("/a")); left <- err }()
	<-entered
	var others sync.WaitGroup
	for range 20 {
		others.Go(func() {
			if _, err := r.Actor(ctx, p.actor("/a")); err != nil {
				t.Errorf("another waiter failed: %v", err)
			}
		})
	}
	cancel()
	expectKind(t, <-left, Temporary)
	close(release)
	others.Wait()
	p.expect("/a", 1)
}

func TestPlacesForOneHostAreBounded(t *testing.T) {
	p, q := newPeer(t), newPeer(t)
	entered, release := make(chan struct{}, 10), make(chan struct{})
	slow := func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-release
		p.document(note(r.URL.Path, "HOST/a"))(w, r)
	}
	for _, path := range []string{"/1", "/2", "/3", "/4"} {
		p.handle(path, slow)
	}
	q.serve("/fast", note("/fast", "HOST/a"))
	r, _ := newResolver(t, func(o *Options) { o.PerDomain, o.MaxWaiting = 2, 1 })
	results := make(chan error, 4)
	get := func(path string) { go func() { _, err := r.Object(ctx, p.object(path)); results <- err }() }
	get("/1")
	get("/2")
	<-entered
	<-entered
	get("/3")
	get("/4")
	err := <-results // one of the two finds the queue full; the other waits
	if !errors.Is(err, errDomainBusy) {
		t.Errorf("got %v", err)
	}
	expectKind(t, err, Temporary)
	must(r.Object(ctx, q.object("/fast")))(t)
	if p.total() != 2 {
		t.Errorf("%d requests at a time, want 2", p.total())
	}
	close(release)
	for range 3 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}

func TestFlightsAreBounded(t *testing.T) {
	p := newPeer(t)
	entered, release := make(chan struct{}), make(chan struct{})
	p.handle("/1", func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-release
		p.document(simple("/1"))(w, r)
	})
	r, _ := newResolver(t, func(o *Options) { o.MaxFlights = 1 })
	done := make(chan error)
	go func() { _, err := r.Actor(ctx, p.actor("/1")); done <- err }()
	<-entered
	_, err := r.Actor(ctx, p.actor("/2"))
	expectKind(t, err, Temporary)
	if !errors.Is(err, errBusy) {
		t.Errorf("got %v", err)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	_, err = r.Actor(ctx, p.actor("/2"))
	expectKind(t, err, NotFound)
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	p := newPeer(t)
	entered := make(chan struct{})
	p.handle("/a", func(_ http.ResponseWriter, r *http.Request) { close(entered); <-r.Context().Done() })
	r, _ := newResolver(t, nil)
	done := make(chan error)
	go func() { _, err := r.Actor(ctx, p.actor("/a")); done <- err }()
	<-entered
	r.Close()
	err := <-done
	expectKind(t, err, Temporary)
	if _, ok := r.memory.failure(actorName(p.actor("/a"))); ok {
		t.Error("our own end is remembered as the peer's failure")
	}
	_, err = r.Actor(ctx, p.actor("/b"))
	if !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}

func TestPanicInAFlightIsAnError(t *testing.T) {
	r, _ := newResolver(t, func(o *Options) {
		o.Sign = func(*http.Request, httpsig.Scheme) error { panic("boom") }
	})
	_, err := r.Actor(ctx, "http://127.0.0.1:1/a")
	expectKind(t, err, Invalid)
	_, err = r.Actor(ctx, "http://127.0.0.1:1/a")
	expectKind(t, err, Invalid)
}

func TestCacheIsBoundedInEntriesAndCost(t *testing.T) {
	c := newCache[int](3, 3*(256+1)+100)
	later := start.Add(time.Hour)
	for i, key := range []string{"a", "b", "c", "d"} {
		c.put(key, i, 0, later)
	}
	if _, ok := c.get("a", start); ok || c.lru.Len() != 3 {
		t.Error("more entries than allowed")
	}
	c.put("d", 9, 100, later)
	if v, ok := c.get("d", start); !ok || v != 9 || c.lru.Len() != 3 {
		t.Error("an entry that replaces its older self costs twice")
	}
	c.put("e", 5, 101, later)
	if _, ok := c.get("e", start); !ok || c.lru.Len() != 2 {
		t.Errorf("cost is not bounded: %d entries", c.lru.Len())
	}
	c.put("huge", 1, 10_000, later)
	if _, ok := c.get("huge", start); ok || c.lru.Len() != 2 {
		t.Error("what does not fit drove out the others")
	}
	for _, key := range []string{"b", "c", "d", "e"} {
		c.remove(key)
	}
	if c.cost != 0 {
		t.Errorf("an empty cache costs %d", c.cost)
	}
}

func TestKindOf(t *testing.T) {
	if KindOf(nil) != 0 || KindOf(errors.New("x")) != Temporary {
		t.Error("errors of others")
	}
	err := &Error{Kind: Refused, URL: "https://x.example/", Status: 403, Err: errors.New("why")}
	if got := err.Error(); got != "fetch https://x.example/: refused (status 403): why" {
		t.Error(got)
	}
	if Kind(0).String() != "unknown" || Kind(99).String() != "unknown" {
		t.Error("names of unknown kinds")
	}
}
