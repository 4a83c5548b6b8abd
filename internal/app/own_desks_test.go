package app_test

import (
	"context"
	"testing"

	"earshot/internal/app"
	"earshot/internal/desk"
	"earshot/store"
)

// twoDesks has an agent of one desk, an issue of each, and one that is shown on both.
func (h *house) twoDesks() (asBo context.Context, own, foreign, both desk.IssueID) {
	h.t.Helper()
	h.agents()
	_, err := h.AddDesk(ctx, app.By{}, desk.Desk{Handle: "bills", Name: "Bills", Names: []string{"acmebills"}, Calls: []string{"fail"}})
	h.ok(err)
	own, foreign, both = h.tells("ana", "1", "no light", "help"), h.tells("ben", "2", "no money", "bills"), h.tells("cem", "3", "no both", "bills", "help")
	h.ok(h.Update(ctx, func(tx *app.Tx) error { // the other desk's, and also shown on theirs
		i, _, err := tx.Issues().Get(both)
		if err != nil {
			return err
		}
		i.Desk, i.Also = "bills", []desk.Handle{"help"}
		return tx.Issues().Put(i)
	}))
	return h.limited("help"), own, foreign, both
}

// limited limits an agent to desks, and returns what they ask with.
func (h *house) limited(desks ...desk.Handle) context.Context {
	h.t.Helper()
	a, err := h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{Desks: &desks})
	h.ok(err)
	return app.Within(ctx, a)
}

func (h *house) tells(who, name, words string, desks ...desk.Handle) desk.IssueID {
	h.t.Helper()
	id := desk.ActorID("https://m.example/" + who)
	post := desk.Post{Object: desk.ObjectID("https://m.example/notes/" + name), Author: id, Text: words, HTML: words, Visibility: desk.VisibilityPublic, Published: h.Now()}
	for _, d := range desks {
		post.Mentions = append(post.Mentions, h.Site().Desk(d))
	}
	r, err := h.Hear(ctx, app.Heard{Source: app.Inbox, Author: desk.Actor{ID: id, Acct: who + "@m.example", Name: who, Inbox: "https://m.example/inbox"}, Post: post})
	h.ok(err)
	return r.Issue
}

