package app_test

import (
	"strings"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// goOut publishes a post, as its job does.
func (h *house) goOut(id desk.PostID) (p desk.Post) {
	h.t.Helper()
	h.ok(h.Update(ctx, func(tx *app.Tx) error {
		var ok bool
		var err error
		if p, ok, err = tx.PublishPost(id); err == nil && !ok {
			h.t.Errorf("post %s does not go out: %s", id, p.State)
		}
		return err
	}))
	return p
}

func (h *house) incident(id desk.IncidentID) app.IncidentView {
	h.t.Helper()
	v, err := h.ShowIncident(ctx, id)
	h.ok(err)
	return v
}

func (h *house) refusedAs(what string, err error, id string) {
	h.t.Helper()
	if desk.ErrorID(err) != id {
		h.t.Errorf("%s: %v, want %q", what, err, id)
	}
}

func (h *house) pinned() (out []string) {
	h.t.Helper()
	h.ok(h.View(ctx, func(tx *app.Tx) error {
		posts, _, err := tx.Pinned("help", store.Page{})
		out = nil
		for _, p := range posts {
			out = append(out, string(p.ID))
		}
		return err
	}))
	return out
}

// jobs are the ids of the waiting jobs of a queue.
func (h *house) jobs(q store.Queue) (out []string) {
	h.t.Helper()
	jobs, _, err := h.Jobs(ctx, store.JobFilter{Queue: q}, store.Page{})
	h.ok(err)
	for _, j := range jobs {
		out = append(out, j.ID)
	}
	return out
}

// An incident is invisible until its first post has gone out, every step can be
// taken back until then, and the first post follows each update.
func TestIncident(t *testing.T) {
	h := newHouse(t)
	i, err := h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: " No  internet ", Services: []string{"Internet"}, Text: "We are looking."})
	h.ok(err)
	if i.Status != desk.IncidentInvestigating || i.Impact != desk.ImpactMinor || i.Title != "No internet" || i.State() != desk.IncidentDraft {
		t.Fatalf("%+v", i)
	}
	if jobs := h.jobs(store.QueuePublish); len(jobs) > 0 {
		t.Errorf("a draft has jobs: %v", jobs)
	}
	_, err = h.UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: i.ID, Text: "x"})
	h.refusedAs("an update of a draft", err, "incident_not_published")

	i, err = h.PublishIncident(ctx, app.By{}, i.ID, false)
	h.ok(err)
	_, err = h.PublishIncident(ctx, app.By{}, i.ID, false)
	h.refusedAs("a second publication", err, "incident_published")
	_, err = h.EditIncident(ctx, app.By{}, i.ID, app.IncidentEdit{})
	h.refusedAs("an edit meanwhile", err, "incident_update_leaving")
	if len(h.pinned()) > 0 {
		t.Error("it is pinned before it is out")
	}
	_, err = h.Undo(ctx, app.By{}, string(i.Root))
	h.ok(err)
	if v := h.incident(i.ID); v.Root != nil || v.Incident.State() != desk.IncidentDraft {
		t.Errorf("after the take-back: %+v", v)
	}
	i, err = h.PublishIncident(ctx, app.By{}, i.ID, true)
	h.ok(err)
	h.clock.Advance(time.Minute)
	root := h.goOut(i.Root)
	if want := "[investigating, 12:01 UTC] No internet (Internet).\n\nWe are looking."; root.Text != want || !strings.Contains(root.HTML, "No internet") {
		t.Errorf("the first post says %q, want %q", root.Text, want)
	}
	if got := h.pinned(); len(got) != 1 || got[0] != string(i.Root) {
		t.Errorf("pinned: %v", got)
	}
	_, err = h.EditPost(ctx, app.By{}, i.Root, "other words")
	h.refusedAs("an edit of the first post", err, "incident_root")

	next := h.Now().Add(time.Hour)
	i, err = h.UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: i.ID, Text: "A cable was cut.", Status: desk.IncidentIdentified, NextUpdate: next})
	h.ok(err)
	first := i.Updates[0].Post
	if i.Status != desk.IncidentInvestigating {
		t.Errorf("before it is out the status is %s", i.Status)
	}
	_, err = h.Undo(ctx, app.By{}, string(first))
	h.ok(err)
	if v := h.incident(i.ID); len(v.Updates) > 0 || v.Incident.Status != desk.IncidentInvestigating {
		t.Errorf("after the take-back: %+v", v.Incident)
	}
	i, err = h.UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: i.ID, Text: "A cable was cut.", Status: desk.IncidentIdentified, NextUpdate: next, Now: true})
	h.ok(err)
	update := h.goOut(i.Updates[0].Post)
	if update.InReplyTo != root.Object || update.Role != desk.RoleBroadcast || update.Incident != i.ID {
		t.Errorf("the update is %+v", update)
	}
	v := h.incident(i.ID)
	if want := "[cause found, 12:01 UTC] No internet (Internet). Next word by 13:01 UTC.\n\nWe are looking."; v.Root.Post.Text != want || v.Root.Post.Edits != 1 {
		t.Errorf("the first post says %q, want %q", v.Root.Post.Text, want)
	}
	if jobs := strings.Join(h.jobs(store.QueuePublish), " "); !strings.Contains(jobs, "update:"+string(i.Root)+":1") {
		t.Errorf("no Update of the first post among %s", jobs)
	}
	_, err = h.RetractPost(ctx, app.By{}, i.Root)
	h.refusedAs("deleting the first post", err, "incident_root")

	if jobs := strings.Join(h.jobs(store.QueuePublish), " "); !strings.Contains(jobs, "profile:help:1") || strings.Contains(jobs, "profile:help:2") {
		t.Errorf("the profile is told once, when the post was pinned: %s", jobs)
	}

	title := "No internet in the Ostviertel"
	_, err = h.EditIncident(ctx, app.By{Via: store.ViaConsole}, i.ID, app.IncidentEdit{Title: &title})
	h.refusedAs("an edit by one who may not publish", err, "incident_scope")
	_, err = h.EditIncident(ctx, app.By{Seen: "1"}, i.ID, app.IncidentEdit{Title: &title})
	h.refusedAs("an edit of an older revision", err, "incident_moved_on")
	i, err = h.EditIncident(ctx, app.By{}, i.ID, app.IncidentEdit{Title: &title})
	h.ok(err)
	if v = h.incident(i.ID); !strings.Contains(v.Root.Post.Text, title) || v.Root.Post.Edits != 2 {
		t.Errorf("the first post says %q", v.Root.Post.Text)
	}

	by := app.By{Key: "k", Content: "c"}
	i, err = h.CloseIncident(ctx, by, app.CloseInput{Incident: i.ID, Text: "Over.", Surprised: "No alarm rang.", Now: true})
	h.ok(err)
	again, err := h.CloseIncident(ctx, by, app.CloseInput{Incident: i.ID, Text: "Over.", Surprised: "No alarm rang.", Now: true})
	h.ok(err)
	if len(again.Updates) != 2 || again.Revision != i.Revision {
		t.Errorf("the same request twice: %+v", again)
	}
	h.goOut(i.Updates[1].Post)
	if v = h.incident(i.ID); v.Incident.State() != desk.IncidentOver || v.Incident.Surprised == "" || !strings.HasPrefix(v.Root.Post.Text, "[over, ") || strings.Contains(v.Root.Post.Text, "Next word") {
		t.Errorf("%+v", v.Incident)
	}
	if len(h.pinned()) > 0 {
		t.Error("it is pinned though it is over")
	}
	if jobs := strings.Join(h.jobs(store.QueuePublish), " "); !strings.Contains(jobs, "profile:help:2") {
		t.Errorf("the profile is not told that nothing is pinned: %s", jobs)
	}
	acts, _, err := h.AuditEntries(ctx, store.AuditFilter{On: "incidents/" + string(i.ID)}, store.Page{})
	h.ok(err)
	if len(acts) != 7 {
		t.Errorf("%d audit entries, want 7: %+v", len(acts), acts)
	}
}

