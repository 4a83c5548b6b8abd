package console

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"

	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// Several issues are given to a colleague, closed for a reason, or snoozed together.
func TestBulkChoices(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	issues := []string{string(r.report("ana", "My line is down")), string(r.report("ben", "No light here"))}
	b := r.signedIn(bo)
	b.get("/console/issues").wants(t, http.StatusOK, `value="to:cy@acme.example"`, `value="no_answer"`, `value="snooze:tomorrow"`)
	do := func(what string) seen { return b.post("/console/several", url.Values{"do": {what}, "issue": issues}) }
	do("to:cy@acme.example").wants(t, http.StatusOK, "Done for 2")
	do("snooze:speaks").wants(t, http.StatusOK, "Done for 2")
	for _, id := range issues {
		if i := must(r.app.ShowIssue(t.Context(), desk.IssueID(id)))(t).Issue; i.Assignee != "cy@acme.example" || !i.Snooze.On() {
			t.Errorf("of %q, snoozed %v", i.Assignee, i.Snooze)
		}
	}
	do("no_answer").wants(t, http.StatusOK, "Done for 2")
	for _, id := range issues {
		if i := must(r.app.ShowIssue(t.Context(), desk.IssueID(id)))(t).Issue; i.Reason != desk.ReasonNoAnswer || i.Snooze.On() {
			t.Errorf("closed: %q, snoozed %v", i.Reason, i.Snooze)
		}
	}
	do("waiting").wants(t, http.StatusOK, "Done for 2")
	third := r.report("cem", "Dark")
	page := b.post("/console/several", url.Values{"do": {"waiting"}, "issue": append(issues, string(third))})
	page.wants(t, http.StatusConflict, "done for 1 of 3")
	act := regexp.MustCompile(`name="act" value="([^"]+)"`).FindStringSubmatch(page.body)
	if act == nil {
		t.Fatal("no undo is offered")
	}
	r.stands(third, desk.StatusWaiting, "")
	b.post("/console/several/undo", url.Values{"act": {act[1]}}).wants(t, http.StatusOK, "Taken back for 1")
	r.stands(third, desk.StatusNew, "")
	do("mine").wants(t, http.StatusOK, "Done for 2", `data-key="u"`)
	for _, wrong := range []string{"not_ours", "snooze:never", "to", "lost"} {
		if page := do(wrong); page.status == http.StatusOK {
			t.Errorf("%s is done", wrong)
		}
	}
}

// Shift selects a range, X the whole page, and the bar says how many there are.
func TestSelectingSeveral(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	for _, who := range []string{"ana", "ben", "cem", "dora"} {
		r.report(who, "No light here")
	}
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.Tab.Do(chromedp.Click(chromedp.CSS(".several li:nth-child(1) .tick input")))
	s.wants(".together", "Selected: 1")
	browser.Eval[bool](s.Tab, `(document.querySelector('.several li:nth-child(3) .tick input').dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, shiftKey: true})), true)`)
	s.wants(".together", "Selected: 3")
	s.press("X")
	s.wants(".together", "Selected: 4")
	if !s.is(`document.querySelector('#mark-all').checked`) {
		t.Error("the box of all is not ticked")
	}
	s.accessible()
	s.press("X")
	if s.is(`document.querySelector('.several ol input:checked')`) {
		t.Error("X does not select none")
	}
	s.calm()
}