// An agent of one desk lists, counts, finds and is shown the issues of that desk. Of another
// desk each id is answered like one that nothing has, and changes nothing.
func TestAgentOfOneDesk(t *testing.T) {
	inHouses(t, func(h *house) {
		bos, own, foreign, both := h.twoDesks()
		listed := func(ctx context.Context, in app.ListInput) (out []desk.IssueID) {
			t.Helper()
			in.For = bo
			list, _, err := h.ListIssues(ctx, in)
			h.ok(err)
			for _, i := range list {
				out = append(out, i.Issue.ID)
			}
			return out
		}
		h.equal("the list", listed(bos, app.ListInput{}), []desk.IssueID{own, both})
		h.equal("the list of the other desk", len(listed(bos, app.ListInput{IssueFilter: store.IssueFilter{Desk: "bills"}})), 0)
		h.equal("a search", listed(bos, app.ListInput{Search: "no"}), []desk.IssueID{both, own})
		h.equal("a search by operators", len(listed(bos, app.ListInput{Search: "host:m.example"})), 2)
		h.equal("a search for a person", len(listed(bos, app.ListInput{Search: "ben"})), 0)
		h.equal("a search for an id", len(listed(bos, app.ListInput{Search: string(foreign)})), 0)
		h.equal("a colleague's list", len(listed(ctx, app.ListInput{})), 3)
		counts := func(ctx context.Context) int {
			t.Helper()
			n, err := h.CountLists(ctx, []app.CountInput{{Filters: []store.IssueFilter{{}}, Piles: true}})
			h.ok(err)
			return n[0]
		}
		h.equal("the count", counts(bos), 2)

		theirs, err := h.ShowIssue(ctx, foreign)
		h.ok(err)
		post := theirs.Issue.Post
		by := app.By{Agent: bo}
		reply, err := h.Reply(ctx, app.By{Agent: cy}, app.ReplyInput{Issue: foreign, Text: "We look.", Visibility: desk.VisibilityPublic})
		h.ok(err)
		comment, err := h.Comment(ctx, app.By{Agent: cy}, foreign, "Hm.")
		h.ok(err)
		told, err := h.OpenIncident(ctx, app.By{Agent: cy}, app.IncidentInput{Desk: "bills", Title: "No money", Language: "en"})
		h.ok(err)
		has := func(id string, f func(desk.IssueID) error) {
			t.Helper()
			got, none := f(foreign), f("0192f0c1-0000-7000-8000-000000000000")
			if desk.ErrorCode(got) != desk.CodeNotFound || desk.ErrorCode(none) != desk.CodeNotFound {
				t.Errorf("%s: %v, and of none %v", id, got, none)
			}
		}
		has("show", func(id desk.IssueID) error { _, err := h.ShowIssue(bos, id); return err })
		has("thread", func(id desk.IssueID) error {
			_, err := h.ShowThread(bos, id, app.ThreadInput{})
			return err
		})
		has("reply", func(id desk.IssueID) error {
			_, err := h.Reply(bos, by, app.ReplyInput{Issue: id, Text: "I look.", Visibility: desk.VisibilityPublic})
			return err
		})
		has("comment", func(id desk.IssueID) error { _, err := h.Comment(bos, by, id, "Oh."); return err })
		has("assign", func(id desk.IssueID) error { _, err := h.Assign(bos, by, id, bo); return err })
		has("status", func(id desk.IssueID) error {
			_, err := h.SetStatus(bos, by, app.StatusInput{Issue: id, Change: desk.StatusChange{To: desk.StatusWaiting}})
			return err
		})
		has("link", func(id desk.IssueID) error { _, err := h.Link(bos, by, own, id); return err })
		has("merge", func(id desk.IssueID) error {
			_, err := h.Merge(bos, by, app.MergeInput{Into: own, Issue: id})
			return err
		})
		has("move", func(id desk.IssueID) error {
			_, err := h.MoveIssue(bos, by, app.MoveInput{Issue: id, To: "help"})
			return err
		})
		has("presence", func(id desk.IssueID) error { return h.Attend(bos, by, id, app.PresenceReading) })
		has("draft", func(id desk.IssueID) error {
			return h.SaveDraft(bos, by, store.Draft{On: app.DraftOnIssue(id), Text: "I"})
		})
		gone := func(what string, err error) {
			t.Helper()
			if desk.ErrorCode(err) != desk.CodeNotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err = h.EditPost(bos, by, reply.ID, "No.")
		gone("edit", err)
		_, err = h.EditPost(bos, by, comment.ID, "No.")
		gone("edit a comment", err)
		_, err = h.RetractPost(bos, by, reply.ID)
		gone("delete", err)
		_, err = h.Undo(bos, by, string(reply.ID))
		gone("take back", err)
		_, err = h.Split(bos, by, foreign, post)
		gone("split", err)
		_, err = h.ShowIncident(bos, told.ID)
		gone("the incident", err)
		_, _, err = h.Broadcasts(bos, "bills", store.Page{})
		gone("the broadcasts", err)
		_, err = h.Phrases(bos, "bills")
		gone("the phrases", err)
		_, err = h.Followers(bos, "bills")
		gone("the followers", err)
		_, err = h.MoveIssue(bos, by, app.MoveInput{Issue: own, To: "bills"})
		gone("a move to the desk", err)
		byID, err := h.IssuesByID(bos, []desk.IssueID{own, foreign})
		h.ok(err)
		h.equal("by ids", len(byID), 1)
		desks, err := h.Desks(bos)
		h.ok(err)
		h.equal("desks", len(desks), 1)
		incidents, _, err := h.Incidents(bos, store.IncidentFilter{}, store.Page{})
		h.ok(err)
		h.equal("incidents", len(incidents), 0)
		done, err := h.Bulk(bos, by, app.BulkInput{Issues: []desk.IssueID{own, foreign}, Assignee: new(desk.Email(bo))})
		h.ok(err)
		h.equal("bulk", []bool{done.Results[0].Err == nil, done.Results[1].Err == nil}, []bool{true, false})
		day, _, err := h.Today(bos, app.DayInput{For: bo, Page: store.Page{Limit: 50}})
		h.ok(err)
		for _, a := range day.Acts {
			if a.Issue == foreign || a.Incident != "" || a.Desk == "bills" && a.Issue != both {
				t.Errorf("their day tells of %+v", a)
			}
		}
		h.equal("heard today", len(day.Heard), 2)

		ben := desk.ActorID("https://m.example/ben")
		p, err := h.Person(bos, ben)
		h.ok(err)
		h.equal("of a person of the other desk", []any{p.Actor.Acct, len(p.Issues), len(p.Remarks)}, []any{"", 0, 0})
		_, err = h.AddRemark(bos, by, desk.Remark{About: ben, Text: "Calls"})
		gone("a remark", err)
		h.tells("ana", "4", "no money either", "bills")
		p, err = h.Person(bos, "https://m.example/ana")
		h.ok(err)
		h.equal("of a person of both", len(p.Issues), 1)

		if v, err := h.ShowIssue(bos, both); err != nil || v.Issue.Desk != "bills" {
			t.Errorf("an issue that is shown on the desk: %v", err)
		}
		if now, err := h.ShowIssue(ctx, foreign); err != nil || now.Issue.Assignee != cy || now.Issue.Status != theirs.Issue.Status || now.Issue.Desk != "bills" {
			t.Errorf("they changed it: %+v, %v", now.Issue, err)
		}
		bos = h.limited("help", "bills")
		h.equal("the list of two desks", len(listed(bos, app.ListInput{})), 4)
		h.equal("the count of two desks", counts(bos), 4)
		bos = h.limited()
		h.equal("the list of all desks", len(listed(bos, app.ListInput{})), 4)
	})
}

// An agent is told of nothing that is of another desk, and is given nothing that they would
// not see. What they had goes back, and an admin sees all desks.
func TestToldOfOneDesk(t *testing.T) {
	inHouses(t, func(h *house) {
		h.agents()
		_, err := h.AddDesk(ctx, app.By{}, desk.Desk{Handle: "bills", Name: "Bills", Names: []string{"acmebills"}, Calls: []string{"fail"}})
		h.ok(err)
		d, err := h.AddDestination(ctx, app.By{Agent: bo}, bo, app.NewDestination{Form: desk.FormNtfy, Name: "phone", URL: "https://ntfy.example/bo"}, false)
		h.ok(err)
		old := h.tells("dan", "0", "old", "bills")
		h.assign(cy, old, bo)
		h.limited("help")
		h.night()
		if v, err := h.ShowIssue(ctx, old); err != nil || v.Issue.Assignee != "" {
			t.Errorf("what they had is of %q: %v", v.Issue.Assignee, err)
		}
		h.feedAll()
		had := h.noticesOf(d.Destination.ID)
		foreign := h.tells("ben", "2", "no money", "bills")
		_, err = h.Comment(ctx, app.By{Agent: cy}, foreign, "@bo, look")
		h.ok(err)
		_, err = h.Assign(ctx, app.By{Agent: cy}, foreign, bo)
		h.refusedAs("an assignment", err, "agent_other_desks")
		_, err = h.SetRota(ctx, app.By{}, "bills", desk.Rota{Agents: []desk.Email{bo}})
		h.refusedAs("a rota", err, "agent_other_desks")
		h.feedAll()
		h.equal("told of the other desk", h.noticesOf(d.Destination.ID)-had, 0)
		own := h.tells("ana", "1", "no light", "help")
		h.feedAll()
		h.equal("told of their desk", h.noticesOf(d.Destination.ID)-had, 1)
		v, err := h.ShowIssue(ctx, own)
		h.ok(err)
		words, err := h.FirstWords(ctx, bo, v.Issue.Post)
		h.ok(err)
		h.equal("first words", words, "no light")
		v, err = h.ShowIssue(ctx, foreign)
		h.ok(err)
		words, err = h.FirstWords(ctx, bo, v.Issue.Post)
		h.ok(err)
		h.equal("first words of the other desk", words, "")

		h.assign(cy, own, bo)
		_, err = h.MoveIssue(ctx, app.By{Agent: cy}, app.MoveInput{Issue: own, To: "bills"})
		h.ok(err)
		if v, err := h.ShowIssue(ctx, own); err != nil || v.Issue.Assignee != "" {
			t.Errorf("moved to another desk, it is of %q: %v", v.Issue.Assignee, err)
		}
		admin := desk.RoleAdmin
		_, err = h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{Role: &admin})
		h.refusedAs("an admin of one desk", err, "admin_sees_all")
		_, err = h.EditAgent(ctx, app.By{}, bo, app.AgentEdit{Desks: &[]desk.Handle{"none"}})
		h.refusedAs("a desk that is not there", err, "desk_not_found")
	})
}

func (h *house) feedAll() {
	h.t.Helper()
	f := h.Feeder()
	for {
		more, err := f.RunOnce(ctx)
		if h.ok(err); !more {
			return
		}
	}
}

func (h *house) noticesOf(d desk.DestinationID) int {
	h.t.Helper()
	list, _, err := h.Notifications(ctx, bo, d, store.Page{})
	h.ok(err)
	return len(list)
}
