package source

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/clock"
	"earshot/internal/desk"
	"earshot/internal/drop"
	"earshot/internal/safehttp"
	"earshot/internal/test/cost"
	"earshot/internal/test/feeds"
	"earshot/store"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shared is the http of tests, which reaches this machine.
func testWeb() *Web {
	return &Web{safehttp.New(safehttp.Options{AllowPrivate: true}), safehttp.HostPolicy{Site: desk.Site{URL: "http://earshot.example", HandleDomain: "acme.example"}}}
}

// reader polls an emulated server as the tender does.
type reader struct {
	t     *testing.T
	feed  *feeds.Server
	clock *clock.Fake
	k     *timeline
	s     store.Source
	token string
}

func newReader(t *testing.T, f *feeds.Server, tags ...string) *reader {
	t.Helper()
	c := clock.NewFake(noon)
	f.Clock = c
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return &reader{t: t, feed: f, clock: c, k: &timeline{web: testWeb()}, s: store.Source{ID: "s", Kind: KindTimeline, URL: server.URL, Tags: tags, Created: noon}}
}

// poll polls once, and returns the objects that were offered and are not skipped.
func (r *reader) poll() (out []string, found app.Polled, err error) {
	r.t.Helper()
	found, err = r.k.Poll(r.t.Context(), Asked{r.s, r.token, r.clock.Now()})
	if found.Cursors != nil {
		r.s.Cursors = found.Cursors
	}
	if err == nil {
		r.s.Polls++
		if found.Access != "" {
			r.s.Access, r.s.AccessAt = found.Access, r.clock.Now()
		}
		if found.Looked != "" {
			r.s.Looked = map[string]time.Time{found.Looked: r.clock.Now()}
		}
	}
	for _, b := range found.Posts {
		if b.Skip == "" {
			out = append(out, string(b.Object))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), found, err
}

func (r *reader) offers(want ...string) {
	r.t.Helper()
	r.clock.Advance(time.Minute)
	got, _, err := r.poll()
	if err != nil || !slices.Equal(got, want) {
		r.t.Errorf("offered %v, %v; want %v", got, err, want)
	}
}

// What was there before is history; after that each post is offered, also when there
// are more than a page, and one that reached the server late.
func TestTimelineGoesForward(t *testing.T) {
	r := newReader(t, &feeds.Server{Local: "public", Remote: "public"}, "acme")
	r.feed.Clock.(*clock.Fake).Advance(-time.Hour)
	r.feed.Add(feeds.Post{URI: "old", Tags: []string{"acme"}})
	r.clock.Advance(time.Hour)
	r.offers()
	r.offers()
	r.feed.Add(feeds.Post{URI: "new", Tags: []string{"Acme", "fail"}})
	r.offers("new")
	r.offers()
	var want []string
	for n := range 95 {
		p := r.feed.Add(feeds.Post{URI: fmt.Sprintf("many%02d", n), Tags: []string{"acme"}})
		want = append(want, p.URI)
	}
	r.offers(want...)
	r.feed.Add(feeds.Post{ID: "115000000000000001", URI: "late", Tags: []string{"acme"}}) // behind all of these
	seen := false
	for range rescanEvery {
		r.clock.Advance(time.Minute)
		got, _, err := r.poll()
		if err != nil {
			t.Fatal(err)
		}
		seen = seen || slices.Contains(got, "late")
	}
	if !seen {
		t.Error("a post that came late is never offered behind two pages of newer ones")
	}
	seen = false
	r.feed.Add(feeds.Post{ID: "11500000000000095" + "5", URI: "later", Tags: []string{"acme"}})
	for range rescanEvery {
		r.clock.Advance(time.Minute)
		got, _, err := r.poll()
		if err != nil {
			t.Fatal(err)
		}
		seen = seen || slices.Contains(got, "later")
	}
	if !seen {
		t.Error("a post just behind the cursor is never offered")
	}
}

// The look back ends at posts of long ago, and after five pages.
func TestTimelineLooksBackWithinABound(t *testing.T) {
	r := newReader(t, &feeds.Server{}, "acme")
	r.offers()
	for n := range 300 {
		r.feed.Add(feeds.Post{URI: fmt.Sprintf("many%03d", n), Tags: []string{"acme"}})
	}
	back := func(want int) {
		t.Helper()
		r.s.Polls = rescanEvery - 1
		_, found, err := r.poll()
		if err != nil || len(found.Posts) != want {
			t.Errorf("%d posts, %v; want %d", len(found.Posts), err, want)
		}
	}
	for found := (app.Polled{More: true}); found.More; {
		_, found, _ = r.poll()
	}
	back(pagesBack * pageSize)
	r.clock.Advance(time.Hour)
	r.s.Looked["acme"] = r.clock.Now()
	back(pageSize)
}

// The look back begins before the last one that came to its end, however long ago that was.
func TestTimelineLooksBackToTheLastLook(t *testing.T) {
	for name, c := range map[string]struct {
		ration int
		looked time.Duration // ago; 0: never
		posts  int
		ends   string
	}{
		"a while ago":            {0, time.Minute, pageSize, "acme"},
		"long ago":               {0, 5 * time.Hour, 61, "acme"},
		"never":                  {0, 0, 61, "acme"},
		"not to the end of them": {2, 5 * time.Hour, pageSize, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReader(t, &feeds.Server{Ration: c.ration}, "acme")
			for n := range 60 {
				r.feed.Add(feeds.Post{URI: fmt.Sprintf("many%02d", n), Tags: []string{"acme"}})
			}
			last := r.feed.Add(feeds.Post{URI: "last", Tags: []string{"acme"}})
			r.clock.Advance(5 * time.Hour)
			now := r.clock.Now()
			r.s.Cursors, r.s.Polls, r.s.Access, r.s.AccessAt = map[string]string{"acme": last.ID}, rescanEvery-1, accessAll, now
			if c.looked > 0 {
				r.s.Looked = map[string]time.Time{"acme": now.Add(-c.looked)}
			}
			_, found, err := r.poll()
			if err != nil || len(found.Posts) != c.posts || found.Looked != c.ends {
				t.Errorf("%d posts, looked at %q, %v; want %d, %q", len(found.Posts), found.Looked, err, c.posts, c.ends)
			}
		})
	}
}

