package public

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

func (p *place) status(path string, want int) {
	p.Helper()
	if w := p.get(path); w.Code != want {
		p.Errorf("GET %s: %d, want %d", path, w.Code, want)
	}
}

func postPath(post desk.Post) string    { return "/posts/" + string(post.ID) }
func issuePathOf(i desk.IssueID) string { return "/issues/" + string(i) }
func narrow(v desk.Visibility) func(*app.Heard) {
	return func(h *app.Heard) { h.Post.Visibility = v }
}

func (p *place) reportObject(i desk.IssueID) desk.ObjectID {
	p.Helper()
	return must(p.app.ShowIssue(p.Context(), i))(p.T).Issue.Report
}

func TestReplyShowsOnlyTheDesksWords(t *testing.T) {
	p := newPlace(t)
	i := p.report(nil)
	r := p.reply(i, app.ReplyInput{Text: "Since when?", Change: desk.StatusChange{To: desk.StatusWaiting}})
	if r.HTML == "" || r.Mentions[0] == "" {
		t.Fatal("the reply mentions nobody; the test proves nothing")
	}
	for _, path := range []string{postPath(r), issuePathOf(i)} {
		page := p.page(path)
		wants(t, page, "Since when?", `href="https://m.example/p/`, "a post on <bdi>m.example</bdi>", "noindex", "nofollow ugc")
		lacks(t, page, reporterWords, reporterName, reporterUser, "secret-agent")
	}
	wants(t, p.page(issuePathOf(i)), "waits for an answer", postPath(r))
	wants(t, p.page(postPath(r)), "In reply to", issuePathOf(i),
		`<link rel="alternate" type="application/activity+json" href="https://social.acme.example/posts/`+string(r.ID)+`">`)
	if h := p.get(issuePathOf(i)).Header(); h.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("headers %v", h)
	}
	lacks(t, p.page("/")+p.page("/@help"), "Since when?", reporterWords, reporterName, reporterUser)
}

func TestVisiblePosts(t *testing.T) {
	p := newPlace(t)
	i := p.report(nil)
	v := must(p.app.ShowIssue(t.Context(), i))(t)
	p.status("/posts/"+string(v.Issue.Post), http.StatusNotFound) // the report itself
	c := must(p.app.Comment(t.Context(), app.By{}, i, "Ask the router people"))(t)
	p.status("/posts/"+string(c.ID), http.StatusNotFound)
	direct := p.reply(i, app.ReplyInput{Text: "Your number, please", Visibility: desk.VisibilityDirect})
	p.status(postPath(direct), http.StatusNotFound)
	lacks(t, p.page(issuePathOf(i)), "Your number", "router people")
	must(p.app.RetractPost(t.Context(), app.By{}, direct.ID))(t)
	p.status(postPath(direct), http.StatusNotFound) // nobody learns that there was one

	pending := must(p.app.Reply(t.Context(), app.By{}, app.ReplyInput{Issue: i, Text: "Too early"}))(t)
	p.status(postPath(pending), http.StatusNotFound)
	lacks(t, p.page(issuePathOf(i)), "Too early")
	must(p.app.Undo(t.Context(), app.By{}, string(pending.ID)))(t)
	p.status(postPath(pending), http.StatusNotFound)

	b := must(p.app.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "Not out yet"}))(t)
	p.status(postPath(b), http.StatusNotFound)
	lacks(t, p.page("/")+p.page("/@help"), "Not out yet")
	b = p.publish(b)
	wants(t, p.page("/")+p.page("/@help"), "Not out yet")
	lacks(t, p.page(postPath(b)), "noindex", "In reply to")
	must(p.app.RetractPost(t.Context(), app.By{}, b.ID))(t)
	p.status(postPath(b), http.StatusGone)
	lacks(t, p.page("/")+p.page("/@help")+p.get(postPath(b)).Body.String(), "Not out yet")
}

