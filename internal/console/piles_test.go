package console

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/store"
)

// pile has a crowd report at once, until they stand in a pile.
func (r *room) pile(people int) desk.Pile {
	r.Helper()
	for n := range people {
		r.report(fmt.Sprint("p", n), []string{"Hafenstraße dark", "no power, Hafenstrasse", "nothing at hafenstrasse"}[n%3])
	}
	piles, _, err := r.app.Piles(r.Context(), "help", store.Page{})
	if err != nil || len(piles) != 1 || piles[0].People != people {
		r.Fatalf("%+v, %v", piles, err)
	}
	return piles[0].Pile
}

// The portions run as the worker would run them.
func (r *room) portions() { r.Helper(); r.timers("pile:") }

// timers runs those of a kind, and those that they arm, as the worker would run them.
func (r *room) timers(kind string) {
	r.Helper()
	for {
		var jobs []store.Job
		if err := r.store.Update(r.Context(), store.Op(fmt.Sprint("lease ", r.clock.Now())), func(tx store.Tx) (err error) {
			jobs, err = tx.Jobs().Lease(store.QueueTimer, r.clock.Now(), r.clock.Now().Add(time.Minute), 50)
			return err
		}); err != nil {
			r.Fatal(err)
		}
		ran := 0
		for _, j := range jobs {
			if strings.HasPrefix(j.ID, "timer:"+kind) {
				ran++
				if err := r.app.RunTimer(r.Context(), j); err != nil {
					r.Fatal(err)
				}
			}
		}
		if ran == 0 {
			return
		}
		r.clock.Advance(time.Second)
	}
}

// A crowd is one line of the list. All of it is assigned, taken back and linked, and
// single reports are taken out, with links and forms.
func TestPileByForms(t *testing.T) {
	r := newRoom(t)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	alone := r.report("alone", "My invoice is wrong")
	p := r.pile(60)
	b, at := r.signedIn(cy), pileAddress(p.ID)
	list := b.get("/console/issues")
	list.wants(t, http.StatusOK, "60 people say something alike", "on 1 server", at, string(alone))
	list.lacks(t, `value="`+string(r.first(p))+`"`)
	b.get("/console/issues?view=mine").lacks(t, at)
	page := b.get(at)
	page.wants(t, http.StatusOK, "60 people say something alike", "With all 60 reports", "afenstra", "Take out of the pile")

	whole := page.formOf(t, at)
	whole.Set("do", "mine")
	b.post(at, whole).wants(t, http.StatusOK, "Done with 50 reports", "The others follow")
	r.portions()
	done := b.get(at)
	done.wants(t, http.StatusOK, "Done with 60 reports", "No report stands in this pile any more", "Undo")
	b.get("/console/issues?view=mine").wants(t, http.StatusOK, "no power")
	undo := done.formOf(t, at)
	undo.Set("do", "undo")
	b.post(at, undo)
	r.portions()
	back := b.get(at)
	back.wants(t, http.StatusOK, "Taken back for 60 reports", "With all 60 reports")

	marked := back.formOf(t, at)
	marked.Set("do", "take")
	marked.Set("key", "take")
	marked["issue"] = []string{string(r.first(p))}
	b.post(at, marked).wants(t, http.StatusOK, "59 people say something alike")
	marked.Set("key", "again")
	b.post(at, marked).wants(t, http.StatusUnprocessableEntity, "does not stand in this pile")
	marked.Set("do", "spam_server")
	marked.Del("issue")
	marked.Set("key", "none")
	b.post(at, marked).wants(t, http.StatusUnprocessableEntity, "mark one report")

	new := b.get("/console/incidents/new?pile=" + string(p.ID))
	new.wants(t, http.StatusOK, "59 issues are linked to it")
	in := new.formOf(t, "/console/incidents/new")
	in.Set("title", "No power")
	in.Set("do", "draft")
	b.post("/console/incidents/new", in).wants(t, http.StatusOK, "No power", "is a draft")
	r.portions()
	r.report("late", "Hafenstraße dark too")
	more := b.get(at)
	more.wants(t, http.StatusOK, "Done with 59 reports", "1 more report", "No power", "Link these too")
	link := more.formOf(t, at)
	link.Set("do", "link_more")
	link.Set("key", "more")
	all, _, err := r.app.Incidents(t.Context(), store.IncidentFilter{}, store.Page{})
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	link.Set("incident", string(all[0].ID))
	b.post(at, link).wants(t, http.StatusOK, "No report stands in this pile any more")
	if n := r.incidentNow(all[0].ID).Voices; n != 60 {
		t.Errorf("%d voices", n)
	}
	b.get("/console/issues").lacks(t, at)
}