// A source of many busy tags goes on at a server that answers few requests: the look back
// takes the rest of the ration, and no poll fails by it.
func TestTimelineLooksBackWithinARation(t *testing.T) {
	var tags []string
	for n := range 15 {
		tags = append(tags, fmt.Sprintf("tag%02d", n))
	}
	r := newReader(t, &feeds.Server{Ration: 60}, tags...)
	next := r.clock.Now()
	poll := func() []string {
		t.Helper()
		r.clock.Advance(max(time.Minute, next.Sub(r.clock.Now())))
		got, found, err := r.poll()
		next = found.NotBefore
		if err != nil {
			w, waits := errors.AsType[*Wait](err)
			if !waits {
				t.Fatal(err)
			}
			next = w.Until
		}
		return got
	}
	poll()
	for _, tag := range tags {
		for n := range pagesBack * pageSize {
			r.feed.Add(feeds.Post{URI: fmt.Sprintf("%s-%03d", tag, n), Tags: []string{tag}, Published: noon.Add(24 * time.Hour)})
		}
	}
	for range 8 * rescanEvery {
		last := r.feed.Add(feeds.Post{URI: fmt.Sprintf("at%d", r.s.Polls), Tags: tags[14:]})
		missed := true
		for range 5 { // until a new ration
			if slices.Contains(poll(), last.URI) {
				missed = false
				break
			}
		}
		if missed {
			t.Fatalf("after %d polls nothing new is read", r.s.Polls)
		}
	}
	if r.s.Polls < 4*rescanEvery {
		t.Errorf("%d polls came to an end", r.s.Polls)
	}
}

// A look back that fails ends itself, and not the poll.
func TestTimelineGoesOnWithoutTheLook(t *testing.T) {
	r := newReader(t, &feeds.Server{Wrong: func(w http.ResponseWriter, r *http.Request) bool {
		q := r.URL.Query()
		if r.URL.Path == "/api/v2/instance" || q.Get("min_id") != "" {
			return false
		}
		w.WriteHeader(http.StatusBadGateway)
		return true
	}}, "acme")
	first := r.feed.Add(feeds.Post{URI: "first", Tags: []string{"acme"}})
	r.s.Cursors = map[string]string{"acme": first.ID}
	for n := range 2 * rescanEvery {
		uri := fmt.Sprintf("new%02d", n)
		r.feed.Add(feeds.Post{URI: uri, Tags: []string{"acme"}})
		r.offers(uri)
	}
}