func TestVisibleIssues(t *testing.T) {
	p := newPlace(t)
	for _, v := range []desk.Visibility{desk.VisibilityDirect, desk.VisibilityFollowers} {
		i := p.report(narrow(v))
		p.reply(i, app.ReplyInput{Text: "Between us"})
		p.status(issuePathOf(i), http.StatusNotFound)
		check(t, p.app.Remove(t.Context(), p.reportObject(i), "https://m.example/users/"+reporterUser))
		p.status(issuePathOf(i), http.StatusNotFound)
	}
	i := p.report(narrow(desk.VisibilityQuiet))
	wants(t, p.page(issuePathOf(i)), "Nothing in public so far", "Nobody at the desk has read it")
	r := p.reply(i, app.ReplyInput{Text: "We are on it"})
	check(t, p.app.Remove(t.Context(), p.reportObject(i), "https://m.example/users/"+reporterUser))
	p.status(issuePathOf(i), http.StatusGone)
	page := p.page(postPath(r)) // our own words stay; the link does not
	wants(t, page, "We are on it", "a post that is not linked here")
	lacks(t, page, "m.example", issuePathOf(i))
}

func TestOptedOutAuthorsAreNotLinked(t *testing.T) {
	p := newPlace(t)
	i := p.report(nil)
	r := p.reply(i, app.ReplyInput{Text: "We are on it"})
	must(p.app.AddOptOut(t.Context(), app.By{}, "https://m.example/users/"+reporterUser, ""))(t)
	lacks(t, p.page(postPath(r))+p.page(issuePathOf(i)), "m.example")
}

// An answer that came first opened an issue: its page leads to the report's, once
// that is here.
func TestPageOfAMovedIssue(t *testing.T) {
	p := newPlace(t)
	answer := p.report(func(h *app.Heard) { h.Post.InReplyTo = "https://far.example/notes/1" })
	report := p.report(func(h *app.Heard) {
		h.Author.ID, h.Author.Inbox = "https://far.example/users/x", "https://far.example/users/x/inbox"
		h.Post.Author, h.Post.Object, h.Post.URL = h.Author.ID, "https://far.example/notes/1", ""
	})
	res := p.do(http.MethodGet, issuePathOf(answer))
	if res.Code != http.StatusMovedPermanently || !strings.HasSuffix(res.Header().Get("Location"), ".example"+issuePathOf(report)) {
		t.Errorf("answered %d, Location %q", res.Code, res.Header().Get("Location"))
	}
}

func TestDeletedPostsAreNotLinked(t *testing.T) {
	p := newPlace(t)
	i := p.report(nil)
	who := desk.ActorID("https://m.example/users/" + reporterUser)
	later := desk.Post{Object: "https://m.example/objects/later", URL: "https://m.example/p/later", Author: who, Text: reporterWords,
		InReplyTo: p.reportObject(i), Visibility: desk.VisibilityPublic}
	heard := app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who}, Post: later}
	if r := must(p.app.Hear(t.Context(), heard))(t); r.Outcome != app.Joined {
		t.Fatalf("the later word: %s", r.Outcome)
	}
	r := p.reply(i, app.ReplyInput{Text: "We are on it"})
	wants(t, p.page(postPath(r)), later.URL)
	check(t, p.app.Remove(t.Context(), later.Object, who))
	lacks(t, p.page(postPath(r)), "m.example")
	wants(t, p.page(issuePathOf(i)), "m.example") // the report is still there
}

func TestEveryStatusHasWords(t *testing.T) {
	p := newPlace(t)
	for _, l := range p.pages.speech.Languages() {
		seen := map[string]bool{}
		words := func(s desk.Status, r desk.Reason) {
			asked := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/issues/x?lang="+l.Code, nil)
			body := must(p.pages.render(asked, "issue", frame{Data: issueData{Status: s, Reason: r}}))(t)
			m := statusWords.FindSubmatch(body)
			if m == nil || seen[string(m[1])] || strings.Contains(string(m[1]), "status.") || strings.Contains(string(m[1]), "reason.") {
				t.Errorf("%s: %s %s: no words of its own: %s", l.Code, s, r, m)
				return
			}
			seen[string(m[1])] = true
		}
		for _, s := range desk.Statuses() {
			words(s, "")
		}
		for _, r := range desk.Reasons() {
			words(desk.StatusClosed, r)
		}
	}
}

var statusWords = regexp.MustCompile(`<p class="status [a-z]+">([^<]+)</p>`)
