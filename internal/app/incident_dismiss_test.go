package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// crowd makes people say one thing, a minute apart.
func (h *house) crowd(from, to int) (out []desk.IssueID) {
	h.t.Helper()
	for n := from; n < to; n++ {
		author := desk.ActorID(fmt.Sprintf("https://c%d.example/u", n))
		r, err := h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: author, Inbox: string(author) + "/inbox"},
			Post: desk.Post{Object: desk.ObjectID(fmt.Sprintf("https://c%d.example/1", n)), Author: author, Text: []string{"Hafenstraße dark", "no power, Hafenstrasse", "nothing at hafenstrasse"}[n%3],
				Tags: []string{"acme", "fail"}, Visibility: desk.VisibilityPublic, Published: h.Now()}})
		h.ok(err)
		out = append(out, r.Issue)
		h.clock.Advance(time.Minute)
	}
	return out
}

// A suggestion to which a person said no is not made again while the same people say
// it, or few more; a crowd that has doubled is suggested again.
func TestDismissSuggestion(t *testing.T) {
	h := newHouse(t)
	issues := h.crowd(0, 6)
	suggested := func(what string, people ...int) {
		t.Helper()
		got, err := h.SuggestIncidents(ctx, "help")
		h.ok(err)
		var counts []int
		for _, c := range got {
			counts = append(counts, c.People)
		}
		if !slices.Equal(counts, people) {
			t.Errorf("%s: %v, want %v", what, counts, people)
		}
	}
	suggested("before", 6)
	h.refusedAs("no issues", h.DismissSuggestion(ctx, app.By{}, "help", nil), "incident_issues_count")
	h.refusedAs("no desk", h.DismissSuggestion(ctx, app.By{}, "none", issues), "desk_not_found")
	suggested("after what was refused", 6)
	h.ok(h.DismissSuggestion(ctx, app.By{Agent: "bo@acme.example"}, "help", issues))
	suggested("dismissed")
	h.crowd(6, 8)
	suggested("with two more")
	h.crowd(8, 14)
	suggested("doubled", 14)
	for range 30 { // the memory is bounded, and the newest counts
		h.ok(h.DismissSuggestion(ctx, app.By{}, "help", issues[:1]))
	}
	suggested("after many others", 14)
	acts, _, err := h.AuditEntries(ctx, store.AuditFilter{On: "desks/help"}, store.Page{Limit: 1})
	h.ok(err)
	if len(acts) != 1 || acts[0].What != "incident.dismiss" {
		t.Errorf("the audit log says %+v", acts)
	}
}

// Every change of an incident is told to those who follow along.
func TestIncidentChangesAreTold(t *testing.T) {
	h := newHouse(t)
	told := func() (n int) {
		h.ok(h.View(ctx, func(tx *app.Tx) error {
			all, err := tx.Changes().After("", 1000)
			for _, c := range all {
				if c.Kind == store.ChangeIncident && c.Incident != "" && slices.Equal(c.Desks, []desk.Handle{"help"}) {
					n++
				}
			}
			return err
		}))
		return n
	}
	i, err := h.OpenIncident(ctx, app.By{}, app.IncidentInput{Desk: "help", Title: "No internet"})
	h.ok(err)
	_, err = h.LinkVoices(ctx, app.By{}, i.ID, []desk.IssueID{h.hear("ana", "1", "no internet", "").Issue})
	h.ok(err)
	i, err = h.PublishIncident(ctx, app.By{}, i.ID, true)
	h.ok(err)
	h.goOut(i.Root)
	if n := told(); n != 4 {
		t.Errorf("%d changes were told, want 4: opened, linked, publishing, published", n)
	}
}

// An update that is taken back becomes a draft of its form again; the first post's
// words are the incident's.
func TestUpdateTakenBackIsADraft(t *testing.T) {
	h := newHouse(t)
	by := app.By{Agent: "bo@acme.example", MayPublish: true}
	i, err := h.OpenIncident(ctx, by, app.IncidentInput{Desk: "help", Title: "No internet", Publish: true})
	h.ok(err)
	_, err = h.Undo(ctx, by, string(i.Root))
	h.ok(err)
	i, err = h.PublishIncident(ctx, by, i.ID, true)
	h.ok(err)
	h.goOut(i.Root)
	i, err = h.UpdateIncident(ctx, by, app.UpdateInput{Incident: i.ID, Text: "A cable."})
	h.ok(err)
	_, err = h.Undo(ctx, by, string(i.Updates[0].Post))
	h.ok(err)
	drafts, err := h.Drafts(ctx, by.Agent)
	h.ok(err)
	if d := drafts[app.DraftOnIncident(i.ID)]; len(drafts) != 1 || d.Text == "" {
		t.Errorf("the drafts are %+v", drafts)
	}
	h.ok(h.SaveDraft(ctx, by, store.Draft{On: app.DraftOnIncident(i.ID), Text: "A cable, in Mill Lane."}))
	h.refusedAs("of no incident", h.SaveDraft(ctx, by, store.Draft{On: "incidents/none", Text: "A cable."}), "incident_not_found")
}