// The tags that were read before one that fails are not read again, and one that was never
// read begins with its history.
func TestTimelineKeepsWhatWasRead(t *testing.T) {
	broken := true
	r := newReader(t, &feeds.Server{Wrong: func(w http.ResponseWriter, r *http.Request) bool {
		if broken && strings.HasSuffix(r.URL.Path, "/beta") {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	}}, "acme", "beta")
	r.feed.Clock.(*clock.Fake).Advance(-time.Hour)
	r.feed.Add(feeds.Post{URI: "old", Tags: []string{"beta"}})
	r.clock.Advance(time.Hour)
	a := r.feed.Add(feeds.Post{URI: "a", Tags: []string{"acme"}})
	if _, found, err := r.poll(); err == nil || len(found.Cursors) != 1 || found.Cursors["acme"] != a.ID {
		t.Fatalf("%v, %v", found.Cursors, err)
	}
	broken = false
	r.offers()
	r.feed.Add(feeds.Post{URI: "b", Tags: []string{"beta"}})
	r.offers("b")
}

// The cursor is that of the Link header, if this leads to a hashtag of the same server.
func TestLinkedAhead(t *testing.T) {
	const base = "https://social.example"
	for header, want := range map[string]string{
		`<https://social.example/api/v1/timelines/tag/acme?max_id=1>; rel="next", <https://social.example/api/v1/timelines/tag/acme?limit=40&min_id=9>; rel="prev"`: "9",
		`<https://social.example/api/v1/timelines/tag/a,b?min_id=01ABC>; rel=prev`:                                                                                  "01ABC",
		`<https://social.example/api/v1/timelines/tag/acme?min_id=9>; rel="next"`:                                                                                   "",
		`<https://evil.example/api/v1/timelines/tag/acme?min_id=9>; rel="prev"`:                                                                                     "",
		`<https://social.example@evil.example/api/v1/timelines/tag/acme?min_id=9>; rel="prev"`:                                                                      "",
		`<http://social.example/api/v1/timelines/tag/acme?min_id=9>; rel="prev"`:                                                                                    "",
		`<https://social.example/api/v1/accounts/1?min_id=9>; rel="prev"`:                                                                                           "",
		`</api/v1/timelines/tag/acme?min_id=9>; rel="prev"`:                                                                                                         "",
		`<https://social.example/api/v1/timelines/tag/acme?min_id=a%0Ab>; rel="prev"`:                                                                               "",
		`<https://social.example/api/v1/timelines/tag/acme?min_id=` + strings.Repeat("9", 200) + `>; rel="prev"`:                                                    "",
		`<https://social.example/api/v1/timelines/tag/acme>; rel="prev"`:                                                                                            "",
		`<%zz>; rel="prev", <<<<`:    "",
		`<`:                          "",
		strings.Repeat("<", 100_000): "",
		"":                           "",
	} {
		if got := linkedAhead(base, header); got != want {
			t.Errorf("%.100s: %q, want %q", header, got, want)
		}
	}
}

// A server whose cursors are not the ids of its posts is read by its Link header.
func TestTimelineFollowsLink(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v2/instance" {
			_, _ = w.Write([]byte("{}"))
			return
		}
		asked = append(asked, r.URL.Query().Get("min_id"))
		w.Header().Set("Link", "<http://"+r.Host+r.URL.Path+"?min_id=c"+fmt.Sprint(len(asked))+`>; rel="prev"`)
		_, _ = w.Write([]byte(`[{"id":"` + fmt.Sprint(len(asked)) + `","uri":"https://a.example/1","visibility":"public","tags":[]}]`))
	}))
	t.Cleanup(server.Close)
	k := &timeline{web: testWeb()}
	s := store.Source{ID: "s", Kind: KindTimeline, URL: server.URL, Tags: []string{"acme"}, Created: noon}
	for range 3 {
		found, err := k.Poll(t.Context(), Asked{s, "", noon})
		if err != nil {
			t.Fatal(err)
		}
		s.Cursors = found.Cursors
	}
	if want := []string{"", "c1", "c2"}; !slices.Equal(asked, want) {
		t.Errorf("asked behind %q, want %q", asked, want)
	}
}

