package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

var resolveForm = regexp.MustCompile(`name="status" value="resolved"><input type="hidden" name="because" value="([^"]+)">`)

// The reporter says that it works: by that word, and no earlier one, an agent
// resolves the issue.
func TestResolve(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	report := string(must(r.app.ShowIssue(t.Context(), issue))(t).Issue.Report)
	path := "/console/issues/" + string(issue)
	b := r.signedIn(bo)
	r.follows("ana", "https://m.example/o/1", report, "Still down")
	if resolveForm.MatchString(b.get(path).body) {
		t.Error("a broadcast that is not fixed can be resolved")
	}
	r.answer(bo, app.ReplyInput{Issue: issue, Text: "Works again?", Change: desk.StatusChange{To: desk.StatusFixed}}, store.Tally{Delivered: 1})
	if resolveForm.MatchString(b.get(path).body) {
		t.Error("it can be resolved by a word from before it was fixed, or without one")
	}
	r.clock.Advance(time.Minute)
	r.follows("kim", "https://m.example/o/2", report, "Works here")
	r.follows("ana", "https://m.example/o/3", report, "Yes, thanks")
	forms := resolveForm.FindAllStringSubmatch(b.get(path).body, -1)
	if len(forms) != 1 {
		t.Fatalf("%d words resolve it", len(forms))
	}
	b.post(path+"/status", url.Values{"status": {"resolved"}, "because": {forms[0][1]}}).wants(t, http.StatusOK, "The status was changed")
	if i := must(r.app.ShowIssue(t.Context(), issue))(t).Issue; i.Status != desk.StatusResolved {
		t.Errorf("it is %s", i.Status)
	}
}

// Our posts can be edited and deleted in the thread.
func TestEditAndRetract(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	path := "/console/issues/" + string(issue)
	b := r.signedIn(bo)
	pending := must(r.app.Reply(t.Context(), app.By{Agent: bo}, app.ReplyInput{Issue: issue, Text: "Which streat?"}))(t)
	if strings.Contains(b.get(path).body, "/posts/edit") {
		t.Error("what can be taken back is offered for a change")
	}
	r.publish(pending.ID, store.Tally{Delivered: 1})
	b.get(path).wants(t, http.StatusOK, "/posts/edit", "/posts/retract")
	b.post("/console/posts/edit", url.Values{"post": {string(pending.ID)}, "text": {"Which street? ^BB"}, "view": {"mine"}}).wants(t, http.StatusOK, "Which street? ^BB", "Changed.", "edited")
	b.post("/console/posts/edit", url.Values{"post": {string(pending.ID)}, "text": {"Send us your password"}}).wants(t, http.StatusBadRequest, "password")
	gone := b.post("/console/posts/retract", url.Values{"post": {string(pending.ID)}})
	gone.wants(t, http.StatusOK, "It is being deleted", "removed by us")
	if strings.Contains(gone.body, "Which street?") || strings.Contains(gone.body, "/posts/edit") {
		t.Error("the words are still there")
	}
}

// Where a reply did not arrive is said, and why; of many the first.
func TestWhyFailed(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	issue := r.report("ana", "My line is down")
	r.answer(bo, app.ReplyInput{Issue: issue, Text: "Which street?"}, store.Tally{Delivered: 3, Queued: 120, Failed: 7})
	page := r.signedIn(bo).get("/console/issues/" + string(issue))
	page.wants(t, http.StatusOK, "not delivered to 7", "<b>gone0.example</b> answered 410 for a week")
	if n := strings.Count(page.body, "answered 410 for a week"); n != 5 {
		t.Errorf("%d are shown, want the first five", n)
	}
	shown := must(r.app.ShowIssue(t.Context(), issue))(t)
	for _, e := range shown.Timeline {
		if told := len(e.Failed) > 0; told != (e.Event.Kind == desk.KindReply) {
			t.Errorf("the entry %s tells of %d failures", e.Event.Kind, len(e.Failed))
		}
	}
}

