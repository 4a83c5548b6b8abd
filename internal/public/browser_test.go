package public

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/store"
)

// exhibition is an instance with something on every page, on a real listener.
func exhibition(t *testing.T) (p *place, home string, pages []browser.Page) {
	t.Helper()
	p = newPlace(t)
	p.addDesk(desk.Desk{Handle: "city", Name: "Straßen und Wege", Summary: "Lamps, potholes, bridges. Weekdays from 8 to 17.", Names: []string{"city", "stadt"}, Calls: []string{"broken", "kaputt"}})
	p.addDesk(desk.Desk{Handle: "night", Name: "Night desk", Summary: "Mention us when it is urgent."})
	check(t, p.app.Update(t.Context(), func(tx *app.Tx) error {
		return tx.Sources().Put(store.Source{ID: "1", Kind: "tag-actor", Name: "tags.pub #acme", Tags: []string{"acme"}, Actor: "https://tags.pub/user/acme", State: store.SourceAccepted, Created: p.clock.Now(), Accepted: p.clock.Now()})
	}))
	p.broadcast("help", "Tonight from 2:00 to 4:00 we replace the switch in sector 4. Telephone and internet may be away for some minutes.\n\nMore: https://acme.example/works")
	p.clock.Advance(3 * time.Hour)
	p.broadcast("city", "Die Brücke am Markt ist wieder offen. Danke für eure Geduld.")
	p.clock.Advance(40 * time.Minute)
	b := p.broadcast("help", "Sector 7 is down. The cause is a cut cable near the station; a team is there. We expect it to work again at about 18:00 UTC.")
	p.clock.Advance(20 * time.Minute)
	must(p.app.EditPost(t.Context(), app.By{}, b.ID, b.Text+"\n\nUpdate: it may take until 19:00."))(t)
	i := p.report(nil)
	p.reply(i, app.ReplyInput{Text: "Thank you for telling us. Which street is it? ^AB", Change: desk.StatusChange{To: desk.StatusWaiting}})
	p.clock.Advance(10 * time.Minute)
	r := p.reply(i, app.ReplyInput{Text: "Should work again since 17:52. Does it for you? ^AB", Change: desk.StatusChange{To: desk.StatusFixed}})
	over := p.incident(app.IncidentInput{Desk: "city", Title: "Straßenlampen im Norden aus", Language: "de", Services: []string{"Lampen"}, Impact: desk.ImpactMajor, Publish: true})
	p.saysOf(over.ID, desk.IncidentResolved, "Alle Lampen brennen wieder.")
	p.clock.Advance(50 * time.Hour)
	p.incident(app.IncidentInput{Desk: "help", Title: "New switch in sector 4", Services: []string{"Telephone"}, From: p.clock.Now().Add(30 * time.Hour), Until: p.clock.Now().Add(32 * time.Hour), Publish: true})
	open := p.incident(app.IncidentInput{Desk: "help", Title: "No internet in Ostviertel", Text: "Since 13:40 many lines in Ostviertel are dead. A team is on its way.", Language: "en",
		Services: []string{"Internet", "Television"}, Impact: desk.ImpactCritical, NextUpdate: p.clock.Now().Add(time.Hour), Publish: true})
	p.clock.Advance(25 * time.Minute)
	next := must(p.app.UpdateIncident(t.Context(), app.By{}, app.UpdateInput{Incident: open.ID, Status: desk.IncidentIdentified, NextUpdate: p.clock.Now().Add(2 * time.Hour),
		Text: "A digger has cut a cable near the station. We are pulling a new one; it takes about three hours."}))(t)
	p.publish(desk.Post{ID: next.Updates[0].Post})
	who := desk.ActorID("https://m.example/users/" + reporterUser)
	p.peers.people["@you@m.example"] = who
	p.peers.profiles[who] = "Nothing to see."

	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, ok := cutPost(r.URL.Path); ok {
			p.pages.Post(w, r, id)
			return
		}
		p.pages.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	fill := func(id, text string) func(*browser.Tab) {
		return func(tab *browser.Tab) {
			tab.Release(chromedp.SendKeys(chromedp.CSS("#"+id), text+"\r"))
		}
	}
	return p, s.URL, []browser.Page{
		{Name: "home", Path: "/"},
		{Name: "home-german", Path: "/?lang=de"},
		{Name: "desk", Path: "/@help"},
		{Name: "post", Path: postPath(b)},
		{Name: "reply", Path: postPath(r)},
		{Name: "issue", Path: issuePathOf(i)},
		{Name: "incidents", Path: "/incidents"},
		{Name: "incident", Path: incidentPath(open)},
		{Name: "incident-over", Path: incidentPath(over) + "?lang=de"},
		{Name: "incident-problem", Path: incidentPath(open) + "?lang=fr", Steps: fill("server", "nonsense")},
		{Name: "follow", Path: "/follow"},
		{Name: "listening", Path: "/listening"},
		{Name: "is-it-you", Path: "/is-it-you"},
		{Name: "is-it-you-yes", Path: "/is-it-you?q=@help@acme.example"},
		{Name: "is-it-you-lookalike", Path: "/is-it-you?q=" + url.QueryEscape("@help@аcme.example")},
		{Name: "stop", Path: "/stop"},
		{Name: "stop-code", Path: "/stop", Steps: fill("who", "@you@m.example")},
		{Name: "stop-problem", Path: "/stop?lang=fr", Steps: fill("who", "@nobody@m.example")},
		{Name: "error", Path: "/nothing-here?lang=nl"},
	}
}

