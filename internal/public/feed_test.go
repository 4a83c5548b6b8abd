package public

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func TestAtomFeed(t *testing.T) {
	p := newPlace(t)
	p.addDesk(desk.Desk{Handle: "city", Name: "City <b>Desk</b>"})
	p.broadcast("help", "First & <foremost>: https://acme.example/")
	latest := p.broadcast("city", "Second")
	for path, want := range map[string]int{"/feed.atom": 2, "/feeds/city.atom": 1, "/feeds/help.atom": 1} {
		w := p.get(path)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/atom+xml; charset=utf-8" {
			t.Fatalf("%s: %d %v", path, w.Code, w.Header())
		}
		var f atomFeed
		if err := xml.Unmarshal(w.Body.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		validAtom(t, f, "https://social.acme.example"+path)
		if len(f.Entries) != want {
			t.Errorf("%s has %d entries", path, len(f.Entries))
		}
	}
	var f atomFeed
	body := p.get("/feed.atom").Body.String()
	check(t, xml.Unmarshal([]byte(body), &f))
	if f.Entries[0].ID != string(latest.Object) || f.Entries[0].Author.Name != "City <b>Desk</b>" {
		t.Errorf("the first entry is %+v", f.Entries[0])
	}
	if got := f.Entries[1].Content.Text; !strings.Contains(got, "First &amp; &lt;foremost&gt;") || !strings.Contains(got, `<a href="https://acme.example/"`) {
		t.Errorf("content %q", got)
	}
	for _, path := range []string{"/feeds/nobody.atom", "/feeds/relay.json", "/feed.rss", "/feeds/city"} {
		p.status(path, http.StatusNotFound)
	}
}

// validAtom checks the rules of RFC 4287: section 4.1.1 for a feed, 4.1.2 for an
// entry.
func validAtom(t *testing.T, f atomFeed, self string) {
	t.Helper()
	instant := func(s string) time.Time { return must(time.Parse(time.RFC3339, s))(t) }
	if f.XMLName.Space != "http://www.w3.org/2005/Atom" || f.ID == "" || f.Title == "" {
		t.Errorf("the feed is %+v", f)
	}
	newest := instant(f.Updated)
	rels := map[string]string{}
	for _, l := range f.Links {
		rels[l.Rel+" "+l.Type] = l.Href
	}
	if rels["self application/atom+xml"] != self || rels["alternate text/html"] == "" || len(rels) != len(f.Links) {
		t.Errorf("links %v", rels)
	}
	if len(f.Entries) == 0 && (f.Author == nil || f.Author.Name == "") {
		t.Error("neither feed nor entries have an author")
	}
	ids := map[string]bool{}
	for _, e := range f.Entries {
		if e.ID == "" || ids[e.ID] || e.Title == "" || e.Author.Name == "" || len(e.Links) == 0 || e.Links[0].Href == "" || e.Content.Type != "html" {
			t.Errorf("the entry is %+v", e)
		}
		ids[e.ID] = true
		if at := instant(e.Updated); at.After(newest) || at.Before(instant(e.Published)) {
			t.Errorf("the entry of %s was updated %s, the feed %s", e.Published, e.Updated, f.Updated)
		}
	}
}

func TestJSONFeed(t *testing.T) {
	p := newPlace(t)
	empty := p.jsonFeed("/feed.json")
	if items, ok := empty["items"].([]any); !ok || len(items) != 0 {
		t.Errorf("an empty feed has the items %v", empty["items"])
	}
	p.clock.Advance(time.Minute)
	b := p.broadcast("help", "Works <again>")
	f := p.jsonFeed("/feeds/help.json")
	if f["version"] != "https://jsonfeed.org/version/1.1" || f["title"] != "Broadcasts of Acme Help" || f["feed_url"] != "https://social.acme.example/feeds/help.json" || f["home_page_url"] != "https://social.acme.example/@help" {
		t.Errorf("the feed is %v", f)
	}
	item := f["items"].([]any)[0].(map[string]any)
	if item["id"] != string(b.Object) || item["url"] != string(b.Object) || item["content_text"] != "Works <again>" || item["content_html"] != "<p>Works &lt;again&gt;</p>" || item["language"] != "en" {
		t.Errorf("the item is %v", item)
	}
	must(time.Parse(time.RFC3339, item["date_published"].(string)))(t)
	must(time.Parse(time.RFC3339, item["date_modified"].(string)))(t)
}

func (p *place) jsonFeed(path string) (f map[string]any) {
	p.Helper()
	w := p.get(path)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/feed+json; charset=utf-8" {
		p.Fatalf("%s: %d %v", path, w.Code, w.Header())
	}
	check(p.T, json.Unmarshal(w.Body.Bytes(), &f))
	return f
}

// A client that asks again learns that nothing is new, and of every edit and
// deletion.
func TestFeedIsAskedForAgain(t *testing.T) {
	p := newPlace(t)
	b := p.broadcast("help", "All is well")
	last := p.get("/feed.atom").Header()
	same := func(want int, what string) {
		t.Helper()
		for _, path := range []string{"/feed.atom", "/feed.json"} {
			if path == "/feed.atom" {
				if w := p.get(path, "If-None-Match", last.Get("ETag")); w.Code != want {
					t.Errorf("%s: ETag: %d, want %d", what, w.Code, want)
				}
			}
			if w := p.get(path, "If-Modified-Since", last.Get("Last-Modified")); w.Code != want {
				t.Errorf("%s: %s since: %d, want %d", what, path, w.Code, want)
			}
		}
	}
	same(http.StatusNotModified, "nothing happened")
	p.clock.Advance(time.Minute)
	must(p.app.EditPost(t.Context(), app.By{}, b.ID, "All is not well"))(t)
	same(http.StatusOK, "an edit")
	last = p.get("/feed.atom").Header()
	same(http.StatusNotModified, "after the edit")
	p.clock.Advance(time.Minute)
	must(p.app.RetractPost(t.Context(), app.By{}, b.ID))(t)
	same(http.StatusOK, "a deletion")
	lacks(t, p.get("/feed.atom").Body.String()+p.get("/feed.json").Body.String(), "All is")
}

// A post to one person, or one that is not out yet, is in no feed.
func TestFeedHasBroadcastsOnly(t *testing.T) {
	p := newPlace(t)
	i := p.report(nil)
	p.reply(i, app.ReplyInput{Text: "To one person"})
	must(p.app.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "Not out yet"}))(t)
	body := p.get("/feed.atom").Body.String() + p.get("/feed.json").Body.String()
	lacks(t, body, "To one person", "Not out yet", reporterWords, reporterName, reporterUser)
}

func TestFeedsAreFound(t *testing.T) {
	p := newPlace(t)
	wants(t, p.page("/"), `type="application/atom+xml" title="Atom" href="/feed.atom"`, `type="application/feed+json" title="JSON" href="/feed.json"`)
	wants(t, p.page("/@help"), `href="/feeds/help.atom"`, `href="/feeds/help.json"`)
}
