package console

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/id"
	"earshot/internal/picture"
	"earshot/internal/picture/proxy"
	"earshot/internal/safehttp"
	"earshot/internal/test/browser"
)

// gallery is a server of strangers with pictures, which counts who asks for what.
type gallery struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int
}

func newGallery(t *testing.T) *gallery {
	t.Helper()
	g := &gallery{asked: map[string]int{}}
	m := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for n := range 64 * 48 {
		m.SetRGBA(n%64, n/64, color.RGBA{200, 30, 30, 255})
	}
	var b bytes.Buffer
	check(t, jpeg.Encode(&b, m, nil))
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		g.asked[r.URL.Path]++
		g.mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "script.png") {
			_, _ = w.Write([]byte("<svg><script>alert(1)</script></svg>")) // the reader may have gone
			return
		}
		_, _ = w.Write(b.Bytes()) // the same
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gallery) times(path string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked[path]
}

// withPictures makes a room whose console shows pictures.
func withPictures(t *testing.T, faces bool) *room {
	t.Helper()
	r := newRoom(t)
	client := safehttp.New(safehttp.Options{AllowPrivate: true, MaxBytes: picture.MaxBytes})
	t.Cleanup(client.CloseIdle)
	r.desks.pictures = must(proxy.New(proxy.Options{Where: r.app, Client: client, Clock: r.clock, Log: slog.New(slog.DiscardHandler), Dir: filepath.Join(t.TempDir(), "pictures"), Faces: faces}))(t)
	return r
}

// shows makes a reporter attach files, and returns the issue and the post.
func (r *room) shows(name string, change func(*app.Heard), files ...desk.Attachment) (desk.IssueID, desk.Post) {
	r.Helper()
	n := id.New()
	who := desk.ActorID("https://m.example/users/" + name)
	h := app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Acct: name + "@m.example", Name: name, URL: "https://m.example/@" + name, Inbox: string(who) + "/inbox"},
		Post: desk.Post{Object: desk.ObjectID("https://m.example/objects/" + n), URL: "https://m.example/p/" + n, Author: who, Text: "See the box", HTML: "<p>See the box</p>", Attachments: files,
			Mentions: []desk.ActorID{r.app.Site().Desk("help")}, Visibility: desk.VisibilityPublic, Published: r.clock.Now()}}
	change(&h)
	issue := must(r.app.Hear(r.Context(), h))(r.T).Issue
	for _, e := range must(r.app.ShowIssue(r.Context(), issue))(r.T).Timeline {
		if e.Post != nil {
			return issue, *e.Post
		}
	}
	r.Fatal("there is no post")
	return "", desk.Post{}
}

