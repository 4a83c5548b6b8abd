package public

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// A page of an issue has the newest replies, and a link to earlier ones. What other
// people say takes nothing from it.
func TestPagesOfReplies(t *testing.T) {
	p := newPlace(t)
	issue := p.report(nil)
	for n := range 30 {
		p.publish(p.reply(issue, app.ReplyInput{Text: fmt.Sprintf("Reply %d.", n)}))
		eve := desk.Actor{ID: desk.ActorID(fmt.Sprintf("https://m.example/users/eve%d", n)), Acct: "eve@m.example", Inbox: "https://m.example/inbox"}
		must(p.app.Hear(t.Context(), app.Heard{Source: app.Inbox, Author: eve, Post: desk.Post{Object: desk.ObjectID(string(eve.ID) + "/1"), Author: eve.ID, Text: "Me too",
			InReplyTo: must(p.app.ShowIssue(t.Context(), issue))(t).Issue.Report, Visibility: desk.VisibilityPublic}}))(t)
	}
	newest := p.page("/issues/" + string(issue))
	wants(t, newest, "Reply 29.", "Reply 10.", "Earlier replies")
	link := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(newest)
	earlier := p.page(html.UnescapeString(link[1]))
	wants(t, earlier, "Reply 9.", "Reply 0.")
	for _, page := range []string{newest, earlier} {
		if strings.Contains(page, "Me too") || strings.Contains(page, "Reply 9.") == strings.Contains(page, "Reply 10.") {
			t.Error("a page has others' words, or both pages' replies")
		}
	}
	if strings.Contains(earlier, "Earlier replies") {
		t.Error("there is a link before the first reply")
	}
	if w := p.get("/issues/" + string(issue) + "?before=nothing"); w.Code != 404 {
		t.Errorf("before an unknown entry: %d", w.Code)
	}
}

// Both addresses of a merged issue lead to one page, which shows each reply once; if
// the report of the whole is gone, the part has its own page.
func TestPageOfMergedIssue(t *testing.T) {
	p := newPlace(t)
	a, b := p.report(nil), p.report(func(h *app.Heard) {
		h.Post.Object, h.Author.ID, h.Post.Author = "https://m.example/notes/ben", "https://m.example/users/ben", "https://m.example/users/ben"
	})
	p.publish(p.reply(b, app.ReplyInput{Text: "To Ben before."}))
	must(p.app.Merge(t.Context(), app.By{}, app.MergeInput{Into: a, Issue: b}))(t)
	both := p.reply(a, app.ReplyInput{Text: "To both."})
	p.publish(both)
	for _, c := range both.Copies {
		p.publish(desk.Post{ID: c})
	}
	if w := p.get("/issues/" + string(b)); w.Code != 302 || !strings.HasSuffix(w.Header().Get("Location"), string(a)) {
		t.Errorf("the part's address answers %d %s", w.Code, w.Header().Get("Location"))
	}
	page := p.page("/issues/" + string(a))
	wants(t, page, "To Ben before.", "To both.")
	if strings.Count(page, "To both.") != 1 {
		t.Error("a copy is shown beside its reply")
	}
	v := must(p.app.ShowIssue(t.Context(), a))(t)
	if err := p.app.Remove(t.Context(), v.Issue.Report, v.Issue.Reporter); err != nil {
		t.Fatal(err)
	}
	wants(t, p.page("/issues/"+string(b)), "To Ben before.", "To both.")
	if w := p.get("/issues/" + string(a)); w.Code != 410 {
		t.Errorf("the deleted report's page answers %d", w.Code)
	}
}

// No page says that a report is unread beside the desk's own answer; neither of issues
// that were answered by an earlier version.
func TestAnsweredIsRead(t *testing.T) {
	p := newPlace(t)
	issue := p.report(nil)
	wants(t, p.page(issuePathOf(issue)), "Nobody at the desk has read it yet.")
	p.reply(issue, app.ReplyInput{Text: "We are looking into it."})
	page := p.page(issuePathOf(issue))
	wants(t, page, "The desk has read it.", "We are looking into it.")
	lacks(t, page, "Nobody at the desk")
	check(t, p.app.Update(t.Context(), func(tx *app.Tx) error {
		i, _, err := tx.Issues().Get(issue)
		if err != nil {
			return err
		}
		i.Status = desk.StatusNew
		return tx.Issues().Put(i)
	}))
	lacks(t, p.page(issuePathOf(issue)), "Nobody at the desk")
}