// A server that showed nothing at first shows all that is new.
func TestTimelineThatBeginsEmpty(t *testing.T) {
	r := newReader(t, &feeds.Server{}, "acme", "störung")
	r.offers()
	r.feed.Add(feeds.Post{URI: "one", Tags: []string{"acme"}})
	r.feed.Add(feeds.Post{URI: "two", Tags: []string{"Störung"}})
	r.offers("one", "two")
	r.offers()
}

// What the timeline itself says of a post is enough to leave it where it is.
func TestTimelineSkips(t *testing.T) {
	r := newReader(t, &feeds.Server{}, "acme")
	r.offers()
	r.feed.Add(feeds.Post{URI: "quiet", Tags: []string{"acme"}, Visibility: "unlisted"})
	r.feed.Add(feeds.Post{URI: "boost", Tags: []string{"acme"}, Boost: true})
	r.feed.Add(feeds.Post{URI: "bot", Tags: []string{"acme"}, Bot: true})
	_, found, err := r.poll()
	var why []drop.Reason
	for _, b := range found.Posts {
		why = append(why, b.Skip)
	}
	slices.Sort(why)
	if want := []drop.Reason{drop.Bot, drop.NotAddressed, drop.NotPublic}; err != nil || !slices.Equal(why, want) {
		t.Errorf("%v, %v; want %v", why, err, want)
	}
}

// Who may read: Mastodon 4.4, 4.5 with its rules, GoToSocial with a token.
func TestTimelineAccess(t *testing.T) {
	for name, c := range map[string]struct {
		feed   *feeds.Server
		token  string
		access string // "": refused
		asks   string // one of the requests
	}{
		"4.4":                    {&feeds.Server{}, "", accessAll, "/api/v1/timelines/tag/acme?limit=40"},
		"4.5, open":              {&feeds.Server{Local: "public", Remote: "public"}, "", accessAll, "limit=40"},
		"4.5, own people only":   {&feeds.Server{Local: "public", Remote: "authenticated"}, "", accessLocal, "local=true"},
		"4.5, remote disabled":   {&feeds.Server{Local: "public", Remote: "disabled"}, "", accessLocal, "local=true"},
		"4.5, closed":            {&feeds.Server{Local: "authenticated", Remote: "authenticated"}, "", "", "/api/v2/instance"},
		"4.5, with a token":      {&feeds.Server{Local: "authenticated", Remote: "authenticated", Token: "t"}, "t", accessAll, "limit=40"},
		"4.5, with a bad token":  {&feeds.Server{Local: "authenticated", Remote: "authenticated", Token: "t"}, "x", "", "limit=40"},
		"GoToSocial":             {&feeds.Server{Strict: true, Token: "t"}, "", "", "local=true"},
		"GoToSocial, with token": {&feeds.Server{Strict: true, Token: "t"}, "t", accessAll, "limit=40"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReader(t, c.feed, "acme")
			r.token = c.token
			_, found, err := r.poll()
			asked := r.feed.Asked()
			if c.access == "" {
				if desk.ErrorCode(err) != desk.CodeForbidden {
					t.Errorf("refused with %v", err)
				}
			} else if err != nil || found.Access != c.access {
				t.Errorf("access %q, %v; want %q", found.Access, err, c.access)
			}
			if !slices.ContainsFunc(asked, func(s string) bool { return strings.Contains(s, c.asks) }) || len(asked) > 3 {
				t.Errorf("asked %v, want %s", asked, c.asks)
			}
		})
	}
}

// A ration is kept: with nothing left we wait, and after 429 too.
func TestTimelineWaits(t *testing.T) {
	r := newReader(t, &feeds.Server{Ration: 3}, "acme")
	reset := noon.Add(5 * time.Minute)
	if _, found, err := r.poll(); err != nil || !found.NotBefore.IsZero() {
		t.Fatalf("%v, %v", found.NotBefore, err)
	}
	if _, found, err := r.poll(); err != nil || !found.NotBefore.Equal(reset) {
		t.Errorf("not before %v, %v; want %v", found.NotBefore, err, reset)
	}
	_, _, err := r.poll()
	if w, ok := errors.AsType[*Wait](err); !ok || !w.Until.Equal(reset) {
		t.Errorf("%v: want to wait until %v", err, reset)
	}
}

