package public

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"golang.org/x/net/html"

	"earshot/internal/address"
	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/problem"
	"earshot/store"
)

func wants(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q:\n%s", part, page)
		}
	}
}

func lacks(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(page, part) {
			t.Errorf("the page has %q:\n%s", part, page)
		}
	}
}

func (p *place) page(path string) string {
	p.Helper()
	w := p.get(path)
	if w.Code != http.StatusOK {
		p.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("Vary") != "Accept, Accept-Language" {
		p.Errorf("GET %s: headers %v", path, w.Header())
	}
	wellFormed(p.T, w.Body.String())
	return w.Body.String()
}

var voidElements = regexp.MustCompile(`^(meta|link|img|br|hr|input)$`)

// wellFormed checks that elements are closed in order, ids are unique, and
// nothing is there that the policy would forbid or that leads to third parties.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	var open []string
	ids := map[string]bool{}
	z := html.NewTokenizer(strings.NewReader(page))
	for tt := z.Next(); tt != html.ErrorToken; tt = z.Next() {
		tok := z.Token()
		switch tt {
		case html.StartTagToken:
			if tok.Data == "script" || tok.Data == "style" || tok.Data == "iframe" {
				t.Errorf("a <%s> on the page", tok.Data)
			}
			for _, a := range tok.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
					t.Errorf("<%s %s=%q>", tok.Data, a.Key, a.Val)
				}
				if fetched(tok, a.Key) && (!strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//")) {
					t.Errorf("a request to a third party: %q", a.Val)
				}
				if a.Key == "id" {
					if ids[a.Val] {
						t.Errorf("the id %q is there twice", a.Val)
					}
					ids[a.Val] = true
				}
			}
			if !voidElements.MatchString(tok.Data) {
				open = append(open, tok.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != tok.Data {
				t.Fatalf("</%s> closes nothing; open: %v", tok.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("left open: %v", open)
	}
	if strings.Contains(page, "ZgotmplZ") {
		t.Error("the template found an unsafe value")
	}
}

// fetched says whether a browser asks for what an attribute names by itself.
func fetched(tok html.Token, key string) bool {
	switch key {
	case "src", "srcset", "poster", "data", "background":
		return true
	case "href":
		return tok.Data == "link" && slices.ContainsFunc(tok.Attr, func(a html.Attribute) bool {
			return a.Key == "rel" && !slices.Contains([]string{"canonical", "alternate"}, a.Val)
		})
	}
	return false
}

func TestHome(t *testing.T) {
	p := newPlace(t)
	wants(t, p.page("/"), "No desk has told its followers anything yet")
	p.addDesk(desk.Desk{Handle: "city", Name: "City Desk", Names: []string{"city"}})
	older := p.broadcast("help", "Works again since 14:05")
	newer := p.broadcast("city", "The bridge is closed")
	page := p.page("/")
	wants(t, page, "Acme Help", `href="/@help"`, "@help@acme.example", "City Desk", "We keep the lines up.",
		"#acme #fail", "<p>Works again since 14:05</p>", `href="/posts/`+string(older.ID)+`"`, `id="follow"`,
		`<meta property="og:title"`, `<time datetime="2026-03-01T12:01:00Z">`, `rel="canonical" href="https://social.acme.example/"`)
	if strings.Index(page, string(newer.ID)) > strings.Index(page, string(older.ID)) {
		t.Error("the newest is not first")
	}
}

func TestHomeStaysSmall(t *testing.T) {
	p := newPlace(t)
	long := strings.Repeat("word ", 1900)
	for n := range desk.MaxDesks - 1 {
		h := desk.Handle(fmt.Sprintf("desk_%02d", n))
		p.addDesk(desk.Desk{Handle: h, Name: strings.Repeat("N", 100), Summary: strings.Repeat("s", 2000), Names: []string{fmt.Sprintf("name%d", n)}})
	}
	for range 12 {
		p.broadcast("help", long)
	}
	for _, path := range []string{"/", "/@help"} {
		if page := p.page(path); len(page) > 50_000 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
	}
	wants(t, p.page("/"), "desk_98@acme.example", "Read the rest")
}

// A desk with all names and calls that it can have, and the longest that it can
// be called and say, in a script of three bytes a letter, still comes quickly to
// a phone.
func TestPagesStaySmallWhateverIsSaid(t *testing.T) {
	p := newPlace(t)
	tag := func(n int) string { return strings.Repeat("語", 12) + fmt.Sprintf("%02d", n) }
	d := desk.Desk{Handle: "full", Name: strings.Repeat("名", 100), Summary: strings.Repeat("述", 2000)}
	for n := range 100 {
		if d.Calls = append(d.Calls, tag(n)); n < 50 {
			d.Names = append(d.Names, "n"+tag(n))
		}
	}
	p.addDesk(d)
	long := strings.Repeat("報", app.MaxText)
	i := p.report(nil)
	var last desk.Post
	for range 30 {
		p.broadcast("full", long)
		last = p.reply(i, app.ReplyInput{Text: long})
	}
	for _, path := range []string{"/", "/@full", "/listening", "/is-it-you", "/follow", issuePathOf(i), postPath(last)} {
		if page := p.page(path); len(page) > 50_000 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
	}
}

// The page that a hashtag of a broadcast leads to: in every spelling, page by page.
func TestBroadcastsWithAHashtag(t *testing.T) {
	p := newPlace(t)
	for n := range 24 {
		p.broadcast("help", fmt.Sprintf("News number %d #St\u00f6rung%d.", n, n%2))
	}
	page := p.page("/@help?tag=storung1")
	wants(t, page, "#storung1", "News number 23 ", "noindex", "Back to the newest", `rel="next"`)
	lacks(t, page, "News number 22 ", `id="follow"`)
	all := page
	for pages := 0; pages < 5; pages++ {
		next := strings.ReplaceAll(regexp.MustCompile(`/@help\?after=[^"]+`).FindString(page), "&amp;", "&")
		if next == "" {
			break
		}
		page = p.page(next)
		all += page
	}
	wants(t, all, "News number 1 ")
	lacks(t, all, "News number 0 ")
	wants(t, p.page("/@help?tag=ST\u00d6RUNG0"), "News number 22 ")
	wants(t, p.page("/@help?tag=none"), "There is no broadcast with this hashtag.")
	wants(t, p.page("/@help?tag=%23"), "News number 23 ", `id="follow"`) // no tag at all
}

func TestDesk(t *testing.T) {
	p := newPlace(t)
	var posts []desk.Post
	for n := range 12 {
		posts = append(posts, p.broadcast("help", fmt.Sprintf("News number %d.", n)))
	}
	w := p.get("/@help")
	page := w.Body.String()
	wants(t, page, "@help@acme.example", "#acme", "#outage", "News number 11.", `rel="next"`,
		`<link rel="alternate" type="application/activity+json" href="https://social.acme.example/desks/help">`)
	lacks(t, page, "News number 1.", "noindex")
	if want := `<https://social.acme.example/desks/help>; rel="alternate"; type="application/activity+json"`; w.Header().Get("Link") != want {
		t.Errorf("Link: %q", w.Header().Get("Link"))
	}
	next := regexp.MustCompile(`/@help\?after=[^"]+`).FindString(page)
	wants(t, p.page(next), "News number 1.", "News number 0.", "noindex", "Back to the newest", "Older broadcasts")
	for _, path := range []string{"/@nobody", "/@relay", "/@help?after=nonsense", "/@help/more", "/@"} {
		if w := p.get(path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, w.Code)
		}
	}
	// Taken away: older ones are found all the same.
	for _, post := range posts[1:] {
		must(p.app.RetractPost(t.Context(), app.By{}, post.ID))(t)
	}
	page = p.page("/@help")
	wants(t, page, "News number 0.")
	lacks(t, page, "News number 5.")
}

func TestDeskWithoutNames(t *testing.T) {
	p := newPlace(t)
	p.addDesk(desk.Desk{Handle: "quiet"})
	page := p.page("/@quiet")
	wants(t, page, "does not listen for hashtags", "Mention @quiet@acme.example from")
	lacks(t, page, "#fail")
}

func TestHostileWordsAreInert(t *testing.T) {
	p := newPlace(t)
	bad := `"><script>alert(1)</script><img src=x onerror=alert(2)> javascript:alert(3) https://e.example/"onmouseover=x {{.}}`
	edit := app.DeskEdit{Name: &[]string{`<b onclick=x>"'` + "\u202e"}[0], Summary: &bad}
	must(p.app.EditDesk(t.Context(), app.By{}, "help", edit))(t)
	check(t, p.app.Update(t.Context(), func(tx *app.Tx) error { // a name as one could be before names were checked
		d, _, err := tx.Desks().Get("help")
		if err != nil {
			return err
		}
		d.Names = []string{`"><svg/onload=x>`}
		return tx.Desks().Put(d)
	}))
	b := p.broadcast("help", bad)
	b.Language = `en" onclick="x` // as one could be before languages were checked
	check(t, p.app.Update(t.Context(), func(tx *app.Tx) error { return tx.Posts().Put(b) }))
	i := p.report(func(h *app.Heard) { h.Post.URL = `javascript:alert(4)//"` })
	r := p.reply(i, app.ReplyInput{Text: bad})
	for _, path := range []string{"/", "/@help", "/posts/" + string(b.ID), "/posts/" + string(r.ID), "/issues/" + string(i)} {
		page := p.page(path) // checks elements and attributes
		lacks(t, page, "<script", "<img src=x", "<svg", "<b onclick", "javascript:alert(4)")
	}
	lacks(t, p.get(`/posts/<script>`).Body.String(), "<script")
	wants(t, p.page("/posts/"+string(r.ID)), `href="https://m.example/objects/`) // the id, where the url is no web address
}

// Federation leaves to the pages only what the address book knows as theirs: a page
// that is not in it would be answered with 404 by the program.
func TestAddressesOfPagesAreReserved(t *testing.T) {
	p := newPlace(t)
	check(t, p.pages.routes().Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		first, _, _ := strings.Cut(path[1:], "/")
		first, _, _ = strings.Cut(first, ".{")
		if path != "/" && !strings.HasPrefix(path, "/@") && first != "issues" && first != "feed" && !address.Reserved(first) {
			t.Errorf("%s is not among the server's own addresses", path)
		}
		return nil
	}))
}

func TestErrorPages(t *testing.T) {
	p := newPlace(t)
	for path, parts := range map[string][]string{
		"/nothing":                {"404", "There is nothing here"},
		"/static/style.css":       {"404"},
		"/static/style-0000.css":  {"404"},
		"/issues/nothing":         {"404"},
		"/posts/a\u0000b":         {"404"},
		"/issues/" + "not/anyone": {"404"},
	} {
		w := p.do(http.MethodGet, strings.ReplaceAll(path, "\x00", "%00"))
		if w.Code != http.StatusNotFound || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("GET %q: %d %v", path, w.Code, w.Header())
		}
		request := w.Header().Get(problem.HeaderRequest)
		if request == "" {
			t.Errorf("GET %q: no request id", path)
		}
		wants(t, w.Body.String(), append(parts, request)...)
		wellFormed(t, w.Body.String())
	}
	if w := p.do(http.MethodPost, "/@help"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	check(t, p.app.Store().Close())
	w := p.get("/")
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("over a shut store: %d %v", w.Code, w.Header())
	}
	lacks(t, w.Body.String(), store.ErrClosed.Error())
}