// Whatever a pile's page offers can be done with it, and nothing else.
func TestPileDoesWhatItOffers(t *testing.T) {
	r := newRoom(t)
	r.agent(cy, "Cy Cole", desk.RoleLead)
	p := r.pile(24)
	r.heldBack(20)
	b := r.signedIn(cy)
	for at, least := range map[string]int{pileAddress(p.ID): 9, Root + "/piles/held-strangers": 9} {
		tried := map[string]bool{}
		for _, o := range regexp.MustCompile(`<option value="([a-z_]+)"`).FindAllStringSubmatch(b.get(at).body, -1) {
			do := o[1]
			if tried[do] || do == "one" || do == "server" || do == "alike" {
				continue
			}
			tried[do] = true
			form := url.Values{"key": {do}, "do": {do}}
			if at == pileAddress(p.ID) {
				form["issue"] = []string{string(r.first(p))}
			} else {
				form["with"], form["object"] = []string{"one"}, []string{regexp.MustCompile(`name="object" value="([^"]+)"`).FindStringSubmatch(b.get(at).body)[1]}
			}
			if page := b.post(at, form); page.status != http.StatusOK || strings.Contains(page.body, `class="wrong"`) {
				t.Errorf("%s at %s is not done: %d", do, at, page.status)
			}
			r.portions()
			b.post(at, url.Values{"key": {do + " undo"}, "do": {"undo"}})
			r.portions()
		}
		if len(tried) < least {
			t.Errorf("%s offers %v", at, tried)
		}
		for _, do := range []string{"", "nobody", "merge", "snooze:hour", "nonsense"} {
			if page := b.post(at, url.Values{"key": {"no" + do}, "do": {do}}); page.status != http.StatusUnprocessableEntity || !strings.Contains(page.body, "what shall be done") {
				t.Errorf("%q at %s: %d", do, at, page.status)
			}
		}
	}
}

// heldBack has reports held back, as they come from strangers.
func (r *room) heldBack(n int) {
	r.Helper()
	for n := range n {
		who := desk.ActorID(fmt.Sprintf("https://s%d.example/users/p%d", n%2, n))
		object := desk.ObjectID(fmt.Sprint(who, "/1"))
		check(r.T, r.app.Update(r.Context(), func(tx *app.Tx) error {
			return tx.Quarantine().Put(desk.Quarantined{Object: object, Author: desk.Actor{ID: who, Acct: fmt.Sprintf("p%d@s%d.example", n, n%2), Name: fmt.Sprint("P", n), Inbox: string(who) + "/inbox"},
				Source: app.Inbox, Why: "x", Flood: desk.SpamStrangers, Since: tx.Now, Post: desk.Post{Object: object, Author: who, Text: fmt.Sprint("No power here ", n), Language: "en",
					Mentions: []desk.ActorID{r.app.Site().Desk("help")}, Visibility: desk.VisibilityPublic}})
		}))
		r.clock.Advance(time.Second)
	}
}

func (r *room) first(p desk.Pile) (id desk.IssueID) {
	r.Helper()
	v, err := r.app.ShowPile(r.Context(), p.ID)
	if err != nil || len(v.Read) == 0 {
		r.Fatalf("%+v, %v", v, err)
	}
	return v.Read[0].Issue.ID
}

// On a phone, by the keyboard alone: from the list into a pile, one report out of it, and
// all others linked to an incident by choosing.
func TestPileByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.library()
	r.agent(cy, "Cy Cole", desk.RoleLead)
	p := r.pile(24)
	s := r.screen(browser.Phone())
	s.open("/console/issues")
	signIn(cy)(s.Tab)
	s.wants("#list", "24 people say something alike")
	s.calm()
	s.press("j")
	s.leaves(kb.Enter)
	s.wants("main", "With all 24 reports", "Hafenstra")
	s.calm()
	s.press("jx")
	s.tabTo(".together select", 90)
	s.press("t") // take out
	s.tabTo(".together button", 3)
	s.leaves(kb.Enter)
	s.wants("main", "With all 23 reports")
	s.tabTo(".whole select", 90)
	s.press("a") // acknowledged
	s.tabTo(".whole button", 3)
	s.leaves(kb.Enter)
	s.wants("main", "Done with 23 reports", "No report stands in this pile any more")
	s.leaves("u")
	s.wants("main", "Taken back for 23 reports", "With all 23 reports")
	if n := s.Overflows(); n > 0 {
		t.Errorf("the page is %d pixels wider than the window", n)
	}
	s.calm()
	if v := must(r.app.ShowPile(t.Context(), p.ID))(t); v.People != 23 {
		t.Errorf("%d people", v.People)
	}
}
