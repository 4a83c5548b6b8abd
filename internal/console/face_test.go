package console

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/store"
)

func TestFaceOfADesk(t *testing.T) {
	r := newRoom(t)
	r.agent("ada@acme.example", "Ada Alt", desk.RoleAdmin)
	b := r.signedIn("ada@acme.example")
	var file bytes.Buffer
	check(t, png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 800, 600))))
	icon := url.Values{"handle": {"help"}, "role": {"icon"}}
	b.upload("/console/desks/picture", "picture", file.String(), icon).wants(t, http.StatusOK, `src="/pictures/help/icon-`)
	b.upload("/console/desks/picture", "picture", "<svg/>", icon).wants(t, http.StatusBadRequest, "take a PNG, a JPEG, a GIF or a WebP")
	b.upload("/console/desks/picture", "picture", file.String(), url.Values{"handle": {"help"}, "role": {"other"}}).wants(t, http.StatusNotFound, "an icon and a header")
	b.upload("/console/desks/picture", "picture", strings.Repeat("x", 5<<20), icon).wants(t, http.StatusBadRequest, "at most 4 MB")
	b.post("/console/desks/picture/remove", icon).wants(t, http.StatusOK, "Desks")
	if page := b.get("/console/desks/help"); strings.Contains(page.body, "/pictures/help") {
		t.Error("a removed picture is still shown")
	}
	face := url.Values{"handle": {"help"}, "colour": {"#0B6B66"}, "link_name": {"Web", "", "", ""}, "link_url": {"https://acme.example/", "https://status.example/", "", ""}}
	b.post("/console/desks/face", face).wants(t, http.StatusOK, `value="#0b6b66"`, `value="https://acme.example/"`, "not proven", `&lt;a rel="me" href="http`)
	face.Set("colour", "#ffff00")
	b.post("/console/desks/face", face).wants(t, http.StatusBadRequest, "is dark enough")

	r.web.mine = map[string][]string{"https://acme.example/": {"https://elsewhere.example", r.app.Site().Profile("help") + "/"}}
	if r.web.asked != 0 {
		t.Error("a page was asked before the press")
	}
	page := b.post("/console/desks/links", url.Values{"handle": {"help"}})
	page.wants(t, http.StatusOK, "proven, <time")
	if n := strings.Count(page.body, "not proven"); n != 1 || r.web.asked != 2 {
		t.Errorf("%d links are not proven, %d pages were asked", n, r.web.asked)
	}
	// A link that stays keeps its proof; a page that no longer links back loses it.
	face.Set("colour", "")
	b.post("/console/desks/face", face).wants(t, http.StatusOK, "proven, <time")
	r.web.mine = nil
	if page := b.post("/console/desks/links", url.Values{"handle": {"help"}}); strings.Contains(page.body, "proven, <time") {
		t.Error("a proof outlived what it proved")
	}
}

// Every page of the console is in the provider's colour, also for who is not signed in.
func TestColourOfTheProvider(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.report("ana", "No internet")
	const sheet = `<link rel="stylesheet" href="/console/static/colour-`
	b := r.signedIn(bo)
	if page := b.get("/console/issues"); strings.Contains(page.body, sheet) {
		t.Error("a colour that nobody chose")
	}
	red := desk.Colour("#9b1c1c")
	must(r.app.EditDesk(t.Context(), app.By{}, "help", app.DeskEdit{Colour: &red}))(t)
	b.get("/console/issues").wants(t, http.StatusOK, sheet)
	page := r.plainBrowser().get("/console/signin")
	page.wants(t, http.StatusOK, sheet)
	at := regexp.MustCompile(`/console/static/colour-[^"]+`).FindString(page.body)
	got := b.get(at)
	got.wants(t, http.StatusOK, "--accent: #9b1c1c", "(prefers-color-scheme: dark)")
	if !strings.Contains(got.header.Get("Cache-Control"), "immutable") || !strings.Contains(got.header.Get("Content-Type"), "text/css") {
		t.Errorf("%v", got.header)
	}
	b.get("/console/static/colour-ffff00-0000000000000000.css").wants(t, http.StatusNotFound, "no such file")
}

// Any colour that a desk may have can be read on the pages of agents: the faintest are a
// grey and a purple.
func TestColourInABrowser(t *testing.T) {
	for _, c := range []desk.Colour{"#8c6464", "#c300a5"} {
		r := newRoom(t)
		r.agent(bo, "Bo Berg", desk.RoleAgent)
		i := r.report("ana", "No internet, see https://ana.example/")
		r.answer(bo, app.ReplyInput{Issue: i, Text: "We look at it: https://acme.example/"}, store.Tally{Delivered: 1})
		must(r.app.Comment(t.Context(), app.By{Agent: bo}, i, "As in https://acme.example/17"))(t)
		must(r.app.EditDesk(t.Context(), app.By{}, "help", app.DeskEdit{Colour: &c}))(t)
		browser.Inspect(t, r.server.URL, []browser.Page{
			{Name: "signin", Path: "/console/signin"},
			{Name: "thread", Path: "/console/issues/" + string(i) + "?view=all", Steps: signIn(bo)},
			{Name: "today", Path: "/console/today"},
		})
	}
}

// web is the pages that desks link to.
type web struct {
	mu    sync.Mutex
	mine  map[string][]string
	asked int
}

func (w *web) Mine(_ context.Context, page string) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if mine, ok := w.mine[page]; ok {
		return mine, nil
	}
	return nil, io.ErrUnexpectedEOF
}
