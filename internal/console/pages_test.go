package console

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/internal/test/browser"
)

// pageButton finds the addresses of the buttons that show other pages of a thread.
var pageButton = regexp.MustCompile(`formaction="([^"]+)">([^<]+)</button>`)

// button returns the address of a button with these words.
func (s seen) button(t *testing.T, words string) string {
	t.Helper()
	for _, m := range pageButton.FindAllStringSubmatch(s.body, -1) {
		if strings.Contains(html.UnescapeString(m[2]), words) {
			return html.UnescapeString(m[1])
		}
	}
	t.Fatalf("there is no button %q", words)
	return ""
}

// crowd has the reporter say 70 more words, and two third persons 30.
func (r *room) crowd(issue desk.IssueID) {
	r.Helper()
	report := string(must(r.app.ShowIssue(r.Context(), issue))(r.T).Issue.Report)
	for n := range 100 {
		who := "ana"
		if n%10 > 6 {
			who = []string{"eve", "bob"}[n%2]
		}
		r.clock.Advance(time.Minute)
		r.follows(who, fmt.Sprintf("https://m.example/o/crowd%d", n), report, fmt.Sprintf("Word %d.", n))
	}
}

// Of a long thread a page is shown, with the report; each button brings another
// page, and the draft along.
func TestPagesOfThread(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	r.crowd(issue)
	b := r.signedIn(bo)
	newest := b.get("/console/issues/" + string(issue))
	newest.wants(t, http.StatusOK, "My line is down", "Word 99.", "Word 69.", "Word 26.", "Show 21 earlier entries", "20 more by 2 accounts")
	newest.lacks(t, "Word 25.", "Word 68.", "Show the newest entries")

	draft := url.Values{"text": {"Which <street>?"}, "audience": {"direct"}, "seen": {"x"}, "status": {"waiting"}}
	earlier := b.post(newest.button(t, "earlier"), draft)
	earlier.wants(t, http.StatusOK, "My line is down", "Word 0.", "Word 25.", "Word 19.", "Show the newest entries", "24 more by 2 accounts", "Which &lt;street&gt;?</textarea>", `name="seen" value="x"`)
	earlier.lacks(t, "Word 26.", "Word 99.", "earlier entries")
	if n := len(must(r.app.ShowIssue(t.Context(), issue))(t).Timeline); n != 61 {
		t.Errorf("something was written: %d entries", n)
	}
	third := b.post(newest.button(t, "more by"), draft)
	third.wants(t, http.StatusOK, "My line is down", "Word 7.", "Word 99.", "Only what third persons added", "Which &lt;street&gt;?</textarea>")
	third.lacks(t, "Word 90.", "more by")
	b.post(third.button(t, "newest"), draft).wants(t, http.StatusOK, "Word 96.", "Which &lt;street&gt;?</textarea>")
	b.get("/console/issues/"+string(issue)+"?third=true").wants(t, http.StatusOK, "Word 7.")
	b.get("/console/issues/"+string(issue)+"?before=nothing").wants(t, http.StatusNotFound)
}

// Third persons do not keep an agent from sending a reply; the reporter does.
func TestUnreadOfLongThreads(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	path := "/console/issues/" + string(issue)
	b := r.signedIn(bo)
	seen := regexp.MustCompile(`name="seen" value="([^"]*)"`).FindStringSubmatch(b.get(path).body)[1]
	report := string(must(r.app.ShowIssue(t.Context(), issue))(t).Issue.Report)
	for n := range 70 {
		r.follows("eve", fmt.Sprintf("https://m.example/o/e%d", n), report, "Me too")
	}
	b.post(path+"/say", url.Values{"text": {"Which street?"}, "to": {"public"}, "seen": {seen}}).wants(t, http.StatusOK, "Which street?")
	for n := range 70 {
		r.follows("ana", fmt.Sprintf("https://m.example/o/a%d", n), report, "Still down")
	}
	b.post(path+"/say", url.Values{"text": {"Thank you"}, "to": {"public"}, "seen": {seen}}).wants(t, http.StatusConflict, "Meanwhile", "Thank you</textarea>")
}

// The page is small, whatever third persons write, and an edit is told without the
// words again.
func TestThreadIsSmall(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	report := must(r.app.ShowIssue(t.Context(), issue))(t).Issue.Report
	long := strings.Repeat(`"a long description" `, 3000) // 63 kB
	for n := range 40 {
		r.clock.Advance(time.Minute)
		for _, who := range []string{"ana", "eve"} {
			author := desk.ActorID("https://m.example/users/" + who)
			must(r.app.Hear(t.Context(), app.Heard{Source: app.Inbox, Author: desk.Actor{ID: author, Acct: who + "@m.example", Name: who, Inbox: "https://m.example/inbox"},
				Post: desk.Post{Object: desk.ObjectID(fmt.Sprintf("https://m.example/o/%s%d", who, n)), Author: author, Text: "See the picture", InReplyTo: report, Visibility: desk.VisibilityPublic,
					Attachments: []desk.Attachment{{URL: "https://m.example/p.png", MediaType: "image/png", Alt: long}}}}))(t)
		}
	}
	if n := len(r.signedIn(bo).get("/console/issues/" + string(issue)).body); n > 1<<20 {
		t.Errorf("the page has %d bytes", n)
	}
}

// In a browser: another page of the thread keeps what was typed, and what happens
// meanwhile does not turn the page.
func TestPagesKeepTheDraft(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	r.agent("cy@acme.example", "Cy Cole", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	r.crowd(issue)
	s := r.screen(browser.View{})
	s.open("/console/issues")
	signIn(bo)(s.Tab)
	s.open("/console/issues/" + string(issue))
	s.Tab.Do(chromedp.SendKeys(chromedp.CSS("#text"), "Which street?"))
	s.click(`.folds button[formaction*=before]`)
	s.sees(`document.querySelector('#timeline')?.textContent.includes('Word 25.') && document.querySelector('#text')?.value === 'Which street?'`)
	s.listening()
	r.clock.Advance(time.Second)
	must(r.app.Comment(t.Context(), app.By{Agent: "cy@acme.example"}, issue, "Look here"))(t)
	s.sees(`document.querySelector('#timeline').textContent.includes('Word 25.') && !document.querySelector('#timeline').textContent.includes('Look here')`)
	s.click(`.folds button[formaction$=page]`)
	s.sees(`document.querySelector('#timeline')?.textContent.includes('Look here') && document.querySelector('#text')?.value === 'Which street?'`)
	s.calm()
}

// lacks verifies that a page says nothing of some texts.
func (s seen) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(s.body, text) {
			t.Errorf("%s says %q", s.path, text)
		}
	}
}
