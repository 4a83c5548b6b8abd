package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// The other issue is chosen from a list, without JavaScript; both addresses lead to
// one issue, which says what each reporter got, and it can be undone.
func TestMergeAndMove(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	a, b, third := r.report("ana", "My line is down"), r.report("ben", "No light here"), r.report("cem", "Wrong bill")
	must(r.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "bills", Name: "ACME Bills"}))(t)
	at := "/console/issues/" + string(a)
	bo := r.signedIn("bo@acme.example")
	bo.get(at).wants(t, http.StatusOK, "/link?view=", "ACME Bills")
	list := bo.get(at + "/link")
	list.wants(t, http.StatusOK, "No light here", "Wrong bill")
	if found := bo.get(at + "/link?find=light").body; !strings.Contains(found, "No light here") || strings.Contains(found, "Wrong bill") {
		t.Error("the list is not searched")
	}
	must(r.app.Comment(t.Context(), app.By{Agent: ada}, b, "The other lamp"))(t)
	bo.post(at+"/merge", url.Values{"other": {string(b)}, "seen_at": {"2020-01-01T00:00:00Z"}}).wants(t, http.StatusConflict, "newer in this issue", "No light here")
	bo.post(at+"/merge", url.Values{"other": {string(a)}}).wants(t, http.StatusBadRequest, "itself")
	r.clock.Advance(time.Minute)
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(bo.get(at+"/link").body, -1) {
		form.Set(field[1], field[2])
	}
	if form.Get("seen_at") == "" {
		t.Error("the page does not say what was seen")
	}
	form.Set("other", string(b))
	one := bo.post(at+"/merge", form)
	one.wants(t, http.StatusOK, "Merged.", "2 reports", "My line is down", "No light here", "all 2 reporters", `name="kind" value="merge"`)
	if other := bo.get("/console/issues/" + string(b)); !strings.Contains(other.path, string(a)) {
		t.Errorf("the address of the part leads to %s", other.path)
	}
	if rows := bo.get("/console/issues?view=all").body; strings.Contains(rows, `value="`+string(b)+`"`) || !strings.Contains(rows, "several reports") {
		t.Error("the list has two rows")
	}
	say := one.form()
	say.Set("text", "On our way")
	say.Set("to", "quiet")
	bo.post(at+"/say", say).wants(t, http.StatusOK, "to 2 reporters", "ana: ", "ben: ", "goes out in a moment")
	say = bo.get(at).form()
	say.Set("text", "Which house?")
	say.Set("to", "quiet")
	say.Set("only", string(b))
	bo.post(at+"/say", say).wants(t, http.StatusOK, "to ben")

	seen := bo.get(at).form().Get("seen")
	must(r.app.Comment(t.Context(), app.By{Agent: ada}, a, "Mine!"))(t)
	bo.post(at+"/move", url.Values{"to_desk": {"bills"}, "seen": {seen}}).wants(t, http.StatusConflict, "Mine!")
	moved := bo.post(at+"/move", url.Values{"to_desk": {"bills"}, "seen": {bo.get(at).form().Get("seen")}})
	moved.wants(t, http.StatusOK, "Moved.", "from help to bills", `name="kind" value="move"`)
	for _, of := range []struct {
		kind desk.Kind
		note desk.Note
	}{{desk.KindMove, desk.NoteDesk}, {desk.KindMerge, desk.NoteMerged}} { // the newest first
		for _, e := range must(r.app.ShowIssue(t.Context(), a))(t).Timeline {
			if e.Event.Note == of.note {
				bo.post(at+"/undo-change", url.Values{"kind": {string(of.kind)}, "entry": {string(e.Event.ID)}}).wants(t, http.StatusOK, "Undone. The earlier value is back.")
			}
		}
	}
	if i := must(r.app.ShowIssue(t.Context(), b))(t).Issue; i.ID != b || i.Desk != "help" {
		t.Errorf("after both are undone: %s at %s", i.ID, i.Desk)
	}
	bo.post("/console/several", url.Values{"do": {"merge"}, "issue": {string(a), string(b), string(third)}}).wants(t, http.StatusOK, "Done for 3")
	if i := must(r.app.ShowIssue(t.Context(), third))(t).Issue; i.ID != a || len(i.Merged) != 2 {
		t.Errorf("several are one: %s with %v", i.ID, i.Merged)
	}
}

// The same in a browser, by keyboard.
func TestMergeByKeyboard(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	a := r.report("ana", "My line is down")
	r.report("ben", "No light here")
	s := r.screen(browser.View{})
	s.open("/console/issues/" + string(a))
	s.Tab.Do(chromedp.SendKeys(chromedp.CSS("input[name=email]"), "bo@acme.example"))
	s.Release(chromedp.SendKeys(chromedp.CSS("input[name=password]"), password+"\r"))
	s.leaves("l")
	s.wants("h1", "Link or merge")
	s.press("light")
	s.leaves(kb.Enter)
	s.tabTo("button[formaction$=merge]", 6)
	s.leaves(kb.Enter)
	s.wants("#toast", "Merged")
	s.wants("#timeline", "My line is down", "No light here")
	s.leaves("u")
	s.wants("#toast", "Undone")
	s.calm()
}
