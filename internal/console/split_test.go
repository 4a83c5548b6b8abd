package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
)

// follows makes another post in a thread.
func (r *room) follows(name, object, to, text string) app.Result {
	r.Helper()
	who := desk.ActorID("https://m.example/users/" + name)
	return must(r.app.Hear(r.Context(), app.Heard{Source: app.Inbox, Author: desk.Actor{ID: who, Acct: name + "@m.example", Name: name, Inbox: "https://m.example/inbox"},
		Post: desk.Post{Object: desk.ObjectID(object), Author: who, Text: text, HTML: "<p>" + text + "</p>", InReplyTo: desk.ObjectID(to), Visibility: desk.VisibilityPublic,
			Mentions: []desk.ActorID{r.app.Site().Desk("help")}}}))(r.T)
}

var splitForm = regexp.MustCompile(`/split">.*?name="post" value="([^"]+)"`)

// Another matter that the reporter brings up becomes an issue of its own; both
// timelines say so, and later posts under it belong to it.
func TestSplit(t *testing.T) {
	r := newRoom(t)
	r.agent("bo@acme.example", "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	report := must(r.app.ShowIssue(t.Context(), issue))(t).Issue.Report
	if got := r.follows("ana", "https://m.example/o/second", string(report), "And my bill is wrong").Issue; got != issue {
		t.Fatalf("the answer is in %s, not in %s", got, issue)
	}
	b := r.signedIn("bo@acme.example")
	page := b.get("/console/issues/" + string(issue))
	forms := splitForm.FindAllStringSubmatch(page.body, -1)
	if len(forms) != 1 {
		t.Fatalf("%d posts can be split off, want the later one only", len(forms))
	}
	done := b.post("/console/issues/"+string(issue)+"/split", url.Values{"post": {forms[0][1]}})
	done.wants(t, http.StatusOK, "It is an issue of its own now.", "And my bill is wrong", "split from another issue", string(issue))
	if strings.Contains(done.path, string(issue)) {
		t.Errorf("the old issue is shown: %s", done.path)
	}
	old := must(r.app.ShowIssue(t.Context(), issue))(t)
	var linked desk.IssueID
	for _, e := range old.Timeline {
		if e.Post != nil && strings.Contains(e.Post.Text, "bill") {
			t.Error("the post is in both")
		}
		if e.Event.Kind == desk.KindLink {
			linked = desk.IssueID(e.Event.Text)
		}
	}
	if later := r.follows("ana", "https://m.example/o/third", "https://m.example/o/second", "It says 300"); later.Issue != linked || linked == "" {
		t.Errorf("a later word is in %q, the new issue is %q", later.Issue, linked)
	}
}
