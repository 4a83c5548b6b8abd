package console

import (
	"net/url"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	madeup "earshot/internal/test/crowds"
	"earshot/store"
)

// badDay is a desk on a bad morning: a crowd in a pile, reports that are held back, an
// incident that goes on with its voices, and one that is over.
type badDay struct {
	*room
	pile   desk.Pile
	outage desk.IncidentID
	over   desk.IncidentID
}

func newMorning(t *testing.T) *badDay {
	t.Helper()
	m := &badDay{room: newRoom(t)}
	m.agent(cy, "Cy Cole", desk.RoleLead)
	m.agent(ada, "Ada Alt", desk.RoleAdmin)
	m.over = m.yesterday()
	m.hear(call{who: "mia", name: "Mia Roth", host: "town.example", language: "en", text: "@help My invoice of February is wrong, I paid it twice."})
	m.hear(call{who: "jan", name: "Jan Smit", host: "mastodon.example", language: "nl", text: "@help Kan ik mijn abonnement verhuizen naar een ander adres?"})
	m.heldBack(4)
	m.clock.Advance(20 * time.Minute)
	voices := m.shouts(madeup.New(13).Outage(madeup.Internet, 42, m.clock.Now(), 12*time.Minute, "en", "de"))
	piles, _, err := m.app.Piles(t.Context(), "help", store.Page{})
	if err != nil || len(piles) == 0 {
		t.Fatalf("%d piles: %v", len(piles), err)
	}
	m.pile = piles[0].Pile
	i := must(m.app.OpenIncident(t.Context(), app.By{Agent: cy}, app.IncidentInput{Desk: "help", Title: "No mail since seven", Text: "Nobody can sign in to their mail. We look at it.", Language: "en",
		Services: []string{"Mail"}, Impact: desk.ImpactMajor, NextUpdate: m.clock.Now().Add(time.Hour), Publish: true, Now: true}))(t)
	m.outage = i.ID
	mail := m.shouts(madeup.New(7).Outage(madeup.Mail, 9, m.clock.Now(), 5*time.Minute, "en"))
	must(m.app.LinkVoices(t.Context(), app.By{Agent: cy}, i.ID, mail))(t)
	m.publish(i.Root, store.Tally{Delivered: 12})
	for n, text := range []string{"Thank you for telling", "When will it be over?"} {
		report := must(m.app.ShowIssue(t.Context(), mail[n]))(t).Issue
		m.hear(m.person(string(report.Reporter), "en", text, report.Report))
	}
	if len(voices) != 42 {
		t.Fatalf("%d are heard", len(voices))
	}
	return m
}

// yesterday is an incident that is over, of which two lines were learned.
func (m *badDay) yesterday() desk.IncidentID {
	m.Helper()
	i := must(m.app.OpenIncident(m.Context(), app.By{Agent: cy}, app.IncidentInput{Desk: "help", Title: "No telephone in the harbour", Language: "en", Publish: true, Now: true}))(m.T)
	m.publish(i.Root, store.Tally{Delivered: 3})
	over := must(m.app.CloseIncident(m.Context(), app.By{Agent: cy}, app.CloseInput{Incident: i.ID, Text: "It works again.", Surprised: "No alarm rang.", Changed: "The alarm rings after a minute.", Now: true}))(m.T)
	m.publish(over.Updates[0].Post, store.Tally{Delivered: 3})
	m.clock.Advance(20 * time.Hour)
	return i.ID
}

// shouts has made-up people tell the desk, as time passes.
func (m *badDay) shouts(posts []madeup.Post) (out []desk.IssueID) {
	m.Helper()
	for _, c := range madeup.Mixed(posts) {
		m.clock.Advance(max(0, c.At.Sub(m.clock.Now())))
		issue, _ := m.hear(m.person(c.Person, c.Language, c.Text, ""))
		out = append(out, issue)
	}
	return out
}

func (m *badDay) person(id, language, text string, answers desk.ObjectID) call {
	m.Helper()
	who, err := url.Parse(id)
	check(m.T, err)
	user := path.Base(who.Path)
	n, err := strconv.Atoi(strings.TrimPrefix(user, "p"))
	check(m.T, err)
	return call{who: user, name: townspeople[n%len(townspeople)], host: who.Host, language: language, text: strings.ReplaceAll(text, "#acmenet", "#acme"), answers: answers}
}