// Without a script a picture is an image of this instance, with its description below
// and a link to the original; a file of any other kind is a link. It goes
// with the words, and is shown to those who are signed in.
func TestPictures(t *testing.T) {
	g := newGallery(t)
	r := withPictures(t, false)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue, post := r.shows("ana", func(h *app.Heard) { h.Author.AvatarURL = g.URL + "/face.jpg" },
		desk.Attachment{URL: g.URL + "/box.jpg", MediaType: "image/jpeg", Alt: `A white box <with> "one" red light`},
		desk.Attachment{URL: g.URL + "/drawing.svg", MediaType: "image/svg+xml", Alt: "A drawing"},
		desk.Attachment{URL: g.URL + "/film.mp4", MediaType: "video/mp4", Alt: "A film"},
		desk.Attachment{URL: g.URL + "/untyped.PNG"},
		desk.Attachment{URL: g.URL + "/script.png", MediaType: "image/png"})
	b := r.signedIn(bo)
	page := b.get("/console/issues/" + string(issue))
	at := fmt.Sprintf("/console/pictures/%s/", post.ID)
	page.wants(t, http.StatusOK, `src="`+at+`0" width="320" height="240" loading="lazy"`, `alt="A white box &lt;with&gt; &#34;one&#34; red light"`, `src="`+at+`3"`, `src="`+at+`4"`,
		`href="`+g.URL+`/drawing.svg" rel="noreferrer noopener"`, `href="`+g.URL+`/film.mp4" rel="noreferrer noopener"`, `href="`+g.URL+`/box.jpg" rel="noreferrer noopener"`)
	page.lacks(t, `src="`+g.URL, at+"1", at+"2", "/console/faces")
	if n := len(g.asked); n != 0 {
		t.Errorf("the page alone asked for %v", g.asked)
	}
	shown := b.get(at + "0")
	if shown.status != http.StatusOK || !strings.HasPrefix(shown.body, "\xff\xd8\xff") {
		t.Fatalf("answered %d, %.10q", shown.status, shown.body)
	}
	for name, want := range map[string]string{"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"} {
		if got := shown.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for path, want := range map[string]int{at + "1": http.StatusNotFound, at + "2": http.StatusNotFound, at + "4": http.StatusBadGateway, at + "9": http.StatusNotFound, at + "-1": http.StatusNotFound,
		"/console/pictures/../../etc/passwd": http.StatusNotFound, "/console/faces?of=https://m.example/users/ana": http.StatusNotFound} {
		if got := b.get(path); got.status != want || strings.Contains(got.body, "<svg") {
			t.Errorf("%s: %d %.60s", path, got.status, got.body)
		}
	}
	if got := r.plainBrowser().get(at + "0"); !strings.HasPrefix(got.path, "/console/sign-in") {
		t.Errorf("a stranger is answered %d at %s", got.status, got.path)
	}
	if g.times("/box.jpg") != 1 || g.times("/drawing.svg")+g.times("/film.mp4")+g.times("/face.jpg") != 0 {
		t.Errorf("asked for %v", g.asked)
	}
	must(r.app.AddBlock(t.Context(), app.By{}, "m.example", ""))(t)
	if got := b.get(at + "0"); got.status != http.StatusNotFound {
		t.Errorf("of a blocked server: %d", got.status)
	}
}

// Faces are shown where the setting says so, over the initials.
func TestFacesOfPeople(t *testing.T) {
	g := newGallery(t)
	r := withPictures(t, true)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue, _ := r.shows("ana", func(h *app.Heard) { h.Author.AvatarURL = g.URL + "/face.jpg" })
	b := r.signedIn(bo)
	const at = "/console/faces?of=https%3A%2F%2Fm.example%2Fusers%2Fana"
	b.get("/console/issues/"+string(issue)).wants(t, http.StatusOK, `src="`+at+`"`)
	if got := b.get(at); got.status != http.StatusOK || got.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("answered %d %s", got.status, got.header.Get("Content-Type"))
	}
	if got := b.get("/console/faces?of=https%3A%2F%2Fm.example%2Fusers%2Fben"); got.status != http.StatusNotFound {
		t.Errorf("a person who is not stored: %d", got.status)
	}
}

// In a browser: the pictures come by themselves and move nothing; those behind a
// warning are asked for when an agent opens it.
func TestPicturesInABrowser(t *testing.T) {
	g := newGallery(t)
	r := withPictures(t, true)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	open, _ := r.shows("ana", func(h *app.Heard) { h.Author.AvatarURL = g.URL + "/face.jpg" },
		desk.Attachment{URL: g.URL + "/box.jpg", MediaType: "image/jpeg", Alt: "A white box"}, desk.Attachment{URL: g.URL + "/script.png", MediaType: "image/png", Alt: "A cable"})
	veiled, _ := r.shows("ben", func(h *app.Heard) { h.Post.Warning, h.Post.Sensitive = "a burn", true }, desk.Attachment{URL: g.URL + "/burn.jpg", MediaType: "image/jpeg", Alt: "A hand"})
	s := r.screen(browser.Phone())
	s.open("/console/issues/" + string(open))
	signIn(bo)(s.Tab)
	s.sees(`[...document.querySelectorAll('.pictures img, .face img')].every(i => { i.scrollIntoView(); return i.complete })`)
	s.sees(`document.querySelector('.pictures img').naturalWidth === 64 && document.querySelector('.face img').naturalWidth === 64`)
	s.wants(".pictures", "A white box", "the original at")
	if !s.is(`[...document.querySelectorAll('.pictures img')].every(i => i.getBoundingClientRect().height === document.querySelector('.pictures img').getBoundingClientRect().height)`) {
		t.Error("a picture that is shown and one that is not have boxes of different height")
	}
	s.open("/console/issues/" + string(veiled))
	s.sees(`document.querySelector('.veil') !== null`)
	s.sees(`document.readyState === 'complete'`)
	s.wants(".veil", "a burn")
	if g.times("/burn.jpg") != 0 {
		t.Error("a picture behind a warning was asked for")
	}
	s.Tab.Do(chromedp.Click(chromedp.CSS(".veil summary")))
	s.sees(`document.querySelector('.veil img').naturalWidth === 64`)
	if g.times("/burn.jpg") != 1 || g.times("/box.jpg") != 1 {
		t.Errorf("asked for %v", g.asked)
	}
	if n := s.Overflows(); n > 0 {
		t.Errorf("the page is %d pixels wider than the phone", n)
	}
}