func TestLimits(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"2026-03-01T12:04:00.000000Z": 4 * time.Minute, "240": 4 * time.Minute, "1772366640": 4 * time.Minute, "1772366640000": 4 * time.Minute,
		"2099-01-01T00:00:00Z": maxWait, "99999999999999": maxWait, "": 0, "-5": 0, "soon": 0, "9999999999999999999999": 0,
	} {
		h := http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {in}}
		got := limits(&safehttp.Response{Status: 200, Header: h}, noon)
		if want == 0 != got.IsZero() || want != 0 && !got.Equal(noon.Add(want)) {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
	if got := limits(&safehttp.Response{Status: 503, Header: http.Header{"Retry-After": {"30"}}}, noon); !got.Equal(noon.Add(30 * time.Second)) {
		t.Errorf("Retry-After: %v", got)
	}
}

// A server that answers nonsense is said so, in words, and does no harm.
func TestTimelineOfAHostileServer(t *testing.T) {
	says := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.Contains(r.URL.Path, "timelines") {
				return false
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	full := func() string {
		one := `{"id":"7","uri":"https://m.example/1","visibility":"public","created_at":"2026-03-01T12:01:00Z","tags":[{"name":"acme"}],"account":{}}`
		return "[" + strings.Repeat(one+",", pageSize-1) + one + "]"
	}()
	for name, c := range map[string]struct {
		wrong func(http.ResponseWriter, *http.Request) bool
		id    string // of the error; "": none
	}{
		"a page":             {says(200, "<!doctype html><p>hello"), "source_no_list"},
		"an object":          {says(200, `{"error":"x"}`), "source_no_list"},
		"null":               {says(200, `null`), ""},
		"ids without a form": {says(200, `[{"id":{}},{"id":[1]},{"id":"a b"},{"id":-1},{"id":""},7,null,"x",{"id":"`+strings.Repeat("9", 500)+`"}]`), ""},
		"a circle":           {says(200, full), "source_circle"},
		"an endless body":    {says(200, "["+strings.Repeat(" ", 2<<20)), "source_unreachable"},
		"a failure":          {says(500, "oops"), "source_status"},
		"clocks that are wrong": {says(200, `[{"id":"9","uri":"https://m.example/9","visibility":"public","created_at":"2999-01-01T00:00:00Z","edited_at":"0000-00-00"},
			{"id":"8","uri":"https://m.example/8","visibility":"public","created_at":"yesterday"},{"id":"7","uri":"https://m.example/7","visibility":"public","created_at":"-1"}]`), ""},
		"too often": {says(429, ""), "source_busy"},
		"another server": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://127.0.0.2:1/", 302)
			return true
		}, "source_elsewhere"},
		"a redirect to itself": {func(w http.ResponseWriter, r *http.Request) bool { http.Redirect(w, r, r.URL.Path, 302); return true }, "source_unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReader(t, &feeds.Server{Wrong: c.wrong}, "acme")
			r.s.Cursors = map[string]string{"acme": "5"}
			_, found, err := r.poll()
			if desk.ErrorID(err) != c.id {
				t.Errorf("%v, want %s", err, c.id)
			}
			if len(found.Posts) > 3*pageSize {
				t.Errorf("%d posts are offered", len(found.Posts))
			}
		})
	}
}

// The token of an account goes to its server and nowhere else.
func TestTokenStays(t *testing.T) {
	leaked := ""
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { leaked += r.Header.Get("Authorization") }))
	defer other.Close()
	r := newReader(t, &feeds.Server{Token: "secret", Wrong: func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
		return true
	}}, "acme")
	r.token = "secret"
	if _, _, err := r.poll(); err == nil || leaked != "" {
		t.Errorf("%v; another server got %q", err, leaked)
	}
}