var townspeople = strings.Fields("Alma Bela Carla Dario Edda Fritz Greta Hanno Ida Jonas Kira Levi Mara Nils Olga Pavel Rosa Sami Tilda Ugo Vera Willem Yara")

// suggested waits for the box above the list, which comes after that.
func suggested(tab *browser.Tab) { tab.Do(chromedp.WaitVisible(chromedp.CSS(".suggestion"))) }

func (m *badDay) pages() []browser.Page {
	return []browser.Page{
		{Name: "morning-list", Path: "/console/issues", Steps: func(tab *browser.Tab) {
			signIn(ada)(tab)
			suggested(tab)
		}},
		{Name: "morning-suggestions", Path: "/console/incidents/suggestions"},
		{Name: "morning-pile", Path: pileAddress(m.pile.ID)},
		{Name: "morning-held", Path: "/console/quarantine"},
		{Name: "morning-held-pile", Path: pileAddress(desk.HeldPile(desk.SpamStrangers))},
		{Name: "morning-incident", Path: incidentAddress(m.outage)},
		{Name: "morning-told", Path: incidentAddress(m.outage) + "/told"},
		{Name: "morning-learned", Path: incidentAddress(m.over)},
	}
}

// Every page of such a morning can be read and used on every screen.
func TestMorningInABrowser(t *testing.T) {
	m := newMorning(t)
	browser.Inspect(t, m.server.URL, m.pages())
}

func TestMorningScreenshots(t *testing.T) {
	m := newMorning(t)
	browser.Screenshots(t, m.server.URL, "morning", m.pages())
}

// The pictures in the guide's "A bad morning".
func TestMorningPictures(t *testing.T) {
	m := newMorning(t)
	for _, p := range m.pages() {
		switch p.Name {
		case "morning-list":
		case "morning-incident", "morning-told", "morning-pile":
			p.Steps = signIn(cy)
		default:
			continue
		}
		browser.Picture(t, m.server.URL, p.Name, p)
	}
}

// On a phone, by the keyboard alone: who is told and how many are left out, telling them,
// a pause and its end; reports that are held back, released; and the postmortem of an incident.
func TestMorningByKeyboard(t *testing.T) {
	m := newMorning(t)
	s := m.screen(browser.Phone())
	s.open(incidentAddress(m.outage) + "/told")
	signIn(ada)(s.Tab)
	s.Go(m.server.URL + incidentAddress(m.outage) + "/told")
	s.wants("main", "9 threads on 4 servers")
	s.tabTo("form[action$=tell] button", 40)
	s.leaves(kb.Enter)
	s.Go(m.server.URL + incidentAddress(m.outage) + "/told")
	s.tabTo("button[value=pause]", 40)
	s.leaves(kb.Enter)
	s.Go(m.server.URL + incidentAddress(m.outage) + "/told")
	s.tabTo("button[value=resume]", 40)
	s.leaves(kb.Enter)

	held := desk.HeldPile(desk.SpamStrangers)
	s.Go(m.server.URL + "/console/quarantine")
	s.tabTo(`a[href="`+pileAddress(held)+`"]`, 40)
	s.leaves(kb.Enter)
	s.wants("main", "4 reports")
	s.tabTo("input[name=object]", 40)
	s.press(" ")
	s.tabTo(".together select[name=do]", 90)
	s.press("d") // drop
	s.tabTo(".together button", 3)
	s.leaves(kb.Enter)
	s.wants("main", "3 reports")
	s.tabTo(".whole select", 40)
	s.press("r") // release
	s.tabTo(".whole button", 3)
	s.leaves(kb.Enter)
	s.wants("main", "No report stands in this pile any more")

	s.Go(m.server.URL + incidentAddress(m.over))
	s.tabTo("button[formaction$=postmortem]", 60)
	s.leaves(kb.Enter)
	s.wants("#incident-updates", "No alarm rang.", "goes out in")
	if n := s.Overflows(); n > 0 {
		t.Errorf("the page is %d pixels wider than the window", n)
	}
	s.calm()
	if p := must(m.app.ShowIncident(t.Context(), m.over))(t).Incident; p.Updates[len(p.Updates)-1].Status != desk.IncidentPostmortem {
		t.Errorf("the last update is %s", p.Updates[len(p.Updates)-1].Status)
	}
}