// A published incident whose first post is deleted, or dropped from the queue, is a
// draft again.
func TestIncidentWithdrawn(t *testing.T) {
	h := newHouse(t)
	i, err := h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true, Now: true})
	h.ok(err)
	h.goOut(i.Root)
	_, err = h.RetractPost(ctx, app.By{}, i.Root)
	h.ok(err)
	if v := h.incident(i.ID); v.Incident.State() != desk.IncidentDraft || len(h.pinned()) > 0 {
		t.Errorf("deleted: %+v", v.Incident)
	}
	i, err = h.PublishIncident(ctx, app.By{}, i.ID, true)
	h.ok(err)
	h.ok(h.DropJob(ctx, app.By{}, app.CreateJob(i.Root)))
	if v := h.incident(i.ID); v.Incident.Root != "" {
		t.Errorf("dropped: %+v", v.Incident)
	}
	_, err = h.OpenIncident(ctx, app.By{Via: store.ViaConsole}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true})
	h.refusedAs("by one who may not publish", err, "incident_scope")
	_, err = h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "none", Title: "No internet"})
	h.refusedAs("of no desk", err, "desk_not_found")
	_, err = h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "Send me your password"})
	h.refusedAs("a title that asks for a secret", err, "reply_asks_secret")
}

// Issues are linked all or none, show their incident, and count once; answers to any
// post of the incident open one issue a person, which is linked already.
func TestVoices(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.hear("ana", "1", "no internet", "").Issue, h.hear("ben", "2", "internet gone", "").Issue
	i, err := h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true, Now: true})
	h.ok(err)
	other, err := h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No mail"})
	h.ok(err)

	_, err = h.LinkVoices(ctx, app.By{}, i.ID, nil)
	h.refusedAs("none", err, "incident_issues_count")
	_, err = h.LinkVoices(ctx, app.By{}, i.ID, []desk.IssueID{ana, "none"})
	h.refusedAs("one that is not there", err, "issue_not_found")
	if h.view(ana).Issue.Incident != "" {
		t.Error("half of it was linked")
	}
	i, err = h.LinkVoices(ctx, app.By{}, i.ID, []desk.IssueID{ana, ben, ana})
	h.ok(err)
	i, err = h.LinkVoices(ctx, app.By{}, i.ID, []desk.IssueID{ben})
	h.ok(err)
	if i.Voices != 2 || h.view(ana).Issue.Incident != i.ID {
		t.Errorf("%+v, %+v", i, h.view(ana).Issue)
	}
	_, err = h.LinkVoices(ctx, app.By{}, other.ID, []desk.IssueID{ana})
	h.refusedAs("to a second incident", err, "incident_linked_elsewhere")
	notes := func(id desk.IssueID) (out []desk.Note) {
		for _, e := range h.view(id).Timeline {
			if e.Event.Note == desk.NoteVoice || e.Event.Note == desk.NoteNoVoice {
				out = append(out, e.Event.Note)
			}
		}
		return out
	}
	if n := notes(ben); len(n) != 1 {
		t.Errorf("linked twice, noted %v", n)
	}
	i, err = h.UnlinkVoices(ctx, app.By{}, i.ID, []desk.IssueID{ben})
	h.ok(err)
	_, err = h.UnlinkVoices(ctx, app.By{}, i.ID, []desk.IssueID{ben})
	h.refusedAs("ending a link twice", err, "incident_not_linked")
	if n := notes(ben); len(n) != 2 || i.Voices != 1 || h.view(ben).Issue.Incident != "" {
		t.Errorf("%v, %+v", n, i)
	}

	root := h.goOut(i.Root)
	i, err = h.UpdateIncident(ctx, app.By{}, app.UpdateInput{Incident: i.ID, Text: "A cable.", Now: true})
	h.ok(err)
	update := h.goOut(i.Updates[0].Post)
	first, second := h.hear("cem", "3", "me too", root.Object), h.hear("cem", "4", "still", update.Object)
	if first.Issue == "" || second.Issue != first.Issue {
		t.Errorf("answers of one person: %+v, %+v", first, second)
	}
	if got := h.view(first.Issue).Issue; got.Incident != i.ID || got.Heard != desk.HeardBroadcast {
		t.Errorf("the answer's issue: %+v", got)
	}
	if v := h.incident(i.ID); v.Incident.Voices != 2 {
		t.Errorf("%d voices", v.Incident.Voices)
	}
	voices, _, err := h.ListIssues(ctx, app.ListInput{IssueFilter: store.IssueFilter{Incident: i.ID}})
	h.ok(err)
	if len(voices) != 2 {
		t.Errorf("%d voices are listed", len(voices))
	}
	if jobs := h.jobs(store.QueueDeliver); len(jobs) > 0 {
		t.Errorf("linking wrote to a reporter: %v", jobs)
	}
}