// Two issues that have to do with each other say so.
func TestLink(t *testing.T) {
	r := newRoom(t)
	r.agent(bo, "Bo Berg", desk.RoleAgent)
	one, two, three := r.report("ana", "My line is down"), r.report("ben", "Mine too"), r.report("cem", "And mine")
	b := r.signedIn(bo)
	b.post("/console/issues/"+string(one)+"/link", url.Values{"other": {string(two)}}).wants(t, http.StatusOK, "Each issue shows the other", `href="/console/issues/`+string(two)+`"`)
	b.post("/console/issues/"+string(one)+"/link", url.Values{"other": {string(three)}}).wants(t, http.StatusOK, `href="/console/issues/`+string(three)+`"`)
	b.get("/console/issues/"+string(two)).wants(t, http.StatusOK, `href="/console/issues/`+string(one)+`"`)
	b.post("/console/issues/"+string(one)+"/link", url.Values{"other": {"nothing"}}).wants(t, http.StatusUnprocessableEntity)
	b.post("/console/issues/"+string(one)+"/link", url.Values{"other": {string(one)}}).wants(t, http.StatusUnprocessableEntity)
}

// A broadcast that is not sent is not lost.
func TestBroadcastDraftIsKept(t *testing.T) {
	r := newRoom(t)
	r.agent("lea@acme.example", "Lea Lind", desk.RoleLead)
	must(r.app.AddDesk(t.Context(), app.By{}, desk.Desk{Handle: "night", Name: "Night desk", Names: []string{"acmenight"}}))(t)
	b := r.signedIn("lea@acme.example")
	page := b.post("/console/broadcasts", url.Values{"desk": {"night"}, "text": {"Please send us your password."}, "language": {"en"}, "key": {"k"}})
	page.wants(t, http.StatusUnprocessableEntity, "Please send us your password.</textarea>", `role="alert"`, "Broadcasts of Night desk", `name="language" size="6" maxlength="35" value="en"`)
	b.post("/console/broadcasts", url.Values{"desk": {"night"}, "text": {"All is well again."}, "key": {"k"}}).wants(t, http.StatusOK, "The broadcast goes out in a moment")
	// Sent again with other words, from a page that went back: they come back, under a key with which they can be sent.
	other := b.post("/console/broadcasts", url.Values{"desk": {"night"}, "text": {"Nearly well again."}, "key": {"k"}})
	other.wants(t, http.StatusUnprocessableEntity, "Nearly well again.</textarea>", "sent once already, with other words")
	if strings.Contains(other.body, `name="key" value="k"`) {
		t.Error("the used key is offered again")
	}
}

// Two agents read a broadcast. What one of them changes the other neither writes over nor
// deletes before they have read it, and no text is lost.
func TestBroadcastOfAnOlderPage(t *testing.T) {
	r := newRoom(t)
	r.agent("lea@acme.example", "Lea Lind", desk.RoleLead)
	r.agent("max@acme.example", "Max May", desk.RoleLead)
	lea, max := r.signedIn("lea@acme.example"), r.signedIn("max@acme.example")
	p := must(r.app.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "No line works."}))(t)
	waiting := lea.get("/console/broadcasts").formOf(t, "/console/broadcasts/undo")
	must(r.app.EditPost(t.Context(), app.By{}, p.ID, "No line works in the north."))(t)
	lea.post("/console/broadcasts/undo", waiting).wants(t, http.StatusPreconditionFailed, "this post has changed since you read it")
	r.publish(p.ID, store.Tally{Delivered: 1})
	page := lea.get("/console/broadcasts")
	edit, retract := page.formOf(t, "/console/posts/edit"), page.formOf(t, "/console/posts/retract")
	theirs := max.get("/console/broadcasts").formOf(t, "/console/posts/edit")
	theirs.Set("text", "All lines work.")
	max.post("/console/posts/edit", theirs).wants(t, http.StatusOK, "All lines work.")

	lea.post("/console/posts/retract", retract).wants(t, http.StatusPreconditionFailed, "this post has changed since you read it")
	edit.Set("text", "Two lines work.")
	refused := lea.post("/console/posts/edit", edit)
	refused.wants(t, http.StatusConflict, "this post has changed since you read it", "All lines work.</p>", "Two lines work.</textarea>")
	edit = refused.formOf(t, "/console/posts/edit")
	edit.Set("text", "Two lines work.")
	lea.post("/console/posts/edit", edit).wants(t, http.StatusOK, "Two lines work.</p>")
}