func TestFindTimeline(t *testing.T) {
	r := newReader(t, &feeds.Server{Strict: true, Token: "t"}, "acme")
	for name, c := range map[string]struct {
		spec app.SourceSpec
		id   string
	}{
		"with a token":    {app.SourceSpec{URL: r.s.URL + "/", Tags: []string{"#Acme", "acme", "Störung"}, Token: "t", Every: 120}, ""},
		"without a token": {app.SourceSpec{URL: r.s.URL, Tag: "acme"}, "source_closed"},
		"no server":       {app.SourceSpec{Tag: "acme"}, "source_server_missing"},
		"a path":          {app.SourceSpec{URL: r.s.URL + "/tags/acme", Tag: "acme"}, "source_server_path"},
		"no tag":          {app.SourceSpec{URL: r.s.URL}, "source_tag_missing"},
		"too often":       {app.SourceSpec{URL: r.s.URL, Tag: "acme", Every: 1}, "source_every_invalid"},
		"nobody there":    {app.SourceSpec{URL: "http://127.0.0.1:1", Tag: "acme"}, "source_unreachable"},
	} {
		c.spec.Kind = KindTimeline
		s, err := New(Options{Web: testWeb()}).Find(t.Context(), c.spec)
		if desk.ErrorID(err) != c.id {
			t.Errorf("%s: %v, want %s", name, err, c.id)
		}
		if err == nil && (s.URL != r.s.URL || !slices.Equal(s.Tags, []string{"Acme", "Störung"}) || s.Every != 2*time.Minute) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func FuzzReadStatuses(f *testing.F) {
	f.Add([]byte(`[{"id":"1","uri":"https://m.example/1","visibility":"public","created_at":"2026-03-01T12:01:00Z","tags":[{"name":"acme"}],"account":{"bot":true}}]`))
	f.Add([]byte(`[{"id":7,"tags":null,"reblog":{},"edited_at":null}]`))
	f.Add([]byte(`{"configuration":{"timelines_access":{"hashtag_feeds":{"local":"public","remote":"disabled"}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		posts, err := readStatuses(body)
		if err != nil && posts != nil || len(posts) > 2*pageSize {
			t.Errorf("%d posts, %v", len(posts), err)
		}
		for _, p := range posts {
			if p.id == "" || len(p.id) > maxID || strings.ContainsAny(p.id, " \n\x00") || len(p.tags) > maxTags {
				t.Errorf("%+v", p)
			}
		}
		readAccess(body)
	})
}

// A server's answers are read in a time that grows with their length.
func TestCost(t *testing.T) {
	for name, of := range map[string]func(n int) string{
		"posts": func(n int) string { return "[" + strings.Repeat(`{"id":"1"},`, n/11) + "1]" },
		"tags": func(n int) string {
			return `[{"id":"1","tags":[` + strings.Repeat(`{"name":"a"},`, n/13) + `{"name":"b"}]}]`
		},
		"ids": func(n int) string {
			return `[{"id":"` + strings.Repeat("9", n) + `"},{"id":` + strings.Repeat("9", n) + `}]`
		},
		"lines":  func(n int) string { return strings.Repeat("data:x\n", n/7) },
		"events": func(n int) string { return strings.Repeat("event:update\ndata:{}\n\n", n/21) },
		"message": func(n int) string {
			return `{"type":"channel","event":"update","payload":"` + strings.Repeat(`\"`, n/2) + `","body":{"id":"1","type":"note","body":{"id":"1","tags":[` + strings.Repeat(`"a",`, n/4) + `"b"]}}}`
		},
		"levels": func(n int) string { return strings.Repeat("[", n) },
		"keys":   func(n int) string { return `[{"id":"1",` + strings.Repeat(`"uri":"x",`, n/10) + `"uri":"y"}]` },
	} {
		t.Run(name, func(t *testing.T) {
			cost.NLogN(t, 8<<10, func(n int) func() {
				body := []byte(of(n))
				return func() {
					_, _ = readStatuses(body)
					_, _ = readNotes(body, "https://m.example")
					readAccess(body)
					readStreaming(body)
					readMessage(body)
					joined(body)
					readChannel(body, "https://m.example")
					_ = events(bytes.NewReader(body), func() {}, func(e event) error { e.status(); return nil })
				}
			})
		})
	}
}
