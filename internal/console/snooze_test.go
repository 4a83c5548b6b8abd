package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// counted are the numbers that the page's script gets.
func (b *plainBrowser) counted(path string) counts {
	b.Helper()
	var n counts
	check(b.T, json.Unmarshal([]byte(b.get(path).body), &n))
	return n
}

// The numbers beside the views are right after each change, and the title and the icon
// have that of the reporters who wait.
func TestCounts(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	b := r.signedIn(bo)
	if n := b.counted("/console/counts"); n.Waiting != "" || n.Icon != "/favicon.svg" || n.Views[viewNew] != "" {
		t.Errorf("with nothing: %+v", n)
	}
	first, second := r.report("ana", "My line is down"), r.report("ben", "No power")
	want := func(waiting string, of map[view]string) {
		t.Helper()
		n := b.counted("/console/counts")
		for _, v := range viewOrder {
			if n.Views[v] != of[v] {
				t.Errorf("%s: %q, want %q", v, n.Views[v], of[v])
			}
		}
		title := "<title>(" + waiting + ") "
		if n.Waiting != waiting {
			t.Errorf("%q wait, want %q", n.Waiting, waiting)
		}
		b.get("/console/issues").wants(t, http.StatusOK, title, `href="/console/icon/`+waiting+`.svg"`)
	}
	want("2", map[view]string{viewNew: "2", viewOpen: "2", viewAll: "2"})
	b.post("/console/issues/"+string(first)+"/assign", url.Values{"assignee": {bo}})
	want("2", map[view]string{viewNew: "2", viewMine: "1", viewOpen: "2", viewAll: "2"})
	r.follows("ana", "https://m.example/objects/still", string(must(r.app.ShowIssue(t.Context(), first))(t).Issue.Report), "Still down")
	want("2", map[view]string{viewNew: "2", viewMine: "1", viewNeedsUs: "1", viewOpen: "2", viewAll: "2"})
	b.post("/console/issues/"+string(second)+"/snooze", url.Values{"until": {"speaks"}})
	want("1", map[view]string{viewNew: "1", viewMine: "1", viewNeedsUs: "1", viewOpen: "1", viewSnoozed: "1", viewAll: "2"})
	b.post("/console/issues/"+string(first)+"/status", url.Values{"status": {"waiting"}})
	b.post("/console/issues/"+string(second)+"/wake", url.Values{})
	want("1", map[view]string{viewNew: "1", viewMine: "1", viewWaiting: "1", viewOpen: "1", viewAll: "2"})
	if n := b.counted("/console/counts?desk=none"); n.Views[viewAll] != "" {
		t.Errorf("another desk has %+v", n)
	}
	for _, path := range []string{"1.svg", "100.svg"} {
		if p := b.get("/console/icon/" + path); p.status != http.StatusOK || p.header.Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	for _, path := range []string{"0.svg", "101.svg", "x.svg"} {
		if p := b.get("/console/icon/" + path); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, p.status)
		}
	}
}

// A snooze is chosen with one press, without a script; it is shown, and undone from the
// message about it.
func TestSnoozePages(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	b := r.signedIn(bo)
	b.post("/console/you/zone", url.Values{"zone": {"Europe/Berlin"}})
	id := r.report("ana", "My line is down")
	page := "/console/issues/" + string(id)
	// It is Sunday, 1 March, 13:00 in Berlin.
	shown := b.get(page)
	shown.wants(t, http.StatusOK, "Tomorrow morning <small>2 March 2026, 09:00", "In an hour <small>1 March 2026, 14:00")
	shown.lacks(t, "On Monday")
	b.post(page+"/snooze", url.Values{"until": {"tomorrow"}}).wants(t, http.StatusOK, "It comes back by itself", `value="snooze"`, "snoozed until 2 March 2026, 09:00", "Bring it back now")
	if until := must(r.app.ShowIssue(t.Context(), id))(t).Issue.Snooze.Until; !until.Equal(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("until %s", until)
	}
	b.get("/console/issues?view=new").lacks(t, "My line is down")
	b.get("/console/issues?view=all").wants(t, http.StatusOK, "My line is down", `<b class="snoozed">snoozed until 2 March`)
	b.get("/console/issues?view=snoozed").wants(t, http.StatusOK, "My line is down")
	entry := string(r.newest(id, desk.KindSnooze))
	b.post(page+"/undo-change", url.Values{"kind": {"snooze"}, "entry": {entry}}).wants(t, http.StatusOK, "undone: not snoozed any more")
	b.get("/console/issues?view=new").wants(t, http.StatusOK, "My line is down")
	b.post(page+"/snooze", url.Values{"day": {"2026-03-29"}}).wants(t, http.StatusOK, "snoozed until 29 March 2026, 09:00") // the night the clocks change
	b.post(page+"/snooze", url.Values{"until": {"speaks"}}).wants(t, http.StatusOK, "snoozed until they speak")
	b.post(page+"/wake", url.Values{}).wants(t, http.StatusOK, "Back in the lists")
	seen := b.get(page).form().Get("seen")
	r.follows("ana", "https://m.example/objects/still", string(must(r.app.ShowIssue(t.Context(), id))(t).Issue.Report), "Still down")
	b.post(page+"/snooze", url.Values{"until": {"speaks"}, "seen": {seen}}).wants(t, http.StatusConflict, "Still down")
	b.post(page+"/snooze", url.Values{"day": {""}}).wants(t, http.StatusBadRequest, "the day is missing")
}

func (r *room) newest(id desk.IssueID, kind desk.Kind) (newest desk.EventID) {
	r.Helper()
	for _, e := range must(r.app.ShowIssue(r.Context(), id))(r.T).Timeline {
		if e.Event.Kind == kind {
			newest = e.Event.ID
		}
	}
	return newest
}

func TestSnoozeEnds(t *testing.T) {
	for now, want := range map[string]string{
		"2026-03-01T12:00:00Z": "2026-03-02T09:00:00Z", // a Sunday
		"2026-03-02T08:00:00Z": "2026-03-09T09:00:00Z", // a Monday
		"2026-03-03T23:59:00Z": "2026-03-09T09:00:00Z",
		"2026-03-07T00:00:00Z": "2026-03-09T09:00:00Z",
	} {
		if got, _ := snoozeOver("monday", must(time.Parse(time.RFC3339, now))(t)); got.Format(time.RFC3339) != want {
			t.Errorf("after %s comes %s, want %s", now, got, want)
		}
	}
}

// The numbers follow what happens while the page is open, in the title too, and a snooze
// takes two keys.
func TestCountsAreLive(t *testing.T) {
	r := newRoom(t)
	r.library()
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues/" + string(issue) + "?view=open")
	s.listening()
	if title := browser.Eval[string](s.Tab, "document.title"); !strings.HasPrefix(title, "(1) ") {
		t.Errorf("the title is %q", title)
	}
	r.report("ben", "No power")
	s.sees(`document.title.startsWith('(2) ') && document.querySelector('[data-view=new] .n').textContent === '2' && document.querySelector('#icon').href.endsWith('/icon/2.svg')`)
	s.press("z")
	s.sees(`document.activeElement.matches('#snooze button[value=hour]')`)
	s.leaves("\r")
	s.sees(`document.querySelector('#snooze .snoozed') !== null && document.title.startsWith('(1) ')`)
	s.wants("#toast", "comes back by itself")
	s.leaves("u")
	s.sees(`document.querySelector('#snooze .snoozed') === null && document.title.startsWith('(2) ')`)
	s.calm()
}