// A broadcast waits for its time on the agent's clock, stands behind its warning, and is
// changed where it stands after it was sent.
func TestBroadcastLaterAndChanged(t *testing.T) {
	r := newRoom(t)
	r.agent("lea@acme.example", "Lea Lind", desk.RoleLead)
	zone := "Europe/Berlin"
	b := r.signedIn("lea@acme.example")
	b.post("/console/you/zone", url.Values{"zone": {zone}})
	at := r.clock.Now().Add(48 * time.Hour).In(must(time.LoadLocation(zone))(t)).Truncate(time.Minute)
	typed := url.Values{"desk": {"help"}, "text": {"No line works."}, "warning": {"Planned work"}, "at": {at.Format("2006-01-02T15:04")}, "key": {"k"}}
	b.post("/console/broadcasts", typed).wants(t, http.StatusOK, "goes out at its time", "goes out: ", at.Format("15:04"), "Planned work")
	sent, _, err := r.app.Broadcasts(t.Context(), "help", store.Page{Limit: 1})
	check(t, err)
	if !sent[0].Post.DueAt.Equal(at) {
		t.Errorf("it goes out at %s, want %s", sent[0].Post.DueAt, at)
	}

	// Taken back, it is in the form again, with its time and warning.
	b.post("/console/broadcasts/undo", url.Values{"post": {string(sent[0].Post.ID)}}).wants(t, http.StatusOK, "No line works.</textarea>", `value="Planned work"`, `value="`+at.Format("2006-01-02T15:04")+`"`)
	b.post("/console/drafts", url.Values{"on": {"desks/help"}, "text": {"Half of it"}, "warning": {"Work"}, "at": {at.Format("2006-01-02T15:04")}}).wants(t, http.StatusOK, "Half of it</textarea>", `value="Work"`, `value="`+at.Format("2006-01-02T15:04")+`"`)

	for _, at := range []string{"tomorrow", "2001-01-01T10:00"} {
		typed.Set("at", at)
		typed.Set("key", at)
		b.post("/console/broadcasts", typed).wants(t, http.StatusUnprocessableEntity, "No line works.</textarea>", `role="alert"`, `value="Planned work"`, `value="`+at+`"`)
	}

	p := must(r.app.Broadcast(t.Context(), app.By{}, app.BroadcastInput{Desk: "help", Text: "Mail is dwon."}))(t)
	r.publish(p.ID, store.Tally{Delivered: 3})
	b.get("/console/broadcasts").wants(t, http.StatusOK, `name="post" value="`+string(p.ID)+`"`, "Mail is dwon.</textarea>", "0 accounts follow this desk")
	change := url.Values{"post": {string(p.ID)}, "desk": {"help"}, "text": {"Send us your password"}}
	b.post("/console/posts/edit", change).wants(t, http.StatusUnprocessableEntity, `<details class="edit" open>`, "Send us your password</textarea>", `role="alert"`)
	b.post("/console/drafts", url.Values{"on": {app.DraftOnPost(p.ID)}, "desk": {"help"}, "text": {"Mail is d"}}).wants(t, http.StatusOK, `<details class="edit" open>`, "Mail is d</textarea>")
	change.Set("text", "Mail is down.")
	b.post("/console/posts/edit", change).wants(t, http.StatusOK, "Changed.", "Mail is down.")
}
