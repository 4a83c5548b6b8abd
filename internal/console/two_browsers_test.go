package console

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
	"earshot/internal/test/pg"
	"earshot/store"
	"earshot/store/bolt"
	"earshot/store/postgres"
)

// Two agents in two browsers press at the same moment what they decided on the same
// view: it happens once, and the other is told why theirs did not.
func TestTwoBrowsersAtOnce(t *testing.T) {
	t.Run("file", func(t *testing.T) {
		s, err := bolt.Open(t.Context(), filepath.Join(t.TempDir(), "store"), bolt.Options{})
		check(t, err)
		t.Cleanup(func() { check(t, s.Close()) })
		atOnce(newRoomOn(t, s))
	})
	t.Run("PostgreSQL, two nodes", func(t *testing.T) {
		dsn := pg.Start(t).Database(t)
		var nodes []store.Store
		for range 2 {
			s, err := postgres.Open(t.Context(), dsn, postgres.Options{})
			check(t, err)
			t.Cleanup(func() { check(t, s.Close()) })
			nodes = append(nodes, s)
		}
		atOnce(newRoomOn(t, nodes...))
	})
}

func atOnce(r *room) {
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	must(r.app.AddDesk(r.Context(), app.By{}, desk.Desk{Handle: "bills", Name: "ACME Bills"}))(r.T)
	who := []desk.Email{bo, "cy@acme.example"}
	both := []*screen{r.screen(browser.View{}), r.screen(browser.View{})}
	for n, s := range both {
		s.open("/console/issues")
		if n == 1 {
			browser.Eval[string](s.Tab, "document.cookie = '"+secondNode+"=1; path=/'")
		}
		signIn(string(who[n]))(s.Tab)
	}
	for _, does := range []struct {
		name, path, ending string // what they do, on which page of the issue, and where its form goes
		prepare            func(s *screen, issue desk.IssueID, who desk.Email)
		press, done, told  string // a button, and what the two pages then say
	}{
		{"reply", "", "/say", func(s *screen, _ desk.IssueID, _ desk.Email) { s.fill("#text", "Which street?") }, ".send-quiet", "goes out in", "Meanwhile"},
		{"edit", "", "/posts/edit", func(s *screen, _ desk.IssueID, who desk.Email) {
			s.Tab.Do(chromedp.Click(chromedp.CSS(".edit summary")))
			s.fill(".edit textarea", "At the corner, says "+string(who))
		}, ".edit form[action$=edit] > button:not([hidden])", "At the corner", "newer in this issue"},
		{"silent status", "", "/status", func(s *screen, _ desk.IssueID, _ desk.Email) { s.press("s") },
			"#status-menu button[value=in_progress]", "status was changed", "newer in this issue"},
		{"move", "", "/move", func(s *screen, _ desk.IssueID, _ desk.Email) { s.fill("select[name=to_desk]", "bills") }, "#beside form[action$=move] button", "Moved", "is at the desk bills already"},
		{"merge", "/link", "/merge", func(*screen, desk.IssueID, desk.Email) {}, "button[formaction$=merge]", "Merged", "The two are one issue already"},
		{"several", "list", "/several", func(s *screen, issue desk.IssueID, _ desk.Email) {
			s.Tab.Do(chromedp.Click(chromedp.CSS(".tick input[value='" + string(issue) + "']")))
			s.fill(".together select", "not_a_call")
		}, ".together button", "Done", "newer in this issue"},
	} {
		issue := r.report("ana", "My line is down")
		r.report("ben", "No light here")
		r.answer(bo, app.ReplyInput{Issue: issue, Text: "The cabinet"}, store.Tally{Delivered: 1})
		r.clock.Advance(time.Minute)
		page := "/console/issues/" + string(issue) + does.path
		if does.path == "list" {
			page = "/console/issues?view=all"
		}
		for n, s := range both {
			s.open(page)
			does.prepare(s, issue, who[n])
		}
		r.clock.Advance(time.Minute)
		r.gate.hold(len(both), does.ending)
		var pressing sync.WaitGroup
		for _, s := range both {
			pressing.Go(func() { s.click(does.press) })
		}
		pressing.Wait()
		done, told := 0, 0
		for _, s := range both {
			switch says := s.reads("body"); {
			case strings.Contains(says, does.told):
				told++
			case strings.Contains(says, does.done):
				done++
			default:
				r.Errorf("%s: the page says %s", does.name, says)
			}
		}
		if done != 1 || told != 1 {
			r.Errorf("%s: %d are done, %d are told why not", does.name, done, told)
		}
	}
	for _, s := range both {
		s.calm()
	}
}

// fill gives a field its value as a person's choice does.
func (s *screen) fill(selector, value string) {
	s.Helper()
	s.Tab.Do(chromedp.SetValue(chromedp.CSS(selector), value))
}