func TestPagesInABrowser(t *testing.T) {
	_, home, pages := exhibition(t)
	browser.Inspect(t, home, pages)
}

func TestScreenshots(t *testing.T) {
	_, home, pages := exhibition(t)
	browser.Screenshots(t, home, "public", pages)
}

// The picture in the README is the front page.
func TestPicture(t *testing.T) {
	_, home, pages := exhibition(t)
	browser.Picture(t, home, "public", pages[0])
}

// The picture in the guide's "A bad morning" is an incident, as everybody sees it.
func TestMorningPictures(t *testing.T) {
	_, home, pages := exhibition(t)
	n := slices.IndexFunc(pages, func(p browser.Page) bool { return p.Name == "incident" })
	browser.Picture(t, home, "morning-public", pages[n])
}

// With the keyboard alone, and without JavaScript: from the front page to the
// form, and through it.
func TestKeyboardAndNoScript(t *testing.T) {
	p, home, _ := exhibition(t)
	tab := browser.Start(t).Open(browser.View{Scriptless: true})
	tab.Go(home + "/stop?lang=nl")
	tab.Do(chromedp.KeyEvent("\t"))
	if got := browser.Eval[string](tab, `document.activeElement.className`); got != "skip" {
		t.Errorf("the first Tab leads to %q", got)
	}
	tab.Do(chromedp.KeyEvent("\r"))
	for n := 0; browser.Eval[string](tab, `document.activeElement.id`) != "who"; n++ {
		if n == 20 {
			t.Fatal("the form cannot be reached")
		}
		tab.Do(chromedp.KeyEvent("\t"))
	}
	tab.Release(chromedp.KeyEvent("@you@m.example\r"))
	code := browser.Ask(tab, chromedp.Text(chromedp.CSS(".handle")))
	if !strings.HasPrefix(code, "earshot-") {
		t.Fatalf("the code is %q", code)
	}
	p.peers.profiles["https://m.example/users/"+reporterUser] = "I am Ana. " + code
	tab.Release(chromedp.Click(chromedp.CSS("button")))
	if got := browser.Ask(tab, chromedp.Text(chromedp.CSS("h1"))); got != "Klaar. We laten je met rust." {
		t.Errorf("it says %q", got)
	}
	p.leftAlone("https://m.example/users/"+reporterUser, true)
}

// leftAlone checks whether a person is left alone.
func (p *place) leftAlone(who desk.ActorID, want bool) {
	p.Helper()
	check(p.T, p.app.View(p.Context(), func(tx *app.Tx) error {
		o, ok, err := tx.OptOuts().Get(who)
		if ok != want || ok && (o.Cause != desk.OptOutStop || !o.Active(tx.Now)) {
			p.Errorf("%s is left alone: %t %+v", who, ok, o)
		}
		return err
	}))
}
